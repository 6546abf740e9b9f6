"""The bandit lab without a screen: updates by hand, undo, what the learner pulls, what is told."""

from typing import Any

import numpy as np
import pytest

from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs import bandit_pages as pages
from tutor.tui.labs import bandit_words as words
from tutor.tui.labs.bandit_session import BanditSession, known_action

METHODS = ("epsilon-greedy", "ucb", "gradient")


def session(**given: Any) -> BanditSession:
    return BanditSession(BanditSession.resolve(given))


def text(lines: Any) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_an_estimate_is_the_mean_of_what_its_arm_paid():
    lab = session(seed=1)
    paid = []
    lab.cursor = 3
    for _ in range(6):
        lab.pull()
        assert lab.frame.rewards is not None
        paid.append(float(lab.frame.rewards[0]))
    assert lab.estimates[3] == pytest.approx(np.mean(paid))
    assert lab.counts[3] == 6
    assert set(lab.forced) == {True}


def test_the_update_is_told_with_its_own_numbers():
    lab = session(seed=1)
    lab.cursor = 3
    lab.pull()
    first = float(lab.estimates[3])
    lab.pull()
    assert lab.frame.rewards is not None
    reward = float(lab.frame.rewards[0])
    told = text(words.happened(lab, ASCII))
    old, paid, new = (words.value(x, ASCII) for x in (first, reward, (first + reward) / 2))
    assert f"Q(3) = {old} + 1/2 [{paid} - {old}] = {new}" in told


@pytest.mark.parametrize("method", METHODS)
def test_undo_takes_the_dice_back_too(method: str):
    lab = session(method=method, seed=4)
    lab.steps(20)
    before = [known_action(frame) for frame in lab.frames[1:]]
    for _ in range(7):
        assert lab.undo()
    lab.steps(7)
    assert [known_action(frame) for frame in lab.frames[1:]] == before
    while lab.undo():
        pass
    assert lab.t == 0


@pytest.mark.parametrize("method", METHODS)
def test_it_comes_back_as_it_was(method: str):
    lab = session(method=method, seed=2)
    lab.steps(5)
    lab.move(2)
    lab.pull()
    lab.steps(5)
    lab.shown = True
    again = BanditSession.from_state(lab.to_state(), BanditSession.resolve({}))
    np.testing.assert_array_equal(again.estimates, lab.estimates)
    assert (again.forced, again.shown, again.t) == (lab.forced, True, 11)


@pytest.mark.parametrize("state", [None, {}, {"parameters": {}, "pulls": -1, "forced": {}, "shown": False}])
def test_a_damaged_state_begins_anew(state: object):
    assert BanditSession.from_state(state, BanditSession.resolve({})).t == 0


def test_regret_adds_up_what_the_arms_pay_less():
    lab = session(seed=3)
    gaps = lab.means.max() - lab.means
    lab.steps(30)
    pulled = [known_action(frame) for frame in lab.frames[1:]]
    np.testing.assert_allclose(lab.regrets()[1:], np.cumsum(gaps[pulled]))


def test_how_much_it_explores_changes_in_the_midst_and_another_method_begins_anew():
    lab = session()
    lab.steps(10)
    lab.set_parameters({"epsilon": 0.0})
    assert lab.t == 10
    highest = lab.estimates == lab.estimates.max()
    assert lab.policy[~highest].sum() == 0  # nothing is explored any more
    lab.set_parameters({"method": "ucb"})
    assert lab.t == 0


def test_a_prediction_shows_the_means_and_tells_the_truth():
    lab = session(seed=6)
    lab.steps(50)
    screen, arms = pages.question(lab)
    assert lab.best in arms
    assert len(screen.answers) == len(arms)
    right = arms.index(lab.best)
    assert text([pages.judged(lab, arms, right, UNICODE)]).startswith(f"Right: arm {lab.best}")
    wrong = (right + 1) % len(arms)
    assert text([pages.judged(lab, arms, wrong, UNICODE)]).startswith("Not so")
    assert lab.shown


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["gaussian", "bernoulli"])
def test_every_line_is_ascii_where_it_must_be_and_fits(method: str, kind: str):
    lab = session(method=method, kind=kind)
    for shown in (False, True):
        lab.shown = shown
        for _ in range(4):
            lines = words.arm_lines(lab, 48, 11, ASCII)
            assert len(lines) == 11
            assert all(len("".join(part for part, _ in line)) <= 48 for line in lines)
            assert text([*lines, *words.happened(lab, ASCII)]).isascii()
            lab.steps(25)
        assert all(paragraph.isascii() for paragraph in pages.explain(lab, ASCII))


def test_many_arms_scroll_with_the_cursor():
    lab = session(arms=40)
    lab.move(-1)
    assert "39" in text(words.arm_lines(lab, 60, 8, UNICODE))
    assert words.arm_lines(lab, 60, 8, UNICODE)[0][0][0].strip() == "arm"
