"""A chart as text: header, plot, axes. plotext draws the plot; the rows around it are composed here.

Small plots get no frame and no empty row; what is large enough gets axes. Nothing is ever written over the data.
"""

import itertools
import math
import textwrap
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tutor.charts.axes import (
    Axis,
    Ticks,
    is_constant,
    labels,
    linear_range,
    linear_ticks,
    log_labels,
    log_range,
    log_ticks,
)
from tutor.charts.canvas import Canvas, Span, place_of
from tutor.charts.chart import Chart, drawable
from tutor.charts.curves import (
    ASCII_SHADE,
    MOST_LINES,
    SHADE,
    Look,
    curve_of,
    draw_band,
    draw_cells,
    draw_curve,
    draw_glyphs,
    look_of,
)
from tutor.charts.header import header_rows
from tutor.charts.palette import Theme, ink, mix, rgb
from tutor.charts.text import clean, fit, width_of

REMEMBERED = 64  # axes: while a curve grows they mostly stay as they are
MOST_STEPS = 1e12  # beyond, a step more is lost in the number's last digits
_ASCII_LINES = str.maketrans({"─": "-", "│": "|", "┼": "+"})
FRAME_FROM = (12, 40)  # rows and columns from which on axes are drawn


@dataclass(frozen=True)
class Layout:
    """How the rows and columns of a plot are spent."""

    header: list[list[Span]]
    gutter: int
    columns: int
    rows: int
    framed: bool
    tick_row: bool


def draw(
    chart: Chart, width: int, height: int, *, theme: Theme = "dark", ascii: bool = False, colour: bool = True
) -> str:
    """The chart as exactly `height` lines of at most `width` cells, with RGB SGR codes if colour."""
    return "\n".join(
        _painted(row, colour) for row in draw_rows(chart, width, height, theme=theme, ascii=ascii)
    )


def draw_rows(
    chart: Chart, width: int, height: int, *, theme: Theme = "dark", ascii: bool = False
) -> list[list[Span]]:
    """The chart as exactly `height` rows of at most `width` cells."""
    if width < 1 or height < 1:
        return []
    look = look_of(chart, theme, ascii)
    header = header_rows(chart, look, width, _header_room(height))
    filled = chart.has_data
    framed = filled and height >= FRAME_FROM[0] and width >= FRAME_FROM[1]
    tick_row = filled and height - len(header) >= 3
    rows = height - len(header) - tick_row - framed
    if not filled:
        body = _empty_rows(chart, width, rows, look)
    else:
        y_axis = _y_axis(chart, rows, ascii)
        gutter = max((width_of(label) for _, label in y_axis.ticks), default=0) + 1
        if gutter * 3 > width or rows < 2:
            y_axis, gutter = Axis(y_axis.low, y_axis.high, (), y_axis.log), 0
        layout = Layout(header, gutter, width - gutter, rows, framed, tick_row)
        body = _plot_rows(chart, layout, y_axis, look)
    whole = [*header, *body]
    return (
        [[Span(s.text.translate(_ASCII_LINES), s.colour) for s in row] for row in whole] if ascii else whole
    )


def _painted(row: list[Span], colour: bool) -> str:
    return "".join(_coloured(span) if colour else span.text for span in row)


def _coloured(span: Span) -> str:
    if span.colour is None or not span.text.strip():
        return span.text
    red, green, blue = rgb(span.colour)
    return f"\x1b[38;2;{red};{green};{blue}m{span.text}\x1b[0m"


def _header_room(height: int) -> int:
    return 0 if height < 4 else 1 if height < 8 else 2


def _empty_rows(chart: Chart, width: int, rows: int, look: Look) -> list[list[Span]]:
    """The sentence that says what will appear, in the middle."""
    words = textwrap.wrap(clean(chart.empty, look.ascii), max(width - 2, 1))[: max(rows, 0)]
    above = (rows - len(words)) // 2
    centred = [
        [Span(" " * ((width - width_of(line)) // 2) + line, ink("muted", look.theme))] for line in words
    ]
    return [[]] * above + centred + [[]] * (rows - above - len(words))


def _plot_rows(chart: Chart, layout: Layout, y_axis: Axis, look: Look) -> list[list[Span]]:
    if layout.columns < 2 or layout.rows < 1:
        return [[]] * (layout.rows + layout.tick_row + layout.framed)
    x_axis = _x_axis(chart, layout.columns, look.ascii)
    canvas = _canvas(chart, layout, x_axis, y_axis, look)
    muted = ink("muted", look.theme)
    rows: list[list[Span]] = []
    by_row = {canvas.row_of(y_axis.at(value)): label for value, label in reversed(y_axis.ticks)}
    for number, line in enumerate(canvas.rows()):
        label = by_row.get(layout.rows - 1 - number, "")
        edge = ("┤" if label else "│") if layout.framed else " "
        gutter = " " * (layout.gutter - 1 - width_of(label)) + label + edge if layout.gutter else ""
        if look.ascii:
            gutter = gutter.replace("┤", "+")
        rows.append([Span(gutter, muted), *line])
    if layout.framed:
        places = _places(x_axis, layout.columns)
        axis = "".join("┬" if column in places else "─" for column in range(layout.columns))
        corner = " " * (layout.gutter - 1) + "└" if layout.gutter else ""
        text = corner + axis
        rows.append([Span(text.replace("└", "+").replace("┬", "+") if look.ascii else text, muted)])
    if layout.tick_row:
        name = clean(chart.x_label, look.ascii)
        ticks = _tick_line(x_axis, layout.gutter, layout.columns, name, look.ascii)
        rows.append([Span(ticks, muted)])
    return rows


def _canvas(chart: Chart, layout: Layout, x_axis: Axis, y_axis: Axis, look: Look) -> Canvas:
    """Back to front: shades, bands, zero line, marks, curves, glyphs."""
    canvas = Canvas(layout.columns, layout.rows)
    _draw_shades(canvas, chart, x_axis, y_axis, look)
    shown = chart.series[:MOST_LINES]
    pixels = canvas.width * (1 if look.ascii else 2)
    curves = [curve_of(i, series, x_axis, y_axis, pixels) for i, series in enumerate(shown)]
    for curve in curves:
        draw_band(canvas, curve, x_axis, y_axis, look)
    base = 0.0 if y_axis.log else y_axis.at(0.0)
    if not y_axis.log and y_axis.low <= 0 <= y_axis.high:
        canvas.level(base, ink("faint", look.theme))
    for mark in chart.marks:
        axis = x_axis if mark.axis == "x" else y_axis
        if axis.contains(mark.x):
            (canvas.upright if mark.axis == "x" else canvas.level)(axis.at(mark.x), ink("muted", look.theme))
    for curve in curves:
        draw_curve(canvas, curve, base, look)
    lines = sum(s.style not in ("stems", "points") for s in shown)
    for curve in curves:
        draw_glyphs(canvas, curve, base, lines, look)
    return canvas


def _draw_shades(canvas: Canvas, chart: Chart, x_axis: Axis, y_axis: Axis, look: Look) -> None:
    marker = ASCII_SHADE if look.ascii else SHADE
    tint = mix(ink("faint", look.theme), ink("ground", look.theme), 0.3)
    for shade in chart.shades:
        axis = x_axis if shade.axis == "x" else y_axis
        low, high = axis.at(shade.low), axis.at(shade.high)
        low, high = (0.0 if math.isnan(low) else max(low, 0.0)), (1.0 if math.isnan(high) else min(high, 1.0))
        if low > high:
            continue
        if shade.axis == "x":
            columns = np.arange(canvas.column_of(low), canvas.column_of(high) + 1, dtype=np.float64)
            low, high = 0.0, 1.0
        else:
            columns = np.arange(canvas.width, dtype=np.float64)
        draw_cells(canvas, columns, np.full(columns.size, low), np.full(columns.size, high), marker, tint)


def _y_axis(chart: Chart, rows: int, ascii: bool) -> Axis:
    most = 2 if rows < 3 else 3 if rows < 5 else 4 if rows < 12 else 5 if rows < 18 else 6
    values = np.concatenate(
        [v for s in chart.series[:MOST_LINES] for v in (s.y, s.low, s.high) if v is not None]
    )
    values = values[drawable(values, chart.log_y)]
    from_zero = any(s.style in ("stems", "steps") for s in chart.series)
    if chart.log_y:
        low, high = np.log10(chart.y_range) if chart.y_range else log_range(values.min(), values.max())
        powers = log_ticks(low, high, most)
        ticks = tuple(zip(powers, log_labels(powers, ascii), strict=True))
    else:
        low, high = chart.y_range or linear_range(float(values.min()), float(values.max()), from_zero)
        ticks = _y_ticks(low, high, most, rows, from_zero, ascii)
    return Axis(float(low), float(high), _given_or(ticks, chart.y_ticks, ascii), chart.log_y)


@lru_cache(maxsize=REMEMBERED)
def _y_ticks(low: float, high: float, most: int, rows: int, from_zero: bool, ascii: bool) -> Ticks:
    ticks = linear_ticks(low, high, most)
    if from_zero and rows < 8:
        ticks = _few_ticks(low, high, ticks, rows)
    elif len(ticks) < 2 and rows > 2:
        ticks = sorted({low, high})
    return tuple(zip(ticks, labels(ticks, ascii, signed=from_zero and low < 0 < high), strict=True))


def _few_ticks(low: float, high: float, even: list[float], rows: int) -> list[float]:
    """Ticks for a small plot around 0: both limits and 0, or evenly spaced ones where these leave free rows between."""

    def row(value: float) -> int:
        return math.floor(0.5 + (rows - 1) * (value - low) / (high - low))

    chosen = [value for value in (low, high) if row(value) != row(0.0)]
    chosen = sorted([0.0, *chosen]) if low <= 0 <= high else [low, high]
    places = [row(value) for value in even]
    airy = all(b - a >= 2 for a, b in itertools.pairwise(places))
    return even if airy and len(even) >= len(chosen) else chosen


def _x_axis(chart: Chart, columns: int, ascii: bool) -> Axis:
    values = np.concatenate([s.x[drawable(s.x)] for s in chart.series[:MOST_LINES]])
    low, high = float(values.min()), float(values.max())
    whole = bool(np.all(values == np.floor(values))) and max(-low, high) < MOST_STEPS
    if chart.x_range:
        low, high = chart.x_range
    elif whole and any(s.style in ("stems", "steps") for s in chart.series):
        low, high = _growing_range(low, high, columns)
    elif is_constant(low, high):
        room = max(abs(low) / 10, 1.0)
        low, high = low - room, high + room
    ticks = _x_ticks(low, high, columns, whole, ascii)
    return Axis(low, high, _given_or(ticks, chart.x_ticks, ascii))


@lru_cache(maxsize=REMEMBERED)
def _x_ticks(low: float, high: float, columns: int, whole: bool, ascii: bool) -> Ticks:
    ends = [math.floor(low), math.floor(high)] if whole else [low, high]
    widest = max(len(label) for label in labels(ends, ascii)) + (0 if whole else 2)
    ticks = linear_ticks(low, high, max(2, columns // (widest + 5)), whole)
    return tuple(zip(ticks, labels(ticks, ascii), strict=True))


def _growing_range(low: float, high: float, columns: int) -> tuple[float, float]:
    """A range of whole steps with room to come: it stays put while steps are added, and a step is 4, 2 or 1 columns.

    When there are more steps than columns the range doubles whenever it is full.
    """
    low = 0.0 if 0 <= low <= 1 else low
    room = max(1, columns - 1)
    for each in (4, 2, 1):
        if high - low <= room // each:
            return low, low + room / each
    while high - low > room:
        room *= 2
    return low, low + room


def _given_or(round_ones: Ticks, given: Ticks | None, ascii: bool) -> Ticks:
    return round_ones if given is None else tuple((value, clean(label, ascii)) for value, label in given)


@lru_cache(maxsize=REMEMBERED)
def _places(axis: Axis, columns: int) -> dict[int, str]:
    """The ticks of the x axis by their columns."""
    places = [(axis.at(value), label) for value, label in axis.ticks]
    return {place_of(place, columns): label for place, label in places if 0 <= place <= 1}


@lru_cache(maxsize=REMEMBERED)
def _tick_line(axis: Axis, gutter: int, columns: int, name: str, ascii: bool) -> str:
    """Tick labels under their columns, the axis' name at the right end; what does not fit is left out."""
    width = gutter + columns
    line = [" "] * width
    name = fit(name, width // 2, ascii) if name else ""
    end = width - width_of(name) - 1 if name else width
    free = 0
    for column, label in _places(axis, columns).items():
        size = width_of(label)
        start = max(gutter + column - size // 2, 0)
        start = min(start, width - size)
        if start >= free and start + size <= end and size:
            line[start : start + size] = [label] + [""] * (size - 1)
            free = start + size + 1
    text = "".join(line)
    return text[: len(text) - width_of(name)] + name if name else text
