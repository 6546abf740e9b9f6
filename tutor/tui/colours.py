"""What colours the terminal takes, and drawing without any (NO_COLOR, https://no-color.org)."""

import os
from collections.abc import Mapping

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tutor.charts.palette import Quantity, Theme, colour

MOST_STYLES = 4096
SYSTEMS = {"truecolor": "16 million", "256": "256", "standard": "16"}  # Rich's names, and how many that is


def wants_no_colour(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether NO_COLOR is set, and to something."""
    return bool(environment.get("NO_COLOR"))


def colour_system(environment: Mapping[str, str] = os.environ) -> str:
    """A key of SYSTEMS: COLORTERM says truecolor, TERM 256color (or a terminal known to have them); else 16."""
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return "truecolor"
    term = environment.get("TERM", "").strip().lower()
    return "256" if term.rpartition("-")[2] in ("256color", "kitty") else "standard"


class WithoutColour(LineFilter):
    """Takes every colour away and leaves bold, underlined and reversed as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            Segment(text, style.without_color if style else style, control)
            for text, style, control in segments
        ]


# Where a terminal has 16 colours, the nearest ones would give several quantities the same: these are told apart.
_SIXTEEN: dict[Theme, dict[Quantity, str]] = {
    "dark": {
        "state": "bright_cyan", "action": "yellow", "reward": "bright_yellow", "return": "bright_green",
        "policy": "bright_magenta", "advantage": "bright_red", "kl": "bright_blue",
    },
    "light": {
        "state": "cyan", "action": "yellow", "reward": "bright_black", "return": "green",
        "policy": "magenta", "advantage": "red", "kl": "blue",
    },
}  # fmt: skip


class SixteenColours(LineFilter):
    """Gives each quantity the one of 16 colours kept for it; of the rest Rich takes the nearest."""

    def __init__(self) -> None:
        super().__init__()
        self._colours = {
            colour(quantity, theme): RichColor.parse(name)
            for theme, names in _SIXTEEN.items()
            for quantity, name in names.items()
        }
        self._styles: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            Segment(text, self._style(style) if style else style, control)
            for text, style, control in segments
        ]

    def _style(self, style: Style) -> Style:
        if style not in self._styles:
            if len(self._styles) > MOST_STYLES:
                self._styles.clear()
            ink = style.color.triplet if style.color else None
            kept = self._colours.get(ink.hex) if ink else None
            self._styles[style] = style + Style(color=kept) if kept else style
        return self._styles[style]
