"""A chart in words, for those who cannot see it and for those who want to know what to look at."""

from dataclasses import dataclass

import numpy as np

from tutor.charts.axes import number
from tutor.charts.chart import Array, Chart, Series, drawable
from tutor.charts.reduce import ascending
from tutor.charts.text import clean

FALL = 0.25  # a fall from the highest value by this share of the range is worth a word


@dataclass(frozen=True)
class _Points:
    """The finite points of a series, by x; left_out: how many had no finite place."""

    x: Array
    y: Array
    left_out: int


def summarise(chart: Chart, ascii: bool = False) -> str:
    """What the chart shows: a line on its axes, one on each series (trend, last, lowest, highest), what to notice."""
    if not chart.has_data:
        return clean(chart.empty, ascii)
    points = [_points(series, chart.log_y) for series in chart.series]
    lines = [_heading(chart)]
    for series, data in zip(chart.series, points, strict=True):
        lines.append(f"{series.name or 'the curve'}: {_sentence(series, data, chart, ascii)}")
    notes = _notes(chart, points, ascii)
    if notes:
        lines += ["To notice:", *(f"  {note}" for note in notes)]
    return "\n".join(clean(line, ascii) for line in lines)


def _points(series: Series, log: bool) -> _Points:
    x, y = ascending(series.x, series.y)
    good = drawable(y, log)
    return _Points(x[good], y[good], series.x.size - int(good.sum()))


def _heading(chart: Chart) -> str:
    what = chart.title or chart.y_label or " and ".join(s.name for s in chart.series if s.name) or "Chart"
    unit = f" ({chart.y_label})" if chart.y_label and chart.y_label != what else ""
    axis = f" by {chart.x_label}" if chart.x_label else ""
    return f"{what}{unit}{axis}{', logarithmic axis' if chart.log_y else ''}."


def _sentence(series: Series, data: _Points, chart: Chart, ascii: bool) -> str:
    if data.x.size == 0:
        return "no point to draw."

    def at(x: float) -> str:
        return f" at {chart.x_label or 'x'} {number(x, ascii)}"

    if data.x.size == 1:
        return f"one point, {number(data.y[0], ascii)}{at(data.x[0])}."
    low, high = int(np.argmin(data.y)), int(np.argmax(data.y))
    parts = [
        trend(data.y, ascii),
        f"last {number(data.y[-1], ascii)}{at(data.x[-1])}",
        f"lowest {number(data.y[low], ascii)}{at(data.x[low])}",
        f"highest {number(data.y[high], ascii)}{at(data.x[high])}",
    ]
    if series.style == "stems":
        parts.append(f"sum {number(float(np.sum(data.y)), ascii)} over {data.x.size} points")
    return "; ".join(parts) + "."


def trend(y: Array, ascii: bool = False) -> str:
    """How finite values [N], N >= 2, go from first to last, in a few words.

    Half of the whole range decides: what ends that far from where it began rises or falls; what leaves and comes back
    does one and then the other; anything else goes up and down.
    """
    first, last, low, high = (float(v) for v in (y[0], y[-1], y.min(), y.max()))
    half = high / 2 - low / 2
    if half <= max(abs(low), abs(high)) * 5e-10:
        return f"stays at {number(first, ascii)}"
    if last - first >= half:
        return f"rises from {number(first, ascii)} to {number(last, ascii)}"
    if first - last >= half:
        return f"falls from {number(first, ascii)} to {number(last, ascii)}"
    peak, dip = high - max(first, last) >= half, min(first, last) - low >= half
    if peak and not dip:
        return (
            f"rises from {number(first, ascii)} to {number(high, ascii)}, then falls to {number(last, ascii)}"
        )
    if dip and not peak:
        return (
            f"falls from {number(first, ascii)} to {number(low, ascii)}, then rises to {number(last, ascii)}"
        )
    return f"goes up and down between {number(low, ascii)} and {number(high, ascii)}"


def _notes(chart: Chart, points: list[_Points], ascii: bool) -> list[str]:
    notes = []
    for series, data in zip(chart.series, points, strict=True):
        name = series.name or "the curve"
        if data.left_out:
            reason = "not above 0 or not finite" if chart.log_y else "not finite"
            notes.append(f"{name}: {data.left_out} of {series.x.size} points are {reason} and are left out.")
        if data.x.size > 2 and series.style != "stems":
            notes += _fall(name, data, ascii)
        notes += _shades(name, data, chart, ascii)
        notes += _band(name, series, ascii)
    notes += [f"Marked: {m.label} at {number(m.x, ascii)}." for m in chart.marks if m.label]
    return notes + _ranking(chart, points, ascii)


def _fall(name: str, data: _Points, ascii: bool) -> list[str]:
    """A curve that rises on the whole, and yet ends well below its highest value."""
    first, last, high, low = (float(v) for v in (data.y[0], data.y[-1], data.y.max(), data.y.min()))
    if last / 2 - first / 2 < (high / 2 - low / 2) / 2 or high - last <= FALL * (high - low):
        return []
    return [f"{name} ends {number(high - last, ascii)} below its highest value."]


def _shades(name: str, data: _Points, chart: Chart, ascii: bool) -> list[str]:
    notes = []
    for shade in chart.shades:
        if shade.axis != "y" or data.y.size == 0:
            continue
        last = data.y[-1]
        where = "below" if last < shade.low else "above" if last > shade.high else "inside"
        inside = int(np.sum((data.y >= shade.low) & (data.y <= shade.high)))
        area = shade.label or f"{number(shade.low, ascii)} to {number(shade.high, ascii)}"
        notes.append(
            f"{name} ends {where} the shaded range ({area}); {inside} of {data.y.size} points lie in it."
        )
    return notes


def _band(name: str, series: Series, ascii: bool) -> list[str]:
    if series.low is None or series.high is None:
        return []
    _, low, high = ascending(series.x, series.low, series.high)
    good = np.flatnonzero(drawable(low) & drawable(high))
    if good.size == 0:
        return []
    return [
        f"The band of {name} ends between {number(low[good[-1]], ascii)} and {number(high[good[-1]], ascii)}."
    ]


def _ranking(chart: Chart, points: list[_Points], ascii: bool) -> list[str]:
    if (
        any(s.style in ("stems", "points") for s in chart.series)
        or len({s.quantity for s in chart.series}) > 1
    ):
        return []
    ends = [(float(p.y[-1]), s.name) for s, p in zip(chart.series, points, strict=True) if p.y.size]
    if len(ends) < 2:
        return []
    (low, lowest), (high, highest) = min(ends), max(ends)
    if low == high:
        return [f"All curves end at {number(low, ascii)}."]
    return [
        f"At the end {highest} is highest ({number(high, ascii)}), {lowest} lowest ({number(low, ascii)})."
    ]
