"""The lab inside PPO over tokens without torch: its recorded updates, all of its keys but those of another run."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tutor.experiments import Frame
from tutor.experiments.recordings import (
    find_recorded,
    read_recording,
    recorded_named,
    run_or_recorded,
)
from tutor.tui.labs.ppo_inside_tokens import Lab
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.run_lab import LEFT_OUT

from .fake_runs import FakeRuns, run_lab, shown
from .harness import LARGE, SMALL

NARROW = (60, 18)
INSTALL = "pip install torch==2.13.0"
NO_TORCH = f"training the toy language model needs torch, which is not installed: {INSTALL}"
REFUSED = f"another run needs torch: {INSTALL}"
RECORDED = recorded_named("ppo-inside-tokens")
STAGES = ("rollout", "KL", "reward", "values", "delta", "GAE", "ratio", "clip", "critic")
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE, NARROW], ids=["80x24", "120x40", "60x18"])


@pytest.fixture(autouse=True)
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process of a run does without torch."""
    monkeypatch.setattr("tutor.tui.labs.run_choice.torch_missing", lambda: True)
    monkeypatch.setattr("tutor.experiments.recordings.torch_missing", lambda: True)
    monkeypatch.setattr("tests.tui.fake_runs.run", run_or_recorded)


@asynccontextmanager
async def lab(
    tmp_path: Path,
    size: tuple[int, int] = SMALL,
    symbols: str = "unicode",
    made: Callable[[], Iterator[Frame]] | None = None,
    **given: object,
) -> AsyncIterator[tuple[Pilot[None], Lab, FakeRuns]]:
    async with run_lab(tmp_path, "ppo-inside-tokens", given, FakeRuns(made), size, symbols) as (
        pilot,
        view,
        runs,
    ):
        assert isinstance(view, Lab)
        view.focus()
        await pilot.pause()
        yield pilot, view, runs


def no_frames() -> Iterator[Frame]:
    return iter(())


async def press(pilot: Pilot[None], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    return shown(pilot)


def at(view: Lab) -> tuple[int, int]:
    view.session.settle_place()
    return view.session.shown, view.session.epoch


@SIZES
@pytest.mark.parametrize("symbols", ["unicode", "ascii"])
async def test_it_opens_with_what_is_recorded_and_says_so(
    tmp_path: Path, size: tuple[int, int], symbols: str
) -> None:
    async with lab(tmp_path, size, symbols) as (pilot, view, runs):
        assert find_recorded(*runs.begun[-1]) == RECORDED
        assert view.session.frames == list(read_recording(RECORDED).frames)
        assert at(view) == (6, 0)
        title, *rest = shown(pilot).splitlines()
        told = next(line for line in rest if INSTALL in line)
        assert "seed 0, recorded" in title
        assert "Recorded run" in told
        assert "…" not in title + told
        assert symbols == "unicode" or shown(pilot).isascii()


@SIZES
async def test_every_number_of_every_epoch_is_there(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size) as (pilot, view, _):
        for update in range(6, 0, -1):
            for epoch in (2, 1, 0):
                while at(view) != (update, epoch):
                    await pilot.press("space" if at(view)[0] == update and at(view)[1] < epoch else "u")
                assert view.table is not None
                assert "nan" not in shown(pilot)
        assert "That is the first update" in await press(pilot, "u")
        for stage, name in enumerate(STAGES):
            assert f"[{name}]" in await press(pilot, str(stage + 1))
            assert " = " in shown(pilot)


async def test_tokens_answers_and_clipped_ones_are_walked(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, _):
        assert "answer 64/64" in await press(pilot, "pageup")
        assert "answer 1/64" in await press(pilot, "pagedown", "end")
        assert view.table is not None
        assert view.session.row == len(view.table) - 1
        assert "No token is clipped now" in await press(pilot, "k")
        await press(pilot, "space", "space", "k")
        assert view.table.clipped[view.session.row]


@SIZES
async def test_after_the_last_one_it_says_what_to_install(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size) as (pilot, view, runs):
        screen = await press(pilot, "space", "space", "space")
        told = next(line for line in screen.splitlines() if "Update 6 is the last" in line)
        assert "recorded" in told
        assert INSTALL in told
        assert (at(view), len(runs.begun)) == ((6, 2), 1)
        await press(pilot, "down", "r")
        runs.more(1)
        assert "Update 6 is the last" in await press(pilot)
        assert (at(view), len(runs.begun)) == ((6, 2), 1)


async def test_another_run_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        await press(pilot, "space", "down")
        before = dict(view.session.parameters)
        for key in ("right_square_bracket", "left_square_bracket", "s"):
            assert REFUSED in await press(pilot, key), key
            await press(pilot, "down", "up")
        view.set_parameters({**view.present_values(), "epochs": 8})
        assert REFUSED in await press(pilot)
        view.set_parameters({**view.present_values(), "update": 7})
        assert f"update 6 is the last recorded: {INSTALL}" in await press(pilot)
        assert (at(view), view.session.parameters, len(runs.begun)) == ((6, 1), before, 1)
        view.set_parameters({**view.present_values(), "update": 3})
        await press(pilot)
        assert at(view) == (3, 0)


async def test_0_goes_back_to_the_first_update(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, _):
        assert "update 1" in await press(pilot, "space", "0")
        assert at(view) == (1, 0)
        await press(pilot, "space", "0")
        assert at(view) == (1, 0)


async def test_at_another_runs_parameters_0_brings_the_recorded_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lab(tmp_path, made=no_frames, epsilon=0.3) as (pilot, view, runs):
        runs.fail(NO_TORCH)
        assert NO_TORCH in " ".join((await press(pilot)).split())
        monkeypatch.setattr(runs, "_made", None)
        await press(pilot, "0")
        assert view.session.parameters["epsilon"] == 0.2
        assert find_recorded(*runs.begun[-1]) == RECORDED
        assert at(view) == (1, 0)
        assert NO_TORCH not in shown(pilot)


async def test_an_update_that_is_not_recorded_is_said_and_the_last_one_shown(tmp_path: Path) -> None:
    async with lab(tmp_path, update=30) as (pilot, view, _):
        assert f"Update 6 is the last recorded; for others: {INSTALL}" in shown(pilot)
        assert (at(view), view.session.parameters["update"]) == ((6, 0), 6)


async def test_predicting_explaining_and_the_plots(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, _):
        screen = await press(pilot, "p", "2", "enter")
        assert view.table is not None
        assert ("As predicted" in screen) != view.table.clipped[view.session.row]
        assert "clip fraction" in await press(pilot, "v")
        await press(pilot, "e")
        assert isinstance(pilot.app.screen, ReaderScreen)
        text = " ".join(shown(pilot).split())
        assert f"This is the recorded run: {RECORDED.command} (seed 0), made by rl-tutor" in text
        assert "its rewards add up to" in text


async def test_the_export_has_every_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with lab(tmp_path) as (pilot, view, _):
        await press(pilot, "x")
        (path,) = tmp_path.glob("**/*tokens.csv")
        inside = view.session.inside
        assert inside is not None
        lines = path.read_text().splitlines()
        assert len(lines) == 1 + int(inside.batch.mask.sum()) * len(inside.epochs)
        assert not any(cell == "nan" for line in lines for cell in line.split(","))


@SIZES
async def test_a_damaged_recording_is_one_line_in_the_lab(tmp_path: Path, size: tuple[int, int]) -> None:
    problem = f"the recorded run ppo-inside-tokens.json.gz is damaged: install the tutor again, or {INSTALL}"
    async with lab(tmp_path, size, made=no_frames) as (pilot, _, runs):
        runs.fail(problem)
        assert problem in " ".join((await press(pilot)).split())
        for key in ("space", "down", "pagedown", "u", "k", "v", "p", "e", "escape", "x", "r"):
            await press(pilot, key)
            if key == "e":
                assert problem in " ".join(shown(pilot).split())


async def test_its_place_is_kept(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, _):
        await press(pilot, "space", "down", "pagedown", "7")
        fresh = Lab(view.parameters, view.lab_state()).session
        assert (fresh.epoch, fresh.answer, fresh.row, fresh.column) == (1, 1, 1, view.session.column)
        assert fresh.to_state()["frames"] == 7


async def test_the_next_example_is_the_next_one_that_is_recorded(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, _):
        assert view.session.parameters["update"] == 6
        assert LEFT_OUT[0][0] not in await press(pilot, "n")
        assert view.session.parameters["update"] == 1
        assert LEFT_OUT[0][0] in await press(pilot, "n")  # update 30, and eight epochs
        assert (view.session.parameters["update"], view.session.parameters["epochs"]) == (6, 2)
