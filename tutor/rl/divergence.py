"""When learning blows up: one exception, raised before a number that is none could be taken for data."""

import numpy as np

from tutor.rl.environments.tabular import Array

LARGEST = 1e9  # what no value of a sane problem reaches


class DivergedError(ValueError):
    """The values of a run have grown beyond every bound.

    series: the curve it happened to. update: the one in which it happened, from 1. advice: what to try. seeds: in
    how many of how many.
    """

    def __init__(self, series: str, update: int, advice: str, seeds: tuple[int, int] = (1, 1)) -> None:
        super().__init__(series, update, advice, seeds)
        self.series = series
        self.update = update
        self.advice = advice
        self.seeds = seeds

    def __str__(self) -> str:
        return f"{self.series} {self.what}: its values left every bound; try {self.advice}"

    @property
    def what(self) -> str:
        """`diverged in update 7 in 2 of 3 seeds`."""
        count, of = self.seeds
        return f"diverged in update {self.update}" + (f" in {count} of {of} seeds" if of > 1 else "")


def bounded(values: Array) -> bool:
    """Whether every number is finite and below `LARGEST` in size."""
    return bool(np.abs(values).max(initial=0.0) < LARGEST)  # false of nan


def beyond(*values: Array) -> tuple[int, int]:
    """In how many of the K seeds some number is not bounded, of how many; values: [K, ...]."""
    wild = [~(np.abs(array).reshape(len(array), -1).max(axis=1) < LARGEST) for array in values]
    return int(np.any(wild, axis=0).sum()), len(values[0])
