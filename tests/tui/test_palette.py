"""The palette: others' words are words, never markup; one at a time, whatever is above or just leaving."""

from pathlib import Path

import pytest
from rich.style import Style
from textual import events
from textual.command import CommandList
from textual.pilot import Pilot

from tests.tui.harness import SMALL, TWO, make_app, screen_text, write_course
from tutor.experiments.saved_grids import folder, save_grid
from tutor.rl.environments.maps import grid_map
from tutor.tui.labs.base import LabView
from tutor.tui.palette import Palette
from tutor.tui.screens.home import HomeScreen
from tutor.tui.screens.lab import LabScreen

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


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("second lesson", "lesson: The second lesson"),
        ("afterwards", "step: afterwards"),
        ("bandit", "lab: Bandit"),
        ("my-maze", "grid: my-maze"),
        ("frozenlake-8", "grid: frozenlake-8x8"),
    ],
)
async def test_lessons_steps_labs_and_grids_are_found(tmp_path: Path, typed: str, found: str) -> None:
    save_grid("my-maze", grid_map("..G/.W./S..:G=1"))
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await search(pilot, typed)
        assert found in screen_text(app)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert not isinstance(app.screen, (Palette, HomeScreen))
        if "grid" in found:
            assert isinstance(app.screen, LabScreen)
            assert typed[:7] in str(app.screen.query_one(LabView).parameters["grid"])
    app.close_store()


async def test_a_grid_whose_file_is_damaged_is_said_not_opened(tmp_path: Path) -> None:
    save_grid("my-maze", grid_map("..G/.W./S..:G=1"))
    (folder() / "my-maze.grid").write_text("nonsense")
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=(120, 40)) as pilot:
        await search(pilot, "my-maze")
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert isinstance(app.screen, HomeScreen)
        (said,) = app._notifications
        assert "is damaged" in said.message
    app.close_store()


async def search(pilot: Pilot[None], typed: str) -> None:
    """Open the palette, type, and wait for what is found."""
    await pilot.press("ctrl+p", *("space" if sign == " " else sign for sign in typed))
    rows = pilot.app.screen.query_one(CommandList)
    for _ in range(500):
        await pilot.pause(0.01)
        if (
            rows.option_count
            and rows.highlighted == 0
            and typed[:4] in str(rows.get_option_at_index(0).prompt)
        ):
            return
