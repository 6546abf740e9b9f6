"""The policy-gradient lab through its keys: at every size, in a lesson, in ASCII, left and found again; pictures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.harness import LARGE, SMALL, screen_text, write_course
from tutor.course import load_course
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.gae import Lab as GaeLab
from tutor.tui.labs.policy_gradient import Lab

LESSON = """---
id: 01-policies
title: Policies
order: 1
minutes: 5
objectives: [see]
---
# Policies

## Look

```lab
name: policy-gradient
set: {grid: mouse, method: baseline}
```
"""


@asynccontextmanager
async def opened(
    tmp_path: Path,
    size: tuple[int, int] = SMALL,
    *,
    symbols: str = "unicode",
    motion: bool = False,
    **given: Any,
) -> AsyncIterator[tuple[Pilot[None], Lab]]:
    course = load_course(write_course(tmp_path / "course", one=LESSON))
    look = Settings(motion=motion, symbols=symbols)  # type: ignore[arg-type]
    app = TutorApp(course, open_store(tmp_path / "progress.db"), look)
    async with app.run_test(size=size) as pilot:
        app.open_lab("policy-gradient", given)
        await pilot.pause()
        await pilot.pause()
        yield pilot, app.screen.query_one(Lab)
    app.close_store()


def shown(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


@pytest.mark.parametrize("size", [(40, 12), (60, 18), SMALL, LARGE])
async def test_every_key_acts_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, size, symbols="ascii") as (pilot, lab):
        keys = (
            "down,left,right,space,down,up,pagedown,end,home,pageup,a,space,left_square_bracket,space,u,v,v,w,w,plus,"
            "minus,e,escape,c,escape,o,escape,p,escape,p,1,enter,a,space,s,space,0,d,escape,n,space"
        )
        for key in keys.split(","):
            await pilot.press(key)
            await pilot.pause()
            assert shown(pilot).isascii()
        assert (lab.session.t, lab.session.method) == (1, "actor-critic")
        for grid in ("rooms", "cliff", "rope", "frozenlake-8x8"):
            lab.set_parameters({"grid": grid})
            await pilot.press("space", "right", "end")
            assert grid in lab.title()
            assert lab.session.row == lab.session.known.steps - 1


@pytest.mark.parametrize("size", [(40, 12), (60, 18), SMALL, LARGE])
async def test_what_matters_is_in_sight(tmp_path: Path, size: tuple[int, int]) -> None:
    """The step under the cursor in the table, its advantage, its action's probability before and after."""
    async with opened(tmp_path, size) as (pilot, lab):
        await pilot.press("space", "down", "down")
        await pilot.pause()
        screen = shown(pilot)
        samples, inside = lab.session.known.samples, lab.session.known.inside
        at = samples.state[2], samples.action[2]
        for part in (
            "▸  2",
            "A₂ = ",
            *(f"{float(policy[at]):.3f}"[1:] for policy in (inside.old_policy, inside.new_policy)),
            "after",
        ):
            assert part in screen


async def test_an_episode_and_its_update_and_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, lab):
        before = shown(pilot)
        assert "J = −1.256" in before
        await pilot.press("space")
        assert "episode 1" in shown(pilot)
        assert "α/n 3/" in shown(pilot)
        await pilot.press("u")
        assert shown(pilot) == before
        await pilot.press("u")
        assert "Nothing to take back." in shown(pilot)
        await pilot.press("right_square_bracket", "space")
        assert "learning rate 5" not in shown(pilot)
        assert lab.session.rate == 5
        assert "α/n 5/" in shown(pilot)


async def test_the_next_method_from_the_same_seed_and_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, lab):
        await pilot.press("space", "space", "a")
        assert "REINFORCE with baseline" in shown(pilot)
        assert "from the same seed" in shown(pilot)
        assert lab.session.t == 0
        await pilot.press("space", "a", "space")
        assert "γλ" in shown(pilot)
        await pilot.press("u", "u", "u", "u")
        assert (lab.session.method, lab.session.t) == ("reinforce", 2)


async def test_the_curves_stand_in_place_of_the_numbers(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, _):
        await pilot.press("space", "space")
        assert "J, exact" not in shown(pilot)
        await pilot.press("v")
        await pilot.pause()
        assert "J, exact" in shown(pilot)
        assert "before" not in shown(pilot)
    async with opened(tmp_path, LARGE) as (pilot, _):
        await pilot.press("space", "space")
        await pilot.pause()
        assert "J, exact" in shown(pilot)
        assert "before" in shown(pilot)


async def test_the_map_shows_what_the_critic_learned(tmp_path: Path) -> None:
    async with opened(tmp_path, method="baseline") as (pilot, lab):
        await pilot.press("space", "w")
        assert "V, as the critic has learned it" in shown(pilot)
        assert "map: V  episode 1" in shown(pilot)
        values = lab.session.values
        assert f"{abs(values).max():.3f}"[1:] in shown(pilot)
        await pilot.press("a", "a", "w", "w")
        assert "REINFORCE learns none" in shown(pilot)


async def test_a_prediction_is_made_before_it_shows(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, lab):
        await pilot.press("p")
        await pilot.pause()
        assert "The next episode takes" in " ".join(shown(pilot).split())
        await pilot.press("escape")
        await pilot.pause()
        assert lab.session.t == 0
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("1", "enter")
        await pilot.pause()
        assert lab.session.t == 1
        assert "As predicted" in shown(pilot) or "Not so" in shown(pilot)


async def test_it_runs_by_itself_and_pauses(tmp_path: Path) -> None:
    async with opened(tmp_path, motion=True, speed=30) as (pilot, lab):
        await pilot.press("r")
        while lab.session.t < 4:
            await pilot.pause(0.02)
        await pilot.press("down")
        assert not lab.running
        t = lab.session.t
        await pilot.pause(0.1)
        assert (lab.session.t, lab.session.row) == (t, 1)


async def test_a_click_looks_at_a_cell(tmp_path: Path) -> None:
    from tutor.tui.widgets.grid import GridPane

    async with opened(tmp_path) as (pilot, lab):
        lab.query_one(GridPane).post_message(GridPane.Clicked(0, 3))
        await pilot.pause()
        await pilot.press("space")
        lab.query_one(GridPane).post_message(GridPane.Clicked(0, 3))
        await pilot.pause()
        assert "(0,3) ends the episode" in shown(pilot)


async def test_inside_a_lesson_it_is_whole_and_found_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, _):
        assert isinstance(pilot.app, TutorApp)
        pilot.app.open_lesson("01-policies")
        await pilot.pause()
        await pilot.press("tab", "space", "down", "down")
        await pilot.pause()
        assert "REINFORCE with baseline · mouse" in shown(pilot)
        assert "▸  2" in shown(pilot)
        await pilot.press("escape", "escape", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "▸  2" in shown(pilot)
        assert "episode 1" in shown(pilot)


async def test_it_exports_into_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(tmp_path) as (pilot, _):
        await pilot.press("space", "x")
        await pilot.pause()
    names = sorted(path.name.split("seed0-")[1] for path in (tmp_path / "rl-tutor-policy-gradient").iterdir())
    assert names == ["episode.csv", "policy.csv", "returns.csv", "returns.svg", "returns.txt"]


PICTURES: dict[str, tuple[str, ...]] = {
    "steps": ("space", "space", "a", "space", "down", "down"),
    "curves": ("space", "space", "space", "a", "space", "space", "space", "v"),
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("state", PICTURES)
def test_picture(snap_compare: Any, tmp_path: Path, state: str, size: tuple[int, int]) -> None:
    course = load_course(write_course(tmp_path / "course", one=LESSON))
    app = TutorApp(course, open_store(tmp_path / "progress.db"), Settings(motion=False))
    app.animation_level = "none"

    async def act(pilot: Pilot[None]) -> None:
        app.open_lab("policy-gradient", {})
        await pilot.pause()
        for key in PICTURES[state]:
            await pilot.press(key)
            await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=act)


async def test_g_opens_the_first_four_steps_as_gae_and_esc_comes_back(tmp_path: Path) -> None:
    async with opened(tmp_path, method="actor-critic") as (pilot, view):
        await pilot.press("g")
        assert "No episode yet" in screen_text(pilot.app)  # type: ignore[arg-type]
        await pilot.press("space", "space", "space", "g")
        await pilot.pause()
        gae = pilot.app.screen.query_one(GaeLab)
        samples, table = view.session.known.samples, gae.session.table
        assert table.rewards == pytest.approx(samples.reward[:4])
        assert table.values == pytest.approx([*samples.value[:4], samples.value[4]], abs=5e-4)
        assert table.deltas == pytest.approx(samples.delta[:4], abs=1.5e-3)
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen.query_one(Lab) is view


async def test_u_takes_a_learning_rate_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (pilot, view):
        await pilot.press("space", "right_square_bracket", "right_square_bracket")
        assert view.session.parameters["learning_rate"] == 10
        await pilot.press("u", "u")
        assert (view.session.parameters["learning_rate"], view.session.t) == (3, 1)
