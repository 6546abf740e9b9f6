"""How each style of series becomes characters on a canvas."""

from dataclasses import dataclass

import numpy as np

from tutor.charts.axes import Axis
from tutor.charts.canvas import DOTS, Canvas, Colour
from tutor.charts.chart import Array, Chart, Series
from tutor.charts.palette import Theme, ink, mix, variant
from tutor.charts.reduce import ascending, column_of, occupied, reduce_band, reduce_extremes

MOST_LINES = 3  # more cannot be told apart in a terminal
GLYPHS, ASCII_GLYPHS = "●▲■", "*ox"
SHADE, ASCII_SHADE = "░", ":"
GLYPH_EVERY = 15  # columns between two marker glyphs of a line


@dataclass(frozen=True)
class Look:
    """What a curve needs to know about how it will be seen."""

    theme: Theme
    ascii: bool
    colours: tuple[str, ...]  # one a series

    def glyph(self, index: int) -> str:
        """The marker of curve number `index`, which tells it apart without colour."""
        return (ASCII_GLYPHS if self.ascii else GLYPHS)[index % MOST_LINES]

    def colour(self, index: int) -> Colour:
        """The colour of curve number `index`."""
        return self.colours[index]

    def tint(self, index: int) -> Colour:
        """The colour of the band around curve number `index`: nearer to the ground."""
        return mix(self.colours[index], ink("ground", self.theme), 0.55)


def look_of(chart: Chart, theme: Theme, ascii: bool) -> Look:
    """Colours for the chart's curves: by quantity; see `variant` for several of one quantity."""
    seen: dict[str, int] = {}
    colours = []
    for series in chart.series[:MOST_LINES]:
        count = seen.get(series.quantity, 0)
        seen[series.quantity] = count + 1
        colours.append(variant(series.quantity, theme, count))
    return Look(theme, ascii, tuple(colours))


@dataclass(frozen=True)
class Curve:
    """A series in canvas positions: u, v [N], u ascending within [0, 1], no more points than the canvas can show.

    reduced: there were more, and each pixel column now holds their minimum and maximum.
    """

    index: int
    series: Series
    u: Array
    v: Array
    reduced: bool


def curve_of(index: int, series: Series, x_axis: Axis, y_axis: Axis, pixels: int) -> Curve:
    """The part of the series that lies within the x range; values far out of the y range are pulled nearer."""
    u, y = _visible(x_axis, series.x, series.y)
    short_u, short_y = reduce_extremes(u, y_axis.drawable(y), pixels)
    return Curve(index, series, short_u, np.clip(y_axis.position(short_y), -0.5, 1.5), u.size > pixels)


def _visible(axis: Axis, x: Array, *others: Array) -> tuple[Array, ...]:
    """Positions of x within [0, 1], ascending, and what belongs to them."""
    x, *rest = ascending(x, *others)
    u = axis.position(x)
    first, last = np.searchsorted(u, (-1e-9, 1 + 1e-9))
    return u[first:last], *(other[first:last] for other in rest)


def draw_band(canvas: Canvas, curve: Curve, x_axis: Axis, y_axis: Axis, look: Look) -> None:
    """The band around a series as shaded cells, to be drawn before all curves."""
    series = curve.series
    if series.low is None or series.high is None:
        return
    u, low, high = _visible(x_axis, series.x, series.low, series.high)
    if y_axis.log:
        low = np.maximum(low, 10.0**y_axis.low)
    columns, low, high = reduce_band(u, low, high, canvas.width)
    bottom, top = np.clip(y_axis.position(low), 0, 1), np.clip(y_axis.position(high), 0, 1)
    shown = np.isfinite(bottom) & np.isfinite(top)
    columns, bottom, top = columns[shown], bottom[shown], top[shown]
    draw_cells(canvas, columns, bottom, top, ASCII_SHADE if look.ascii else SHADE, look.tint(curve.index))


def draw_cells(
    canvas: Canvas, columns: Array, bottom: Array, top: Array, marker: str, colour: Colour
) -> None:
    """Fill each of `columns` from position bottom to position top."""
    first, last = column_of(bottom, canvas.height), column_of(top, canvas.height)
    counts = last - first + 1
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = (np.repeat(first, counts) + offsets).astype(np.float64)
    canvas.cells(np.repeat(columns, counts), rows, marker, colour)


def draw_curve(canvas: Canvas, curve: Curve, base: float, look: Look) -> None:
    """The curve in its own style; base is the position of 0, where stems start."""
    if not np.isfinite(curve.v).any():
        return
    style = curve.series.style
    if style == "stems":
        draw_stems(canvas, curve, min(max(base, 0.0), 1.0), look)
    elif style == "points":
        canvas.points(curve.u, curve.v, look.glyph(curve.index), look.colour(curve.index))
    elif style in ("dashed", "dotted"):
        draw_broken(canvas, curve, look)
    else:
        draw_solid(canvas, curve, look)


def draw_solid(canvas: Canvas, curve: Curve, look: Look) -> None:
    u, v = curve.u, curve.v
    if curve.series.style == "steps" and not curve.reduced:
        u, v = np.repeat(u, 2)[1:], np.repeat(v, 2)[:-1]
    marker = look.glyph(curve.index) if look.ascii else "braille"
    canvas.line(u, v, marker, look.colour(curve.index))


def draw_broken(canvas: Canvas, curve: Curve, look: Look) -> None:
    """Dashes and dots: the line's value in each pixel column, some columns left out."""
    if curve.u.size < 2:
        return
    pixels = canvas.width * (1 if look.ascii else 2)
    u, v = reduce_extremes(curve.u, curve.v, pixels)
    first, last = column_of(u[[0, -1]], pixels)
    column = np.arange(first, last + 1)
    value = np.interp(column / (pixels - 1), u, v)
    marker = look.glyph(curve.index) if look.ascii else "braille"
    if curve.series.style == "dotted":
        chosen = column % (2 if look.ascii else 3) == 0
        canvas.points(column[chosen] / (pixels - 1), value[chosen], marker, look.colour(curve.index))
        return
    gap = column % 3 == 2 if look.ascii else column % 6 >= 4
    canvas.line(column / (pixels - 1), np.where(gap, np.nan, value), marker, look.colour(curve.index))


@dataclass(frozen=True)
class Stems:
    """Stems by column: the lowest and the highest position that is paid there; single: no column holds two points."""

    columns: Array
    low: Array
    high: Array
    single: bool


def _stems(canvas: Canvas, curve: Curve) -> Stems:
    finite = np.isfinite(curve.v)
    v = np.clip(curve.v[finite], 0, 1)
    columns, starts = occupied(curve.u[finite], canvas.width)
    low, high = np.minimum.reduceat(v, starts), np.maximum.reduceat(v, starts)
    return Stems(columns.astype(np.float64), low, high, starts.size == v.size)


def draw_stems(canvas: Canvas, curve: Curve, base: float, look: Look) -> None:
    """A stem a point from the zero line towards its value."""
    stems = _stems(canvas, curve)
    low, high = np.minimum(stems.low, base), np.maximum(stems.high, base)
    out = column_of(low, canvas.height) != column_of(high, canvas.height)
    bar = "|" if look.ascii else "│"
    draw_cells(canvas, stems.columns[out], low[out], high[out], bar, look.colour(curve.index))
    _draw_roots(canvas, stems, base, curve.index, look)


def _draw_roots(canvas: Canvas, stems: Stems, base: float, index: int, look: Look) -> None:
    """Where stems leave the zero line: `┬` goes below 0, `┴` above, `┼` both, `•` is 0 itself.

    So a value too small to leave the row of the zero line still shows its sign.
    """
    down, up = stems.low < base - 1e-12, stems.high > base + 1e-12
    below, above, both, zero = ",'|o" if look.ascii else "┬┴┼•"
    markers = np.where(down & up, both, np.where(down, below, np.where(up, above, zero))).tolist()
    rows = np.full(stems.columns.size, float(canvas.row_of(base)))
    canvas.cells(stems.columns, rows, markers, look.colour(index))


def draw_heads(canvas: Canvas, curve: Curve, base: float, look: Look) -> None:
    """What of stems is drawn over lines: a head in the row of each value; none where a column holds several points.

    Roots too, unless they stand so close that they would hide a line along 0.
    """
    stems = _stems(canvas, curve)
    rows = column_of(stems.low, canvas.height)
    away = rows != canvas.row_of(base)
    if not stems.single:
        return
    if stems.columns.size < 2 or np.diff(stems.columns).min() > 1:
        _draw_roots(canvas, stems, base, curve.index, look)
    heads = rows[away].astype(np.float64)
    canvas.cells(stems.columns[away], heads, look.glyph(curve.index), look.colour(curve.index))


def draw_glyphs(canvas: Canvas, curve: Curve, base: float, of: int, look: Look) -> None:
    """Marker glyphs on a line: at its last point, and, when there are several lines, here and there along it.

    They lie on data points only, each line's at other columns than the others'. of: how many lines the chart has.
    A line is drawn in dots finer than cells, and dots are rounded otherwise than cells are: the glyph takes the cell
    that the point's own dot falls into.
    """
    if curve.series.style == "stems":
        draw_heads(canvas, curve, min(max(base, 0.0), 1.0), look)
        return
    if curve.series.style == "points" or look.ascii:
        return
    finite = np.flatnonzero(np.isfinite(curve.v) & (curve.v >= 0) & (curve.v <= 1))
    if finite.size == 0 or (of == 1 and curve.series.style != "steps" and finite.size > 1):
        return
    chosen = [int(finite[-1])]
    if of > 1:
        offset = curve.index % of * GLYPH_EVERY // of + GLYPH_EVERY // (2 * of)
        wanted = np.arange(offset, canvas.width, GLYPH_EVERY) / max(canvas.width - 1, 1)
        nearest = np.searchsorted(curve.u[finite], wanted).clip(0, finite.size - 1)
        near_wish = np.abs(curve.u[finite][nearest] - wanted) < 3 / canvas.width
        close = near_wish & (curve.u[finite][nearest] < curve.u[finite[-1]] - 4 / canvas.width)
        chosen += finite[np.unique(nearest[close])].tolist()
    columns = column_of(curve.u[chosen], DOTS[0] * canvas.width) // DOTS[0]
    rows = column_of(curve.v[chosen], DOTS[1] * canvas.height) // DOTS[1]
    cells = columns.astype(np.float64), rows.astype(np.float64)
    canvas.cells(*cells, look.glyph(curve.index), look.colour(curve.index))
