"""Figures of a run by hand."""

import math

import numpy as np
import pytest

from tutor.experiments import Frame, find_experiment
from tutor.experiments.summary import optimum_of, summarise, worst_fall

FRAMES = [
    Frame("ppo", 0, {"objective/return": np.array([0.0, 0.0, 0.0]), "policy/kl": np.array([0.1, 0.2, 0.3])}),
    Frame("ppo", 10, {"objective/return": np.array([0.5, 0.6, -1.0])}),
    Frame("trpo", 0, {"objective/return": np.array([0.1, 0.1, 0.1])}),
    Frame("ppo", 20, {"objective/return": np.array([0.4, 0.65, 0.2])}),
]


def test_the_last_value_of_each_metric_over_the_seeds():
    ppo = summarise(FRAMES)["ppo"]
    returns = ppo.metrics["objective/return"]
    assert returns.update == 20
    assert returns.mean == pytest.approx((0.4 + 0.65 + 0.2) / 3)
    assert returns.std == pytest.approx(
        math.sqrt(((0.4 - 1.25 / 3) ** 2 + (0.65 - 1.25 / 3) ** 2 + (0.2 - 1.25 / 3) ** 2) / 3)
    )
    assert (returns.min, returns.max) == (0.2, 0.65)
    assert ppo.metrics["policy/kl"].update == 0
    assert list(summarise(FRAMES)) == ["ppo", "trpo"]


def test_the_worst_fall_is_measured_from_the_highest_so_far():
    fall = summarise(FRAMES)["ppo"].worst_fall
    assert fall is not None
    np.testing.assert_allclose(fall, [0.1, 0.0, 1.0])
    # 3 -> 1 falls by 2; the later climb to 5 and the fall to 4 only by 1.
    np.testing.assert_allclose(worst_fall(np.array([[3.0], [1.0], [5.0], [4.0]])), [2.0])


def test_a_seed_is_stuck_when_it_ends_more_than_a_tenth_below_the_optimum():
    assert summarise(FRAMES, 0.66)["ppo"].stuck == pytest.approx(2 / 3)
    assert summarise(FRAMES, 0.3)["ppo"].stuck == 0
    assert summarise(FRAMES)["ppo"].stuck is None


def test_what_has_no_return_neither_falls_nor_is_stuck():
    only = summarise([Frame("sweep", 3, {"value/delta": np.array([0.1])})], 1.0)["sweep"]
    assert only.worst_fall is None
    assert only.stuck is None


def test_equal_numbers_have_no_spread():
    """.1 + .1 + .1 is not .3 in floats, and so the mean of equal numbers is not quite them."""
    assert (
        summarise([Frame("a", 0, {"objective/return": np.full(3, 0.1)})])["a"].metrics["objective/return"].std
        == 0
    )


def test_a_policy_that_does_not_arrive_is_counted_and_no_fall_is_measured_on_it():
    frames = [Frame("q", u, {"objective/return": np.array(J)}) for u, J in enumerate(LOST_AND_FOUND)]
    summary = summarise(frames, -13)["q"]
    assert summary.worst_fall is not None
    np.testing.assert_array_equal(summary.worst_fall, [0, 2, 0])
    assert summary.metrics["objective/return"].lost == 1
    assert summary.stuck == pytest.approx(2 / 3)


LOST_AND_FOUND = [[-np.inf, -15, -np.inf], [-17, -np.inf, -np.inf], [-13, -17, -np.inf]]


def test_the_optimum_of_a_grid():
    learns = find_experiment("q-learning")
    assert optimum_of(learns, {"grid": "russell-norvig", "gamma": 0.99, "slip": 0.2}) == pytest.approx(
        0.660, abs=5e-4
    )
    assert optimum_of(learns, {"grid": "cliff", "gamma": 1.0}) == pytest.approx(-13)
    assert optimum_of(learns, {"ratio": 1.0}) is None
    assert optimum_of(learns, {"grid": "russell-norvig", "gamma": 1.0, "step_reward": 0.1}) is None
    assert optimum_of(find_experiment("cliff"), {"gamma": 1.0}) == pytest.approx(-13)
    assert optimum_of(find_experiment("policy-return"), {"grid": "cliff", "gamma": 1.0}) is None
