"""The frames of a run as what rules ask of it: one metric of one series as an array, its end, its spread."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tutor.experiments.frames import Frame
from tutor.experiments.parameters import Value

Array = NDArray[np.float64]
WINDOW = 0.2  # the last fifth of the updates is the end of a run
RETURNS = ("objective/return", "objective/episode_return")  # what a run is about, if it has one of them
LOWER_IS_BETTER = ("error", "delta", "loss", "regret", "/kl")


class Evidence:
    """What has come of a run.

    metric: what the rules speak of, the exact return before the sampled one before the first metric that there is.
    optimum: the best value it can have, where that is known. problem: why the run failed, if it did. parameters:
    of the experiment, where they are known.
    """

    def __init__(
        self,
        frames: Iterable[Frame],
        *,
        optimum: float | None = None,
        problem: str = "",
        metric: str = "",
        parameters: Mapping[str, Value] | None = None,
    ) -> None:
        self.frames = tuple(frames)
        self.optimum = optimum
        self.problem = problem
        self.parameters: Mapping[str, Value] = parameters or {}
        self._of_series: dict[str, list[Frame]] = {}
        for frame in self.frames:
            self._of_series.setdefault(frame.series, []).append(frame)
        self.metric = metric or next((name for name in RETURNS if name in self.metrics), "")
        self.metric = self.metric or next(iter(self.metrics), "")
        self._table: dict[tuple[str, str], tuple[Array, Array]] = {}

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The names of all metrics, in the order in which they come."""
        return tuple(dict.fromkeys(name for frame in self.frames for name in frame.metrics))

    @property
    def series(self) -> tuple[str, ...]:
        """The series that have the metric."""
        return tuple(name for name in self._of_series if self.values(name).size)

    @property
    def sign(self) -> int:
        """+1 where more of the metric is better, -1 where less is."""
        return -1 if any(part in self.metric for part in LOWER_IS_BETTER) else 1

    @property
    def about_return(self) -> bool:
        """Whether the metric is what the agent earns."""
        return "return" in self.metric

    def of(self, series: str, metric: str = "") -> tuple[Array, Array]:
        """(updates [U], values [U, K]) of a metric (default: the run's), empty where there is none."""
        key = series, metric or self.metric
        if key not in self._table:
            frames = [frame for frame in self._of_series.get(series, ()) if key[1] in frame.metrics]
            rows = [np.atleast_1d(frame.metrics[key[1]]) for frame in frames]
            updates = np.array([frame.update for frame in frames], dtype=np.float64)
            self._table[key] = updates, np.stack(rows) if rows else np.empty((0, 0))
        return self._table[key]

    def values(self, series: str, metric: str = "") -> Array:
        """[U, K]."""
        return self.of(series, metric)[1]

    def finite(self, series: str) -> bool:
        """Whether every number of the metric is one."""
        return bool(np.isfinite(self.values(series)).all())

    def mean(self, series: str) -> Array:
        """[U]: the mean over the seeds."""
        return self.mean_of(series, self.metric)

    def mean_of(self, series: str, metric: str) -> Array:
        """[U]: the mean of a metric over the seeds."""
        return np.asarray(self.values(series, metric).mean(1))

    def end(self, series: str) -> Array:
        """[K]: each seed's mean over the last fifth of the updates."""
        return np.asarray(last_part(self.values(series)).mean(0))

    def range(self, series: str) -> float:
        """How far the mean curve reaches, from its lowest to its highest."""
        return float(np.ptp(self.mean(series)))


def last_part(values: Array, parts: int = 1) -> Array:
    """The last fifth of the rows, at least one; parts 2: the fifth before that."""
    length = max(1, math.ceil(len(values) * WINDOW - 1e-9))
    end = len(values) - (parts - 1) * length
    return values[max(0, end - length) : max(0, end)]


def standard_error(values: Array) -> float:
    """Of the mean of independent numbers [N], N >= 2: sample standard deviation / sqrt(N)."""
    return float(values.std(ddof=1) / math.sqrt(values.size))


def told(series: str) -> str:
    """A series as sentences name it; the one that is called none in quotes, or it would be taken for nobody."""
    return f'"{series}"' if series == "none" else series


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def number(value: float) -> str:
    """Three significant digits, a real minus sign; never an exponent below a million."""
    text = f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"
    return (text if float(text) else "0").replace("-", "−")
