"""The plots of a lab of runs, as data: what each shows, and its curves so far."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from tutor.charts.chart import Chart, Series, Style
from tutor.charts.frames import Curves
from tutor.experiments import Frame

STYLES: tuple[Style, ...] = ("line", "dashed", "dotted")
ROUNDING = 1e-5  # below it, a number is an error of single precision


@dataclass(frozen=True)
class Plot:
    """One plot: a metric of every series against the update, or several metrics of one series.

    column: what it is called in the table, else the title. smooth, least: see Curves. note: a sentence for its summary.
    lines: (metric, name) of each curve, instead of the metric; `of`: the only series that they are of. over: a metric
    that every value is divided by.
    """

    metric: str
    title: str
    column: str = ""
    log_y: bool = False
    y_range: tuple[float, float] | None = None
    smooth: int = 1
    least: float = -math.inf
    note: str = ""
    of: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    over: str = ""


class PlotCurves:
    """The curves of one plot, as far as the frames have come."""

    def __init__(self, plot: Plot, unit: str) -> None:
        self.plot = plot
        self._curves = [
            Curves(
                metric,
                plot.title,
                log_y=plot.log_y,
                smooth=plot.smooth,
                least=plot.least,
                x_label=unit,
            )
            for metric, _ in plot.lines or ((plot.metric, ""),)
        ]

    def add(self, frames: Iterable[Frame]) -> None:
        """Take further frames, each series' in the order of its updates."""
        own = [frame for frame in frames if not self.plot.of or frame.series == self.plot.of]
        if self.plot.over:
            own = [divided(frame, self.plot.over) for frame in own if self.plot.over in frame.metrics]
        for curves in self._curves:
            curves.add(own)

    def chart(self) -> Chart:
        """All that has come."""
        charts = [curves.chart() for curves in self._curves]
        if not self.plot.lines:
            return charts[0]
        series = [
            named(chart.series[0], name, style)
            for chart, (_, name), style in zip(charts, self.plot.lines, STYLES, strict=False)
            if chart.series
        ]
        return replace(charts[0], series=tuple(series))


def named(series: Series, name: str, style: Style) -> Series:
    """The curve under another name, in another style."""
    return Series(name, series.x, series.y, series.low, series.high, series.quantity, style)


def divided(frame: Frame, over: str) -> Frame:
    """The frame with every metric divided by one of them; not a number where that is 0, but for rounding."""
    by = np.where(np.abs(frame.metrics[over]) < ROUNDING, np.nan, frame.metrics[over])
    return replace(frame, metrics={name: values / by for name, values in frame.metrics.items()})
