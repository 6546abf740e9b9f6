"""Whose returns count: episodes that end in a batch, and episodes that began in an earlier one, by hand."""

import numpy as np
import pytest

from tutor.rl.environments.maps import make
from tutor.rl.episodes import uniform_policy
from tutor.rl.policy_gradient_frames import PolicyGradientConfig
from tutor.rl.policy_walks import Walkers, episode_returns
from tutor.rl.rollout import Position, Rollout


def walked(rewards, terminated, truncated=None, gamma=0.5):
    """One seed, one environment."""
    shape = (len(rewards), 1, 1)
    zeros = np.zeros(shape, dtype=np.intp)
    ends = np.array(terminated, dtype=bool).reshape(shape)
    cut = np.zeros(shape, dtype=bool) if truncated is None else np.array(truncated, dtype=bool).reshape(shape)
    rewards = np.array(rewards, dtype=np.float64).reshape(shape)
    return Rollout(zeros, zeros, rewards, zeros, ends, cut, Position(zeros[0], zeros[0]), gamma)


def returns(rollout, steps=0, earned=0.0):
    valid = np.ones(rollout.states.shape, dtype=bool)
    begin = Position(np.zeros((1, 1), dtype=np.intp), np.full((1, 1), steps))
    mean, left = episode_returns(rollout, valid, begin, np.full((1, 1), earned))
    return mean[0], left[0, 0]


class TestEpisodeReturns:
    def test_two_episodes_and_a_third_that_goes_on(self):
        # 1 + 2/2 + 4/4 = 3; 8; and 1 + 1/2 so far
        mean, left = returns(walked([1, 2, 4, 8, 1, 1], [0, 0, 1, 1, 0, 0]))
        assert (mean, left) == (pytest.approx((3 + 8) / 2), pytest.approx(1.5))

    def test_an_episode_that_began_in_an_earlier_batch(self):
        # 3 so far in two steps, then 4/4 and 8/8; after it 1
        mean, left = returns(walked([4, 8, 1], [0, 1, 0]), steps=2, earned=3.0)
        assert (mean, left) == (pytest.approx(5.0), pytest.approx(1.0))

    def test_none_ended(self):
        mean, left = returns(walked([1, 1], [0, 0]), steps=1, earned=1.0)
        assert np.isnan(mean)
        assert left == pytest.approx(1 + 1 / 2 + 1 / 4)

    def test_a_truncation_ends_an_episode_too(self):
        mean, left = returns(walked([1, 1], [0, 0], [0, 1]))
        assert (mean, left) == (pytest.approx(1.5), 0.0)


class TestWholeEpisodes:
    def walk(self, seeds, n_envs=3, most_steps=40):
        env = make("rooms")
        config = PolicyGradientConfig(steps=0, n_envs=n_envs, most_steps=most_steps)
        rngs = [np.random.default_rng(k) for k in seeds]
        walkers = Walkers(env.tabular(), config, rngs)
        policy = np.broadcast_to(uniform_policy(env), (len(rngs), env.n_states, 4))
        return walkers, policy

    def test_each_environment_walks_one_from_the_start(self):
        env = make("russell-norvig")
        config = PolicyGradientConfig(steps=0, n_envs=5)
        walkers = Walkers(env.tabular(), config, [np.random.default_rng(0)])
        walk = walkers.walk(uniform_policy(env)[None])
        ends = (walk.rollout.terminated | walk.rollout.truncated) & walk.valid
        assert (walk.rollout.states[0] == env.start).all()
        assert (ends.sum(axis=0) == 1).all()
        lengths = walk.valid.sum(axis=0)
        for n in range(5):
            assert walk.valid[: lengths[0, n], 0, n].all()
            assert ends[lengths[0, n] - 1, 0, n]

    def test_no_episode_is_longer_than_allowed(self):
        walkers, policy = self.walk([0, 1])
        walk = walkers.walk(policy)
        assert walk.valid.sum(axis=0).max() <= 40
        assert walk.rollout.truncated[walk.valid].any()

    def test_a_seed_walks_the_same_in_any_company(self):
        alone, policy = self.walk([4])
        company, policies = self.walk([1, 4, 2])
        for _ in range(3):
            one, many = alone.walk(policy), company.walk(policies)
            for name in ("states", "actions", "rewards"):
                a, b = getattr(one.rollout, name), getattr(many.rollout, name)
                assert a[one.valid].tolist() == b[:, 1:2][many.valid[:, 1:2]].tolist()
