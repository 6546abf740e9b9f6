"""Letters and numbers of the lab inside PPO, in Unicode and in ASCII."""

from dataclasses import dataclass

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import number, symbol
from tutor.tui.labs.value_map import plain

ROUNDING = 1e-12


@dataclass(frozen=True)
class Signs:
    """Letters that ASCII lacks."""

    delta: str = "δ"
    gamma: str = "γ"
    lambda_: str = "λ"
    epsilon: str = "ε"
    pi: str = "π"
    weight: str = "Â"
    partial: str = "∂"
    sum: str = "Σ"
    times: str = "·"
    to: str = "→"
    prime: str = "′"
    bar: str = "▇"


UNICODE_SIGNS = Signs()
ASCII_SIGNS = Signs(
    "delta", "gamma", "lambda", "eps", "pi", "Anorm", "d", "sum", "*", "->", "'", "="
)  # `weight` is the advantage as it is used


def signs_of(glyphs: Glyphs) -> Signs:
    return UNICODE_SIGNS if glyphs.sub_digits else ASCII_SIGNS


def num(value: float, glyphs: Glyphs) -> str:
    """`−.04`, `1.214`, `0`: four digits, as the field writes them; what rounding left is 0."""
    text = number(value if abs(value) > ROUNDING else 0.0, glyphs)
    sign = glyphs.minus if text.startswith(glyphs.minus) else ""
    digits = text.removeprefix(sign)
    return sign + (digits[1:] if digits.startswith("0.") else digits)


def factor(value: float, glyphs: Glyphs) -> str:
    """A number after a sign: a negative one in parentheses."""
    text = num(value, glyphs)
    return f"({text})" if value < 0 and text != "0" else text


def cell(value: float, decimals: int, width: int, glyphs: Glyphs) -> str:
    """The number with as many of the decimals as fit: `−.040`, `1.214`, `−13.0`."""
    for places in range(decimals, -1, -1):
        text = plain(value, places, glyphs)
        if len(text) <= width:
            return text
    return f"{value:.0e}".replace("e+0", "e").replace("-", glyphs.minus)


def at(letter: str, index: int, glyphs: Glyphs) -> str:
    """`δ₃`, in ASCII `delta_3`."""
    return symbol(letter, index, glyphs)
