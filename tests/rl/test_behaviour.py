"""Behaviour, schedules, dice: probabilities by hand and by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tutor.rl.behaviour import draw, epsilon_greedy, greedy, softmax
from tutor.rl.dice import Dice, normal
from tutor.rl.schedules import constant, exponential, linear

values = arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6))


class TestEpsilonGreedy:
    def test_by_hand(self):
        assert epsilon_greedy(np.array([1.0, 3.0, 2.0, 0.0]), 0.2) == pytest.approx([0.05, 0.85, 0.05, 0.05])

    def test_ties_share(self):
        assert epsilon_greedy(np.array([3.0, 3.0, 2.0, 0.0]), 0.2) == pytest.approx([0.45, 0.45, 0.05, 0.05])

    def test_what_cannot_be_chosen_is_not(self):
        Q = np.array([[-np.inf, 1.0, 0.0], [1.0, 0.0, 0.0]])
        assert epsilon_greedy(Q, 0.1) == pytest.approx(
            np.array([[0, 0.95, 0.05], [1 - 0.2 / 3, 0.1 / 3, 0.1 / 3]])
        )

    def test_each_row_may_have_its_own(self):
        pi = epsilon_greedy(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0.0, 1.0]))
        assert pi.tolist() == [[1, 0], [0.5, 0.5]]

    @given(values, st.floats(0, 1))
    def test_it_is_a_distribution_and_keeps_exploring(self, Q, epsilon):
        pi = epsilon_greedy(Q, epsilon)
        assert pi.sum(axis=1) == pytest.approx(1)
        assert (pi >= epsilon / 4 - 1e-15).all()

    @given(values)
    def test_without_epsilon_it_is_greedy(self, Q):
        assert (greedy(Q)[Q.max(axis=1, keepdims=True) > Q] == 0).all()


class TestSoftmax:
    def test_by_hand(self):
        assert softmax(np.log([1.0, 2.0, 5.0]), 1.0) == pytest.approx([1 / 8, 2 / 8, 5 / 8])
        assert softmax(np.log([1.0, 2.0]), 0.5) == pytest.approx([1 / 5, 4 / 5])

    @given(values, st.floats(-1e3, 1e3))
    def test_it_is_a_distribution_that_a_shift_does_not_change(self, Q, shift):
        Q = np.round(Q)
        assert softmax(Q, 2.0).sum(axis=1) == pytest.approx(1)
        assert softmax(Q + np.round(shift), 2.0) == pytest.approx(softmax(Q, 2.0))

    def test_what_cannot_be_chosen_is_not(self):
        assert softmax(np.array([-np.inf, 0.0, 0.0]), 1.0).tolist() == [0, 0.5, 0.5]


class TestDraw:
    def test_it_inverts_the_distribution(self):
        pi = np.tile([0.25, 0.0, 0.5, 0.25], (6, 1))
        dice = np.array([0.0, 0.2499, 0.25, 0.7499, 0.75, np.nextafter(1.0, 0.0)])
        assert draw(pi, dice).tolist() == [0, 0, 2, 2, 3, 3]

    @given(arrays(np.float64, (5, 4), elements=st.sampled_from([0.0, 0.06, 0.37, 0.57, 1.0])))
    def test_nothing_of_probability_zero_comes(self, weights):
        weights = weights[weights.sum(axis=1) > 0]
        for edge in (0.0, np.nextafter(1.0, 0.0)):
            actions = draw(weights, np.full(len(weights), edge))
            assert (weights[np.arange(len(weights)), actions] > 0).all()


class TestSchedules:
    def test_by_hand(self):
        assert constant(0.3).over(2).tolist() == [0.3, 0.3, 0.3]
        assert linear(1, 0, 4).over(6) == pytest.approx([1, 0.75, 0.5, 0.25, 0, 0, 0])
        assert exponential(0.8, 0.1, 3).over(4) == pytest.approx([0.8, 0.4, 0.2, 0.1, 0.1])

    def test_bad_ones(self):
        with pytest.raises(ValueError, match=r"runs from 0\.1 to 0; both must be above 0"):
            exponential(0.1, 0, 5)
        with pytest.raises(ValueError, match="length is 0; it must be at least 1"):
            linear(1, 0, 0)


class TestDice:
    def rngs(self, *seeds):
        return [np.random.default_rng(seed) for seed in seeds]

    def test_neither_the_block_nor_the_others_matter(self):
        many, one = Dice(self.rngs(0, 1, 2), 3, 64), Dice(self.rngs(1), 3, 1)
        for _ in range(200):
            assert many.throw()[:, 1].tolist() == one.throw()[:, 0].tolist()

    def test_with_a_block_of_one_the_generator_stands_before_the_next_throw(self):
        (rng,) = rngs = self.rngs(5)
        dice = Dice(rngs, 2, 1)
        dice.throw()
        state = rng.bit_generator.state
        thrown = dice.throw()[:, 0].tolist()
        rng.bit_generator.state = state
        assert rng.random(2).tolist() == thrown

    def test_normal_numbers_are_normal(self):
        rng = np.random.default_rng(0)
        z = normal(rng.random(40_000), rng.random(40_000))
        assert abs(z.mean()) < 4 / 200
        assert abs(z.std() - 1) < 4 / np.sqrt(80_000)
        assert abs((np.abs(z) < 1.959964).mean() - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 40_000)
        assert np.isfinite(normal(np.array([0.0, np.nextafter(1.0, 0)]), np.array([0.0, 0.5]))).all()
