"""From any number of points to as many as a plot can show, without losing an extreme."""

import numpy as np
from numpy.typing import NDArray

from tutor.charts.chart import Array, drawable

Indices = NDArray[np.int64]


def reduce_extremes(position: Array, value: Array, columns: int) -> tuple[Array, Array]:
    """The minimum and the maximum of `value` in each of `columns` equal columns.

    position: [N] in [0, 1], ascending. value: [N], NaN where nothing is to be drawn. Returns (position, value), at most
    two points a column, in the order that keeps the joining line short. A column of nothing but NaN stays NaN, a gap.
    Nothing changes when there are no more points than columns.
    """
    if position.size <= columns:
        return position, value
    column, starts = occupied(position, columns)
    lowest, highest = np.fmin.reduceat(value, starts), np.fmax.reduceat(value, starts)
    ends = np.append(starts[1:], position.size) - 1
    falling = value[starts] > value[ends]
    pairs = np.where(falling[:, None], np.stack([highest, lowest], 1), np.stack([lowest, highest], 1))
    places = np.repeat(column / max(columns - 1, 1), 2)
    keep = np.ones(places.size, dtype=bool)
    keep[1::2] = (lowest != highest) & ~np.isnan(lowest)
    return places[keep], pairs.reshape(-1)[keep]


def reduce_band(position: Array, low: Array, high: Array, columns: int) -> tuple[Array, Array, Array]:
    """The band in each column that it reaches: (columns, lowest low, highest high).

    Columns between two points get the band on the straight line between them; beyond the data there is none.
    """
    finite = drawable(low) & drawable(high)
    position, low, high = position[finite], np.minimum(low, high)[finite], np.maximum(low, high)[finite]
    if position.size == 0:
        return position, low, high
    column, starts = occupied(position, columns)
    wanted = np.arange(column[0], column[-1] + 1)
    places = wanted / max(columns - 1, 1)
    lows, highs = np.interp(places, position, low), np.interp(places, position, high)
    here = column - column[0]
    lows[here] = np.fmin(lows[here], np.fmin.reduceat(low, starts))
    highs[here] = np.fmax(highs[here], np.fmax.reduceat(high, starts))
    return wanted.astype(np.float64), lows, highs


def occupied(position: Array, columns: int) -> tuple[Indices, Indices]:
    """The columns that hold points, and the index of the first point of each. position: [N], ascending in [0, 1].

    The same as `column_of` on every point, by bisection: 100 000 points cost no more than 100.
    """
    edges = (np.arange(1, columns) - 0.5 - 5e-9) / max(columns - 1, 1)
    bounds = np.concatenate(([0], np.searchsorted(position, edges), [position.size]))
    column = np.flatnonzero(np.diff(bounds))
    return column, bounds[column]


def place(position: Array, count: int) -> Array:
    """Which of `count` columns, rows or dots a position in [0, 1] falls into, by plotext's rule; NaN stays NaN."""
    places: Array = np.floor(np.round(0.5 + (count - 1) * position, 8))
    return places


def column_of(position: Array, columns: int) -> Indices:
    """The same as whole numbers, for positions that are numbers."""
    return place(position, columns).astype(np.int64)


def ascending(x: Array, *others: Array) -> tuple[Array, ...]:
    """All arrays without the points whose x has no place, sorted by x (stable)."""
    finite = drawable(x)
    if not finite.all():
        x, others = x[finite], tuple(other[finite] for other in others)
    if x.size > 1 and bool(np.any(x[1:] < x[:-1])):
        order = np.argsort(x, kind="stable")
        return x[order], *(other[order] for other in others)
    return x, *others
