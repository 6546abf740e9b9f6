"""The lab inside PPO through its keys: the stages, the samples, the epochs, the pages over it."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.harness import LARGE, SMALL, make_app, screen_text, write_course
from tutor.course.types import Course
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.ppo_inside import Lab
from tutor.tui.labs.ppo_inside_batch import STAGES
from tutor.tui.labs.ppo_inside_session import PpoInsideSession
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.grid import GridPane
from tutor.tui.widgets.sample_table import SampleTable


@asynccontextmanager
async def opened(
    tmp_path: Path, size: tuple[int, int] = SMALL, **given: Any
) -> AsyncIterator[tuple[Pilot[None], Lab]]:
    app = TutorApp(
        Course(tmp_path, "en", ()),
        open_store(tmp_path / "progress.db"),
        Settings(motion=False, symbols="unicode"),
    )
    async with app.run_test(size=size) as pilot:
        app.open_lab("ppo-inside", given)
        await pilot.pause()
        await pilot.pause()
        yield pilot, app.screen.query_one(Lab)
    app.close_store()


async def shown(pilot: Pilot[None], *keys: str) -> str:
    """What stands on the screen after these keys."""
    await pilot.press(*keys)
    await pilot.pause()
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


async def test_each_number_has_its_stage(tmp_path: Path) -> None:
    async with opened(tmp_path, LARGE) as (pilot, _lab):
        for number, stage in enumerate(STAGES, start=1):
            assert f"[{stage}]" in await shown(pilot, str(number))
        seen = [f"[{STAGES[0]}]" in await shown(pilot, "1")]
        while f"[{STAGES[-1]}]" not in (screen := await shown(pilot, "right")):
            seen.append(any(f"[{stage}]" in screen for stage in STAGES))
        assert len(seen) == 14
        assert all(seen)
        assert f"[{STAGES[-2]}]" in await shown(pilot, "left")


async def test_the_arrows_choose_a_sample_and_its_formula_follows(tmp_path: Path) -> None:
    async with opened(tmp_path, update=1, steps=16) as (pilot, lab):
        assert "δ₀ = R₁ + γV(s₁) − V(s₀)" in await shown(pilot, "4")
        assert "δ₂ = R₃ + γV(s₃) − V(s₂)" in await shown(pilot, "down", "down")
        assert "▸ 15 (2,1) ↓" in (screen := await shown(pilot, "end"))
        assert "A₁₅ = δ₁₅" in await shown(pilot, "5", "left")
        assert "▸  0 (2,0) ↓" not in screen
        assert "▸  0 (2,0) ↓" in await shown(pilot, "home")
        assert lab.session.row == 0
        await shown(pilot, "up", "pagedown")
        assert lab.session.row == 10
        await shown(pilot, "pageup", "pageup")
        assert lab.session.row == 0


async def test_space_makes_epochs_and_updates_and_u_takes_them_back(tmp_path: Path) -> None:
    async with opened(tmp_path, update=1, steps=16) as (pilot, _lab):
        before = await shown(pilot, "7")
        assert "clipped 0 of 16" in before
        assert "■ 3 (0,0) ↓" in (after := await shown(pilot, "space", "space"))
        assert "clipped 5 of 16" in after
        assert "update 2  epoch 0/4" in await shown(pilot, "space", "space", "space")
        assert "update 1  epoch 4/4" in await shown(pilot, "u")
        assert await shown(pilot, "u", "u") == after
        assert await shown(pilot, "u", "u") == before
        assert "Nothing to take back" in await shown(pilot, "u")


async def test_k_goes_through_the_clipped_samples(tmp_path: Path) -> None:
    async with opened(tmp_path, update=1, steps=16) as (pilot, lab):
        assert "No sample is clipped now" in await shown(pilot, "k")
        await shown(pilot, "space", "space", "k")
        assert lab.session.row == 3
        await shown(pilot, "k")
        assert lab.session.row == 11
        assert lab.session.now.clipped[11]


async def test_brackets_change_epsilon_on_the_same_samples(tmp_path: Path) -> None:
    async with opened(tmp_path, update=1, steps=16) as (pilot, lab):
        await shown(pilot, "space", "space")
        states = lab.session.samples.state.tolist()
        assert "epsilon 0.15" in await shown(pilot, "left_square_bracket")
        assert "ε 0.15" in await shown(pilot, "down")
        assert lab.session.epoch == 2
        assert lab.session.samples.state.tolist() == states
        assert "epsilon 0.2" in await shown(pilot, "right_square_bracket")


async def test_predict_then_see(tmp_path: Path) -> None:
    async with opened(tmp_path, update=1, steps=16) as (pilot, lab):
        await shown(pilot, "space", "down", "down", "down", "p")
        assert isinstance(pilot.app.screen, PredictScreen)
        await shown(pilot, "escape")
        assert lab.session.epoch == 1
        assert "As predicted: ratio .731, clipped" in await shown(pilot, "p", "1", "enter")
        assert lab.session.epoch == 2
        await shown(pilot, "space", "space")
        assert "This update is over" in await shown(pilot, "p")


async def test_the_last_stage_shows_the_policy_before_and_after(tmp_path: Path) -> None:
    async with opened(tmp_path, update=1, steps=16) as (pilot, _lab):
        screen = await shown(pilot, "space", "9")
        assert "π(·|(2,0))   before → after epoch 1 of 4" in screen
        assert "up    .250 ▇▇▇▇▇▇" in screen
        assert "→ .225 ▇▇▇▇▇" in screen
        screen = await shown(pilot, "space", "space", "space", "8")
        assert "This is the new policy" in screen


async def test_plots_and_map_are_a_key_away_or_beside(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, lab):
        assert "V(s)" in await shown(pilot, "space")
        screen = await shown(pilot, "v")
        assert "pushes" in screen
        assert lab.query_one(GridPane).region.area > 0
        assert lab.query_one(SampleTable).region.area == 0
        assert "V(s)" in await shown(pilot, "v")
    async with opened(tmp_path, LARGE) as (pilot, lab):
        assert "pushes" in await shown(pilot, "space")
        assert all(each.region.area > 0 for each in lab.query(ChartView))
        assert "in sight already" in await shown(pilot, "v")


async def test_a_click_chooses_a_number_or_a_state(tmp_path: Path) -> None:
    async with opened(tmp_path, LARGE, update=1, steps=16) as (pilot, lab):
        table = lab.query_one(SampleTable)
        header = table.plain.split("\n")[0]
        await pilot.click(SampleTable, offset=(header.index(" R ") + 1, 4))
        assert (lab.session.row, lab.session.column) == (3, "reward")
        grid = lab.query_one(GridPane)
        await pilot.click(GridPane, offset=(5, grid.region.height - 3))
        assert lab.session.env.cells[lab.session.samples.state[lab.session.row]] == (2, 0)


async def test_explain_code_and_next_example(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, lab):
        assert "Before the first epoch pi = pi_old" in await shown(pilot, "e")
        assert isinstance(pilot.app.screen, ReaderScreen)
        await shown(pilot, "escape", "c")
        assert "clipped_surrogate" in await shown(pilot, "pagedown", "pagedown", "pagedown")
        await shown(pilot, "escape", "n")
        assert lab.session.update == 8
        await shown(pilot, "n", "n")
        assert lab.session.parameters["grid"] == "mouse"
        await shown(pilot, "n")
        assert (lab.session.parameters["grid"], lab.session.update) == ("russell-norvig", 2)


async def test_it_is_exported_and_runs_to_the_last_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(tmp_path, steps=4, epochs=2, update=1) as (pilot, lab):
        await shown(pilot, "space", "x")
        names = sorted(path.name for path in (tmp_path / "rl-tutor-ppo-inside").iterdir())
        stem = "ppo-inside-russell-norvig-seed0-update1"
        tables = [f"{stem}-{name}.csv" for name in ("epochs", "policies", "ratios", "samples")]
        plots = [f"{stem}-{name}.{kind}" for name in ("epochs", "ratios") for kind in ("svg", "txt")]
        assert names == sorted(tables + plots)
        await shown(pilot, "r")
        assert lab.session.update == 1 + 41 // 3  # two epochs and the way to the next update
        while not lab.session.over:
            lab.session.step()
        assert "200 updates are the most" in await shown(pilot, "space")


async def test_a_long_update_is_waited_for_and_may_be_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, on = threading.Event(), threading.Event()
    make_one = PpoInsideSession.make_one

    def held(session: PpoInsideSession) -> None:
        begun.set()
        on.wait(10)
        make_one(session)

    monkeypatch.setattr(PpoInsideSession, "make_one", held)
    async with opened(tmp_path, epochs=40, steps=64, update=3) as (pilot, lab):
        assert "computing update 1 of 3" in await shown(pilot, "space", "down", "e", "v", "0")
        assert lab.session.lacking == 3
        assert begun.is_set()
        on.set()
        await pilot.app.workers.wait_for_complete()
        screen = await shown(pilot)
        assert "update 3  epoch 0/40" in screen
        assert "space epoch" in screen
        assert "update 3  epoch 1/40" in await shown(pilot, "space")
        on.clear()
        assert "computing update 1 of 3" in await shown(pilot, "s")
        await shown(pilot, "escape")
        assert not pilot.app.screen.query(Lab)
        on.set()


PICTURES: dict[str, tuple[str, ...]] = {"delta": ("4",), "clipped": ("6", *["space"] * 4, "k")}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("state", PICTURES)
def test_picture(snap_compare: Any, tmp_path: Path, state: str, size: tuple[int, int]) -> None:
    app = TutorApp(Course(tmp_path, "en", ()), open_store(tmp_path / "progress.db"), Settings(motion=False))
    app.animation_level = "none"

    async def act(pilot: Pilot[None]) -> None:
        app.open_lab("ppo-inside", {})
        await pilot.pause()
        for key in PICTURES[state]:
            await pilot.press(key)
            await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=act)


LESSON = """---
id: 01-inside
title: Inside
order: 1
---
# Inside

## One update

```lab
name: ppo-inside
set: {grid: russell-norvig, seed: 0, update: 2, steps: 24, epochs: 4}
```

## After

The end.
"""


async def test_inside_a_lesson_it_is_whole_and_found_again(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course", one=LESSON))
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-inside")
        await pilot.pause()
        screen = await shown(pilot, "tab", "4", "down", "space")
        assert "update 2  epoch 1/4" in screen
        assert "δ₁ = R₂ + γV(s₂) − V(s₁)" in screen
        await shown(pilot, "escape", "right")
        screen = await shown(pilot, "left")
        assert "update 2  epoch 1/4" in screen
        assert "δ₁ = R₂ + γV(s₂) − V(s₁)" in screen
    app.close_store()
