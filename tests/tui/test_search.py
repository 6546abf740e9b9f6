"""The search screen by keys, from every kind of screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.monkey import named
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.screens.grid_editor import GridEditorScreen
from tutor.tui.screens.home import HomeScreen
from tutor.tui.screens.lab import LabScreen
from tutor.tui.screens.lesson import LessonScreen
from tutor.tui.screens.prompt import PromptScreen
from tutor.tui.screens.search import SearchScreen
from tutor.tui.widgets.field import Field

from .harness import LARGE, ONE, SMALL, TWO, make_app, screen_text, write_course


@asynccontextmanager
async def tutor(
    tmp_path: Path, size: tuple[int, int] = SMALL, **lessons: str
) -> AsyncIterator[tuple[Pilot[None], TutorApp]]:
    app = make_app(write_course(tmp_path / "course", **lessons))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, app
    app.close_store()


async def look_for(pilot: Pilot[None], *keys: str) -> str:
    """Open the search, type, wait for the lessons to be read; what is on the screen."""
    await pilot.press("slash")
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()
    return screen_text(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18), (40, 12)])
async def test_results_come_while_one_types(tmp_path: Path, size: tuple[int, int]) -> None:
    async with tutor(tmp_path, size) as (pilot, app):
        assert "/ search" in screen_text(app) or size[0] < 80
        text = await look_for(pilot, *"noth")
        assert "Only text · step 1 · 02 The second lesson" in text or size[0] < 60
        assert "Nothing to answer here." in text
        assert "1 step" in text
        await pilot.press(*"xyz")
        await pilot.pause()
        text = " ".join(screen_text(app).split())
        assert "No step of this course has nothxyz." in text
        assert "enter open" not in text


async def test_enter_opens_the_step_and_what_was_typed_is_kept(tmp_path: Path) -> None:
    async with tutor(tmp_path) as (pilot, app):
        await look_for(pilot, "t", "h", "a", "t")
        assert "Afterwards" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.state is not None
        assert app.screen.state.step.id == "afterwards"
        text = await look_for(pilot)
        assert "that" in text
        assert "That was all." in text
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.state.step.id == "afterwards"


async def test_the_cursor_moves_is_kept_and_begins_anew_with_another_word(tmp_path: Path) -> None:
    async with tutor(tmp_path) as (pilot, app):
        await look_for(pilot, "t")
        screen = app.screen
        assert isinstance(screen, SearchScreen)
        assert len(screen.hits) == 3
        await pilot.press("down", "down", "down", "up", "escape")
        await look_for(pilot)
        assert isinstance(app.screen, SearchScreen)
        assert app.screen.memory.cursor == 1
        await pilot.press("e")
        assert app.screen.memory.cursor == 0
        await pilot.press("pagedown", "pageup", "backspace", "backspace")
        await pilot.pause()
        assert "Type a word, or several" in screen_text(app)
        await pilot.press("enter", "tab", "q", "question_mark")
        assert app.screen.memory.text == "q?"


async def test_another_word_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    async with tutor(tmp_path) as (pilot, app):
        await look_for(pilot, *"that")
        await pilot.press("escape")
        assert "That was all." in await look_for(pilot)  # kept
        await pilot.press(*"noth")
        await pilot.pause()
        assert app.search_memory is not None
        assert app.search_memory.text == "noth"


async def test_from_the_list_of_labs_it_finds_labs_before_steps(tmp_path: Path) -> None:
    async with tutor(tmp_path) as (pilot, app):
        await pilot.press("l")
        await pilot.pause()
        text = await look_for(pilot, *"tightrope")
        assert "Search labs and lessons" in text
        assert "1 lab, 0 steps" in text
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, LabScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert "No lab and no step of this course has xyz." in await look_for(pilot, *"xyz")


async def test_it_comes_back_to_where_it_was_called(tmp_path: Path) -> None:
    async with tutor(tmp_path) as (pilot, app):
        await look_for(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        for key in ("l", "p", "s"):
            await pilot.press(key)
            await pilot.pause()
            here = app.screen
            await look_for(pilot)
            assert isinstance(app.screen, SearchScreen)
            await pilot.press("escape")
            await pilot.pause()
            assert app.screen is here
            await pilot.press("escape")
            await pilot.pause()
        app.open_lab("gridworld")
        await pilot.pause()
        await pilot.press("up")
        await look_for(pilot, "escape")
        assert isinstance(app.screen, LabScreen)
        await look_for(pilot, *"all", "enter")
        assert isinstance(app.screen, LessonScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, LabScreen)


async def test_from_a_lesson_found_by_search_esc_leads_back_and_the_place_is_kept(tmp_path: Path) -> None:
    async with tutor(tmp_path) as (pilot, app):
        app.open_lesson("01-first", "afterwards")
        await pilot.pause()
        origin = app.screen
        for word in ("nothing", ""):  # one look after another leads back to where the first began
            await look_for(pilot, *word, "enter")
            await pilot.pause()
            assert isinstance(app.screen, LessonScreen)
            assert app.screen.info.id == "02-second"
        await pilot.press("down", "m", "escape")
        await pilot.pause()
        await app.recorder.written()
        assert app.screen is origin
        assert app.progress.last_lesson == "01-first"
        assert app.progress.lesson("01-first").position == "afterwards"
        assert not app.progress.lesson("02-second").steps_read


async def test_what_is_done_in_a_lesson_found_by_search_makes_it_the_place(tmp_path: Path) -> None:
    async with tutor(tmp_path) as (pilot, app):
        app.open_lesson("02-second")
        await pilot.pause()
        await look_for(pilot, *"two", "enter")
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.info.id == "01-first"
        await pilot.press("tab", "4", "enter")
        await app.workers.wait_for_complete()
        await pilot.press("escape", "escape")
        await pilot.pause()
        await app.recorder.written()
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.info.id == "02-second"
        assert app.progress.last_lesson == "01-first"
        assert app.progress.lesson("01-first").steps_read == {"adding"}
        assert app.progress.lesson("01-first").question("sum").right


async def test_a_slash_in_an_answer_is_typed(tmp_path: Path) -> None:
    async with tutor(tmp_path) as (pilot, app):
        app.open_lesson("01-first")
        await pilot.pause()
        await pilot.press("tab", "8", "slash", "2")
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.state is not None
        assert app.screen.state.question("sum").text == "8/2"


async def test_reasons_are_found_once_the_question_is_answered(tmp_path: Path) -> None:
    one = ONE.replace('why: "$2 + 2 = 4$."', "why: Quadruple it is.")
    async with tutor(tmp_path, one=one, two=TWO) as (pilot, app):
        assert "No step" in await look_for(pilot, *"quadruple")
        await pilot.press("escape")
        app.open_lesson("01-first", "adding")
        await pilot.pause()
        await pilot.press("tab", "4", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Quadruple it is." in await look_for(pilot)


async def test_what_would_move_a_cursor_is_never_drawn(tmp_path: Path) -> None:
    odd = "# Odd\n\n## Odd step\n\nsome \x1b[31mred\u202e text [bold]and[/bold] more\n"
    async with tutor(tmp_path, odd=odd) as (pilot, _):
        text = await look_for(pilot, *"red")
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[bold]and[/bold]" in text


async def test_in_ascii_every_sign_is_seven_bit(tmp_path: Path) -> None:
    text = "# Odd\n\n## γ – a “step”\n\nFar $\\gamma^k$ … and then the word.\n"
    app = make_app(write_course(tmp_path / "c", odd=text), Settings(symbols="ascii", motion=False))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        shown = await look_for(pilot, *"gamma")
        assert shown.isascii()
        assert "gamma" in shown
        await pilot.press("escape", "slash")
    app.close_store()


async def test_many_foreign_files(tmp_path: Path) -> None:
    lessons = {f"n{number:03}": f"# File {number}\n\nSome text about item{number}.\n" for number in range(80)}
    async with tutor(tmp_path, **lessons) as (pilot, app):
        text = await look_for(pilot, *"item7")
        assert "11 steps" in text  # 7 and 70 to 79
        await pilot.press("backspace")
        await pilot.pause()
        assert "80 steps, the best 60 shown" in screen_text(app)


@pytest.mark.parametrize("opened", ["search", "name of a grid"])
async def test_what_is_typed_behind_the_key_that_opens_a_field_goes_into_it(
    tmp_path: Path, opened: str
) -> None:
    """On a slow link several keys come at once, before the field is there; `l` and `p` are keys of Home, too."""
    async with tutor(tmp_path) as (pilot, app):
        keys = "/lap"
        if opened != "search":
            app.push_screen(GridEditorScreen("cliff", lambda line: None))
            await pilot.pause()
            keys = "klap"
        driver = app._driver
        assert driver is not None
        for key in keys:
            event = events.Key(*named(key))
            event.set_sender(app)
            driver.send_message(event)
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, SearchScreen if opened == "search" else PromptScreen)
        assert app.screen.query_one(Field).value == "lap"
