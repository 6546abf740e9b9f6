"""A session of runs: what it holds, looks back on, makes again. Its runs are made in this process."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tutor.experiments import LabDescription, find_experiment, run
from tutor.experiments.entries.shared import RUN_SPEED, SEED
from tutor.experiments.lending import borrow_from
from tutor.rl.control_loop import ADVICE as CONTROL
from tutor.rl.divergence import DivergedError
from tutor.rl.prediction import ADVICE as PREDICTION
from tutor.rl.trust_region import TrustRegion
from tutor.tui.glyphs import ASCII, UNICODE, Glyphs
from tutor.tui.labs.run_session import RunSession
from tutor.tui.labs.run_words import problem

from .fake_runs import FakeRuns

EPISODE = find_experiment("episode")
LAB = LabDescription(
    "walking",
    "Walking",
    "A policy walks.",
    (*EPISODE.parameters, SEED, RUN_SPEED),
    "gamma",
    ({"grid": "mouse"},),
)
LONG: dict[str, Any] = {"grid": "cliff", "policy": "random", "steps": 60}


class Walking:
    """A session and the runs that it started, one a process."""

    def __init__(self, state: object = None, **given: object) -> None:
        self.runs: list[FakeRuns] = []
        self.heard = 0
        values = LAB.values({**LONG, **given})
        self.session = RunSession(EPISODE, LAB, values, self._start, self._hear, state)

    def _start(self) -> FakeRuns:
        self.runs.append(FakeRuns())
        return self.runs[-1]

    def _hear(self) -> None:
        self.heard += 1

    def open(self) -> "Walking":
        self.session.open()
        self.session.take()
        return self

    def more(self, frames: int) -> None:
        self.runs[-1].more(frames)
        self.session.take()

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.session.step()
            self.session.take()


def numbers(session: RunSession) -> list[tuple[int, float]]:
    return [(f.update, float(f.metrics["episode/reward"][0])) for f in session.frames]


def test_opened_it_holds_the_first_frame_and_waits() -> None:
    walking = Walking()
    assert (walking.session.state, walking.runs) == ("new", [])
    walking.open()
    assert walking.session.state == "paused"
    assert walking.session.updates == [0]
    assert walking.heard > 0


def test_steps_and_running_give_the_frames_of_the_experiment() -> None:
    walking = Walking(seed=3).open()
    walking.steps(2)
    walking.session.go()
    assert walking.session.state == "running"
    walking.more(1000)
    assert walking.session.state == "done"
    here = list(run("episode", LONG, [3]))
    assert numbers(walking.session) == [(f.update, float(f.metrics["episode/reward"][0])) for f in here]
    assert not walking.session.step()


def test_looking_back_and_forward_makes_nothing() -> None:
    walking = Walking().open()
    walking.steps(4)
    session = walking.session
    assert not session.look(1)
    assert session.undo()
    assert session.undo()
    assert (session.shown, session.reached) == (2, 4)
    frame = session.at("episode")
    assert frame is not None
    assert frame.update == 2
    walking.steps(1)
    assert (session.shown, len(session.frames)) == (3, 5)
    walking.steps(1)
    assert session.cursor is None
    walking.steps(1)
    assert session.reached == 5
    assert session.look(-100)
    assert session.shown == 0
    assert not session.undo()


def test_what_is_looked_at_stays_while_more_comes() -> None:
    walking = Walking().open()
    walking.steps(3)
    walking.session.look(-1)
    walking.session.step()
    walking.session.look(-2)
    walking.session.run.resume()
    walking.more(5)
    assert (walking.session.shown, walking.session.reached) == (1, 8)


def test_reset_gives_the_same_again_and_reseed_other_dice() -> None:
    walking = Walking().open()
    walking.steps(20)
    first, generation = numbers(walking.session), walking.session.generation
    walking.session.reset()
    walking.session.take()
    assert (walking.session.reached, walking.session.generation) == (0, generation + 1)
    walking.steps(20)
    assert numbers(walking.session) == first
    walking.session.reseed()
    walking.session.take()
    walking.steps(20)
    assert walking.session.parameters["seed"] == 1
    assert list(walking.runs[-1].begun[-1][2] or ()) == [1]


def test_several_seeds_go_on_after_the_last_of_them() -> None:
    walking = Walking(seeds=5).open()
    assert list(walking.runs[0].begun[0][2] or ()) == [0, 1, 2, 3, 4]
    walking.session.reseed()
    assert list(walking.runs[0].begun[1][2] or ()) == [5, 6, 7, 8, 9]
    assert "speed" not in walking.runs[0].begun[1][1]
    assert "seed" not in walking.runs[0].begun[1][1]


def test_the_last_seeds_are_followed_by_the_first() -> None:
    walking = Walking(seed=999_999)
    walking.session.reseed()
    assert walking.session.parameters["seed"] == 0


def test_another_value_is_run_with_to_where_it_was_and_goes_on_if_it_ran() -> None:
    walking = Walking(gamma=0.9).open()
    walking.steps(10)
    walking.session.set_parameters({"gamma": 0.5})
    walking.session.take()
    assert (walking.session.reached, walking.session.state) == (10, "paused")
    assert walking.runs[0].begun[-1][1]["gamma"] == 0.5
    walking.session.go()
    walking.more(2)
    walking.session.set_parameters({"gamma": 0.7})
    walking.session.take()
    assert (walking.session.reached, walking.session.state) == (12, "running")


def test_another_speed_changes_no_frame_and_counts_updates() -> None:
    walking = Walking().open()
    walking.session.go()
    walking.session.set_parameters({"speed": 20})
    assert walking.runs[0].speeds == [None, 20.0]
    assert len(walking.runs[0].begun) == 1


def test_a_process_that_died_is_followed_by_another_that_makes_the_same() -> None:
    walking = Walking().open()
    walking.session.go()
    walking.more(7)
    walking.runs[0].die()
    walking.session.take()
    session = walking.session
    assert (session.state, session.reached) == ("dead", 7)
    assert "died" in session.problem
    before = numbers(session)
    session.go()
    session.take()
    assert (session.state, session.problem) == ("running", "")
    assert numbers(session) == before
    walking.more(2)
    assert numbers(session)[:8] == before
    assert session.reached == 9


def test_what_comes_out_otherwise_is_said() -> None:
    walking = Walking().open()
    walking.steps(40)
    walking.session.close()
    assert walking.session.state == "left"
    walking.session.parameters["gamma"] = 0.5  # as if the engine had changed meanwhile
    walking.session.step()
    walking.session.take()
    assert "otherwise than before" in walking.session.problem


def test_left_it_keeps_its_frames_and_a_step_goes_on_from_them() -> None:
    walking = Walking().open()
    walking.steps(6)
    walking.session.close()
    assert walking.runs[0].closed
    assert walking.session.reached == 6
    walking.steps(1)
    assert (walking.session.reached, walking.session.problem, len(walking.runs)) == (7, "", 2)


def test_left_while_it_ran_it_does_not_start_again_by_itself() -> None:
    walking = Walking().open()
    walking.session.go()
    walking.more(3)
    walking.session.close()
    walking.session.take()
    assert (walking.session.state, len(walking.runs)) == ("left", 1)


def test_the_state_brings_the_run_back_to_where_it_was() -> None:
    walking = Walking(seed=2, gamma=0.8).open()
    walking.steps(9)
    kept = json.loads(json.dumps(walking.session.to_state()))
    again = Walking(kept)
    assert (again.session.state, again.session.goal) == ("left", 9)
    assert again.session.to_state() == kept
    again.open()
    assert (again.session.state, again.session.problem) == ("paused", "")
    assert numbers(again.session) == numbers(walking.session)
    assert again.session.to_state() == kept


def test_numbers_that_are_not_those_of_the_last_visit_are_said_to_be_others() -> None:
    walking = Walking().open()
    walking.steps(9)
    kept = walking.session.to_state()
    again = Walking({**kept, "check": kept["check"] + 1}).open()
    assert "not the numbers of your last visit" in again.session.problem


@pytest.mark.parametrize(
    "damaged",
    [
        None.__class__,
        [],
        {},
        {"frames": 3},
        {"parameters": {}, "frames": "3", "check": None},
        {"parameters": {}, "frames": -1, "check": None},
        {"parameters": {}, "frames": 10**9, "check": None},
        {"parameters": {}, "frames": 3, "check": "x"},
        {"parameters": {"steps": 0}, "frames": 3, "check": None},
        {"parameters": [1], "frames": 3, "check": None},
    ],
)
def test_a_damaged_state_gives_a_new_lab(damaged: object) -> None:
    walking = Walking(damaged, seed=4)
    assert (walking.session.state, walking.session.parameters["seed"]) == ("new", 4)


def test_a_run_that_failed_says_why_and_keeps_what_it_made() -> None:
    walking = Walking().open()
    walking.session.go()
    walking.more(4)
    walking.runs[0].fail("episode diverged after 4 updates; try a smaller alpha")
    walking.session.take()
    assert walking.session.state == "failed"
    assert walking.session.problem.startswith("episode diverged")
    assert walking.session.reached == 4
    assert not walking.session.step()


def test_a_death_on_the_way_back_to_an_earlier_visit_is_said_and_the_way_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walking = Walking(seed=3).open()
    walking.session.go()
    walking.more(5)
    walking.session.take()
    state = json.loads(json.dumps(walking.session.to_state()))
    monkeypatch.setattr(FakeRuns, "_told", lambda *_command: None)  # no more than the first frame comes
    again = Walking(state).open()
    again.runs[-1].die("it died")
    again.session.take()
    assert (again.session.state, again.session.problem) == ("dead", "it died")
    assert again.session.to_state() == state


class Nobody:
    """Lends processes, but is not to be asked here: the runs are made in this process."""

    def borrow(self, *_asked: object) -> Any:
        raise AssertionError


@pytest.fixture
def shared() -> Iterator[None]:
    """A class, whose runs wait in a queue."""
    borrow_from(Nobody())
    yield
    borrow_from(None)


@pytest.mark.usefixtures("shared")
def test_in_a_class_a_place_in_the_queue_is_taken_by_who_runs_or_steps_and_by_nobody_who_looks() -> None:
    walking = Walking(seed=3).open()
    assert (walking.session.state, walking.runs) == ("new", [])
    walking.session.set_parameters({"gamma": 0.5})
    walking.session.reseed()
    walking.session.reset()
    walking.session.look(-1)
    walking.session.pause()
    assert walking.runs == []
    walking.session.step()
    walking.session.take()
    assert (walking.session.state, walking.session.updates) == ("paused", [0])
    walking.session.go()
    walking.more(5)
    assert walking.session.reached == 5


@pytest.mark.usefixtures("shared")
def test_in_a_class_a_run_that_begins_anew_gives_its_place_away_until_it_is_run() -> None:
    walking = Walking(seed=3).open()
    walking.steps(1)
    walking.session.go()
    walking.more(5)
    first = walking.runs[-1].current
    walking.session.reseed()
    assert first is not None
    assert first.ended
    assert (walking.session.state, walking.session.seeds[0], len(walking.runs[-1].begun)) == ("new", 4, 1)
    walking.session.go()
    assert [seeds for *_, seeds in walking.runs[-1].begun] == [range(3, 4), range(4, 5)]


@pytest.mark.usefixtures("shared")
def test_in_a_class_a_run_that_was_left_is_made_again_when_it_is_to_go_on() -> None:
    walking = Walking(seed=3)
    walking.steps(1)
    walking.session.go()
    walking.more(5)
    state = json.loads(json.dumps(walking.session.to_state()))
    again = Walking(state).open()
    assert (again.session.state, again.session.goal, again.runs) == ("left", 5, [])
    assert again.session.to_state() == state  # looked at, and left once more
    again.session.go()
    again.session.take()
    assert numbers(again.session)[:6] == numbers(walking.session)
    assert again.session.state == "running"


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize(
    ("series", "advice"),
    [("trpo-no-line-search", TrustRegion.advice), ("expected-sarsa", CONTROL), ("td-lambda", PREDICTION)],
)
def test_why_a_run_diverged_is_one_line_with_the_most_that_has_room(
    series: str, advice: str, glyphs: Glyphs
) -> None:
    error = DivergedError(series, 17, advice, (2, 10))
    walking = Walking().open()
    run = walking.runs[0].current
    assert run is not None
    run.diverged = (error.series, error.what)
    walking.runs[0].fail(str(error))
    walking.session.take()
    assert problem(walking.session, 200, glyphs) == str(error)
    told = problem(walking.session, 76, glyphs)  # of a lab inside a lesson at 80 columns
    assert len(told) <= 76
    assert told.startswith(series)
    assert told.endswith(f"try {advice}")
    assert problem(walking.session, 40, glyphs).endswith(glyphs.ellipsis)
