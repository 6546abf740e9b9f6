"""Rollouts: the world's dynamics, ends and limits, what a seed does beside others, and the bootstrap."""

import numpy as np
import pytest

from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import GRIDS, make
from tutor.rl.environments.maximisation_bias import B, maximisation_bias
from tutor.rl.episodes import constant_policy, uniform_policy
from tutor.rl.planning import PlanningError, solve
from tutor.rl.returns import discounted_returns, gae_advantages
from tutor.rl.rollout import rollout

RIGHT = 1


def seeds(*numbers):
    return [np.random.default_rng(n) for n in numbers]


def corridor(limit):
    return Gridworld.from_text(
        "S...G", step_reward=-1, slip=0, gamma=0.5, rewards={"G": 10.0}, step_limit=limit
    )


class TestSteps:
    @pytest.mark.parametrize("name", GRIDS)
    def test_every_step_is_one_that_the_grid_can_make(self, name):
        env = make(name)
        run = rollout(env, uniform_policy(env), seeds(0, 1), steps=250, n_envs=3)
        assert run.states.shape == (250, 2, 3)
        possible = {}
        for t, k, n in np.ndindex(run.states.shape):
            s, a = int(run.states[t, k, n]), int(run.actions[t, k, n])
            if (s, a) not in possible:
                possible[s, a] = {(s2, r, end) for p, s2, r, end in env.outcomes(s, a) if p > 0}
            step = (int(run.next_states[t, k, n]), float(run.rewards[t, k, n]), bool(run.terminated[t, k, n]))
            assert step in possible[s, a]
            assert not env.is_terminal(s)

    @pytest.mark.parametrize("name", GRIDS)
    def test_the_next_step_begins_where_this_one_led_or_at_the_start(self, name):
        env = make(name)
        run = rollout(env, uniform_policy(env), seeds(0, 1), steps=250, n_envs=3)
        over = run.terminated | run.truncated
        expected = np.where(over, env.start, run.next_states)
        assert (run.states[1:] == expected[:-1]).all()
        assert (run.last.states == expected[-1]).all()

    def test_by_hand(self):
        env = corridor(None)
        run = rollout(env, constant_policy(env, RIGHT), seeds(0), steps=6)
        assert run.states[:, 0, 0].tolist() == [0, 1, 2, 3, 0, 1]
        assert run.next_states[:, 0, 0].tolist() == [1, 2, 3, 4, 1, 2]
        assert run.rewards[:, 0, 0].tolist() == [-1, -1, -1, 9, -1, -1]
        assert run.terminated[:, 0, 0].tolist() == [False, False, False, True, False, False]
        assert (run.last.states.tolist(), run.last.steps.tolist()) == ([[2]], [[2]])

    @pytest.mark.parametrize("limit", [1, 2, 3])
    def test_the_limit_truncates_and_an_end_at_the_limit_is_an_end(self, limit):
        env = corridor(limit)
        run = rollout(env, constant_policy(env, RIGHT), seeds(0), steps=12)
        assert run.truncated[:, 0, 0].tolist() == [(t + 1) % limit == 0 for t in range(12)]
        assert not run.terminated.any()
        at_the_end = rollout(corridor(4), constant_policy(env, RIGHT), seeds(0), steps=4)
        assert at_the_end.terminated[3, 0, 0]
        assert not at_the_end.truncated.any()

    def test_no_episode_is_longer_than_the_limit_and_some_reach_it(self):
        env = make("rooms")
        run = rollout(env, uniform_policy(env), seeds(0, 1, 2), steps=900, n_envs=4)
        over = run.terminated | run.truncated
        for k, n in np.ndindex(3, 4):
            ends = np.flatnonzero(over[:, k, n])
            lengths = np.diff(ends, prepend=-1)
            assert (lengths <= 200).all()
            assert ((lengths == 200) >= run.truncated[ends, k, n]).all()
        assert run.truncated.any()

    def test_each_seed_may_have_a_policy_of_its_own(self):
        env = corridor(None)
        policies = np.stack([constant_policy(env, RIGHT), constant_policy(env, 3)])
        run = rollout(env, policies, seeds(0, 1), steps=4, n_envs=2)
        assert (run.actions[:, 0] == RIGHT).all()
        assert (run.actions[:, 1] == 3).all()
        assert (run.next_states[:, 1] == 0).all()

    def test_noisy_rewards_have_the_mean_and_the_spread_of_the_book(self):
        mdp = maximisation_bias()
        policy = mdp.available / mdp.available.sum(axis=1, keepdims=True)
        run = rollout(mdp, policy, seeds(*range(20)), steps=2000)
        paid = run.rewards[run.states == B]
        assert abs(paid.mean() + 0.1) < 4 / np.sqrt(len(paid))
        assert abs(paid.std() - 1) < 4 / np.sqrt(2 * len(paid))
        assert (run.rewards[run.states != B] == 0).all()

    def test_the_mean_return_is_the_exact_value(self):
        env = make("mouse", gamma=0.8)
        policy = uniform_policy(env)
        run = rollout(env, policy, seeds(*range(30)), steps=400, n_envs=4)
        rewards, discounts, _ = run.bootstrapped(np.zeros((30, env.n_states)))
        G = discounted_returns(rewards, discounts)
        begins = np.concatenate([np.ones((1, 30, 4), dtype=bool), (run.terminated | run.truncated)[:-1]])
        begins[300:] = False  # the rest may be cut off by the end of the rollout
        means = np.array([G[:, k][begins[:, k]].mean() for k in range(30)])
        exact = solve(*env.transitions(), 0.8, policy)[env.start]
        assert abs(means.mean() - exact) < 4 * means.std() / np.sqrt(30)


class TestSeeds:
    def test_a_seed_does_the_same_whoever_runs_beside_it(self):
        env = make("frozenlake-4x4")
        policy = uniform_policy(env)
        together = rollout(env, policy, seeds(*range(50)), steps=150, n_envs=3)
        for k in (0, 7, 49):
            alone = rollout(env, policy, seeds(k), steps=150, n_envs=3)
            for name in ("states", "actions", "rewards", "next_states", "terminated", "truncated"):
                assert getattr(alone, name)[:, 0].tobytes() == getattr(together, name)[:, k].tobytes()

    def test_going_on_is_one_long_rollout(self):
        env = make("rooms")
        policy = uniform_policy(env)
        whole = rollout(env, policy, seeds(3, 4), steps=600, n_envs=2)
        rngs = seeds(3, 4)
        first = rollout(env, policy, rngs, steps=350, n_envs=2)
        second = rollout(env, policy, rngs, steps=250, n_envs=2, begin=first.last)
        for name in ("states", "actions", "truncated"):
            joined = np.concatenate([getattr(first, name), getattr(second, name)])
            assert (joined == getattr(whole, name)).all()


class TestBootstrap:
    """Corridor S . . . G, step -1, goal 10, gamma .5, and a critic that says V = (1, 2, 3, 4, 0)."""

    V = np.array([[1.0, 2.0, 3.0, 4.0, 0.0]])

    def test_a_truncation_keeps_the_value_of_the_state_it_was_cut_off_in(self):
        env = corridor(2)
        rewards, discounts, values = rollout(
            env, constant_policy(env, RIGHT), seeds(0), steps=3
        ).bootstrapped(self.V)
        assert rewards[:, 0, 0].tolist() == [-1, -1 + 0.5 * 3, -1]
        assert discounts[:, 0, 0].tolist() == [0.5, 0, 0.5]
        assert values[:, 0, 0].tolist() == [1, 2, 1, 2]
        # delta: -1 + .5 * 2 - 1 = -1; .5 - 2 = -1.5; -1 + .5 * 2 - 1 = -1
        A = gae_advantages(rewards, discounts, values, 0.0)
        assert A[:, 0, 0].tolist() == [-1, -1.5, -1]
        assert gae_advantages(rewards, discounts, values, 1.0)[:, 0, 0].tolist() == [-1.75, -1.5, -1]

    def test_a_termination_keeps_nothing(self):
        env = corridor(4)
        rewards, discounts, _ = rollout(env, constant_policy(env, RIGHT), seeds(0), steps=4).bootstrapped(
            self.V + 100
        )
        assert rewards[:, 0, 0].tolist() == [-1, -1, -1, 9]
        assert discounts[:, 0, 0].tolist() == [0.5, 0.5, 0.5, 0]

    def test_each_seed_has_its_own_critic(self):
        env = corridor(2)
        critics = np.concatenate([self.V, 10 * self.V])
        rewards, _, values = rollout(env, constant_policy(env, RIGHT), seeds(0, 1), steps=2).bootstrapped(
            critics
        )
        assert rewards[1, :, 0].tolist() == [0.5, 14]
        assert values[0, :, 0].tolist() == [1, 10]


class TestBadInput:
    @pytest.mark.parametrize(("steps", "n_envs", "named"), [(0, 1, "steps"), (1, 0, "n_envs")])
    def test_counts(self, steps, n_envs, named):
        env = corridor(None)
        with pytest.raises(ValueError, match=f"{named} is 0; it must be at least 1"):
            rollout(env, uniform_policy(env), seeds(0), steps=steps, n_envs=n_envs)
        with pytest.raises(ValueError, match="seeds is 0; it must be at least 1"):
            rollout(env, uniform_policy(env), [], steps=1)

    def test_policies(self):
        env = corridor(None)
        with pytest.raises(PlanningError, match="is no probability distribution"):
            rollout(env, uniform_policy(env) * 2, seeds(0), steps=1)
