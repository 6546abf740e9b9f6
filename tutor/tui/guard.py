"""The last guard before the terminal: no control character goes out, and in ASCII mode nothing but ASCII.

Whatever a widget draws, a course holds or a learner typed or pasted.
"""

import re
import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tutor.tui.glyphs import ASCII, UNICODE

_GLYPHS = (
    "arrows",
    "done",
    "wrong",
    "check",
    "check_on",
    "radio_on",
    "full",
    "empty",
    "bar",
    "wall",
    "radio",
)
_SIGNS = {
    **{
        sign: plain
        for name in _GLYPHS
        for sign, plain in zip(getattr(UNICODE, name), getattr(ASCII, name), strict=True)
    },
    "·": ".", "•": "*", "…": "~", "−": "-", "–": "-", "—": "-", "×": "x", "÷": "/", "≤": "<", "≥": ">", "≈": "~",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "─": "-", "│": "|", "┃": "|",
    "▸": ">", "▫": ",", "█": "#", "γ": "g", "α": "a", "β": "b", "ε": "e", "λ": "l", "π": "p", "θ": "t", "δ": "d",
    "σ": "s", "μ": "m",
}  # fmt: skip


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


class Guard(LineFilter):
    """Control characters become blanks; with `ascii_only` each sign beyond ASCII one like it, or `?`, of its width."""

    ascii_only = False

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        if self._may_pass("".join([text for text, _, _ in segments])):
            return segments
        return [segment if self._may_pass(segment.text) else self._cleaned(segment) for segment in segments]

    def _may_pass(self, text: str) -> bool:
        return (text.isascii() or not self.ascii_only) and not _CONTROLS.search(text)

    def _cleaned(self, segment: Segment) -> Segment:
        if segment.control:
            return segment
        text = without_controls(segment.text)
        return segment._replace(text=plain(text) if self.ascii_only else text)


def without_controls(text: str) -> str:
    """The text with a blank for each control character."""
    return _CONTROLS.sub(" ", text)


def plain(text: str) -> str:
    """The text in ASCII, as many cells wide."""
    return "".join(sign if sign.isascii() else _plain(sign) for sign in text)


@lru_cache(2048)
def _plain(sign: str) -> str:
    width = get_character_cell_size(sign)
    near = _SIGNS.get(sign) or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return near if len(near) == width else "?" * width
