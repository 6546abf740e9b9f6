"""What colours the terminal takes, and drawing without any (NO_COLOR, https://no-color.org)."""

import os
from collections.abc import Mapping

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

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
