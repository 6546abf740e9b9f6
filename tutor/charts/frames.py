"""From the frames of an experiment to a chart of one metric."""

from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tutor.charts.chart import Chart, ChartError, Series, Style
from tutor.charts.palette import Quantity

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
    band: Literal["range", "std"] = "range",
    style: Style = "line",
    x_label: str = "update",
) -> Chart:
    """A line a series: the mean of `metric` over the seeds, against the update.

    With more than one seed a band goes from the lowest seed to the highest, or one standard deviation (ddof 0) around
    the mean. Where a seed is not a number, neither mean nor band is drawn: the rest alone would flatter. Frames without
    the metric are passed over; raises ChartError, naming the metrics there are, when no frame has it.
    """
    rows: dict[str, list[tuple[int, NDArray[np.float64]]]] = {}
    names: set[str] = set()
    seen = False
    for frame in frames:
        seen = True
        names.update(frame.metrics)
        if metric in frame.metrics:
            rows.setdefault(frame.series, []).append((frame.update, np.atleast_1d(frame.metrics[metric])))
    if seen and not rows:
        raise ChartError(
            f"no frame has the metric {metric!r}; there are: {', '.join(sorted(names)) or 'none'}"
        )
    series = [_series(name, values, quantity_of(metric), band, style) for name, values in rows.items()]
    return Chart(
        title or metric, x_label, "", series, empty=f"{metric} will be drawn here as the run goes on."
    )


def _series(
    name: str,
    rows: list[tuple[int, NDArray[np.float64]]],
    quantity: Quantity,
    band: Literal["range", "std"],
    style: Style,
) -> Series:
    updates = [update for update, _ in rows]
    with np.errstate(invalid="ignore", over="ignore"):
        mean = np.array([values.mean() for _, values in rows])
        if max(values.size for _, values in rows) == 1:
            return Series(name, updates, mean, quantity=quantity, style=style)
        if band == "std":
            spread = np.array([values.std() for _, values in rows])
            low, high = mean - spread, mean + spread
        else:
            low = np.array([values.min() for _, values in rows])
            high = np.array([values.max() for _, values in rows])
    return Series(name, updates, mean, low, high, quantity, style)
