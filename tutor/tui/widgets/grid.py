"""A map of cells: the gridworld's world pane. It draws cells that it is given and knows nothing of what they mean."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message

from tutor.tui.widgets.leaf import Leaf

SIZES = (
    (11, 5),
    (9, 5),
    (9, 3),
    (7, 3),
    (6, 3),
    (5, 3),
    (6, 2),
    (5, 2),
    (4, 2),
    (4, 1),
    (3, 2),
    (3, 1),
    (2, 1),
    (1, 1),
)
WIDE = (
    *SIZES[:8],
    (7, 1),
    (6, 1),
    (5, 1),
    *SIZES[8:],
)  # of maps of numbers: digits are worth more than height
HEADER = 1  # rows above the cells: the column numbers
MARGIN = 3  # columns before the cells: the row numbers


class Cell(NamedTuple):
    """What one cell shows: its text, in the style `style` (colours as #rrggbb), on `ground`.

    fill: a sign that fills the whole cell instead of `text` (a wall).
    """

    text: str
    style: str = ""
    ground: str = ""
    fill: str = ""


def cell_size(
    rows: int, cols: int, width: int, height: int, sizes: Sequence[tuple[int, int]] = SIZES
) -> tuple[int, int]:
    """(columns, rows) of one cell: the first of `sizes` that lets the whole map with its numbers into width x height,
    else the last."""
    for w, h in sizes:
        if cols * w + MARGIN <= width and rows * h + HEADER <= height:
            return w, h
    return sizes[-1]


def map_size(rows: int, cols: int, cell: tuple[int, int]) -> tuple[int, int]:
    """(columns, rows) that the map takes with its numbers."""
    return cols * cell[0] + MARGIN, rows * cell[1] + HEADER


class GridPane(Leaf):
    """`show(cells)` draws them, row by row, as large as the pane and `sizes` allow; only rows that changed are drawn
    anew.

    Rows and columns are numbered from 0, so that (2,0) can be found. A click on a cell posts `Clicked`.
    """

    ALLOW_SELECT = False

    class Clicked(Message):
        """Cell (row, col) was clicked."""

        def __init__(self, row: int, col: int) -> None:
            super().__init__()
            self.row, self.col = row, col

    class Resized(Message):
        """The map has more room than before, or less."""

    def __init__(self, sizes: Sequence[tuple[int, int]] = SIZES) -> None:
        super().__init__()
        self._sizes = sizes
        self._cells: list[tuple[Cell, ...]] = []
        self._muted = ""
        self._cell = (1, 1)
        self._origin = (0, 0)

    def show(self, cells: Sequence[Sequence[Cell]], muted: str, origin: tuple[int, int] = (0, 0)) -> None:
        """Draw `cells` (all rows equally long); `muted` is the colour of the numbers, `origin` the row and column
        of the first cell where only a part of the map is shown."""
        old, self._cells = self._cells, [tuple(row) for row in cells]
        if origin != self._origin:
            self._origin, old = origin, []
        if len(old) != len(self._cells) or muted != self._muted or len(old[0]) != len(self._cells[0]):
            self._muted = muted
            self._measure()
            self.refresh()
            return
        regions = [
            self._region(row, before, now)
            for row, (before, now) in enumerate(zip(old, self._cells, strict=True))
            if before != now
        ]
        if regions:
            self.refresh(*regions)

    def _region(self, row: int, before: Sequence[Cell], now: Sequence[Cell]) -> Region:
        """Where two rows differ, from the first such cell to the last."""
        w, h = self._cell
        changed = [col for col, (old, new) in enumerate(zip(before, now, strict=True)) if old != new]
        left, right = changed[0], changed[-1] + 1
        return Region(MARGIN + left * w, HEADER + row * h, (right - left) * w, h)

    def on_resize(self) -> None:
        self._measure()
        self.post_message(self.Resized())

    def _measure(self) -> None:
        if not self._cells:
            return
        rows, cols = len(self._cells), len(self._cells[0])
        cell = cell_size(rows, cols, self.size.width, self.size.height, self._sizes)
        if cell != self._cell:
            self._cell = cell
            self.refresh()

    def segments(self, y: int) -> list[Segment]:
        if y < HEADER:
            return self._numbers()
        row, line = divmod(y - HEADER, self._cell[1])
        return self._cells_of(row, line) if row < len(self._cells) else []

    def _numbers(self) -> list[Segment]:
        w = self._cell[0]
        first = self._origin[1]
        cols = first + (len(self._cells[0]) if self._cells else 0)
        if w > len(str(cols - 1)):
            names = [centred(str(col), w) for col in range(first, cols)]
        elif w == 2:
            names = [f"{col:<4}" for col in range(first, cols, 2)]  # every other one, or they would touch
        else:
            names = [str(col % 10) for col in range(first, cols)]
        return [Segment(" " * MARGIN + "".join(names), self.inks[self._muted])]

    def _cells_of(self, row: int, line: int) -> list[Segment]:
        w, h = self._cell
        middle = line == (h - 1) // 2
        label = f"{row + self._origin[0]:>2} " if middle else " " * MARGIN
        inks = self.inks
        segments = [Segment(label, inks[self._muted])]
        for cell in self._cells[row]:
            style = inks[f"{cell.style} on {cell.ground}" if cell.ground else cell.style]
            text = cell.fill * w if cell.fill else centred(cell.text, w) if middle else " " * w
            segments.append(Segment(text, style))
        return segments

    def on_click(self, event: events.Click) -> None:
        col, row = (event.x - MARGIN) // self._cell[0], (event.y - HEADER) // self._cell[1]
        if 0 <= row < len(self._cells) and 0 <= col < len(self._cells[0]):
            self.post_message(self.Clicked(row + self._origin[0], col + self._origin[1]))


def centred(text: str, width: int) -> str:
    """`text` in the middle of `width` columns, cut to them; a lone sign in an even width stands left of the middle."""
    text = text[:width]
    left = (width - len(text)) // 2 if len(text) > 1 or width % 2 else (width - 1) // 2
    return " " * left + text + " " * (width - left - len(text))
