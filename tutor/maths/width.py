"""Terminal cells: how wide a text is, and how to make any text safe to print."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_UNPRINTABLE = frozenset({"Cc", "Cs", "Cn", "Co"})
_INVISIBLE = frozenset({"Cf", "Zl", "Zp"})
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """Cells that `text` takes in a terminal; never less than what wcwidth says for text from `clean`."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


@lru_cache(maxsize=4096)
def _clean_char(char: str) -> str:
    if char.isspace():
        return " "
    category = unicodedata.category(char)
    if category in _INVISIBLE or ord(char) in _VARIATION_SELECTORS:
        return ""
    return "\N{REPLACEMENT CHARACTER}" if category in _UNPRINTABLE else char


def clean(text: str) -> str:
    """One line without control, invisible or unassigned characters; every kind of space becomes a space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_clean_char, text))


_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_LATIN = "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch ' y ' e yu ya"
_CYRILLIC = dict(zip(_RUSSIAN, _LATIN.split(), strict=True))


def _ascii_char(char: str) -> str:
    if char.isascii():
        return char
    if char.lower() in _CYRILLIC:
        low = _CYRILLIC[char.lower()]
        return low if char.islower() else low.capitalize()
    return unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode() or "?"


def to_ascii(text: str) -> str:
    """`text` in 7 bits: accents dropped, Cyrillic transliterated, `?` for what has no likeness."""
    return text if text.isascii() else "".join(map(_ascii_char, unicodedata.normalize("NFC", text)))


def chop(text: str, limit: int) -> tuple[str, str]:
    """The longest beginning of at most `limit` >= 1 cells, and the rest; a character wider than that becomes `?`."""
    cells = 0
    for at, char in enumerate(text):
        cells += _char_width(char)
        if cells > limit:
            return (text[:at], text[at:]) if at else ("?", text[1:])
    return text, ""
