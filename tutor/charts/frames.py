"""From the frames of an experiment to a chart of one metric."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tutor.charts.chart import Chart, ChartError, Series, Style
from tutor.charts.palette import Quantity

Band = Literal["range", "std", "none"]
_QUANTITIES: tuple[tuple[str, Quantity], ...] = (
    ("kl", "kl"),
    ("beta", "kl"),
    ("advantage", "advantage"),
    ("reward", "reward"),
    ("objective/scores", "reward"),
    ("objective/gold", "reward"),
    ("policy", "policy"),
    ("ratio", "policy"),
    ("entropy", "policy"),
)


class FrameLike(Protocol):
    """What a chart needs of a frame."""

    @property
    def series(self) -> str: ...
    @property
    def update(self) -> int: ...
    @property
    def metrics(self) -> Mapping[str, NDArray[np.float64]]: ...


def quantity_of(metric: str) -> Quantity:
    """Which quantity, and so which colour, a metric belongs to; a value or return if nothing else is known."""
    return next((quantity for part, quantity in _QUANTITIES if part in metric), "return")


def chart_of(
    frames: Iterable[FrameLike],
    metric: str,
    title: str = "",
    *,
    band: Band = "range",
    style: Style = "line",
    x_label: str = "update",
) -> Chart:
    """A line a series: the mean of `metric` over the seeds, against the update; see `Curves`.

    Raises ChartError, naming the metrics there are, when there are frames and none of them has the metric.
    """
    frames = tuple(frames)
    curves = Curves(metric, title, band=band, style=style, x_label=x_label)
    curves.add(frames)
    if frames and not curves.names:
        names = sorted({name for frame in frames for name in frame.metrics})
        raise ChartError(f"no frame has the metric {metric!r}; there are: {', '.join(names) or 'none'}")
    return curves.chart()


class Curves:
    """One metric of the frames so far, a curve a series: adding a frame costs the same however many there are.

    A curve is the mean over the seeds. With more than one seed a band goes from the lowest seed to the highest, or one
    standard deviation (ddof 0) around the mean, unless none is wanted. Where a seed is not a number, neither mean nor
    band is drawn: the rest alone would flatter. Frames without the metric are passed over. smooth: of so many frames
    each point is the mean of the last, for metrics that jump from update to update; the title should say so. least: a
    seed below it counts as it, before the mean is taken, for metrics with a few values far out; the summary should say
    so.
    """

    def __init__(
        self,
        metric: str,
        title: str = "",
        *,
        band: Band = "range",
        style: Style = "line",
        x_label: str = "update",
        log_y: bool = False,
        smooth: int = 1,
        least: float = -np.inf,
    ) -> None:
        self.metric = metric
        self._smooth, self._least = smooth, least
        self._title, self._x_label, self._log_y = title or metric, x_label, log_y
        self._band, self._style = band, style
        self._rows: dict[str, _Rows] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The series that have come."""
        return tuple(self._rows)

    def add(self, frames: Iterable[FrameLike]) -> None:
        """Take further frames, each series' in the order of its updates."""
        fresh: dict[str, list[FrameLike]] = {}
        for frame in frames:
            if self.metric in frame.metrics:
                fresh.setdefault(frame.series, []).append(frame)
        for name, of_series in fresh.items():
            updates = [frame.update for frame in of_series]
            found = np.stack([np.atleast_1d(frame.metrics[self.metric]) for frame in of_series])
            values = np.maximum(found, self._least)
            self._rows.setdefault(name, _Rows()).add(updates, values, self._band)

    def chart(self) -> Chart:
        """All that has come."""
        quantity = quantity_of(self.metric)
        series = [rows.series(name, quantity, self._style, self._smooth) for name, rows in self._rows.items()]
        empty = f"{self._title} will be drawn here as the run goes on."
        return Chart(self._title, self._x_label, "", series, log_y=self._log_y, empty=empty)


class _Rows:
    """A growing curve; low and high stay empty while there is one seed."""

    def __init__(self) -> None:
        self._x, self._y, self._low, self._high = (array("d") for _ in range(4))

    def add(self, updates: Sequence[int], values: NDArray[np.float64], band: Band) -> None:
        """values: [N, K]."""
        with np.errstate(invalid="ignore", over="ignore"):
            mean = values.mean(1)
            if band == "std":
                spread = values.std(1)
                low, high = mean - spread, mean + spread
            else:
                low, high = values.min(1), values.max(1)
        self._x.extend(updates)
        self._y.extend(mean.tolist())
        if values.shape[1] > 1 and band != "none":
            self._low.extend(low.tolist())
            self._high.extend(high.tolist())

    def series(self, name: str, quantity: Quantity, style: Style, smooth: int) -> Series:
        y, low, high = (_smoothed(np.array(values), smooth) for values in (self._y, self._low, self._high))
        if not low.size:
            return Series(name, self._x, y, quantity=quantity, style=style)
        return Series(name, self._x, y, low, high, quantity, style)


def _smoothed(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """[N] -> [N]: the mean of each value and those before it, `length` of them at most."""
    if length == 1 or not values.size:
        return values
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, values.size + 1)
    starts = np.maximum(ends - length, 0)
    means: NDArray[np.float64] = (sums[ends] - sums[starts]) / (ends - starts)
    return means
