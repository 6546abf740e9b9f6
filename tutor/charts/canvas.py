"""The one place that touches plotext.

An instance a plot, never plotext's module-level functions: those share one figure between threads.
"""

import re

import numpy as np
from plotext._figure import _figure_class

from tutor.charts.chart import Array

Colour = tuple[int, int, int]
_SGR = re.compile(r"\x1b\[[0-9;]*m")


class Canvas:
    """A plot without frame, `width` x `height` cells; both coordinates of everything drawn run from 0 to 1.

    What is drawn later covers what was drawn before, cell by cell.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._figure = _figure_class()
        self._figure._set_size(width, height)  # plot_size() would cut it to the terminal's size
        self._figure.theme("clear")
        self._figure.frame(False)
        self._figure.xfrequency(0)
        self._figure.yfrequency(0)
        self._figure.xlim(0, 1)
        self._figure.ylim(0, 1)
        self._empty = True

    def line(self, x: Array, y: Array, marker: str, colour: Colour) -> None:
        """Join the points; NaN leaves a gap."""
        if x.size:
            self._empty = False
            self._figure.plot(x.tolist(), y.tolist(), marker=marker, color=colour)

    def points(self, x: Array, y: Array, marker: str | list[str], colour: Colour) -> None:
        """One marker a point."""
        if x.size:
            self._empty = False
            self._figure.scatter(x.tolist(), y.tolist(), marker=marker, color=colour)

    def cells(self, columns: Array, rows: Array, marker: str | list[str], colour: Colour) -> None:
        """One character in each given cell, counted from 0 at the left and from 0 at the bottom."""
        self.points(columns / max(self.width - 1, 1), rows / max(self.height - 1, 1), marker, colour)

    def level(self, position: float, colour: Colour) -> None:
        """A horizontal line across the plot, behind all that is drawn."""
        self._figure.horizontal_line(position, color=colour)

    def upright(self, position: float, colour: Colour) -> None:
        """A vertical line across the plot, behind all that is drawn."""
        self._figure.vertical_line(position, color=colour)

    def lines(self, colour: bool) -> list[str]:
        """The rows, top first; with SGR codes if colour."""
        if self._empty:
            return [" " * self.width] * self.height
        text = self._figure.build()
        return (text if colour else plain(text)).split("\n")[: self.height]

    def row_of(self, position: float) -> int:
        """The row that a position from 0 to 1 falls into, counted from the bottom."""
        return int(np.floor(round(0.5 + (self.height - 1) * position, 8)))

    def column_of(self, position: float) -> int:
        """The column that a position from 0 to 1 falls into."""
        return int(np.floor(round(0.5 + (self.width - 1) * position, 8)))


def plain(text: str) -> str:
    """`text` without SGR codes."""
    return _SGR.sub("", text)
