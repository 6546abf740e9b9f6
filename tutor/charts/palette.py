"""One colour per quantity, everywhere and always.

The hues are those of Okabe and Ito (Color Universal Design, 2008), safe for colour-blind eyes. Each is made lighter or
darker until it can be read as text: a contrast of at least 4.5 (WCAG 2, AA) against #111111 and #ffffff. On the light
ground they were moved apart, too, so that they stay different where a terminal has 256 colours.
"""

from typing import Literal, get_args

Quantity = Literal["state", "action", "reward", "return", "policy", "advantage", "kl"]
Theme = Literal["dark", "light"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)

_COLOURS: dict[Theme, dict[Quantity, str]] = {
    "dark": {
        "state": "#56b4e9",
        "action": "#e69f00",
        "reward": "#f0e442",
        "return": "#2fc79a",
        "policy": "#d98bb9",
        "advantage": "#f0762b",
        "kl": "#6f9bff",
    },
    "light": {
        "state": "#1b77ab",
        "action": "#af5f00",
        "reward": "#666400",
        "return": "#007d5b",
        "policy": "#a8487f",
        "advantage": "#b01e00",
        "kl": "#0062a3",
    },
}
_WARM: tuple[Quantity, ...] = ("action", "reward", "advantage")
_INK: dict[Theme, dict[str, str]] = {
    "dark": {"text": "#e4e4e4", "muted": "#9a9a9a", "faint": "#555555", "ground": "#111111"},
    "light": {"text": "#1c1c1c", "muted": "#636363", "faint": "#b4b4b4", "ground": "#ffffff"},
}


def colour(quantity: Quantity, theme: Theme = "dark") -> str:
    """The quantity's colour as `#rrggbb`, for a dark or a light ground."""
    return _COLOURS[theme][quantity]


def ink(role: Literal["text", "muted", "faint", "ground"], theme: Theme = "dark") -> str:
    """The colour of what is no quantity: text, tick labels (muted), zero line (faint), and the ground itself."""
    return _INK[theme][role]


def variant(quantity: Quantity, theme: Theme, index: int) -> str:
    """A colour for curve number `index` of several that show the same quantity: its own, the text's, and a third that
    is warm where its own is cold. Shades of one hue cannot be told apart on thin lines."""
    third: Quantity = "state" if quantity in _WARM else "action"
    return (colour(quantity, theme), ink("text", theme), colour(third, theme))[min(index, 2)]


def mix(first: str, second: str, share: float) -> str:
    """`first` with `share` (0 to 1) of `second` mixed in."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def rgb(hexadecimal: str) -> tuple[int, int, int]:
    """`#rrggbb` as three numbers from 0 to 255."""
    number = int(hexadecimal[1:], 16)
    return number >> 16, number >> 8 & 255, number & 255
