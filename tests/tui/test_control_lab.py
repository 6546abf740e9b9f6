"""The control lab: greedy paths by hand, the rules of the cliff, and the lab through its keys."""

import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from tutor.course.types import Course
from tutor.experiments import Frame, find_lab, run
from tutor.experiments.explain import explain
from tutor.experiments.rules.cliff import RULES
from tutor.progress import open_store
from tutor.rl.environments.maps import make
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs.control import Lab
from tutor.tui.labs.control_picture import cells, greedy_path, heading
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.run_session import RunSession
from tutor.tui.labs.run_words import spread
from tutor.tui.labs.source import source_of
from tutor.tui.widgets.chart import ChartView

from .fake_runs import FakeRuns
from .harness import LARGE, SMALL, screen_text

ENV = make("cliff")
EARNED, LEARNED = "objective/episode_return", "objective/return"
UP, RIGHT, DOWN, LEFT = range(4)
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])


def values_of(way: dict[tuple[int, int], int]) -> np.ndarray:
    """Q with one best action in each cell (row, col) of `way`, none elsewhere."""
    Q = np.zeros((ENV.n_states, 4))
    for (row, col), action in way.items():
        state = ENV.state_at(row, col)
        assert state is not None
        Q[state, action] = 1
    return Q


SHORT = {(3, 0): UP, **{(2, col): RIGHT for col in range(11)}, (2, 11): DOWN}


def test_the_path_along_the_edge_has_thirteen_steps() -> None:
    path = greedy_path(ENV, values_of(SHORT))
    assert (len(path.actions), path.reward, path.end) == (13, -13, "goal")
    assert (
        "".join(t for t, _ in heading("q-learning", path, 500, UNICODE))
        == "q-learning  13 steps, −13  at 500"
    )


def test_a_path_that_turns_back_a_tie_and_a_fall_are_told() -> None:
    back = greedy_path(ENV, values_of({(3, 0): UP, (2, 0): DOWN}))
    assert (back.end, back.reward) == ("circle", -2)
    assert greedy_path(ENV, np.zeros((ENV.n_states, 4))).end == "tie"
    fall = greedy_path(ENV, values_of({(3, 0): RIGHT}))
    assert (fall.end, fall.reward) == ("circle", -100)  # back at the start


def test_policies_that_do_not_arrive_are_told_in_the_table() -> None:
    lost, ways = -np.inf, [-13.0, -17.0]
    assert spread(np.array([lost]), UNICODE) == "does not arrive"
    assert spread(np.array([lost, *ways, lost]), UNICODE) == "2/4 do not arrive"


def test_the_code_is_the_two_rules_and_the_update() -> None:
    functions = Lab.code(SimpleNamespace(compared=lambda: ("sarsa", "q-learning")))  # type: ignore[arg-type]
    shown = "\n".join(line.plain for line in source_of(functions))
    assert "td_error = target - old" in shown
    assert "look.action" in shown  # SARSA: the action that was chosen
    assert "argmax" in shown  # Q-learning: the best one


def test_the_map_shows_the_path_as_arrows_and_what_pays() -> None:
    rows = cells(ENV, greedy_path(ENV, values_of(SHORT)), UNICODE, lambda _name: "#ffffff")
    assert "".join(cell.text for cell in rows[2]) == "→" * 11 + "↓"
    assert "".join(cell.text for cell in rows[3]) == "↑" + "C" * 10 + "G"
    assert all(cell.text.isascii() for row in cells(ENV, None, ASCII, lambda _n: "#ffffff") for cell in row)


# The rules


def both(sarsa: tuple[float, float], q_learning: tuple[float, float]) -> list[Frame]:
    """Twenty episodes of each: what it earns in all of them, and what its greedy policy gets at the end."""
    frames = []
    for update in range(1, 21):
        for series, (earns, gets) in (("sarsa", sarsa), ("q-learning", q_learning)):
            metrics = {EARNED: np.full(2, earns)}
            if update == 20:
                metrics[LEARNED] = np.full(2, gets)
            frames.append(Frame(series, update, metrics))
    return frames


def sentences(frames: list[Frame]) -> list[str]:
    return [finding.sentence for finding in explain(frames, RULES, metric=EARNED)]


def test_who_earns_more_may_have_learned_less() -> None:
    assert sentences(both((-26.0, -17.0), (-50.0, -13.0))) == [
        "While exploring sarsa earns more than q-learning (−26 an episode against −50), and yet what q-learning has "
        "learned is better: its greedy path gets −13, sarsa's −17."
    ]


@pytest.mark.parametrize(
    ("sarsa", "q_learning", "said"),
    [
        ((-26.0, -17.0), (-27.1, -13.0), True),
        ((-26.0, -17.0), (-27.0, -13.0), False),
        ((-26.0, -14.1), (-50.0, -13.0), True),
        ((-26.0, -14.0), (-50.0, -13.0), False),
        ((-50.0, -17.0), (-26.0, -13.0), False),
    ],
)
def test_both_differences_must_be_more_than_one(
    sarsa: tuple[float, float], q_learning: tuple[float, float], said: bool
) -> None:
    assert bool(sentences(both(sarsa, q_learning))) == said


@pytest.mark.parametrize(("gets", "said"), [(-47.0, False), (-48.0, True)])
def test_a_greedy_policy_that_costs_more_than_every_path_does_not_arrive(gets: float, said: bool) -> None:
    found = sentences(both((-26.0, gets), (-26.0, -13.0)))
    assert found == (["The greedy policy does not arrive: sarsa in 100% of its seeds."] if said else [])


# The lab


@asynccontextmanager
async def lab(
    tmp_path: Path, size: tuple[int, int] = SMALL, settings: Settings | None = None, **given: Any
) -> AsyncIterator[tuple[Pilot[None], Lab, FakeRuns]]:
    app = TutorApp(
        Course(tmp_path, "en", ()),
        open_store(tmp_path / "progress.db"),
        settings or Settings(symbols="unicode"),
    )
    runs = FakeRuns()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lab, "worker", lambda: runs)
        async with app.run_test(size=size) as pilot:
            app.open_lab("control", {"seeds": 2, "episodes": 60, **given})
            await pilot.pause()
            await pilot.pause()
            yield pilot, app.screen.query_one(Lab), runs
    app.close_store()


async def press(pilot: Pilot[None], view: Lab, *keys: str) -> str:
    await pilot.press(*keys[:-1])
    view._plots_drawn_at = 0.0
    await pilot.press(*keys[-1:])
    await pilot.pause()
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


async def run_all(pilot: Pilot[None], view: Lab, runs: FakeRuns) -> str:
    await pilot.press("r")
    view._plots_drawn_at = 0.0
    runs.more(10_000)
    await pilot.pause()
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


@SIZES
async def test_both_maps_plots_and_all_four_numbers_are_on_the_screen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with lab(tmp_path, size) as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        for part in (
            "Control · ε 0.1 · α 0.5 · seeds 0-1",
            "episode 60 of 60  done",
            "at 60",
            "earned, mean of 20",
            "greedy policy, exact",
            "sarsa",
            "q-learning",
            "expected-sarsa",
            "double-q",
            "[ ] epsilon",
        ):
            assert part in screen, part
        assert re.search(r"[S↑]( +C){10} +G .*[S↑]( +C){10} +G", screen)
        assert [s.name for s in view.query(ChartView).first().chart.series] == ["sarsa", "q-learning"]
        assert "…" not in screen


async def test_a_policy_that_walks_in_a_circle_is_drawn_as_minus_100_and_the_summary_says_so(
    tmp_path: Path,
) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        judged = [
            f.metrics[LEARNED] for f in view.session.frames if f.series == "sarsa" and LEARNED in f.metrics
        ]
        assert min(values.min() for values in judged) < -100
        drawn = list(view.query(ChartView))[1].chart.series[0]
        assert drawn.y.tolist() == pytest.approx([max(a, -100) / 2 + max(b, -100) / 2 for a, b in judged])
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.press("end")
        await pilot.pause()
        assert isinstance(pilot.app, TutorApp)
        assert "is drawn as −100" in screen_text(pilot.app)


async def test_epsilon_and_alpha_are_live(tmp_path: Path) -> None:
    async with lab(tmp_path, episodes=10) as (pilot, view, runs):
        await press(pilot, view, "space", "space", "space")
        screen = await press(pilot, view, "right_square_bracket", "down")
        assert "ε 0.15 · α 0.45" in screen
        assert "alpha 0.45 from episode 4 on: u takes it back" in screen
        assert len(runs.begun) == 1  # the run goes on
        assert view.status() == "episode 3 of 10  paused"
        assert view.session.parameters["changes"] == "4:alpha=0.45,4:epsilon=0.15"
        assert view.session.parameters["epsilon"] == 0.1  # at the beginning
        await press(pilot, view, "space", "space")
        assert_same_frames(view.session.frames, run("cliff", view.session.values(), view.session.seeds))


async def test_what_was_changed_in_the_run_is_taken_back_with_what_came_of_it(tmp_path: Path) -> None:
    async with lab(tmp_path, episodes=10) as (pilot, view, runs):
        await press(pilot, view, "space", "space", "space", "right_square_bracket", "r")
        runs.more(3 * 4)
        await pilot.pause()
        assert view.session.reached == 6
        screen = await press(pilot, view, "r", "u")
        assert "epsilon is taken back: 0.1" in screen
        assert (view.session.parameters["changes"], view.session.reached) == ("", 3)
        runs.more(100)
        await press(pilot, view, "space", "space")
        assert_same_frames(view.session.frames, run("cliff", view.session.values(), view.session.seeds))
        await press(pilot, view, "u")
        assert view.session.shown == 4  # now it looks back


async def test_a_lab_with_changes_comes_back_as_it_was_and_begins_anew_with_what_is_set(
    tmp_path: Path,
) -> None:
    async with lab(tmp_path, episodes=10) as (pilot, view, _):
        await press(pilot, view, "space", "space", "right_square_bracket", "space", "up", "space")
        state, frames = json.loads(json.dumps(view.session.to_state())), list(view.session.frames)
        again = RunSession(view.experiment, view.description, view.parameters, FakeRuns, lambda: None, state)
        again.open()
        again.take()
        assert again.changes.now("epsilon") == pytest.approx(0.15)
        assert_same_frames(again.frames, frames)
        assert (len(again.frames), again.problem) == (len(frames), "")
        await press(pilot, view, "0")
        p = view.session.parameters
        assert (p["changes"], p["epsilon"], p["alpha"]) == ("", pytest.approx(0.15), pytest.approx(0.55))


async def test_with_softmax_the_temperature_is_live(tmp_path: Path) -> None:
    async with lab(tmp_path, episodes=10, behaviour="softmax") as (pilot, view, _):
        screen = await press(pilot, view, "space", "right_square_bracket")
        assert "temperature 1.1 · α 0.5" in screen
        assert view.session.parameters["changes"] == "2:temperature=1.1"


def assert_same_frames(ours: Iterable[Frame], theirs: Iterable[Frame]) -> None:
    """As far as ours go, to the last bit."""
    for one, other in zip(ours, theirs, strict=False):
        assert (one.series, one.update, one.metrics.keys()) == (
            other.series,
            other.update,
            other.metrics.keys(),
        )
        assert all(values.tobytes() == other.metrics[name].tobytes() for name, values in one.metrics.items())


async def test_another_algorithm_on_a_side_needs_no_new_run(tmp_path: Path) -> None:
    async with lab(tmp_path, episodes=10) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        begun = len(runs.begun)
        view.set_parameters({"right": "double-q"})
        await press(pilot, view, "end")
        assert len(runs.begun) == begun
        assert [s.name for s in view.query(ChartView).first().chart.series] == ["sarsa", "double-q"]
        assert view._paths.plain.splitlines()[1].startswith("double-q")


async def test_examples_go_round(tmp_path: Path) -> None:
    async with lab(tmp_path, episodes=10) as (pilot, view, _):
        seen = []
        for _ in find_lab("control").presets:
            await press(pilot, view, "n")
            p = view.session.parameters
            seen.append((p["epsilon"], p["epsilon_schedule"], p["right"], p["behaviour"]))
            assert p["seeds"] == 2
        assert len(set(seen)) == len(seen)


async def test_prediction_is_judged_by_the_episodes_of_both(tmp_path: Path) -> None:
    async with lab(tmp_path, episodes=150, seeds=6) as (pilot, view, runs):
        await press(pilot, view, "p")
        await press(pilot, view, "1", "enter")
        assert view.session.state == "running"
        view._plots_drawn_at = 0.0
        runs.more(10_000)
        await pilot.pause()
        assert isinstance(pilot.app, TutorApp)
        screen = screen_text(pilot.app)
        late = {
            name: np.concatenate(
                [f.metrics[EARNED] for f in view.session.frames if f.series == name and f.update > 120]
            ).reshape(30, 6)
            for name in ("sarsa", "q-learning")
        }
        ends = [values.mean(0) for values in late.values()]
        error = np.sqrt(sum(end.var(ddof=1) / 6 for end in ends))
        apart = float(ends[0].mean() - ends[1].mean())
        came = 2 if abs(apart) <= 2 * error else 0 if apart > 0 else 1
        assert ("As predicted" in screen) == (came == 0)
        assert ("You said" in screen) == (came != 0)


async def test_explain_and_ascii(tmp_path: Path) -> None:
    async with lab(tmp_path, settings=Settings(symbols="ascii")) as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert screen.isascii()
        assert "Control - epsilon 0.1 - alpha 0.5" in screen
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)
        assert isinstance(pilot.app, TutorApp)
        assert screen_text(pilot.app).isascii()


async def test_embedded_it_is_whole_at_80_by_17(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, _):
        inside = Lab(view.session.parameters, None, embedded=True)
        await pilot.app.screen.mount(inside)
        inside.styles.width, inside.styles.height = 80, 17
        await pilot.pause()
        view.display = False
        await pilot.pause()
        assert inside.size == (80, 17)
        assert inside.query(ChartView).first().size.height >= 6
        assert [line.split()[0] for line in inside._panes.plain.splitlines()[1:3]] == ["sarsa", "q-learning"]
