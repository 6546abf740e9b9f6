"""Sampled returns as a chart: their mean so far, on its way to the value."""

import numpy as np

from tutor.charts.chart import Chart, Mark, Series
from tutor.tui.labs.value_map import cell_name
from tutor.tui.labs.values_session import ValuesSession


def chart(session: ValuesSession) -> Chart:
    """The mean of the first n returns against n, and V as a line across."""
    cell = cell_name(session.env, session.cursor)
    returns = np.array(session.returns)
    counts = np.arange(1, returns.size + 1)
    series, marks, y_range = [], [], None
    if returns.size and session.V is not None:
        series.append(Series("mean so far", counts, returns.cumsum() / counts, quantity="return"))
        V = float(session.V[session.cursor])
        marks.append(Mark(V, "V", "y"))
        y_range = _around([V, *series[0].y])  # the line of V is always in sight
    return Chart(
        title=f"mean return from {cell}",
        x_label="episodes",
        series=series,
        marks=marks,
        y_range=y_range,
        empty=f"space walks one episode from {cell}: the mean of its returns is drawn here, and the value beside it.",
    )


def _around(values: list[float]) -> tuple[float, float]:
    """A range that holds them all, with a little air."""
    low, high = min(values), max(values)
    air = 0.1 * (high - low) or max(0.1, 0.1 * abs(high))
    return low - air, high + air
