"""Textual's strips as rows of cells."""

import re
from functools import lru_cache
from sys import intern

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

from tutor.tui.glyphs import NARROW
from tutor.tui.wire.pens import Pen, Pens
from tutor.tui.wire.shown import UNKNOWN, Row

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
LARGEST = 8192  # remembered looks


class Looks:
    """The pens of Rich's styles in one colour system (`Style._ansi` is of whichever system came first)."""

    def __init__(self, pens: Pens, colours: ColorSystem) -> None:
        self._pens = pens
        self._colours = colours
        self._numbers: dict[object, int] = {}

    def number(self, style: Style | None) -> int:
        if style is None:
            return 0
        look = style._color, style._bgcolor, style._attributes & style._set_attributes, style._link
        number = self._numbers.get(look)
        if number is None:
            if len(self._numbers) >= LARGEST:
                self._numbers.clear()
            number = self._numbers[look] = self._pens.number(self._pen(style))
        return number

    def _pen(self, style: Style) -> Pen:
        foreground, background = (
            ";".join(colour.downgrade(self._colours).get_ansi_codes(front)) if colour else ""
            for colour, front in ((style.color, True), (style.bgcolor, False))
        )
        return Pen(
            style._attributes & style._set_attributes,
            "" if foreground == "39" else foreground,
            "" if background == "49" else background,
            "".join(filter(str.isprintable, style.link or "")),
        )

    def cells(self, strip: Strip) -> tuple[str, Row] | None:
        """The cells of a strip, and marks before them that belong to the cell on its left (Textual may cut between the
        two); None when it has control segments, of which nobody knows what they draw.
        """
        drawn: list[str] = []
        pens: list[int] = []
        before, blanks = "", self._pens.blanks
        for text, style, control in strip:
            if control:
                return None
            marks, graphemes = ("", text) if text.isascii() and text.isprintable() else _graphemes(text)
            if marks and not add_marks(drawn, marks):
                before += marks
            pen = self.number(style)
            blank = blanks[pen]
            drawn += graphemes
            if blank == pen or " " not in text:
                pens += [pen] * len(graphemes)
            else:
                pens += [blank if grapheme == " " else pen for grapheme in graphemes]
        return before, Row(drawn, pens)


def add_marks(graphemes: list[str], marks: str, end: int | None = None) -> bool:
    """Put marks on the last character before column `end`, unless it has them; False when there is none."""
    for x in reversed(range(len(graphemes) if end is None else end)):
        if graphemes[x] == UNKNOWN:
            return False
        if graphemes[x]:
            if not graphemes[x].endswith(marks):
                graphemes[x] += marks
            return True
    return False


@lru_cache(maxsize=512)
def _graphemes(text: str) -> tuple[str, tuple[str, ...]]:
    """Marks at the beginning of `text`, and its graphemes, "" after each wide one. Control characters are left out: the
    text of a cell never steers the terminal.
    """
    if NARROW.fullmatch(text):
        return "", tuple(map(intern, text))
    text = CONTROLS.sub("", text)
    marks, cells = "", []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += [intern(text[start:end]), *[""] * (width - 1)]  # one string for all cells of a sign
        else:
            marks += text[start:end]
    return marks, tuple(cells)
