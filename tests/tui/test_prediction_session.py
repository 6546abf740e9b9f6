"""The prediction lab without a screen: both updates by hand on one walk, undo, what is kept."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs import prediction_pages as pages
from tutor.tui.labs import prediction_words as words
from tutor.tui.labs.prediction_session import PredictionSession
from tutor.tui.labs.source import source_of

UP, RIGHT, DOWN, LEFT = range(4)
METHODS = ("td", "n-step", "td-lambda")


def session(**given: Any) -> PredictionSession:
    return PredictionSession(PredictionSession.resolve(given))


def text(line: Any) -> str:
    return "".join(part for part, _ in line)


def value(lab: PredictionSession, values: Any, row: int, col: int) -> float:
    state = lab.env.state_at(row, col)
    assert state is not None
    return float(values[state])


def test_the_mouse_walks_to_the_small_cheese_by_hand():
    # Three steps right, no slip, step -.05, cheese +1, gamma .9, alpha .5; all values 0.
    lab = session(grid="mouse", slip=0, gamma=0.9, alpha=0.5)
    lab.act(RIGHT)
    assert value(lab, lab.known.td, 0, 0) == pytest.approx(0.5 * -0.05)
    assert not lab.known.mc.any()
    lab.act(RIGHT)
    lab.act(RIGHT)
    assert lab.ended
    assert value(lab, lab.known.td, 0, 2) == pytest.approx(0.5 * 0.95)
    G = [-0.05 + 0.9 * (-0.05 + 0.9 * 0.95), -0.05 + 0.9 * 0.95, 0.95]
    for col, total in enumerate(G):
        assert value(lab, lab.known.mc, 0, col) == pytest.approx(0.5 * total)
    # The second walk: TD now hears of the cheese one cell earlier.
    for _ in range(3):
        lab.act(RIGHT)
    before = 0.5 * -0.05
    target = -0.05 + 0.9 * 0.5 * 0.95
    assert value(lab, lab.known.td, 0, 1) == pytest.approx(before + 0.5 * (target - before))


def test_the_code_is_that_of_the_updates():
    shown = [[line.plain for line in source_of([function])] for function in pages.CODE]
    assert len(shown) == 4  # Monte Carlo, TD, n-step TD, TD(lambda)
    assert all(any("error = target - old" in line for line in lines) for lines in shown)
    assert any("traces *= fading" in line for line in shown[3])


def test_the_updates_are_told_with_their_numbers():
    lab = session(grid="mouse", slip=0, gamma=0.9, alpha=0.5)
    for _ in range(3):
        lab.act(RIGHT)
    told = [text(line) for line in words.lines(lab, 78, ASCII)]
    assert told[1] == "TD V(0,2) <- 0 + .5 [.95 - 0] = .475"
    assert told[2] == "MC 1/3 V(0,0) <- 0 + .5 [.674 - 0] = .337   m: the next"
    second, third = (text(words.lines(lab, 78, ASCII, at)[2]) for at in (1, 2))
    assert second.startswith("MC 2/3 V(0,1) <- 0 + .5 [.805 - 0] = .402")
    assert third.startswith("MC 3/3 V(0,2) <- 0 + .5 [.950 - 0] = .475")


@pytest.mark.parametrize(
    ("method", "n", "told"),
    [("td", 4, "at every step"), ("n-step", 1, "at every step"), ("n-step", 4, "3 steps later")],
)
def test_the_heading_says_when_the_method_learns(method: str, n: int, told: str):
    """The first update of n-step TD comes with the nth reward: it is of the state n - 1 steps before this one."""
    lab = session(grid="mouse", slip=0, method=method, n=n)
    assert f"learns {told}" in text(words.headings(lab, 39, ASCII))
    late = int(told[0]) if told[0].isdigit() else 0
    for step in range(late + 1):
        assert not lab.known.td_updates
        if step:
            assert "waits until it has seen 4 rewards" in text(words.lines(lab, 78, ASCII)[1])
        lab.act(UP)
    assert lab.known.td_updates[-1].t == 0


def test_an_episode_that_ends_by_its_length_alone_is_called_cut_off():
    lab = session(grid="mouse", slip=0, gamma=1)
    for _ in range(60):  # the limit of this grid
        lab.act(UP)
    told = [text(line) for line in words.lines(lab, 78, ASCII)]
    assert told[0].endswith("cut off")
    assert "cut off after 60 steps, which had brought -3.000" in " ".join(pages.explain(lab, ASCII))
    lab.reset()
    for _ in range(3):
        lab.act(RIGHT)
    assert text(words.lines(lab, 78, ASCII)[0]).endswith("the end")
    assert not lab.cut_off


def test_each_error_is_told_with_its_method():
    lab = session(grid="mouse", seed=3)
    while lab.t < 100:
        lab.finish()
    mc, td = lab.known.errors[-1]
    told = " ".join(pages.explain(lab, ASCII))
    assert f"RMS {mc:.3f} for Monte Carlo, {td:.3f}".replace(" 0.", " .") in told


@pytest.mark.parametrize("method", METHODS)
def test_lambda_1_and_many_steps_come_to_monte_carlo(method: str):
    """Online TD(1) with accumulating traces over an episode without a repeated state makes MC's changes."""
    if method == "td":
        return
    lab = session(grid="mouse", slip=0, method=method, n=100, alpha=0.2, **{"lambda": 1.0})
    for action in (RIGHT, RIGHT, RIGHT):
        lab.act(action)
    np.testing.assert_allclose(lab.known.td, lab.known.mc, atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["step", "left", "finish", "undo"]), max_size=30), st.sampled_from(METHODS))
def test_undo_brings_back_exactly_what_was(keys: list[str], method: str):
    lab = session(grid="mouse", method=method, n=2)
    seen = [lab.known]
    for key in keys:
        if key == "undo":
            assert lab.undo() == (len(seen) > 1)
            if len(seen) > 1:
                seen.pop()
        elif key == "step" or key == "left":
            lab.act(LEFT if key == "left" else None)
            seen.append(lab.known)
        else:
            lab.finish()
            seen.append(lab.known)
        assert lab.known is seen[-1]


@pytest.mark.parametrize("method", METHODS)
def test_an_episode_at_once_teaches_what_its_steps_do(method: str):
    single, whole = session(grid="mouse", method=method), session(grid="mouse", method=method)
    for _ in range(3):
        single.act()
        while not single.ended:
            single.act()
        whole.finish()
        np.testing.assert_array_equal(single.known.td, whole.known.td)
        np.testing.assert_array_equal(single.known.mc, whole.known.mc)


def test_the_errors_are_those_of_the_values():
    lab = session(grid="mouse")
    for _ in range(5):
        lab.finish()
    assert lab.true is not None
    wrong = (lab.known.mc - lab.true)[lab.live]
    assert lab.known.errors[-1][0] == pytest.approx(np.sqrt((wrong**2).mean()))
    assert lab.t == 5


def test_both_come_near_the_truth_with_a_small_alpha():
    lab = session(grid="russell-norvig", alpha=0.02)
    for _ in range(400):
        lab.finish()
    assert max(lab.known.errors[-1]) < 0.25 * min(lab.known.errors[0])


@pytest.mark.parametrize("method", METHODS)
def test_it_comes_back_as_it_was(method: str):
    lab = session(grid="mouse", method=method)
    lab.finish()
    lab.act(DOWN)
    lab.act()
    again = PredictionSession.from_state(lab.to_state(), PredictionSession.resolve({}))
    np.testing.assert_array_equal(again.known.td, lab.known.td)
    np.testing.assert_array_equal(again.known.mc, lab.known.mc)
    assert again.known.errors == lab.known.errors
    assert [step.action for step in again.known.steps] == [step.action for step in lab.known.steps]


def test_it_comes_back_at_the_end_of_an_episode():
    lab = session(grid="mouse")
    lab.finish()
    lab.finish()
    again = PredictionSession.from_state(lab.to_state(), PredictionSession.resolve({}))
    assert again.ended
    assert again.known.errors == lab.known.errors


@pytest.mark.parametrize(
    "state", [None, {}, {"parameters": {}, "mc": [1], "td": [1], "actions": "", "errors": [[0, 0]]}]
)
def test_a_damaged_state_begins_anew(state: object):
    assert PredictionSession.from_state(state, PredictionSession.resolve({})).t == 0


def test_a_policy_without_a_value_is_said():
    lab = session(grid="mouse", gamma=1, policy="up", slip=0)
    assert "never ends" in lab.problem
    assert not lab.act()
    assert "no value to learn" in text(words.lines(lab, 78, UNICODE)[0])


def test_a_prediction_is_judged_by_what_comes():
    lab = session(grid="mouse", slip=0)
    assert pages.question(lab) is not None
    # The first step pays -.05 and leads to a value of 0: V falls.
    assert text(pages.judged(lab, 1, UNICODE)).startswith("As predicted. V: 0 to −.005")


@pytest.mark.parametrize("method", METHODS)
def test_ascii_stays_ascii(method: str):
    lab = session(grid="mouse", method=method)
    for _ in range(80):
        assert all(text(line).isascii() for line in words.lines(lab, 78, ASCII))
        lab.act()
    assert all(paragraph.isascii() for paragraph in pages.explain(lab, ASCII))
