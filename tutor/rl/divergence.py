"""When learning blows up: one exception, raised before a number that is none could be taken for data."""

import numpy as np

from tutor.rl.environments.tabular import Array

LARGEST = 1e9  # what no value of a sane problem reaches


class DivergedError(ValueError):
    """The values of a run have grown beyond every bound.

    series: the curve it happened to. update: the one in which it happened, from 1. advice: what to try.
    """

    def __init__(self, series: str, update: int, advice: str) -> None:
        super().__init__(series, update, advice)
        self.series = series
        self.update = update
        self.advice = advice

    def __str__(self) -> str:
        return (
            f"{self.series} diverged in update {self.update}: its values left every bound; try {self.advice}"
        )


def bounded(values: Array) -> bool:
    """Whether every number is finite and below `LARGEST` in size."""
    return bool(np.abs(values).max(initial=0.0) < LARGEST)  # false of nan
