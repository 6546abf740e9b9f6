"""A table of samples with one number chosen. It draws what it is given and knows nothing of what a sample is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from textual import events
from textual.message import Message

from tutor.tui.glyphs import Glyphs, glyphs_of
from tutor.tui.widgets.facts import Facts, Line

GUTTER = 2  # columns before a label: the pointer, and the sign of a marked row
AFTER = 2  # columns after the last number: the arrow to further ones


@dataclass(frozen=True)
class Column:
    """name: what it is asked for by. header: what stands above it. stage: number of the stage that makes it. role: of
    its numbers (see `facts`). width: cells that the longest number may take."""

    name: str
    header: str
    stage: int
    role: str = ""
    width: int = 6

    @property
    def cells(self) -> int:
        return max(self.width, len(self.header))


@dataclass(frozen=True)
class Row:
    """label: what the sample is. cells: a text for each column. marked: it stands out."""

    label: Line
    cells: Sequence[str]
    marked: bool = False


class Table(Protocol):
    """Samples with numbers, made in stages, each with a formula. heading: stands above the labels, which are
    `label_width` cells wide."""

    @property
    def stages(self) -> Sequence[str]: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def heading(self) -> str: ...
    @property
    def label_width(self) -> int: ...
    def __len__(self) -> int: ...
    def row(self, index: int) -> Row: ...
    def formula(self, row: int, column: int, width: int) -> Sequence[Line]: ...


@dataclass(frozen=True)
class Window:
    """Which part of a table is in sight: rows and columns from ... up to, without the latter."""

    rows: tuple[int, int] = (0, 0)
    columns: tuple[int, int] = (0, 0)


class SampleTable(Facts):
    """`show_table(table, row, column)` draws it around the chosen number, in as many rows as the widget has.

    A click on a number posts `Chosen`.
    """

    class Chosen(Message):
        """Number `column` of sample `row` was clicked."""

        def __init__(self, row: int, column: int) -> None:
            super().__init__()
            self.row, self.column = row, column

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._table: Table | None = None
        self._window = Window()

    def show_table(self, table: Table, row: int, column: int, width: int, height: int) -> None:
        """width, height: the room, the line of headers included."""
        self._table = table
        self._window = scrolled(table, row, column, width, max(1, height - 1), self._window)
        self.show(table_lines(table, row, column, self._window, glyphs_of(self.app)))

    def on_click(self, event: events.Click) -> None:
        if self._table is None or event.y < 1:
            return
        row = self._window.rows[0] + event.y - 1
        if row < self._window.rows[1]:
            self.post_message(self.Chosen(row, column_at(self._table, self._window, event.x)))


def scrolled(table: Table, row: int, column: int, width: int, height: int, before: Window) -> Window:
    """The window of that room which shows the chosen number and has moved as little as can be."""
    first = min(max(before.rows[0], row - height + 1), row, max(0, len(table) - height))
    left = min(before.columns[0], column)
    room = width - GUTTER - table.label_width - AFTER
    sizes = [each.cells + 1 for each in table.columns]
    while left < column and sum(sizes[left : column + 1]) > room:
        left += 1
    while left and sum(sizes[left - 1 :]) <= room:
        left -= 1
    right = left + 1
    while right < len(sizes) and sum(sizes[left : right + 1]) <= room:
        right += 1
    return Window((first, min(len(table), first + height)), (left, right))


def table_lines(table: Table, row: int, column: int, window: Window, glyphs: Glyphs) -> list[Line]:
    """The headers, then a line a sample: `▸■ 3 (2,0) ↑   −.040 [1.214] …`."""
    lines = [_headers(table, column, window, glyphs)]
    for index in range(*window.rows):
        lines.append(_line(table, index, column if index == row else None, window, glyphs))
    return lines


def _headers(table: Table, column: int, window: Window, glyphs: Glyphs) -> Line:
    """An arrow at either end says that there are more columns there."""
    left, right = window.columns
    stage = table.columns[column].stage
    before = glyphs.arrows[3] if left else " "
    line = [(f"{before:<{GUTTER}}{table.heading.ljust(table.label_width)}", "muted")]
    for each in table.columns[left:right]:
        line += [(f" {each.header.rjust(each.cells)}", "strong" if each.stage == stage else "muted")]
    return [*line, (f" {glyphs.arrows[1]}", "muted")] if right < len(table.columns) else line


def _line(table: Table, index: int, chosen: int | None, window: Window, glyphs: Glyphs) -> Line:
    row, here = table.row(index), chosen is not None
    line: list[tuple[str, str]] = [(glyphs.pointer if here else " ", "accent")]
    line.append((glyphs.check_on if row.marked else " ", "error"))
    used = sum(len(text) for text, _ in row.label)
    line += [*row.label, (" " * (table.label_width - used), "")]
    for place in range(*window.columns):
        column, text = table.columns[place], row.cells[place]
        bracket = chosen is not None and place in (chosen, chosen + 1)  # takes a blank's place
        line.append((" " * (column.cells + 1 - len(text) - bracket), ""))
        line += (
            [("[", "accent"), (text, "strong"), ("]", "accent")] if place == chosen else [(text, column.role)]
        )
    return line


def column_at(table: Table, window: Window, x: int) -> int:
    """The column that cell x of a line belongs to; the first in sight for a label."""
    end = GUTTER + table.label_width
    for place in range(*window.columns):
        end += table.columns[place].cells + 1
        if x < end:
            return place
    return window.columns[1] - 1
