"""What the terminal shows, and the text that makes it show something else: cells in, control sequences out."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from tutor.tui.wire.pens import Pens

UNKNOWN = "\0"  # a cell of which nobody knows what it shows
LONGEST_GAP = 8  # cells: over more unchanged ones the cursor moves
# Wide characters of whose width terminals are of one mind: Hangul, CJK, kana, full-width forms.
WIDE = (
    (0x1100, 0x115F), (0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF01, 0xFF60),
    (0xFFE0, 0xFFE6), (0x20000, 0x3FFFD),
)  # fmt: skip
EMOJI = range(0x1F000, 0x20000)


class Row(NamedTuple):
    """One row of cells: graphemes ("" is the second half of a wide one) and the number of each one's pen."""

    graphemes: list[str]
    pens: list[int]


class Shown:
    """A terminal of `width` x `height` cells, of which nothing is known at first.

    `show` and `raw` write, `take` gives what they wrote. Between two frames the pen is the plain one, the cursor
    anywhere.
    """

    def __init__(self, width: int, height: int, pens: Pens) -> None:
        self.width, self.height = width, height
        self._pens = pens
        self._rows = [Row([UNKNOWN] * width, [0] * width) for _ in range(height)]
        self._text: list[str] = []
        self._y = self._x = -1  # the cursor; x is -1 where it is not known
        self._pen = 0

    def row(self, y: int) -> Row:
        """A copy of what row `y` shows, to change and to hand to `show`."""
        row = self._rows[y]
        return Row(row.graphemes.copy(), row.pens.copy())

    def show(self, y: int, row: Row) -> bool:
        """Write what makes row `y` show `row`; whether halves of wide characters had to be blanked for it."""
        old = self._rows[y]
        if old == row:
            return False
        mended = ("" in old.graphemes or "" in row.graphemes) and _blank_halves(row.graphemes)
        self._rows[y] = row
        columns = [x for x, (a, b, c, d) in enumerate(zip(*old, *row, strict=True)) if a != c or b != d]
        if any(map(reach, {*old.graphemes, *row.graphemes})):
            for x in _spoilt(old, row, columns):
                self._run(y, x, x + 1, row, disputed=reach(row.graphemes[x]) > 0)
        else:
            for start, end in self._runs(columns, row):
                self._run(y, start, end, row)
        return mended

    def raw(self, y: int, x: int, text: str, width: int) -> None:
        """Write `text` as it is at a place; what its `width` cells show is not known afterwards."""
        self._text += [self._pens.change(self._pen, 0) if self._pen else "", _place(y, x), text, "\x1b[m"]
        self._pen, self._y = 0, -1
        row = self._rows[y]
        for column in range(max(0, x), min(x + width, self.width)):
            row.graphemes[column] = UNKNOWN

    def take(self) -> str:
        """The text of everything since the last call; empty when nothing changed."""
        if self._pen:
            self._text.append(self._pens.change(self._pen, 0))
        text = "".join(self._text)
        self._text.clear()
        self._y, self._pen = -1, 0
        return text

    def _runs(self, columns: list[int], row: Row) -> Iterator[tuple[int, int]]:
        """The columns as runs [start, end) that one pen draws."""
        graphemes, pens = row
        start = end = pen = blank = -1
        for x in columns:
            if x == end and (pens[x] == pen or (pens[x] == blank and graphemes[x] == " ")):
                end += 1
                continue
            if end > start:
                yield start, end
            start, end, pen = x, x + 1, pens[x]
            blank = self._pens.blanks[pen]
        if end > start:
            yield start, end

    def _run(self, y: int, start: int, end: int, row: Row, *, disputed: bool = False) -> None:
        """Write the cells [start, end), which one pen draws; one alone if its width is disputed."""
        text, pen = "".join(row.graphemes[start:end]), row.pens[start]
        if text in ("", UNKNOWN):
            return
        if self._y != y or self._x != start:
            self._go(y, start, row)
        if pen != self._pen and not self._draws(text, pen):
            self._text.append(self._pens.change(self._pen, pen))
            self._pen = pen
        if end < self.width and row.graphemes[end] == "":
            end += 1
        if disputed:  # where it is drawn narrower, no old half stays beside it
            self._text += [" " * (end - start), _place(y, start), text]
            self._x = -1
        else:
            self._text.append(text)
            self._x = end if end < self.width else -1  # at the edge it waits, here or there

    def _draws(self, text: str, pen: int) -> bool:
        """Whether the present pen draws `text` as `pen` would."""
        return pen == self._pen or (self._pens.blanks[self._pen] == pen and not text.strip(" "))

    def _go(self, y: int, x: int, row: Row) -> None:
        """Move the cursor, or write once more what is in between, where that is shorter."""
        move = self._move(y, x)
        if y == self._y and 0 <= self._x < x <= self._x + LONGEST_GAP:
            gap = row.graphemes[self._x : x]
            if all(map(self._draws, gap, row.pens[self._x : x])) and not any(map(reach, gap)):
                again = "".join(gap)
                if UNKNOWN not in gap and len(again.encode()) <= len(move):
                    move = again
        self._text.append(move)
        self._y, self._x = y, x

    def _move(self, y: int, x: int) -> str:
        if self._x >= 0 and y == self._y and x > self._x:
            return f"\x1b[{_count(x - self._x)}C"
        if self._x == x and y > self._y >= 0:
            return f"\x1b[{_count(y - self._y)}B"
        return _place(y, x)


def _count(number: int) -> str:
    return str(number) if number > 1 else ""


def _place(y: int, x: int) -> str:
    """The cursor put at row `y`, column `x` (from 0)."""
    if x:
        return f"\x1b[{y + 1};{x + 1}H"
    return f"\x1b[{_count(y + 1)}H"


@lru_cache(maxsize=4096)
def reach(grapheme: str) -> int:
    """How many cells from its own on may look otherwise than we think once it is drawn; 0 if its width is undisputed.

    Emoji, and whatever is composed of several code points, is one, two or more cells wide as each terminal likes.
    """
    if len(grapheme) < 2:
        code = ord(grapheme or " ")
        if code not in EMOJI and (cell_len(grapheme) < 2 or any(a <= code <= b for a, b in WIDE)):
            return 0
    return 2 * len(grapheme) + 1


def _spoilt(old: Row, new: Row, different: list[int]) -> list[int]:
    """The columns that differ, and those that a character of disputed width, drawn or gone, may have spoilt."""
    end, columns, wanted = 0, [], set(different)
    for x in range(len(new.graphemes)):
        if x < end or x in wanted:
            columns.append(x)
            end = max(end, x + reach(old.graphemes[x]), x + reach(new.graphemes[x]))
    return columns


def _blank_halves(graphemes: list[str]) -> bool:
    """Put blanks, as terminals do, where one half of a wide character was drawn over; whether there were any."""
    mended, head = False, False
    for x, grapheme in enumerate(graphemes):
        followed = x + 1 < len(graphemes) and graphemes[x + 1] == ""
        wide = grapheme not in ("", UNKNOWN) and cell_len(grapheme) > 1
        if (grapheme == "" and not head) or (wide and not followed):
            graphemes[x] = " "
            mended, wide = True, False
        head = wide
    return mended
