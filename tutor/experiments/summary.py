"""What a run came to, in numbers: every metric at the end over the seeds, the worst fall, the seeds that are stuck.

Standard deviations are those of the seeds that ran (ddof 0).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor.experiments.descriptions import Experiment
from tutor.experiments.frames import Frame
from tutor.experiments.parameters import Value

Array = NDArray[np.float64]
RETURNS = (
    "objective/return",
    "objective/episode_return",
)  # falls are measured on the first there is
STUCK = 0.1  # below the optimum by more than this


@dataclass(frozen=True)
class Figures:
    """A metric at the last update that has it, over K seeds: values [K]."""

    update: int
    values: Array

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def std(self) -> float:
        """0 exactly where all are equal: the mean of equal numbers is rounded, their differences are not."""
        return float((self.values - self.values[0]).std()) if self.lost == 0 else math.nan

    @property
    def min(self) -> float:
        return float(self.values.min())

    @property
    def lost(self) -> int:
        """How many seeds have minus infinity: as a return, that of a policy that walks in circles."""
        return int(np.isneginf(self.values).sum())

    @property
    def max(self) -> float:
        return float(self.values.max())


@dataclass(frozen=True)
class SeriesSummary:
    """One curve. metrics: its last figures, by metric. worst_fall [K]: per seed the largest fall of the return below
    its maximum so far, over the updates where it is finite; None with fewer than two returns, and where nothing learns.
    stuck: fraction of seeds that end below the optimum - STUCK; None where the optimum is not known."""

    metrics: Mapping[str, Figures]
    worst_fall: Array | None
    stuck: float | None


def summarise(
    frames: Iterable[Frame], optimum: float | None = None, *, learns: bool = True
) -> dict[str, SeriesSummary]:
    """By series, in the order of their first frames. optimum: the best exact return that there is. learns:
    whether the frames are of learning, in which alone a return can fall."""
    by_series: dict[str, list[Frame]] = {}
    for frame in frames:
        by_series.setdefault(frame.series, []).append(frame)
    return {name: _of_series(series, optimum, learns) for name, series in by_series.items()}


def _of_series(frames: list[Frame], optimum: float | None, learns: bool) -> SeriesSummary:
    last = {
        name: Figures(frame.update, np.atleast_1d(value))
        for frame in frames
        for name, value in frame.metrics.items()
    }
    returns = next((name for name in RETURNS if name in last), None)
    judged = [f.metrics[returns] for f in frames if returns in f.metrics] if returns else []
    fall = worst_fall(np.array(judged)) if learns and len(judged) > 1 else None
    ends = last.get("objective/return")
    stuck = None if ends is None or optimum is None else float((ends.values < optimum - STUCK).mean())
    return SeriesSummary(last, fall, stuck)


def worst_fall(values: Array) -> Array:
    """[K]: max over updates u of (maximum up to u - value at u), of values [U, K]. Where a value is not finite (a
    policy that does not arrive) nothing is measured: any fall would be infinite."""
    finite = np.isfinite(values)
    highest = np.maximum.accumulate(np.where(finite, values, -np.inf), 0)
    fall: Array = np.subtract(highest, values, out=np.zeros(values.shape), where=finite).max(0)
    return fall


def optimum_of(experiment: Experiment, values: Mapping[str, Value]) -> float | None:
    """The best expected return from the start of the grid that a run is on; None without a grid, where no policy has a
    best return (gamma 1 and never ending pays best), and for an experiment that looks for no better policy."""
    grid = str(values.get("grid", experiment.grid))
    if not grid or experiment.fixed:
        return None
    from tutor.rl.environments.maps import make
    from tutor.rl.evaluation import optimal_return
    from tutor.rl.planning import PlanningError

    numbers = {name: float(values[name]) for name in ("gamma", "slip", "step_reward") if name in values}
    try:
        return optimal_return(make(grid, **numbers))
    except PlanningError:
        return None
