"""The options form, for any list of parameters."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.course.types import Course
from tutor.experiments import find_lab
from tutor.experiments.parameters import Parameter
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.screens.parameters import ParametersScreen, allowed, stepped

from .harness import screen_text

PARAMETERS = (
    Parameter("grid", "choice", "rooms", "Which map.", choices=("rooms", "cliff", "mouse", "maze")),
    Parameter("slip", "float", 0.2, "How slippery.", low=0, high=1, step=0.05),
    Parameter("seed", "int", 7, "Which dice.", low=0, high=99),
    Parameter("trail", "flag", True, "Whether the trail shows."),
    Parameter("name", "text", "ann", "What to call it."),
)


@asynccontextmanager
async def form(
    tmp_path: Path,
    size: tuple[int, int] = (80, 24),
    parameters: Sequence[Parameter] = PARAMETERS,
    **values: Any,
) -> AsyncIterator[tuple[Pilot[None], ParametersScreen, list[Any]]]:
    """The form, and the list that its result goes into."""
    app = TutorApp(Course(tmp_path, "en", ()), open_store(tmp_path / "p.db"), Settings(symbols="unicode"))
    results: list[Any] = []
    async with app.run_test(size=size) as pilot:
        screen = ParametersScreen("Options", parameters, values)
        app.push_screen(screen, results.append)
        await pilot.pause()
        yield pilot, screen, results
    app.close_store()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 16)])
async def test_every_row_has_name_value_range_and_the_cursor_its_sentence(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with form(tmp_path, size) as (pilot, _, _):
        text = screen_text(pilot.app)  # type: ignore[arg-type]
        for words in ("grid", "rooms", "one of 4", "slip", "0.2", "seed", "Which map."):
            assert words in text


@pytest.mark.parametrize("size", [(80, 24), (60, 18), (40, 12), (60, 8)])
async def test_rows_never_wrap_and_keys_and_errors_stay_in_sight(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with form(tmp_path, size) as (pilot, screen, _):
        await pilot.press("down", "7", "enter")
        await pilot.pause()
        text = screen_text(pilot.app)  # type: ignore[arg-type]
        plain = " ".join(text.split())
        assert "slip is '7'; it must be a number between 0 and 1" in plain
        assert "enter applies" in plain
        assert "esc cancels" in plain
        rows = [line for line in text.splitlines() if "0 to 1" in line]
        assert len(rows) == 1
        assert "slip" in rows[0]
        assert screen.row == 1


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (PARAMETERS[0], "one of 4"),
        (PARAMETERS[1], "0 to 1"),
        (PARAMETERS[2], "whole, 0 to 99"),
        (PARAMETERS[3], "true or false"),
        (PARAMETERS[4], "text"),
        (Parameter("policy", "choice", "a", "Who.", choices=("random", "optimal")), "random or optimal"),
        (Parameter("how", "choice", "softmax", "H.", choices=("epsilon-greedy", "softmax")), "one of 2"),
        (Parameter("n", "int", 1, "How many.", low=1), "a whole number of at least 1"),
    ],
)
def test_ranges_are_short(parameter: Parameter, words: str) -> None:
    assert allowed(parameter) == words


@pytest.mark.parametrize("size", [(80, 24), (60, 18)])
async def test_every_option_of_a_long_form_is_found_and_its_columns_stand_in_line(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    parameters = find_lab("control").parameters
    async with form(tmp_path, size, parameters) as (pilot, screen, _):
        await pilot.press("end")
        shown = screen_text(pilot.app)  # type: ignore[arg-type]
        assert parameters[-1].sentence.split(".")[0] in " ".join(shown.split())
        low = size[1] < 24  # where not all rows are in sight
        assert (f"row {len(parameters)} of {len(parameters)}" in shown) == low
        await pilot.press("home")
        shown = screen_text(pilot.app)  # type: ignore[arg-type]
        assert (f"row 1 of {len(parameters)}" in shown) == low
        rows = [line for line in shown.splitlines() if any(allowed(p) in line for p in parameters)]
        assert len(rows) > 8
        assert len({line.index(allowed(p)) for line, p in zip(rows, parameters, strict=False)}) == 1
        assert size[0] < 80 or not any("…" in line for line in rows)
        assert screen.row == 0


async def test_nothing_changed_gives_nothing(tmp_path: Path) -> None:
    async with form(tmp_path, slip=1 / 3) as (pilot, _, results):
        await pilot.press("enter")
        await pilot.pause()
        assert results == [{}]


async def test_esc_cancels(tmp_path: Path) -> None:
    async with form(tmp_path) as (pilot, _, results):
        await pilot.press("right", "escape")
        await pilot.pause()
        assert results == [None]


async def test_arrows_change_every_kind(tmp_path: Path) -> None:
    async with form(tmp_path) as (pilot, _, results):
        await pilot.press(
            "right", "down", "right", "down", "left", "left", "down", "left", "down", "left", "enter"
        )
        await pilot.pause()
        assert results == [{"grid": "cliff", "slip": 0.25, "seed": 5, "trail": False}]


async def test_typing_replaces_then_lengthens_and_backspace_erases(tmp_path: Path) -> None:
    async with form(tmp_path) as (pilot, _, results):
        await pilot.press("down", "0", "comma", "7", "5", "backspace", "tab", "4", "2", "up", "down", "down")
        await pilot.press("down", "b", "o", "enter")
        await pilot.pause()
        assert results == [{"slip": 0.7, "seed": 42, "name": "bo"}]


async def test_a_letter_picks_a_choice_and_space_the_next(tmp_path: Path) -> None:
    async with form(tmp_path) as (pilot, screen, _):
        seen = []
        for key in ("m", "m", "m", "c", "space", "x"):
            await pilot.press(key)
            seen.append(screen.texts["grid"])
        assert seen == ["mouse", "maze", "mouse", "cliff", "mouse", "mouse"]
        await pilot.press("down", "down", "down", "f")
        assert screen.texts["trail"] == "false"


@pytest.mark.parametrize("bad", ["2", "abc", "nan", "1e999", "-1", ""])
async def test_bad_input_says_what_is_wrong_and_keeps_the_form(tmp_path: Path, bad: str) -> None:
    async with form(tmp_path) as (pilot, screen, results):
        await pilot.press("down", "backspace", *({"-": "minus"}.get(letter, letter) for letter in bad))
        await pilot.press("down", "enter")
        await pilot.pause()
        assert results == []
        assert screen.parameter.name == "slip"
        assert "slip is" in screen.error
        assert "between 0 and 1" in " ".join(screen_text(pilot.app).split())  # type: ignore[arg-type]
        await pilot.press("left", "enter")
        await pilot.pause()
        assert results == [{"slip": 0.15}]


async def test_steps_stay_in_range(tmp_path: Path) -> None:
    slip, seed = PARAMETERS[1], PARAMETERS[2]
    assert stepped(slip, 0.98, 1) == 1
    assert stepped(slip, 0.0, -1) == 0
    assert stepped(seed, 99, 1) == 99
    assert stepped(seed, 3, -1) == 2
    assert isinstance(stepped(seed, 3, -1), int)
    assert stepped(PARAMETERS[4], "ann", 1) == "ann"
