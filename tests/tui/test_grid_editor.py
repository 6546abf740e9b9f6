"""The grid editor by keys: drawn, given numbers, kept, listed, shared as a line, used in the lab."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tutor.course.types import Course
from tutor.experiments.saved_grids import folder, saved_line, saved_names
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.gridworld import Lab
from tutor.tui.screens.grid_editor import GridEditorScreen
from tutor.tui.screens.grid_editor_keys import KEYS
from tutor.tui.screens.saved_grids import SavedGridsScreen

from .harness import LARGE, SMALL, screen_text

HALL = "S.G:G=1:slip=.1"
RUSSELL = "...+/.W.-/S...:+=1:-=-1:slip=.2:step=-.04:limit=100:name=russell-norvig"


@asynccontextmanager
async def editor(
    tmp_path: Path, grid: str = HALL, size: tuple[int, int] = SMALL, **settings: object
) -> AsyncIterator[tuple[Pilot[None], GridEditorScreen, list[str]]]:
    """The editor over Home, and the list that a used grid goes into."""
    options = Settings(**{"symbols": "unicode", "motion": False, **settings})  # type: ignore[arg-type]
    app = TutorApp(Course(tmp_path, "en", ()), open_store(tmp_path / "p.db"), options)
    used: list[str] = []
    async with app.run_test(size=size) as pilot:
        screen = GridEditorScreen(grid, used.append)
        app.push_screen(screen)
        await pilot.pause()
        yield pilot, screen, used
    app.close_store()


def shown(pilot: Pilot[None]) -> str:
    return screen_text(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18), (40, 12)])
async def test_map_numbers_state_and_line_are_on_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with editor(tmp_path, size=size) as (pilot, _, _):
        await pilot.press("right", "right")
        await pilot.pause()
        text = shown(pilot)
        for words in ("Grid editor", "3x1", "G     +1  ends", "slip        0.1", "(0,2) G +1", HALL):
            assert words in text
        assert "? keys" in text


async def test_drawing_by_keys_and_using_it(tmp_path: Path) -> None:
    async with editor(tmp_path) as (pilot, screen, used):
        await pilot.press("right_curly_bracket", "right", "w", "right", "t", "left_square_bracket")
        assert screen.draft.line == "S./.W:slip=.1"
        await pilot.press("u", "right_square_bracket", "X", "up", "backspace", "g")
        await pilot.pause()
        assert screen.draft.line == "S.GG/.WXT:G=1:T=-1:X=1:slip=.1"
        await pilot.press("enter")
        await pilot.pause()
        assert used == [screen.draft.line]
        assert pilot.app.screen is not screen


async def test_what_is_wrong_is_said_and_it_cannot_be_used(tmp_path: Path) -> None:
    async with editor(tmp_path) as (pilot, screen, used):
        await pilot.press("backspace", "enter", "k")
        await pilot.pause()
        assert "Not usable yet: it has no start; put S in one cell." in shown(pilot)
        assert used == []
        assert pilot.app.screen is screen
        await pilot.press("s", "right", "space")
        await pilot.pause()
        assert "Not usable yet: there is no way from S to G; open a wall." in shown(pilot)
        await pilot.press("u", "right", "t")
        await pilot.pause()
        assert "T is new: o sets what it pays." in shown(pilot)
        await pilot.press("right", "right_square_bracket", "g")
        await pilot.pause()
        assert screen.draft.line == "S.TG:G=1:T=-1:slip=.1"
        await pilot.press("left", "right")
        await pilot.pause()
        assert "Usable, but there is no way from S to any G." in shown(pilot)
        await pilot.press("enter")
        assert len(used) == 1


async def test_numbers_are_edited_in_the_form_the_cursors_letter_first(tmp_path: Path) -> None:
    async with editor(tmp_path) as (pilot, screen, _):
        await pilot.press("right", "right", "o")
        await pilot.pause()
        await pilot.press("2", "full_stop", "5", "down", "down", "0", "down", "minus", "1", "down", "1")
        await pilot.press("down", "9", "enter")
        await pilot.pause()
        assert screen.draft.line == "S.G:G=2.5:step=-1:gamma=1:limit=9"
        await pilot.press("u")
        assert screen.draft.line == HALL
        await pilot.press("r")
        await pilot.pause()
        assert "step limit  9" in shown(pilot)
        await pilot.press("o", "9", "9", "9", "9", "enter")
        await pilot.pause()
        assert "reward G is '9999'; it must be a number between -1000 and 1000" in " ".join(
            shown(pilot).split()
        )


async def test_kept_listed_opened_and_deleted(tmp_path: Path) -> None:
    async with editor(tmp_path) as (pilot, screen, _):
        await pilot.press("right_curly_bracket", "k")
        await pilot.pause()
        await pilot.press(*"Hall")
        await pilot.pause()
        assert "a name is lower-case letters, digits and hyphens" in shown(pilot)
        await pilot.press("enter")
        assert saved_names() == ()
        await pilot.press("ctrl+u", *"hall", "enter")
        await pilot.pause()
        assert saved_line("hall") == "S.G/...:G=1:slip=.1:name=hall"
        assert "Kept. --set grid=hall opens it, too." in shown(pilot)
        assert not screen.draft.changed
        await pilot.press("l")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SavedGridsScreen)
        assert "S.G/...:G=1:slip=.1:name=hall" in shown(pilot)
        await pilot.press("down", "d")  # a grid that comes with the tutor stays
        await pilot.pause()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert screen.draft.grid.name == "rooms"
        await pilot.press("u")
        assert screen.draft.grid.name == "hall"
        await pilot.press("l")
        await pilot.pause()
        await pilot.press("d")
        await pilot.pause()
        assert "Delete the grid hall?" in shown(pilot)
        await pilot.press("n")
        assert saved_names() == ("hall",)
        await pilot.press("d", "y")
        await pilot.pause()
        assert saved_names() == ()
        assert "0 of your own" in shown(pilot)


async def test_another_grid_of_that_name_is_not_overwritten_unasked(tmp_path: Path) -> None:
    folder().mkdir()
    (folder() / "hall.grid").write_text("SG:G=9\n")
    async with editor(tmp_path) as (pilot, _, _):
        await pilot.press("k", *"hall", "enter")
        await pilot.pause()
        assert "There is a grid hall already" in shown(pilot)
        await pilot.press("n")
        assert saved_line("hall") == "SG:G=9:name=hall"
        await pilot.press("k", *"hall", "enter")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert saved_line("hall") == f"{HALL}:name=hall"
        await pilot.press("right_curly_bracket", "k", "enter")  # its own name: no question
        await pilot.pause()
        assert saved_line("hall") == "S.G/...:G=1:slip=.1:name=hall"


async def test_what_cannot_be_saved_or_read_is_said(tmp_path: Path, home: Path) -> None:
    folder().mkdir()
    (folder() / "bad.grid").write_text("S.G/..:G=1\n")
    async with editor(tmp_path) as (pilot, screen, _):
        await pilot.press("l")
        await pilot.pause()
        assert "the grid 'bad' in" in shown(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SavedGridsScreen)
        await pilot.press("d", "y", "escape")
        folder().rmdir()
        folder().write_text("no folder")
        await pilot.press("k", *"hall", "enter")
        await pilot.pause()
        assert "Not kept: the grid could not be saved" in " ".join(shown(pilot).split())
        assert pilot.app.screen is screen


async def test_a_line_is_typed_pasted_and_copied(tmp_path: Path) -> None:
    async with editor(tmp_path) as (pilot, screen, _):
        await pilot.press("i", "ctrl+u", *"S.G", "slash", *"..")
        await pilot.pause()
        assert "row 1, column 3 of the map is G, which pays nothing" in shown(pilot)
        await pilot.press("enter")
        assert screen.draft.line == HALL
        await pilot.press("full_stop", "colon", "G", "equals_sign", "3", "enter")
        await pilot.pause()
        assert screen.draft.line == "S.G/...:G=3"
        screen.post_message(events.Paste("S..\n..T\n..G:G=1:T=-1"))
        await pilot.pause()
        assert screen.draft.line == "S../..T/..G:G=1:T=-1"
        screen.post_message(events.Paste("S..\n\x1b[31m"))
        await pilot.pause()
        assert "Not taken: row 2, column 1 of the map is '\\x1b'" in shown(pilot)
        await pilot.press("y")
        assert pilot.app.clipboard == "S../..T/..G:G=1:T=-1"
        await pilot.press("u", "ctrl+c")
        assert pilot.app.clipboard == "S.G/...:G=3"


async def test_esc_asks_before_something_is_lost(tmp_path: Path) -> None:
    async with editor(tmp_path) as (pilot, screen, used):
        await pilot.press("right", "w", "escape")
        await pilot.pause()
        assert "Leave without using or keeping this grid? What you drew" in shown(pilot)
        await pilot.press("n")
        await pilot.pause()
        assert pilot.app.screen is screen
        await pilot.press("u", "escape")  # back as it was: nothing to lose
        await pilot.pause()
        assert pilot.app.screen is not screen
        assert used == []


async def test_an_unfinished_grid_comes_back_however_the_editor_was_left(tmp_path: Path) -> None:
    async with editor(tmp_path) as (pilot, _, _):
        await pilot.press("backspace", "right", "w", "ctrl+q")  # not even usable: no start
    async with editor(tmp_path, "rooms") as (pilot, screen, _):
        assert screen.draft.line == ".WG:G=1:slip=.1"
        assert "no start" in shown(pilot)
        await pilot.press("u")
        assert screen.draft.grid.name == "rooms"
        await pilot.press("escape")
        await pilot.pause()
    async with editor(tmp_path) as (pilot, screen, _):
        assert screen.draft.line == HALL


async def test_large_maps_follow_the_cursor_and_clicks_find_their_cell(tmp_path: Path) -> None:
    async with editor(tmp_path, "rooms", (60, 18)) as (pilot, screen, _):
        await pilot.press(*["down"] * 10, *["right"] * 10)
        await pilot.pause()
        text = shown(pilot)
        assert "(11,11) G +1" in text
        assert " 12 " in text
        assert " 0 " not in [line[:4] for line in text.splitlines()]
        pane = screen._pane
        await pilot.click(pane, offset=(3 + 2 * 11, 1))
        assert screen.draft.col == 11
        first = next(line for line in text.splitlines()[2:] if line[:3].strip())
        assert screen.draft.row == int(first[:3]) > 0


@pytest.mark.parametrize("size", [SMALL, (60, 18)])
async def test_in_ascii_every_sign_is_seven_bit(tmp_path: Path, size: tuple[int, int]) -> None:
    async with editor(tmp_path, RUSSELL, size, symbols="ascii") as (pilot, _, _):
        await pilot.press("right", "C")
        await pilot.pause()
        text = shown(pilot)
        assert text.isascii()
        assert "gamma       0.99" in text
        assert "[C-10]" in text or "[C]" in text


async def test_help_names_every_key(tmp_path: Path) -> None:
    async with editor(tmp_path, size=(80, 50)) as (pilot, _, _):
        await pilot.press("question_mark")
        await pilot.pause()
        text = shown(pilot)
        keys = ("a capital letter puts itself", "this row less", "{ shift+↑", "keep it under a name")
        for words in (*keys, "take the last change back"):
            assert words in text


async def test_random_keys_and_resizes_never_raise(tmp_path: Path) -> None:
    keys = [key for binding in KEYS for key in binding.key.split(",")]  # type: ignore[union-attr]
    keys += ["escape", "n", "tab", "7", "minus", "Q", "W", "slash", "question_mark"]
    dice = random.Random(11)
    async with editor(tmp_path, "rooms") as (pilot, _, _):
        for number in range(150):
            await pilot.press(dice.choice(keys))
            if number % 30 == 29:
                await pilot.resize_terminal(dice.randint(20, 120), dice.randint(6, 40))
            if len(pilot.app.screen_stack) == 1:
                pilot.app.push_screen(GridEditorScreen("mouse", str))
                await pilot.pause()


async def test_the_lab_opens_the_editor_and_takes_its_grid(tmp_path: Path) -> None:
    app = TutorApp(Course(tmp_path, "en", ()), open_store(tmp_path / "p.db"), Settings(symbols="unicode"))
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("gridworld", {"grid": "russell-norvig"})
        await pilot.pause()
        assert "d draw" in screen_text(app)
        await pilot.press("right", "d")
        await pilot.pause()
        assert isinstance(app.screen, GridEditorScreen)
        await pilot.press("left_curly_bracket", "s", "enter")
        await pilot.pause()
        lab = app.screen.query_one(Lab)
        assert lab.session.parameters["grid"] == "...+/SW.-:+=1:-=-1:slip=.2:step=-.04:limit=100"
        assert lab.session.t == 0
        assert "Gridworld · own 4x2 · slip 0.2" in screen_text(app)
        await pilot.press("up", "escape")
        await pilot.pause()
        app.open_lab("gridworld")
        await pilot.pause()
        lab = app.screen.query_one(Lab)
        assert (lab.session.env.rows, lab.session.t) == (2, 1)
        await pilot.press("n")
        assert lab.session.parameters["grid"] == "russell-norvig"
        await pilot.press("n", "n")
        assert lab.session.parameters["grid"] == "rooms"
    app.close_store()


async def test_a_small_letter_is_asked_for_since_small_letters_are_commands(tmp_path: Path) -> None:
    async with editor(tmp_path, "S..G:G=1") as (pilot, screen, _):
        await pilot.press("right", "apostrophe", "c", "enter")
        await pilot.pause()
        assert screen.draft.grid.text == "Sc.G"
        assert "c is new: o sets what it pays." in screen_text(screen.tutor)
        await pilot.press("right", "apostrophe", "S", "enter")
        await pilot.pause()
        assert "one letter but S" in screen_text(screen.tutor)
        assert screen.draft.grid.text == "Sc.G"
        await pilot.press("backspace", "minus", "enter")
        await pilot.pause()
        assert screen.draft.grid.text == "Sc-G"
        await pilot.press("c")
        assert screen.draft.grid.text == "ScCG"


async def test_a_start_that_moves_and_a_goal_that_goes_are_said(tmp_path: Path) -> None:
    async with editor(tmp_path, "S..G:G=1") as (pilot, screen, _):
        await pilot.press("right", "s")
        assert screen.draft.grid.text == ".S.G"
        assert "S has moved here; where it was is floor now." in screen_text(screen.tutor)
        await pilot.press("right")
        assert "S has moved" not in screen_text(screen.tutor)
        await pilot.press("g", "right", "full_stop")
        assert screen.draft.grid.text == ".SG."
        assert "That was the last" not in screen_text(screen.tutor)
        await pilot.press("left", "t")
        assert screen.draft.grid.text == ".ST."
        assert "That was the last G of the map." in screen_text(screen.tutor)
        await pilot.press("left", "w")
        assert "Not usable yet: it has no start" in " ".join(screen_text(screen.tutor).split())
