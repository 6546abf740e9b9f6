"""Two terminals that were written apart from each other and from Textual: pyte (Python) and avt (asciinema's, Rust).

Both are asked for the same: each cell's character and what a person sees of its look. A blank's foreground is not seen.
avt gives characters without width a cell of their own, as some terminals do; they are taken out before it reads.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, NamedTuple

import avt
import pyte

LINK = re.compile(r"\x1b\]8;[^;]*;([^\x1b]*)\x1b\\")
NO_WIDTH = re.compile("[\u0300-\u036f\u200d\ufe0f]")


class Cell(NamedTuple):
    """lines: underlined, struck out, reversed: what a blank shows of its pen besides the background."""

    character: str
    background: str
    foreground: str
    lines: tuple[bool, ...]
    weight: tuple[bool, ...]  # bold, dim, italic, blinking
    link: str


def _cell(character: str, background: str, foreground: str, lines: Any, weight: Any, link: str = "") -> Cell:
    if character == " " and not any(lines) and not link:
        foreground, weight = "", ()
    return Cell(character, background, foreground, tuple(lines), tuple(weight), link)


class _LinkScreen(pyte.Screen):
    """A screen that remembers which link each cell was drawn in."""

    link = ""

    def __init__(self, columns: int, rows: int) -> None:
        self.links: dict[tuple[int, int], str] = {}
        super().__init__(columns, rows)

    def draw(self, data: str) -> None:
        # One at a time where pyte would drop what follows a character that it does not know.
        for piece in data if NO_WIDTH.search(data) else [data]:
            y, x = self.cursor.y, min(self.cursor.x, self.columns - 1)
            super().draw(piece)
            if self.link or self.links:
                self.links.update(((y, column), self.link) for column in range(x, self.cursor.x))


class Pyte:
    def __init__(self, columns: int, rows: int) -> None:
        self.screen = _LinkScreen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        self.feed("\x1b[?7l")

    def feed(self, text: str) -> None:
        pieces = LINK.split(text)
        for plain, link in zip(pieces[::2], [*pieces[1::2], None], strict=True):
            self.stream.feed(plain)
            if link is not None:
                self.screen.link = link

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self.screen.links.clear()

    def kept(self, y: int) -> object:
        """All that row `y` is made of, as this terminal keeps it: rows that are kept alike are alike in every cell."""
        columns = range(self.screen.columns)
        line, links = self.screen.buffer[y], self.screen.links
        return [line[x] for x in columns], [links.get((y, x), "") for x in columns] if links else None

    def row(self, y: int) -> list[Cell]:
        line, links = self.screen.buffer[y], self.screen.links
        return [self._cell(line[x], links.get((y, x), "")) for x in range(self.screen.columns)]

    def cells(self) -> list[list[Cell]]:
        return [self.row(y) for y in range(self.screen.lines)]

    def _cell(self, c: Any, link: str) -> Cell:
        lines, weight = (c.underscore, c.strikethrough, c.reverse), (c.bold, c.italics, c.blink)
        return _cell(unicodedata.normalize("NFC", c.data), c.bg, c.fg, lines, weight, link)


class Avt:
    def __init__(self, columns: int, rows: int) -> None:
        self.terminal = avt.Vt(columns, rows)
        self.size = columns, rows
        self.feed("\x1b[?7l")

    def feed(self, text: str) -> None:
        self.terminal.feed_str(NO_WIDTH.sub("", text))

    def resize(self, columns: int, rows: int) -> None:
        self.terminal.resize(columns, rows)
        self.size = columns, rows

    def kept(self, y: int) -> object:
        return self.terminal[y].cells

    def row(self, y: int) -> list[Cell]:
        row = self.terminal[y]
        return [self._cell(row[x]) for x in range(self.size[0])]

    def cells(self) -> list[list[Cell]]:
        return [self.row(y) for y in range(self.size[1])]

    def _cell(self, cell: Any) -> Cell:
        pen = cell.pen
        lines = (pen.underline, pen.strikethrough, pen.inverse)
        weight = (pen.bold, pen.faint, pen.italic, pen.blink)
        return _cell(cell.char, str(pen.background), str(pen.foreground), lines, weight)


EMULATORS: tuple[Callable[[int, int], Pyte | Avt], ...] = (Pyte, Avt)
