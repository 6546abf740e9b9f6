"""Letters of the policy-gradient lab, in Unicode and in ASCII."""

from dataclasses import dataclass

from tutor.tui.glyphs import Glyphs


@dataclass(frozen=True)
class Signs:
    """Letters that ASCII lacks."""

    alpha: str = "α"
    gamma: str = "γ"
    lambda_: str = "λ"
    delta: str = "δ"
    change: str = "Δθ"
    pi: str = "π"
    grad: str = "∇ log π"
    to: str = "→"
    times: str = "·"
    more: str = "…"


UNICODE_SIGNS = Signs()
ASCII_SIGNS = Signs("alpha", "g", "lam", "d", "d theta", "pi", "grad log pi", "->", "*", "...")


def signs_of(glyphs: Glyphs) -> Signs:
    return UNICODE_SIGNS if glyphs.sub_digits else ASCII_SIGNS
