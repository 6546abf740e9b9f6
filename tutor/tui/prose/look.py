"""How prose is drawn, and what may never be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

QUANTITIES = ("state", "action", "reward", "return", "policy", "advantage", "kl")

# C0 and C1 controls except newline, marks that reorder text, lone surrogates: none of them reaches a terminal.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

_ASCII = str.maketrans(
    {
        "–": "-", "—": "--", "−": "-", "·": ".", "•": "-", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "«": '"',
        "»": '"', "×": "x", "÷": "/", "±": "+-", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "→": "->", "←": "<-",
        "↑": "^", "↓": "v", "∞": "inf", "√": "sqrt", "∑": "sum", "∈": "in", "✓": "+", "✗": "x", "′": "'", "\u00a0": " ",
        "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "eps", "ϵ": "eps", "θ": "theta", "λ": "lambda",
        "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ω": "omega",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """ascii: plain signs. latex: show formulas as their source. colours: quantity -> hex (none: no colour)."""

    ascii: bool = False
    latex: bool = False
    colours: Mapping[str, str] = field(default_factory=dict, hash=False)


def clean(text: str) -> str:
    """The text without anything that could move a cursor; tabs become four spaces."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))


def to_ascii(text: str) -> str:
    """Common typographic and Greek signs in ASCII; letters of other scripts stay as they are."""
    return text.translate(_ASCII)
