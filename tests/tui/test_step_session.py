"""What sessions of steps share: a run that was left for another comes back as it was."""

from typing import Any

import pytest

from tutor.tui.labs.bandit_session import BanditSession
from tutor.tui.labs.gridworld_session import GridworldSession
from tutor.tui.labs.planning_session import PlanningSession
from tutor.tui.labs.prediction_session import PredictionSession
from tutor.tui.labs.step_session import MOST_RUNS, StepSession
from tutor.tui.labs.values_session import ValuesSession

SESSIONS = (BanditSession, ValuesSession, PlanningSession, PredictionSession, GridworldSession)
OTHERS: dict[type[StepSession], list[dict[str, Any]]] = {
    BanditSession: [{"method": "ucb"}, {"seed": 7}],
    ValuesSession: [{"grid": "mouse"}, {"policy": "up"}, {"gamma": 0.5}, {"seed": 3}],
    PlanningSession: [{"grid": "mouse"}, {"algorithm": "policy-iteration"}, {"gamma": 0.5}],
    PredictionSession: [{"grid": "rope"}, {"method": "n-step"}, {"seed": 3}],
    GridworldSession: [{"grid": "mouse"}, {"seed": 3}],
}
CASES = [(kind, change) for kind in SESSIONS for change in OTHERS[kind]]


def begun(kind: type[StepSession]) -> Any:
    lab = kind(kind.resolve({}))
    for _ in range(3):
        act(lab)
    return lab


def act(lab: Any) -> None:
    lab.act(0) if isinstance(lab, GridworldSession) else lab.step()


@pytest.mark.parametrize(("kind", "change"), CASES)
def test_undo_brings_the_run_back_that_was_left(kind: type[StepSession], change: dict[str, Any]) -> None:
    lab, kept = begun(kind), begun(kind).to_state()
    lab.set_parameters(change)
    assert lab.to_state() != kept
    act(lab)
    lab.undo()
    assert lab.undo()
    assert lab.to_state() == kept
    act(lab)
    ahead = begun(kind)
    act(ahead)
    assert lab.to_state() == ahead.to_state(), "it goes on with the same dice"
    for _ in range(4):
        assert lab.undo()
    assert lab.to_state() == kind(kind.resolve({})).to_state()
    assert not lab.undo()


@pytest.mark.parametrize("kind", SESSIONS)
def test_a_new_beginning_is_taken_back_too_and_a_second_one_is_nothing(kind: type[StepSession]) -> None:
    lab, kept = begun(kind), begun(kind).to_state()
    lab.reset()
    lab.reset()
    assert lab.undo()
    assert lab.to_state() == kept


def test_speed_stays_and_memory_is_bounded() -> None:
    lab = begun(BanditSession)
    for seed in range(1, 30):
        lab.set_parameters({"seed": seed})
        lab.step()
    lab.set_parameters({"speed": 30})
    back = 0
    while lab.undo():
        back += 1
    assert back == 1 + 2 * MOST_RUNS
    assert lab.parameters["speed"] == 30
