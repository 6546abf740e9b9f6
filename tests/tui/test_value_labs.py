"""The labs on values through their keys: at every size, inside a lesson, in ASCII, left and found again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.fake_runs import FakeRuns
from tests.tui.harness import LARGE, SMALL, screen_text, write_course
from tutor.course import load_course
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.prediction import Lab as Prediction
from tutor.tui.labs.prediction_runs import Lab as PredictionRuns

LABS = ("values", "planning", "bandit", "prediction", "ppo-inside")
LESSON = """---
id: 01-values
title: Values
order: 1
minutes: 5
objectives: [see]
---
# Values

## Look

```lab
name: {name}
{set}
```
"""
SETS = {
    "values": "set: {grid: russell-norvig}",
    "planning": "set: {grid: russell-norvig}",
    "bandit": "",
    "prediction": "",
    "ppo-inside": "set: {update: 1}",
    "clip": "",
    "token": "",
}


@asynccontextmanager
async def opened(
    tmp_path: Path, lab: str, size: tuple[int, int], *, symbols: str = "unicode", **given: Any
) -> AsyncIterator[tuple[Pilot[None], TutorApp]]:
    course = write_course(tmp_path / "course", one=LESSON.format(name=lab, set=SETS[lab]))
    app = TutorApp(
        load_course(course),
        open_store(tmp_path / "progress.db"),
        Settings(motion=False, symbols=symbols),  # type: ignore[arg-type]
    )
    async with app.run_test(size=size) as pilot:
        app.open_lab(lab, given)
        await pilot.pause()
        await pilot.pause()
        yield pilot, app
    app.close_store()


@pytest.mark.parametrize("size", [(40, 12), SMALL, LARGE])
@pytest.mark.parametrize("lab", LABS)
async def test_every_key_acts_at_every_size(tmp_path: Path, lab: str, size: tuple[int, int]) -> None:
    async with opened(tmp_path, lab, size, symbols="ascii") as (pilot, app):
        keys = "right,up,space,enter,i,a,left_square_bracket,u,n,r,plus,e,escape,c,escape,o,escape,p,1,enter,s,f,v,0,5"
        for key in keys.split(","):
            await pilot.press(key)
            await pilot.pause()
            assert screen_text(app).isascii()
        for grid in () if lab == "bandit" else ("rooms", "cliff", "frozenlake-8x8", "rope"):
            app.screen.query_one("LabView").set_parameters({"grid": grid})  # type: ignore[attr-defined]
            await pilot.press("space", "right")
            assert grid in app.screen.query_one("LabView").title()  # type: ignore[attr-defined]


async def test_planning_shows_the_backup_of_the_cell_under_the_cursor(tmp_path: Path) -> None:
    async with opened(tmp_path, "planning", SMALL) as (pilot, app):
        await pilot.press("space", "space", "space", "space", "up", "right")
        shown = screen_text(app)
        assert "sweep 4" in shown
        assert "V(1,2)" in shown
        await pilot.press("enter", "enter")
        assert "sweep 5, 2 of 9 states" in screen_text(app)


async def test_bandit_arms_are_pulled_by_hand_and_by_the_method(tmp_path: Path) -> None:
    async with opened(tmp_path, "bandit", SMALL) as (pilot, app):
        await pilot.press("down", "down", "enter", "space", "f")
        assert "pull 102" in screen_text(app)
        await pilot.press("u", "v")
        shown = screen_text(app)
        assert "pull 101" in shown
        assert "q*" in shown


async def test_values_follow_an_edit_and_undo(tmp_path: Path) -> None:
    async with opened(tmp_path, "values", SMALL) as (pilot, app):
        before = screen_text(app)
        await pilot.press("enter")
        assert "1 changed" in screen_text(app)
        await pilot.press("u")
        assert screen_text(app) == before
        await pilot.press("space", "space")
        assert "2 episodes from (2,0)" in screen_text(app)


async def test_values_too_long_for_their_cells_are_said_to_be(tmp_path: Path) -> None:
    async with opened(tmp_path, "values", SMALL, grid="cliff") as (pilot, app):
        assert "do not fit" in screen_text(app)
        app.screen.query_one("LabView").set_parameters({"grid": "russell-norvig"})  # type: ignore[attr-defined]
        await pilot.pause()
        assert "do not fit" not in screen_text(app)
        app.screen.query_one("LabView").set_parameters({"grid": "cliff"})  # type: ignore[attr-defined]
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        assert "−65k" in screen_text(app)
        assert "do not fit" not in screen_text(app)


async def test_the_code_begins_with_the_method_that_is_on(tmp_path: Path) -> None:
    async with opened(tmp_path, "bandit", SMALL, method="gradient") as (pilot, app):
        await pilot.press("c")
        await pilot.pause()
        shown = screen_text(app)
        assert "GradientBandit.learn" in shown
        assert "EpsilonGreedy" not in shown.split("GradientBandit.learn")[0]


async def test_what_was_said_of_the_policy_goes_with_gamma(tmp_path: Path) -> None:
    async with opened(tmp_path, "values", SMALL, policy="optimal") as (pilot, app):
        await pilot.press("i")
        assert "the policy is best" in screen_text(app)
        await pilot.press("left_square_bracket")
        assert "the policy is best" not in screen_text(app)


async def test_the_head_gives_way_before_how_far_the_lab_is(tmp_path: Path) -> None:
    """Both ends of the first line are whole at 80 columns, on the lab's own screen and inside a lesson."""
    async with opened(tmp_path, "prediction", SMALL, grid="russell-norvig") as (pilot, app):
        await pilot.press("f")
        await app.workers.wait_for_complete()
        await pilot.pause()
        head = screen_text(app).splitlines()[0]
        assert "γ 0.99 " in head
        assert "episode 10  step" in head
    async with opened(tmp_path, "values", SMALL) as (pilot, app):
        app.open_lesson("01-values")
        await pilot.pause()
        await pilot.press("tab", "enter", *["space"] * 12)
        await pilot.pause()
        head = next(line for line in screen_text(app).splitlines() if "policy" in line and "sampled" in line)
        assert "policy random, 1 changed " in head
        assert "12 sampled" in head


@pytest.mark.parametrize("lab", ["values", "planning"])
async def test_inside_a_lesson_it_is_whole_and_found_again(tmp_path: Path, lab: str) -> None:
    async with opened(tmp_path, lab, SMALL) as (pilot, app):
        app.open_lesson("01-values")
        await pilot.pause()
        await pilot.press("tab", "right", "space")
        await pilot.pause()
        shown = screen_text(app)
        assert "(2,1)" in shown
        await pilot.press("escape", "escape", "enter")
        await pilot.pause()
        assert "(2,1)" in screen_text(app)


@pytest.mark.parametrize("lab", [lab for lab in LABS if lab != "ppo-inside"])  # which has two plots
async def test_it_exports_into_a_new_folder(
    tmp_path: Path, lab: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(tmp_path, lab, SMALL) as (pilot, _app):
        await pilot.press("space", "space", "x")
        await pilot.pause()
    written = sorted(path.suffix for path in (tmp_path / f"rl-tutor-{lab}").iterdir())
    assert written == [".csv", ".csv", ".svg", ".txt"]


@pytest.mark.parametrize(
    ("lab", "key", "said"),
    [
        ("bandit", "d", "This lab has no grid of yours to draw."),
        ("planning", "s", "No dice are thrown in this lab."),
        ("clip", "space", "Nothing goes step by step in this lab."),
        ("token", "p", "There is nothing to predict in this lab."),
        ("token", "d", "This lab has no grid of yours to draw."),
    ],
)
async def test_a_key_that_other_labs_have_says_why_it_does_nothing(
    tmp_path: Path, lab: str, key: str, said: str
) -> None:
    async with opened(tmp_path, lab, SMALL) as (pilot, app):
        await pilot.press(key)
        assert said in screen_text(app)


@pytest.mark.parametrize(
    ("lab", "keys"), [("values", "n"), ("values", "a"), ("bandit", "a"), ("bandit", "s")]
)
async def test_u_brings_a_run_back_that_another_key_threw_away(tmp_path: Path, lab: str, keys: str) -> None:
    async with opened(tmp_path, lab, SMALL) as (pilot, app):
        await pilot.press("space", "space")
        before = screen_text(app)
        await pilot.press(*keys)
        assert screen_text(app) != before
        await pilot.press("u")
        assert screen_text(app) == before


async def test_training_opens_the_lab_of_many_episodes_with_what_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PredictionRuns, "worker", FakeRuns)
    given = {"grid": "rope", "alpha": 0.2, "method": "n-step", "n": 3, "seed": 5}
    async with opened(tmp_path, "prediction", SMALL, **given) as (pilot, app):
        await pilot.press("t")
        await pilot.pause()
        lab = app.screen.query_one(PredictionRuns)
        assert {name: lab.session.parameters[name] for name in given} == given
        assert lab.session.seeds == range(5, 25)
        assert "MC and n-step TD · rope · α 0.2 · seeds 5-24" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "Prediction · rope" in screen_text(app)


async def test_every_update_of_monte_carlo_can_be_seen_with_all_its_digits(tmp_path: Path) -> None:
    """Three steps right bring -0.05, -0.05 and 0.95; the returns are their sums from each step on."""
    given = {"grid": "mouse", "slip": 0.0, "gamma": 1.0, "alpha": 0.5}
    async with opened(tmp_path, "prediction", SMALL, symbols="ascii", **given) as (pilot, app):
        await pilot.press("m")
        assert "waits for the end" in screen_text(app)
        await pilot.press("right", "right", "right")
        for number, new in ("1/3 V(0,0)", ".425"), ("2/3 V(0,1)", ".450"), ("3/3 V(0,2)", ".475"):
            shown = screen_text(app)
            assert f"MC {number}" in shown
            assert f"= {new}" in shown
            assert shown.count(new) >= 2  # in the line and in the map
            await pilot.press("m")
        assert "MC 1/3" in screen_text(app)
        await pilot.press("M")
        assert "MC 3/3" in screen_text(app)


async def test_prediction_runs_by_itself_until_it_is_paused(tmp_path: Path) -> None:
    async with opened(tmp_path, "prediction", SMALL, grid="cliff") as (pilot, app):
        app.settings = replace(app.settings, motion=True)
        await pilot.press("plus", "plus", "plus", "r")
        lab = app.screen.query_one(Prediction)
        while lab.session.t < 3:
            await pilot.pause()
        assert lab.running
        assert "12/s" in screen_text(app)
        await pilot.press("r")
        reached = lab.session.t
        await pilot.pause()
        assert not lab.running
        assert lab.session.t == reached
        await pilot.press("u")
        assert lab.session.t == reached - 1
