"""One colour per quantity in rendered formulas: Sₜ, Aₜ, Rₜ₊₁, Gₜ, π, Âₜ, KL keep the hue they have in the plots."""

import re
from collections.abc import Iterator
from functools import lru_cache

from textual.content import Span

from tutor.tui.prose.look import Look

# Subscripts, superscripts, primes, and the forms that stay on the line: _x, _{…}, ^x, ^{…}.
_SCRIPT = r"(?:[₀-ₜᵢ-ᵥⱼ⁰-ⁿᵏᵗᵐᵃ-ᵡ²³¹′″']|\u0302|[_^](?:\{[^{}]{0,40}\}|\([^()]{0,20}\)|\w{1,12}))*"
_LETTER = "A-Za-zА-Яа-яё"  # of words; a Greek letter before a symbol is its factor: γRₜ
_ALONE, _END = rf"(?<![{_LETTER}\\])", rf"(?![{_LETTER}])"
_PATTERNS = (
    ("kl", rf"{_ALONE}(?:D[_{{]*KL\}}?|KL){_END}"),
    ("advantage", rf"{_ALONE}(?:Â|A\u0302){_SCRIPT}{_END}|{_ALONE}A(?=\^|_?\{{?π|\(){_SCRIPT}{_END}"),
    ("policy", rf"{_ALONE}π{_SCRIPT}{_END}|{_ALONE}r[ₜ]?(?:_t)?(?=\((?:θ|theta)\))"),
    ("state", rf"{_ALONE}[Ss]{_SCRIPT}{_END}"),
    ("action", rf"{_ALONE}[Aa]{_SCRIPT}{_END}"),
    ("reward", rf"{_ALONE}[Rr]{_SCRIPT}{_END}"),
    ("return", rf"{_ALONE}[GVQJvq]{_SCRIPT}{_END}"),
)
_FORMULA = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))
_WORDS = {
    "state": "state", "states": "state", "action": "action", "actions": "action", "reward": "reward",
    "rewards": "reward", "return": "return", "returns": "return", "value": "return", "values": "return",
    "policy": "policy", "policies": "policy", "advantage": "advantage", "advantages": "advantage", "kl": "kl",
}  # fmt: skip


@lru_cache(maxsize=2048)
def quantities(formula: str) -> tuple[tuple[int, int, str], ...]:
    """(start, end, quantity) of every symbol of the rendered formula that stands for a quantity."""
    return tuple(_found(formula))


def _found(formula: str) -> Iterator[tuple[int, int, str]]:
    for match in _FORMULA.finditer(formula):
        if match.lastgroup is not None:
            yield match.start(), match.end(), match.lastgroup


def formula_spans(formula: str, look: Look, offset: int = 0) -> list[Span]:
    """Colour spans of a rendered formula that begins at `offset`."""
    return [
        Span(offset + start, offset + end, look.colours[quantity])
        for start, end, quantity in quantities(formula)
        if quantity in look.colours
    ]


def word_quantity(word: str) -> str:
    """The quantity that a word in bold names (`**reward**`), or nothing."""
    return _WORDS.get(word.strip().lower(), "")
