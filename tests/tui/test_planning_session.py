"""The planning lab without a screen: its numbers against exact solutions, its steps back and forth."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.environments.maps import GRIDS
from tutor.rl.planning import optimal_values
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs import planning_pages as pages
from tutor.tui.labs import planning_words as words
from tutor.tui.labs.planning_explain import explain
from tutor.tui.labs.planning_session import PlanningSession

ALGORITHMS = ("value-iteration", "policy-iteration", "policy-evaluation")


def session(**given: Any) -> PlanningSession:
    return PlanningSession(PlanningSession.resolve(given))


def text(line: Any) -> str:
    return "".join(part for part, _ in line)


def test_the_backup_beside_the_trap_is_the_sum_worked_by_hand():
    lab = session(grid="russell-norvig", gamma=0.99)
    lab.step()  # all values are -.04 but where an end is near
    values = {lab.env.cells[s]: v for s, v in enumerate(lab.values)}
    # Up from (2,2): .8 [-.04 + .99 * 0] + .1 [-.04] + .1 [-.04], all zero before the first sweep.
    assert values[2, 2] == pytest.approx(-0.04)
    # Right from (0,2): .8 [-.04 + 1] + .1 [-.04] + .1 [-.04].
    assert values[0, 2] == pytest.approx(0.8 * 0.96 - 0.2 * 0.04)
    lab.step()
    values = {lab.env.cells[s]: v for s, v in enumerate(lab.values)}
    assert values[0, 1] == pytest.approx(0.8 * (-0.04 + 0.99 * 0.76) + 0.2 * (-0.04 + 0.99 * -0.04))


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_ends_at_the_exact_values(grid: str, algorithm: str):
    lab = session(grid=grid, algorithm=algorithm, gamma=0.95)
    while lab.step():
        pass
    assert lab.over
    assert lab.error < 1e-8
    if algorithm != "policy-evaluation":
        assert lab.unfinished() == 0
        np.testing.assert_allclose(lab.values, optimal_values(lab.P, lab.R, 0.95), atol=1e-8)


@pytest.mark.parametrize("in_place", [False, True])
def test_state_by_state_comes_to_what_a_whole_sweep_does(in_place: bool):
    whole, single = session(in_place=in_place), session(in_place=in_place)
    for _ in range(3):
        whole.step()
        before = single.at
        backed_up = []
        while single.at == before:
            single.step_state()
            backed_up.append(single.cursor)
        assert backed_up == single.live
        np.testing.assert_array_equal(single.values, whole.values)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("in_place", [False, True])
def test_every_backup_that_is_shown_sums_to_the_value_that_it_made(algorithm: str, in_place: bool):
    lab = session(algorithm=algorithm, in_place=in_place, evaluation_sweeps=2)
    for _ in range(5):
        lab.step()
        for state in lab.live:
            lab.cursor = state
            backups = lab.backups()
            policy = lab.policy
            assert policy is not None
            if lab._solved(lab.at):
                continue  # an improvement: the values stay, the action changes
            weights = [float(policy[state, b.action]) for b in backups]
            made = (
                max(b.total for b in backups)
                if algorithm == "value-iteration"
                else sum(w * b.total for w, b in zip(weights, backups, strict=True))
            )
            assert made == pytest.approx(lab.values[state], abs=1e-12)


def test_an_improvement_is_told_as_a_choice_of_actions_and_leaves_the_value():
    lab = session(algorithm="policy-iteration", grid="russell-norvig")
    lab.step()  # the random policy's exact value
    lab.step()
    lab.cursor = next(s for s in lab.live if lab.env.cells[s] == (1, 0))
    best = max(lab.backups(), key=lambda backup: backup.total)
    told = text(words.heading(lab, ASCII))
    assert told.startswith("pi(1,0) <- argmax_a sum p [r + g V(s')]  = up")
    assert ACTIONS[best.action] == "up"
    assert best.total != pytest.approx(lab.values[lab.cursor], abs=0.01)  # what the map shows is older
    assert f"V stays {lab.values[lab.cursor]:.3f}" in told
    lab.step()
    assert text(words.heading(lab, ASCII)).startswith("V(1,0) <- sum_a")


@pytest.mark.parametrize("in_place", [False, True])
def test_where_the_arrow_is_younger_than_the_sums_that_is_said(in_place: bool):
    lab = session(algorithm="value-iteration", in_place=in_place, grid="russell-norvig")
    said = set()
    for _ in range(6):
        lab.step()
        for state in lab.live:
            lab.cursor = state
            assert lab.policy is not None
            backups = [text(line) for line in words.backup_lines(lab, 78, ASCII)]
            pointed = [line.startswith(ASCII.pointer) for line in backups]
            differ = pointed != (lab.policy[state] > 0).tolist()
            assert bool(words.remark(lab)) == differ
            said.add(differ)
    assert said == {False, True}


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["step", "state", "undo"]), max_size=60), st.sampled_from(ALGORITHMS))
def test_undo_takes_back_exactly_one_step(keys: list[str], algorithm: str):
    lab = session(algorithm=algorithm)
    seen = [lab.values]
    for key in keys:
        if key == "undo":
            assert lab.undo() == (len(seen) > 1)
            if len(seen) > 1:
                seen.pop()
        elif key == "step" and not lab.done:
            if lab.step():
                seen.append(lab.values)
        elif key == "state" and lab.step_state():
            seen.append(lab.values)
            if not lab.done:  # the sweep is whole: undo goes back over all of it
                while len(seen) > lab.at + 1:
                    seen.pop(-2)
        np.testing.assert_array_equal(lab.values, seen[-1])


def test_a_session_comes_back_where_it_was():
    lab = session(grid="mouse", in_place=True)
    lab.step()
    lab.step_state()
    lab.step_state()
    lab.move(2)
    again = PlanningSession.from_state(lab.to_state(), PlanningSession.resolve({}))
    assert (again.at, again.done, again.cursor) == (lab.at, lab.done, lab.cursor)
    np.testing.assert_array_equal(again.values, lab.values)


@pytest.mark.parametrize(
    "state", [None, {}, {"parameters": {}, "at": -1, "done": 0, "cursor": 0}, [], {"at": 10**9}]
)
def test_a_damaged_state_begins_anew(state: object):
    assert PlanningSession.from_state(state, PlanningSession.resolve({"grid": "mouse"})).at == 0


def test_what_cannot_be_planned_is_said_and_nothing_moves():
    lab = session(algorithm="policy-evaluation", policy="up", gamma=1, slip=0)
    assert "never ends" in lab.problem
    assert not lab.step()
    assert not lab.step_state()
    assert not lab.undo()
    assert "cannot be planned" in text(words.status_lines(lab, 78, UNICODE)[0])
    assert words.backup_lines(lab, 78, UNICODE) == []
    assert "cannot be planned" in explain(lab, UNICODE)[0]


def test_another_gamma_begins_anew_and_keeps_the_cursor():
    lab = session()
    lab.step()
    lab.move(1)
    lab.set_parameters({"gamma": 0.5})
    assert (lab.at, lab.env.cells[lab.cursor]) == (0, (2, 1))
    lab.set_parameters({"grid": "cliff"})
    assert lab.gamma == 1
    lab.step()
    lab.set_parameters({"speed": 8})
    assert lab.at == 1


def test_a_prediction_names_the_cell_that_changes_most():
    lab = session(grid="mouse", slip=0)
    for _ in range(4):
        question = pages.question(lab)
        assert question is not None
        screen, states = question
        before = lab.values
        choice = 1
        said = pages.judged(lab, states, choice)
        change = np.abs(lab.values - before)
        best = int(np.argmax(change[states]))
        assert ("As predicted" in text(said)) == (best == choice)
        assert change[states[best]] == change.max()
        assert lab.cursor == states[best]
        assert len(screen.answers) == len(states)


def test_the_speed_of_value_iteration_is_at_most_gamma():
    lab = session(gamma=0.9)
    lab.step()
    while lab.step() and lab.error > 1e-6:
        sentence = next(p for p in explain(lab, UNICODE) if p.startswith("The distance"))
        assert float(sentence.split("factor ")[1].split(" ")[0]) <= 0.9 + 5e-4


def test_the_explanation_says_since_when_the_policy_is_best():
    lab = session()
    first = None
    while lab.step():
        if first is None and lab.unfinished() == 0:
            first = lab.at
    assert first is not None
    assert any(f"best one since sweep {first};" in paragraph for paragraph in explain(lab, UNICODE))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("width", [78, 58, 38])
def test_lines_fit_and_ascii_stays_ascii(algorithm: str, width: int):
    lab = session(algorithm=algorithm, grid="mouse")
    for _ in range(3):
        lab.step()
        for glyphs in (UNICODE, ASCII):
            for line in words.backup_lines(lab, width, glyphs):
                assert len(text(line)) <= width
            lines = [
                *words.status_lines(lab, 78, ASCII),
                words.heading(lab, ASCII),
                *words.backup_lines(lab, width, ASCII),
            ]
            assert all(text(line).isascii() for line in lines)
        assert all(paragraph.isascii() for paragraph in explain(lab, ASCII))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_inside_a_lesson_no_backup_is_cut(algorithm: str):
    """75 columns are what a lesson of 80 leaves; values beyond -1 in every cell are the longest on this grid."""
    lab = session(algorithm=algorithm)
    while lab.step() and lab.at < 40:
        for state in lab.live:
            lab.cursor = state
            for line in words.backup_lines(lab, 75, UNICODE):
                assert UNICODE.ellipsis not in text(line)
                assert text(line).endswith("]")
