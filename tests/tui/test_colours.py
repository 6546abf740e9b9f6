"""Quantities are told apart by their colours wherever there are 16 or more, and by their letters always."""

import re

import pytest
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as TextualColor

from tutor.charts.palette import QUANTITIES, Theme, colour
from tutor.tui.colours import SixteenColours, WithoutColour, colour_system, wants_no_colour
from tutor.tui.theme import THEMES

GROUND = TextualColor(0, 0, 0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_seven_quantities_have_seven_colours_of_sixteen(theme: Theme) -> None:
    drawn = [Segment(name, Style(color=colour(name, theme))) for name in QUANTITIES]
    colours = [segment.style.color for segment in SixteenColours().apply(drawn, GROUND) if segment.style]
    numbers = {each.downgrade(ColorSystem.STANDARD).number for each in colours if each}
    assert len(numbers) == len(QUANTITIES)
    ground = Color.parse(THEMES[theme].background or "").downgrade(ColorSystem.STANDARD).number
    assert ground not in numbers


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_and_seven_of_256(theme: Theme) -> None:
    numbers = {
        Color.parse(colour(name, theme)).downgrade(ColorSystem.EIGHT_BIT).number for name in QUANTITIES
    }
    assert len(numbers) == len(QUANTITIES)


def test_other_colours_are_left_alone() -> None:
    before = [Segment("x", Style(color="#123456", bold=True)), Segment("y")]
    assert SixteenColours().apply(before, GROUND) == before


def test_without_colour_bold_and_reverse_stay() -> None:
    (segment,) = WithoutColour().apply([Segment("x", Style.parse("bold reverse red on blue"))], GROUND)
    assert segment.style == Style.parse("bold reverse")
    assert not re.search("3[0-9]|4[0-9]", segment.style.render("x", color_system=ColorSystem.TRUECOLOR))


@pytest.mark.parametrize(
    ("environment", "system"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "yes"}, "256"),
        ({"TERM": "screen-256color"}, "256"),
        ({"TERM": "xterm-kitty"}, "256"),
        ({"TERM": "xterm"}, "standard"),
        ({"TERM": "linux"}, "standard"),
        ({}, "standard"),
    ],
)
def test_the_colours_are_those_that_the_terminal_says_it_has(
    environment: dict[str, str], system: str
) -> None:
    from rich.console import Console

    assert colour_system(environment) == system
    if "TERM" in environment:  # and Rich, which writes them, sees it the same way
        console = Console(_environ=environment, force_terminal=True)
        assert console.color_system == system


def test_no_color_counts_when_it_says_something() -> None:
    assert wants_no_colour({"NO_COLOR": "1"})
    assert not wants_no_colour({"NO_COLOR": ""})
    assert not wants_no_colour({})
