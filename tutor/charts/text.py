"""Labels made safe to print: no control characters, a known width in cells, an ASCII form."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

_ASCII = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "·": ".", "×": "x", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≈": "~", "…": "...",
     "“": '"', "”": '"', "‘": "'", "’": "'", "±": "+-", "∞": "inf", "‖": "||", "′": "'", "∑": "sum", "Σ": "sum",
     "ϵ": "epsilon", "│": "|", "─": "-"}
)  # fmt: skip


@lru_cache(maxsize=512)
def clean(text: str, ascii: bool = False) -> str:
    """One line of `text` without anything that a terminal would act on (C0, C1, bidirectional marks, surrogates).

    With `ascii`, symbols get a 7-bit form: `γ` becomes `gamma`, `G₀` becomes `G0`, the unknown becomes `?`.
    """
    kept = "".join(
        " " if c in "\t\n\r" else c for c in text if c in "\t\n\r" or unicodedata.category(c)[0] != "C"
    )
    return _to_ascii(kept) if ascii else kept


def _to_ascii(text: str) -> str:
    return "".join(_letter(c) for c in unicodedata.normalize("NFKD", text.translate(_ASCII)))


def _letter(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.combining(character):
        return ""
    name = unicodedata.name(character, "")
    if name.startswith("GREEK") and "LETTER" in name:
        return name.split("LETTER ", 1)[1].split(" ")[0].lower()
    return "?"


def fit(text: str, width: int, ascii: bool = False) -> str:
    """`text` cut to at most `width` cells, with an ellipsis where something is missing."""
    if cell_len(text) <= width:
        return text
    if width <= 3:
        return set_cell_size(text, max(width, 0)).rstrip()
    mark = "..." if ascii else "…"
    return set_cell_size(text, width - len(mark)).rstrip() + mark


def width_of(text: str) -> int:
    """How many terminal cells `text` takes."""
    return cell_len(text)
