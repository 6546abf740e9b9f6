"""The last guard of ASCII mode: whatever text a widget draws, a course holds or a learner typed, ASCII goes out."""

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


class AsciiOnly(LineFilter):
    """Each sign beyond ASCII becomes one like it, or `?`, of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.text.isascii() else segment._replace(text=plain(segment.text))
            for segment in segments
        ]


def plain(text: str) -> str:
    """The text in ASCII, as many cells wide."""
    return "".join(sign if sign.isascii() else _plain(sign) for sign in text)


@lru_cache(2048)
def _plain(sign: str) -> str:
    width = get_character_cell_size(sign)
    near = _SIGNS.get(sign) or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return near if len(near) == width else "?" * width
