"""The clipped surrogate over the ratio as a chart: plain data, drawn elsewhere."""

import math
from collections.abc import Iterator

import numpy as np

from tutor.charts.chart import Chart, Mark, Series, Shade
from tutor.rl.surrogate import clipped_surrogate
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.clip_session import Point
from tutor.tui.labs.clip_words import signs_of
from tutor.tui.labs.gridworld_words import number, signed

SHOWN = (0.1, 3.0)  # ratios
WIDER = (3.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # where the axis may end: it stays while r moves a little
POINTS = 117
HEIGHTS = (
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    50.0,
    100.0,
)  # |A| that the y axis has room for: it stays while A moves a little

Tick = tuple[float, str]


def chart(point: Point, columns: int, glyphs: Glyphs, *, hidden: bool = False) -> Chart:
    """rA dotted, clip(r)A dashed, and their minimum solid; the range shaded, 1 and the present ratio marked.

    columns: of the plot, for what must not cover each other. hidden: without the minimum.
    """
    low, high = ratio_range(point)
    signs, epsilon = signs_of(glyphs), number(point.epsilon, glyphs)
    edges = f"1{glyphs.minus}{signs.epsilon}", f"1+{signs.epsilon}"
    cell = (high - low) / max(columns - 1, 1)
    return Chart(
        title=f"objective, A = {signed(point.advantage, glyphs)}, {signs.epsilon} = {epsilon}",
        y_label="maximise",
        x_label="ratio r",
        series=_series(point, low, high, hidden),
        shades=tuple(_shades(point, cell, f"{edges[0]}{signs.range}{edges[1]}")),
        marks=(Mark(1.0), Mark(point.ratio, "r")),
        x_range=(low, high),
        y_range=_y_range(point),
        x_ticks=_ticks(point, (low, high), edges, cell),
    )


def ratio_range(point: Point) -> tuple[float, float]:
    """The ratios that are shown: as in the article, and wider where the present one lies outside."""
    low = SHOWN[0] if point.ratio >= SHOWN[0] else 0.0
    return low, next((end for end in WIDER if point.ratio <= end), float(math.ceil(point.ratio * 1.1)))


def _y_range(point: Point) -> tuple[float, float]:
    """From 0 to the largest |rA| that is shown, on the side of A."""
    most = next((height for height in HEIGHTS if abs(point.advantage) <= height), abs(point.advantage))
    reach = most * ratio_range(point)[1]
    return (0.0, reach) if point.advantage > 0 else (-reach, 0.0) if point.advantage < 0 else (-reach, reach)


def _series(point: Point, low: float, high: float, hidden: bool) -> tuple[Series, ...]:
    edges = [edge for edge in (point.low, point.high) if low <= edge <= high]
    r = np.unique(np.concatenate([np.linspace(low, high, POINTS), edges]))
    both = (
        Series("rA", r, r * point.advantage, style="dotted"),
        Series("clip(r)A", r, np.clip(r, point.low, point.high) * point.advantage, style="dashed"),
    )
    smallest = Series("L", r, clipped_surrogate(r, point.advantage, point.epsilon))
    return both if hidden else (*both, smallest)


def _shades(point: Point, cell: float, label: str) -> Iterator[Shade]:
    """The clip range, with a gap a cell wide at each mark: a shade covers what is drawn across it."""
    start = point.low
    for mark in sorted({1.0, point.ratio}):
        if not start <= mark <= point.high:
            continue
        if mark - cell >= start:
            yield Shade(start, mark - cell, "x", label)
            label = ""
        start = mark + cell
    if start <= point.high:
        yield Shade(start, point.high, "x", label)


def _ticks(
    point: Point, limits: tuple[float, float], edges: tuple[str, str], cell: float
) -> tuple[Tick, ...]:
    """The present ratio, 1, the edges of the range and whole numbers, ascending; the earlier named have the room."""
    low, high = limits
    here = "r" if point.ratio != 1 else "r=1"
    named = [(point.low, edges[0]), (point.high, edges[1]), (1.0, "1")]
    if round((point.high - point.low) / cell) <= len(edges[0]):
        named = named[2:]
    wanted = [(point.ratio, here), *named]
    stride = max(1, math.ceil(high / 6))
    wanted += [(float(value), str(value)) for value in range(stride, int(high) + 1, stride)]
    taken: list[tuple[float, float]] = []
    ticks = []
    for value, label in wanted:
        start = round((value - low) / cell) - len(label) // 2
        end = start + len(label)
        if all(end < first or start > last for first, last in taken) and low <= value <= high:
            taken.append((start, end))
            ticks.append((value, label))
    return tuple(sorted(ticks))
