"""Returns: numbers worked by hand, the identities of Sutton & Barto and of the GAE paper, and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tutor.rl.returns import discounted_returns, gae_advantages, lambda_returns, n_step_returns

REWARDS, DISCOUNTS, VALUES = [1, 2, 3], [0.5, 0.5, 0.5], [10, 20, 30, 40]

numbers = st.floats(-100, 100)


@st.composite
def rollouts(draw, batch=(2,)):
    """(rewards, discounts, values) of 1 to 8 steps; some discounts are 0, where an episode ended."""
    T = draw(st.integers(1, 8))
    discounts = draw(arrays(float, (T, *batch), elements=st.one_of(st.just(0.0), st.floats(0, 1))))
    rewards = draw(arrays(float, (T, *batch), elements=numbers))
    return rewards, discounts, draw(arrays(float, (T + 1, *batch), elements=numbers))


class TestByHand:
    def test_discounted(self):
        # 3; 2 + .5 * 3; 1 + .5 * 3.5
        assert discounted_returns(REWARDS, DISCOUNTS).tolist() == [2.75, 3.5, 3.0]

    def test_two_steps_then_the_value(self):
        # 1 + .5*2 + .25*30; 2 + .5*3 + .25*40; only one step remains: 3 + .5*40
        assert n_step_returns(REWARDS, DISCOUNTS, VALUES, 2).tolist() == [9.5, 13.5, 23.0]

    def test_lambda_half(self):
        # 3 + .5*40 = 23; 2 + .5(.5*30 + .5*23) = 15.25; 1 + .5(.5*20 + .5*15.25) = 9.8125
        assert lambda_returns(REWARDS, DISCOUNTS, VALUES, 0.5).tolist() == [9.8125, 15.25, 23.0]

    def test_gae_half(self):
        # delta = 1 + 10 - 10, 2 + 15 - 20, 3 + 20 - 30 = 1, -3, -7; each adds .25 of the next advantage
        assert gae_advantages(REWARDS, DISCOUNTS, VALUES, 0.5).tolist() == [-0.1875, -4.75, -7.0]

    def test_a_reward_of_ten_five_steps_away(self):
        G = discounted_returns([0, 0, 0, 0, 0, 10], 0.9)
        assert G[0] == pytest.approx(5.9049)

    def test_the_sum_of_a_constant_reward_tends_to_one_over_one_minus_gamma(self):
        assert discounted_returns(np.ones(5000), 0.99)[0] == pytest.approx(100)

    def test_a_discount_of_zero_ends_the_episode(self):
        assert discounted_returns([1, 2, 4], [1, 0, 1]).tolist() == [3, 2, 4]
        assert n_step_returns([1, 2, 4], [1, 0, 1], [7, 7, 7, 7], 3).tolist() == [3, 2, 11]


class TestIdentities:
    @given(rollouts())
    def test_lambda_zero_is_td(self, rollout):
        rewards, discounts, values = rollout
        target = rewards + discounts * values[1:]
        assert np.allclose(lambda_returns(*rollout, 0), target)
        assert np.allclose(n_step_returns(*rollout, 1), target)
        assert np.allclose(gae_advantages(*rollout, 0), target - values[:-1])

    @given(rollouts())
    def test_lambda_one_is_monte_carlo(self, rollout):
        rewards, discounts, values = rollout
        ended = discounts.copy()
        ended[-1] = 0
        paid = rewards.copy()
        paid[-1] += discounts[-1] * values[-1]  # what comes after the rollout, as part of its last reward
        monte_carlo = discounted_returns(paid, ended)
        assert np.allclose(lambda_returns(*rollout, 1), monte_carlo)
        assert np.allclose(n_step_returns(*rollout, len(rewards)), monte_carlo)
        assert np.allclose(gae_advantages(*rollout, 1), monte_carlo - values[:-1])

    @given(rollouts(), st.floats(0, 1))
    def test_gae_is_the_lambda_return_less_the_value(self, rollout, lambda_):
        values = rollout[2]
        assert np.allclose(gae_advantages(*rollout, lambda_), lambda_returns(*rollout, lambda_) - values[:-1])

    @given(rollouts(), st.floats(0, 1))
    def test_the_lambda_return_is_the_weighted_mean_of_n_step_returns(self, rollout, lambda_):
        # Sutton & Barto, equation 12.3
        T = len(rollout[0])
        n_step = [n_step_returns(*rollout, n) for n in range(1, T + 1)]
        for t in range(T):
            weights = [(1 - lambda_) * lambda_ ** (n - 1) for n in range(1, T - t)] + [lambda_ ** (T - t - 1)]
            mean = sum(w * n_step[n][t] for n, w in enumerate(weights))
            assert np.allclose(lambda_returns(*rollout, lambda_)[t], mean)

    @given(rollouts())
    def test_the_return_is_its_definition(self, rollout):
        rewards, discounts, _ = rollout
        for t in range(len(rewards)):
            direct = sum(
                np.prod(discounts[t : t + k], axis=0) * rewards[t + k] for k in range(len(rewards) - t)
            )
            assert np.allclose(discounted_returns(rewards, discounts)[t], direct)

    @given(rollouts(), st.floats(-3, 3))
    def test_returns_are_linear_in_rewards(self, rollout, factor):
        rewards, discounts, _ = rollout
        scaled = discounted_returns(factor * rewards, discounts)
        assert np.allclose(scaled, factor * discounted_returns(rewards, discounts))

    @given(rollouts(batch=(2, 3)), st.floats(0, 1), st.integers(1, 9))
    def test_batches_are_independent_to_the_last_bit(self, rollout, lambda_, n):
        column = tuple(part[:, 1, 2] for part in rollout)
        assert (discounted_returns(*rollout[:2])[:, 1, 2] == discounted_returns(*column[:2])).all()
        for function, argument in ((n_step_returns, n), (lambda_returns, lambda_), (gae_advantages, lambda_)):
            assert (function(*rollout, argument)[:, 1, 2] == function(*column, argument)).all()


class TestEpisodesDoNotLeak:
    @given(rollouts(batch=()), rollouts(batch=()), st.floats(0, 1), st.integers(1, 9))
    def test_two_episodes_in_one_rollout_are_as_two_rollouts(self, first, second, lambda_, n):
        first[1][-1] = second[1][-1] = 0  # both end
        together = (
            np.concatenate([first[0], second[0]]),
            np.concatenate([first[1], second[1]]),
            np.concatenate([first[2][:-1], second[2]]),
        )
        for function, argument in ((n_step_returns, n), (lambda_returns, lambda_), (gae_advantages, lambda_)):
            apart = np.concatenate([function(*first, argument), function(*second, argument)])
            assert np.allclose(function(*together, argument), apart)

    def test_a_truncation_is_bootstrapped_through_its_reward(self):
        # Truncated after two steps in a state worth 8, gamma .5; then another episode of one step begins.
        gamma, worth = 0.5, 8
        rewards, discounts = [1, 1 + gamma * worth, 100], [gamma, 0, 0]
        assert discounted_returns(rewards, discounts).tolist() == [1 + 0.5 * 5, 5, 100]
        values = [3, 4, 50, 0]
        assert lambda_returns(rewards, discounts, values, 1).tolist() == [3.5, 5, 100]
        assert gae_advantages(rewards, discounts, values, 0).tolist() == [1 + 0.5 * 4 - 3, 5 - 4, 100 - 50]


class TestShapes:
    def test_one_discount_serves_all_steps(self):
        assert (discounted_returns(REWARDS, 0.5) == discounted_returns(REWARDS, DISCOUNTS)).all()

    def test_no_steps(self):
        assert discounted_returns(np.zeros((0, 4)), 0.9).shape == (0, 4)
        assert lambda_returns(np.zeros(0), 0.9, [1], 0.5).shape == (0,)
        assert n_step_returns(np.zeros(0), 0.9, [1], 3).shape == (0,)

    def test_the_arguments_are_left_alone(self):
        rewards, values = np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0])
        n_step_returns(rewards, 0.5, values, 2)
        lambda_returns(rewards, 0.5, values, 0.5)
        assert rewards.tolist() == [1, 2]
        assert values.tolist() == [1, 2, 3]

    def test_whole_numbers_become_floats(self):
        assert discounted_returns([1, 1], [1, 1]).dtype == np.float64

    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (lambda: discounted_returns(1.0, 0.5), "first axis is time"),
            (lambda: discounted_returns([1, 2], [0.5]), "discounts has shape"),
            (lambda: discounted_returns(np.ones((3, 3)), np.ones(3)), "discounts has shape"),
            (lambda: lambda_returns([1, 2], 0.5, [1, 2], 0.5), r"must be \(3,\)"),
            (lambda: lambda_returns([1], 0.5, [1, 2], 1.5), "lambda is 1.5; it must be between 0 and 1"),
            (lambda: gae_advantages([1], 0.5, [1, 2], float("nan")), "lambda is nan"),
            (lambda: n_step_returns([1], 0.5, [1, 2], 0), "n is 0; it must be a whole number of at least 1"),
            (lambda: n_step_returns([1], 0.5, [1, 2], 1.5), "n is 1.5"),
        ],
    )
    def test_what_is_wrong_is_said(self, call, words):
        with pytest.raises(ValueError, match=words):
            call()
