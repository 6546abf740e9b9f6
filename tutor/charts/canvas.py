"""The one place that touches plotext.

It joins the points of curves. Its figure is not used: what that makes of frame, ticks, legend and subplots, all of them
empty here, takes five times as long.
"""

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from plotext._utility import get_line

from tutor.charts.chart import Array
from tutor.charts.reduce import place

Colour = str  # #rrggbb
Sign = tuple[str, Colour | None]
Dot = tuple[int, int]  # column, row
DOTS = (2, 4)  # of one braille cell: columns, rows
BRAILLE = 0x2800  # the sign without dots (Unicode, Braille Patterns); each dot adds a bit
DOT_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))  # by column and, from the bottom, row


class Span(NamedTuple):
    """A piece of a row in one colour (None for the terminal's own)."""

    text: str
    colour: Colour | None


class Canvas:
    """A plot without frame, `width` x `height` cells; both coordinates of everything drawn run from 0 to 1.

    What is drawn later covers what was drawn before, cell by cell; what falls outside is left out.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._drawn: dict[tuple[int, int], Sign] = {}  # by row from the bottom and column
        self._behind: dict[tuple[int, int], Sign] = {}
        self._levels: list[tuple[int, Colour]] = []  # rows
        self._uprights: list[int] = []  # columns

    def line(self, x: Array, y: Array, marker: str, colour: Colour) -> None:
        """Join the points; NaN leaves a gap. marker: one character, or `braille` for dots finer than cells."""
        columns, rows, finite = self._places(x, y, marker)
        dots: list[Dot] = []
        for run in np.split(np.arange(x.size), np.flatnonzero(~finite)):
            there = run[finite[run]]
            if there.size:
                points = list(
                    zip(columns[there].astype(int).tolist(), rows[there].astype(int).tolist(), strict=True)
                )
                dots += itertools.chain.from_iterable(itertools.starmap(_up_to, itertools.pairwise(points)))
                dots.append(points[-1])
        self._put([column for column, _ in dots], [row for _, row in dots], marker, colour)

    def points(self, x: Array, y: Array, marker: str | list[str], colour: Colour) -> None:
        """One marker a point."""
        columns, rows, finite = self._places(x, y, marker)
        if isinstance(marker, list):
            marker = list(itertools.compress(marker, finite.tolist()))
        self._put(columns[finite].astype(int).tolist(), rows[finite].astype(int).tolist(), marker, colour)

    def cells(self, columns: Array, rows: Array, marker: str | list[str], colour: Colour) -> None:
        """One character in each given cell, counted from 0 at the left and from 0 at the bottom."""
        self._put(columns.astype(int).tolist(), rows.astype(int).tolist(), marker, colour)

    def _places(self, x: Array, y: Array, marker: str | list[str]) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Columns and rows of points, in dots or cells, and which of them have a place."""
        across, up = DOTS if marker == "braille" else (1, 1)
        columns, rows = place(x, across * self.width), place(y, up * self.height)
        return columns, rows, ~(np.isnan(columns) | np.isnan(rows))

    def _put(self, columns: list[int], rows: list[int], marker: str | list[str], colour: Colour) -> None:
        """Signs into their cells; with `braille` the columns and rows are those of dots."""
        if not columns:
            return
        if marker == "braille":
            columns, rows, marker = _braille(columns, rows)
        signs = marker if isinstance(marker, list) else itertools.repeat(marker)
        for column, row, sign in zip(columns, rows, signs, strict=False):
            self._drawn[row, column] = sign, colour

    def level(self, position: float, colour: Colour) -> None:
        """A horizontal line across the plot, behind all that is drawn."""
        row = self.row_of(position)
        self._behind.update({(row, column): ("─", colour) for column in range(self.width)})
        self._levels.append((row, colour))

    def upright(self, position: float, colour: Colour) -> None:
        """A vertical line across the plot, behind all that is drawn; where it crosses a horizontal one, both show."""
        column = self.column_of(position)
        self._behind.update({(row, column): ("│", colour) for row in range(self.height)})
        self._uprights.append(column)

    def rows(self) -> list[list[Span]]:
        """The rows, top first."""
        if not self._drawn:
            return [[Span(" " * self.width, None)]] * self.height
        crossings = {(row, column): ("┼", ink) for row, ink in self._levels for column in self._uprights}
        width, height = self.width, self.height
        signs = [[" "] * width for _ in range(height)]
        inks: list[list[Colour | None]] = [[None] * width for _ in range(height)]
        for layer in (self._behind, crossings, self._drawn):
            for (row, column), (sign, ink) in layer.items():
                if 0 <= row < height and 0 <= column < width:
                    signs[row][column], inks[row][column] = sign, ink
        return [_spans(*row) for row in zip(reversed(signs), reversed(inks), strict=True)]

    def row_of(self, position: float) -> int:
        """The row that a position from 0 to 1 falls into, counted from the bottom."""
        return place_of(position, self.height)

    def column_of(self, position: float) -> int:
        """The column that a position from 0 to 1 falls into."""
        return place_of(position, self.width)


def place_of(position: float, count: int) -> int:
    """Which of `count` rows or columns a position from 0 to 1 falls into, counted from 0."""
    return math.floor(round(0.5 + (count - 1) * position, 8))


@lru_cache(maxsize=1024)  # a curve that grows has all its lines but the last again
def _up_to(start: Dot, end: Dot) -> Sequence[Dot]:
    """The dots of a line from `start` to the last one before `end`."""
    if (
        start[0] == end[0] or start[1] == end[1]
    ):  # half of the lines of steps, and nothing that must be rounded
        return _straight(start, end)
    columns, rows = get_line([start[0], end[0]], [start[1], end[1]])
    return tuple(zip(columns[:-1], rows[:-1], strict=True))


def _straight(start: Dot, end: Dot) -> Sequence[Dot]:
    """The same along a row or a column."""
    (left, bottom), (right, top) = start, end
    if bottom == top:
        return [(column, bottom) for column in range(left, right, 1 if left < right else -1)]
    return [(left, row) for row in range(bottom, top, 1 if bottom < top else -1)]


def _braille(columns: list[int], rows: list[int]) -> tuple[list[int], list[int], list[str]]:
    """The cells of dots, and the sign of each."""
    cells: dict[Dot, int] = {}
    for column, row in zip(columns, rows, strict=True):
        cell = column // DOTS[0], row // DOTS[1]
        cells[cell] = cells.get(cell, 0) | DOT_BITS[column % DOTS[0]][row % DOTS[1]]
    return [c for c, _ in cells], [r for _, r in cells], [chr(BRAILLE + bits) for bits in cells.values()]


def _spans(signs: list[str], inks: list[Colour | None]) -> list[Span]:
    """One row of signs."""
    spans, start = [], 0
    for ink, run in itertools.groupby(inks):
        end = start + len(list(run))
        spans.append(Span("".join(signs[start:end]), ink))
        start = end
    return spans
