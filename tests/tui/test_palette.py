"""The palette: others' words are words, never markup; one at a time, whatever is above or just leaving."""

from pathlib import Path

import pytest
from rich.style import Style
from textual import events
from textual.command import CommandList

from tests.tui.harness import SMALL, TWO, make_app, screen_text, write_course
from tutor.tui.palette import Palette

TITLE = "[/red] [b]odd[/i] [1]"


async def test_a_title_like_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    text = TWO.replace("title: The second lesson", f'title: "{TITLE}"').replace(
        "# The second lesson", f"# {TITLE}"
    )
    app = make_app(write_course(tmp_path / "course", one=text))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p", *"odd")
        for _ in range(100):
            await pilot.pause(0.02)
            if "lesson:" in screen_text(app):
                break
        assert f"lesson: {TITLE}" in screen_text(app)
    app.close_store()


async def test_there_is_one_palette(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p", "f1", "ctrl+p", "pagedown", "ctrl+p")
        await pilot.pause()
        assert sum(isinstance(screen, Palette) for screen in app.screen_stack) == 1
        await pilot.press("escape", "escape", "ctrl+p", "pagedown", "escape", "ctrl+p", "pageup")
        await pilot.pause()
    app.close_store()


async def test_enter_twice_at_once_leaves_the_palette_once(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("l", "ctrl+p", *"settings")
        for _ in range(100):
            await pilot.pause(0.02)
            if "key s" in screen_text(app):
                break
        palette = app.screen
        palette.dismiss()
        palette.dismiss()
        await pilot.pause()
        assert len(app.screen_stack) == 2
    app.close_store()


@pytest.mark.parametrize(("row", "chosen"), [(1, True), (400, False)])
async def test_a_click_on_a_row_that_has_gone_does_nothing(tmp_path: Path, row: int, chosen: bool) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p")
        for _ in range(100):
            await pilot.pause(0.02)
            if "key l" in screen_text(app):
                break
        click = events.Click(
            None, 5, 5, 0, 0, 1, False, False, False, 5, 5, style=Style(meta={"option": row})
        )
        app.screen.query_one(CommandList).post_message(click)
        await pilot.pause()
        assert isinstance(app.screen, Palette) != chosen
    app.close_store()


@pytest.mark.parametrize("columns", [1, 4, 6, 9])
async def test_it_bears_a_terminal_of_hardly_any_columns(tmp_path: Path, columns: int) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.resize_terminal(columns, 9)
        await pilot.press(*"tz7")
        for _ in range(100):
            await pilot.pause(0.02)
            if app.screen.query_one(CommandList).option_count == 1:
                break
        await pilot.press("backspace", "backspace")
        await pilot.pause(0.05)
    app.close_store()
