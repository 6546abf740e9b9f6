"""Alphabets, marks and small letters: what Unicode has of them."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER = _UPPER.lower()
_DIGITS = "0123456789"


def _alphabet(upper: int, lower: int, digits: int = 0, **exceptions: str) -> dict[str, str]:
    table = {char: chr(upper + at) for at, char in enumerate(_UPPER)} if upper else {}
    table |= {char: chr(lower + at) for at, char in enumerate(_LOWER)} if lower else {}
    table |= {char: chr(digits + at) for at, char in enumerate(_DIGITS)} if digits else {}
    return table | exceptions


_SCRIPT = _alphabet(
    0x1D49C, 0x1D4B6, B="ℬ", E="ℰ", F="ℱ", H="ℋ", I="ℐ", L="ℒ", M="ℳ", R="ℛ", e="ℯ", g="ℊ", o="ℴ"
)

# By the LaTeX command that changes the letters.
ALPHABETS: dict[str, dict[str, str]] = {
    "mathbb": _alphabet(0x1D538, 0x1D552, 0x1D7D8, C="ℂ", H="ℍ", N="ℕ", P="ℙ", Q="ℚ", R="ℝ", Z="ℤ"),
    "mathcal": _SCRIPT,
    "mathscr": _SCRIPT,
    "mathfrak": _alphabet(0x1D504, 0x1D51E, C="ℭ", H="ℌ", I="ℑ", R="ℜ", Z="ℨ"),
    "mathbf": _alphabet(0x1D400, 0x1D41A, 0x1D7CE),
}
ALPHABETS |= {"boldsymbol": ALPHABETS["mathbf"], "bm": ALPHABETS["mathbf"], "mathds": ALPHABETS["mathbb"]}
ALPHABETS |= {"mathbbm": ALPHABETS["mathbb"], "symbf": ALPHABETS["mathbf"], "Bbb": ALPHABETS["mathbb"]}

SUPERSCRIPTS = dict(
    zip(
        "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ",
        strict=True,
    )
)
SUBSCRIPTS = dict(
    zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)
# Signs that are high by themselves, so that nothing needs raising.
RAISED = {"′": "′", "″": "″", "‴": "‴", "*": "*", "∗": "*", "⋆": "⋆", "†": "†", "∘": "°", "°": "°", "⊤": "ᵀ"}

# LaTeX name of a mark: its combining character, and the name that the ASCII form gives it.
MARKS: dict[str, tuple[str, str]] = {
    "hat": ("\u0302", "hat"),
    "widehat": ("\u0302", "hat"),
    "tilde": ("\u0303", "tilde"),
    "widetilde": ("\u0303", "tilde"),
    "bar": ("\u0304", "bar"),
    "overline": ("\u0305", "bar"),
    "underline": ("\u0332", "under"),
    "dot": ("\u0307", "dot"),
    "ddot": ("\u0308", "ddot"),
    "check": ("\u030c", "check"),
    "widecheck": ("\u030c", "check"),
    "breve": ("\u0306", "breve"),
    "acute": ("\u0301", "acute"),
    "grave": ("\u0300", "grave"),
    "mathring": ("\u030a", "ring"),
    "vec": ("\u20d7", "vec"),
    "overrightarrow": ("\u20d7", "vec"),
}


def raised(text: str) -> str | None:
    """`text` in small high letters; None unless Unicode has every one (words in capitals read better on the line)."""
    if all(char in RAISED for char in text):
        return "".join(RAISED[char] for char in text)
    body = text.rstrip("′″‴")
    if any(a.isupper() and b.isupper() for a, b in pairwise(body)):
        return None
    return _translate(body, SUPERSCRIPTS, text[len(body) :])


def lowered(text: str) -> str | None:
    """`text` in small low letters; None unless Unicode has every one."""
    return _translate(text, SUBSCRIPTS, "")


def _translate(text: str, table: dict[str, str], tail: str) -> str | None:
    small = [table.get(char) for char in text]
    return "".join(char for char in small if char) + tail if None not in small else None


def marked(text: str, mark: str) -> str:
    """One character with a mark over it, composed where Unicode has the pair as one."""
    return unicodedata.normalize("NFC", text + MARKS[mark][0])
