"""The values lab without a screen: V and Q by hand and by identities, edits, samples, undo."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.rl.environments.maps import GRIDS
from tutor.rl.planning import optimal_values
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs import values_pages as pages
from tutor.tui.labs import values_words as words
from tutor.tui.labs.values_session import RANDOM, ValuesSession


def session(**given: Any) -> ValuesSession:
    return ValuesSession(ValuesSession.resolve(given))


def at(lab: ValuesSession, row: int, col: int) -> int:
    state = lab.env.state_at(row, col)
    assert state is not None
    return state


def test_a_walk_that_is_certain_is_worth_what_it_pays():
    # No slip, gamma .5: right from (0,2) pays .96 at once; from (0,1) it is -.04 + .5 * .96; then up twice.
    lab = session(slip=0, gamma=0.5, policy="right")
    assert lab.V is not None
    assert lab.V[at(lab, 0, 2)] == pytest.approx(0.96)
    assert lab.V[at(lab, 0, 1)] == pytest.approx(-0.04 + 0.5 * 0.96)
    lab.look(at(lab, 1, 0))
    lab.edit(0)
    assert lab.V[at(lab, 1, 0)] == pytest.approx(-0.04 + 0.5 * (-0.04 + 0.5 * (-0.04 + 0.5 * 0.96)))


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("policy", ["random", "optimal", "up"])
def test_v_is_the_policy_s_mean_of_q(grid: str, policy: str):
    lab = session(grid=grid, policy=policy, gamma=0.95)
    assert lab.V is not None
    assert lab.Q is not None
    np.testing.assert_allclose((lab.policy * lab.Q).sum(axis=1), lab.V, atol=1e-9)
    assert lab.is_best() == bool(np.allclose(lab.V, optimal_values(lab.P, lab.R, 0.95), atol=1e-7))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 8), st.integers(0, 3), st.sampled_from(["random", "optimal", "left"]))
def test_the_sign_of_the_advantage_is_the_sign_of_the_change(place: int, action: int, policy: str):
    # Policy improvement theorem: a policy that differs in one state only changes V there as its advantage says.
    lab = session(policy=policy)
    lab.look(lab.live[place])
    assert lab.V is not None
    assert lab.Q is not None
    before, advantage = lab.V[lab.cursor], lab.Q[lab.cursor, action] - lab.V[lab.cursor]
    if lab.edit(action):
        change = lab.V[lab.cursor] - before
        assert np.sign(np.round(change, 9)) == np.sign(np.round(advantage, 9))


def test_improving_ends_at_the_best_policy():
    lab = session(grid="mouse")
    rounds = 0
    while lab.improve():
        rounds += 1
    assert 1 <= rounds <= 7
    assert lab.is_best()
    assert lab.V is not None
    np.testing.assert_allclose(lab.V, optimal_values(lab.P, lab.R, lab.gamma), atol=1e-9)


def test_the_mean_of_sampled_returns_comes_to_v():
    lab = session(policy="optimal", seed=3)
    for _ in range(1500):
        lab.step()
    assert lab.V is not None
    error = np.std(lab.returns, ddof=1) / np.sqrt(lab.t)
    assert abs(np.mean(lab.returns) - lab.V[lab.cursor]) < 3.5 * error


def test_undo_takes_back_samples_with_their_dice_and_then_edits():
    lab = session()
    lab.edit(1)
    for _ in range(3):
        lab.step()
    third = lab.returns[2]
    lab.undo()
    lab.step()
    assert lab.returns[2] == third
    for _ in range(3):
        lab.undo()
    assert lab.edits
    assert lab.undo()
    assert not lab.edits
    assert not lab.undo()


def test_another_cell_or_policy_begins_the_samples_anew():
    lab = session()
    lab.step()
    lab.move(0)
    assert lab.returns == []
    lab.step()
    lab.cycle()
    assert lab.returns == []


def test_a_policy_without_a_value_is_said_and_can_be_taken_back():
    lab = session(gamma=1, policy="optimal", slip=0)
    lab.edit(3)  # for ever into the wall
    assert "never ends" in lab.problem
    assert not lab.step()
    assert "no value" in "".join(text for text, _ in words.lines(lab, 78, UNICODE)[0])
    lab.undo()
    assert lab.problem == ""


def test_it_comes_back_as_it_was():
    lab = session(grid="mouse", seed=5)
    lab.edit(2)
    lab.move(1)
    lab.edit(RANDOM)
    lab.edit(0)
    for _ in range(4):
        lab.step()
    again = ValuesSession.from_state(lab.to_state(), ValuesSession.resolve({}))
    assert (again.cursor, again.edits, again.returns) == (lab.cursor, lab.edits, lab.returns)


NOWHERE = {"parameters": {}, "edits": {"99": 0}, "cursor": 0, "samples": 0}


@pytest.mark.parametrize("state", [None, [], NOWHERE, {"edits": 1}])
def test_a_damaged_state_begins_anew(state: object):
    assert ValuesSession.from_state(state, ValuesSession.resolve({"grid": "mouse"})).edits == {}


def test_predictions_are_judged_by_what_comes():
    lab = session(slip=0, gamma=0.9, policy="right")
    lab.look(at(lab, 1, 0))  # right is a wall here: for ever
    action = pages.proposed(lab)
    assert action == 2
    line = "".join(text for text, _ in pages.judged(lab, action, 1, UNICODE))
    assert "Not so: it stays the same." in line  # one wall is as good as another
    assert "the advantage was 0" in line


@pytest.mark.parametrize("width", [78, 58])
def test_lines_fit_and_ascii_stays_ascii(width: int):
    for policy in ("random", "optimal"):
        lab = session(grid="cliff", policy=policy, gamma=0.99)
        lab.step()
        for state in range(lab.env.n_states):
            lab.look(state)
            for glyphs in (UNICODE, ASCII):
                assert all(
                    sum(len(t) for t, _ in line) <= width for line in words.lines(lab, width, glyphs)[1:-1]
                )
            assert all(text.isascii() for line in words.lines(lab, width, ASCII) for text, _ in line)
