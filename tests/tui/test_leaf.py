"""What leaves paint past Textual's cache of dressed rows is what that would paint."""

from collections.abc import Iterator

import pytest
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.harness import LARGE, SMALL, make_app, shipped_course
from tutor.tui.app import TutorApp
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.leaf import Leaf
from tutor.tui.widgets.title import GAP, TitleLine

KEYS = ("right", "up", "p", "escape", "space", "s", "n", "u", "question_mark", "escape", "o", "escape", "0")


def cells(strips: list[Strip]) -> list[list[tuple[str, Style | None]]]:
    """Signs and how they look; where the mouse is (meta) is not to be seen."""
    return [
        [(sign, style and style.clear_meta_and_links()) for text, style, _ in strip for sign in text]
        for strip in strips
    ]


def leaves(app: TutorApp) -> Iterator[Leaf]:
    shown = app.screen._compositor.visible_widgets
    return (widget for widget in shown if isinstance(widget, Leaf))


def assert_as_textual(app: TutorApp) -> None:
    """Twice of each leaf: whole, and all but its first column."""
    for leaf in leaves(app):
        leaf._styles_cache.clear()
        for crop in (leaf.size.region, Region(1, 0, leaf.size.width - 1, leaf.size.height)):
            mine, theirs = leaf.render_lines(crop), Widget.render_lines(leaf, crop)
            assert cells(mine) == cells(theirs), leaf


@pytest.mark.parametrize("lab", ["gridworld", "values", "bandit"])
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_rows_are_those_of_textual(lab: str, size: tuple[int, int]) -> None:
    app = make_app(shipped_course(), open_first=("lab", lab, None))
    async with app.run_test(size=size) as pilot:
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause()
            assert_as_textual(app)
        app.theme = "rl-light"
        await pilot.pause()
        assert_as_textual(app)
        await pilot.resize_terminal(60, 18)
        await pilot.pause()
        assert_as_textual(app)


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "xterm"), ("TERM", "linux")])
async def test_filters_see_what_they_see_in_textual(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are made of styles that have been through the filters; Textual puts each row through them."""
    monkeypatch.setenv(variable, value)
    app = make_app(shipped_course(), open_first=("lab", "gridworld", None))
    async with app.run_test(size=SMALL) as pilot:
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause()
            assert_as_textual(app)


async def test_a_title_that_fits_is_the_one_that_is_laid_out() -> None:
    app = make_app(shipped_course())
    async with app.run_test(size=SMALL) as pilot:
        title = TitleLine("left 日 part", "γ right")
        await app.screen.mount(title)
        await pilot.pause()
        for width in range(3, 50):
            title._ground = title._look()._replace(size=Size(width, 1))
            whole = title._whole()
            assert bool(whole) == (width >= 1 + 12 + GAP + 7 + 1)
            if whole:
                laid_out = title.segments_of(title._line(width - 2).pad(1, 1))
                assert cells([Strip(whole)]) == cells([Strip(laid_out)])


DRESSES = (
    "padding: 0 1",
    "border: solid red",
    "opacity: 0.5",
    "text-opacity: 0.5",
    "tint: red 20%",
    "hatch: cross red",
)


@pytest.mark.parametrize("rule", DRESSES)
async def test_a_dressed_leaf_is_left_to_textual(rule: str) -> None:
    app = make_app(shipped_course(), open_first=("lab", "gridworld", None))
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("right")
        plain = [cells(leaf.render_lines(leaf.size.region)) for leaf in leaves(app)]
        app.stylesheet.add_source(f"GridPane, Facts, ChartView {{ {rule}; }}", read_from=("test", rule))
        app.refresh_css()
        await pilot.pause()
        await pilot.press("left")
        await pilot.pause()
        assert_as_textual(app)
        assert [cells(leaf.render_lines(leaf.outer_size.region)) for leaf in leaves(app)] != plain


async def test_a_change_is_painted_without_a_message() -> None:
    app = make_app(shipped_course(), open_first=("lab", "gridworld", None))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("right")
        await pilot.pause()
        for leaf in leaves(app):
            leaf.refresh(Region(0, 0, 1, 1))
            assert leaf in app.screen._dirty_widgets
            assert not leaf._repaint_required


async def test_a_leaf_that_was_taken_away_can_still_be_painted() -> None:
    """A screen below another may be painted before it has been laid out without the widgets that it has lost."""
    app = make_app(shipped_course(), open_first=("lab", "gridworld", None))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        leaf = app.screen.query(ChartView).first()
        region = leaf.size.region
        await leaf.remove()
        assert len(leaf.render_lines(region)) == region.height
        leaf.refresh(Region(0, 0, region.width, 1))
