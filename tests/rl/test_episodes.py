"""Episodes: what a step says, undo by the generator's state, ends and limits, and the policies with names."""

import json

import numpy as np
import pytest

from tutor.rl.environments.gridworld import Gridworld, GridworldError
from tutor.rl.environments.maps import make
from tutor.rl.episodes import (
    constant_policy,
    greedy_policy,
    named_policy,
    sample_action,
    take_step,
    uniform_policy,
    walk,
)
from tutor.rl.planning import EndlessPolicyError, PlanningError, solve
from tutor.rl.returns import discounted_returns

UP, RIGHT = 0, 1


def corridor(limit, slip=0.0):
    rewards = {"G": 1.0}
    return Gridworld.from_text(
        "S...G", step_reward=0, slip=slip, gamma=0.9, rewards=rewards, step_limit=limit
    )


def generator(state):
    rng = np.random.default_rng()
    rng.bit_generator.state = state
    return rng


class TestStep:
    def test_without_slip(self):
        env = corridor(9)
        frame = take_step(env, 2, RIGHT, 5, np.random.default_rng(0))
        assert (frame.t, frame.state, frame.action, frame.moved) == (5, 2, RIGHT, RIGHT)
        assert (frame.reward, frame.next_state) == (0.0, 3)
        assert not frame.slipped
        assert not frame.ended

    def test_a_slip_is_told_and_the_agent_goes_where_the_dice_said(self):
        env, rng = make("russell-norvig", slip=0.5), np.random.default_rng(1)
        slipped = 0
        for _ in range(200):
            frame = take_step(env, 6, UP, 0, rng)
            assert (frame.next_state, frame.reward, frame.terminated) == env.move(6, frame.moved)
            assert frame.slipped == (frame.moved != UP)
            slipped += frame.slipped
        assert 60 < slipped < 140  # 100 expected, standard deviation 7

    def test_the_same_state_and_action_repeat_the_slip(self):
        env, rng = make("frozenlake-4x4"), np.random.default_rng(7)
        for frame in walk(env, uniform_policy(env), rng):
            again = take_step(env, frame.state, frame.action, frame.t, generator(frame.rng_state))
            assert again == frame

    def test_another_action_meets_the_same_dice(self):
        env, rng = make("frozenlake-4x4"), np.random.default_rng(7)
        for frame in walk(env, uniform_policy(env), rng):
            for action in range(4):
                other = take_step(env, frame.state, action, frame.t, generator(frame.rng_state))
                assert (other.moved - action) % 4 == (frame.moved - frame.action) % 4

    def test_after_undo_the_following_dice_are_the_same_too(self):
        env, rng = make("rooms"), np.random.default_rng(3)
        first = take_step(env, env.start, RIGHT, 0, rng)
        after = rng.bit_generator.state
        rng.bit_generator.state = first.rng_state
        take_step(env, env.start, RIGHT, 0, rng)
        assert rng.bit_generator.state == after

    def test_the_generators_state_survives_json(self):
        frame = take_step(corridor(3), 0, RIGHT, 0, np.random.default_rng(0))
        assert json.loads(json.dumps(frame.rng_state)) == frame.rng_state

    def test_a_bad_action_is_refused(self):
        with pytest.raises(GridworldError, match="action is 4"):
            take_step(corridor(3), 0, 4, 0, np.random.default_rng(0))


class TestWalk:
    def test_it_ends_at_the_goal(self):
        env = corridor(None)
        frames = list(walk(env, constant_policy(env, RIGHT), np.random.default_rng(0)))
        assert [frame.next_state for frame in frames] == [1, 2, 3, 4]
        assert [frame.reward for frame in frames] == [0, 0, 0, 1]
        assert [frame.terminated for frame in frames] == [False, False, False, True]

    def test_the_limit_truncates(self):
        env = corridor(3)
        frames = list(walk(env, constant_policy(env, RIGHT), np.random.default_rng(0)))
        assert [frame.truncated for frame in frames] == [False, False, True]
        assert not frames[-1].terminated

    def test_an_end_at_the_very_limit_is_an_end(self):
        env = corridor(4)
        last = list(walk(env, constant_policy(env, RIGHT), np.random.default_rng(0)))[-1]
        assert last.terminated
        assert not last.truncated

    def test_it_takes_the_actions_of_the_policy_as_often_as_it_says(self):
        env = corridor(4000)
        policy = np.tile([0.1, 0.0, 0.6, 0.3], (env.n_states, 1))  # never right: it never ends
        actions = [frame.action for frame in walk(env, policy, np.random.default_rng(0))]
        counts = np.bincount(actions, minlength=4)
        assert counts[1] == 0
        expected = 4000 * policy[0][[0, 2, 3]]
        assert (
            (counts[[0, 2, 3]] - expected) ** 2 / expected
        ).sum() < 13.8  # p = .001 at two degrees of freedom

    def test_an_action_of_probability_zero_is_never_taken_even_at_the_edge_of_rounding(self):
        class AlmostOne:
            def random(self):
                return np.nextafter(1.0, 0.0)

        policy = np.array([[0.06, 0.57, 0.37, 0.0]])
        assert policy[0].cumsum()[2] < 1  # in floating point
        assert sample_action(policy, 0, AlmostOne()) == 2

    @pytest.mark.parametrize("name", ["russell-norvig", "mouse"])
    def test_the_mean_return_is_the_exact_value(self, name):
        """Without a limit the mean over episodes is an unbiased estimate of V(start): within four standard errors."""
        env = make(name)
        policy = greedy_policy(env)
        rng = np.random.default_rng(11)
        returns = []
        for _ in range(1500):
            rewards = [frame.reward for frame in walk(env, policy, rng)]
            returns.append(discounted_returns(rewards, env.gamma)[0])
        exact = solve(*env.transitions(), env.gamma, policy)[env.start]
        assert abs(np.mean(returns) - exact) < 4 * np.std(returns) / np.sqrt(len(returns))

    def test_a_bad_policy_is_refused_before_the_first_step(self):
        env = corridor(3)
        with pytest.raises(PlanningError, match=r"policy\[0\] is no probability distribution: it sums to 2"):
            walk(env, np.full((5, 4), 0.5), np.random.default_rng(0))
        with pytest.raises(PlanningError, match="the policy has shape"):
            walk(env, np.full((2, 4), 0.25), np.random.default_rng(0))


class TestNamedPolicies:
    def test_random(self):
        assert (named_policy(corridor(3), "random") == 0.25).all()

    @pytest.mark.parametrize(("name", "action"), [("up", 0), ("right", 1), ("down", 2), ("left", 3)])
    def test_one_way(self, name, action):
        policy = named_policy(corridor(3), name)
        assert (policy[:, action] == 1).all()
        assert policy.sum() == 5

    def test_optimal_goes_along_the_cliff(self):
        env = make("cliff")
        policy = named_policy(env, "optimal")
        path = [env.cells[frame.next_state] for frame in walk(env, policy, np.random.default_rng(0))]
        assert path == [*((2, col) for col in range(12)), (3, 11)]

    def test_unknown(self):
        with pytest.raises(
            ValueError, match="there is no policy 'best'; the policies are: random, optimal, up"
        ):
            named_policy(corridor(3), "best")

    def test_a_paid_walk_has_no_optimal_policy_at_gamma_one(self):
        with pytest.raises(EndlessPolicyError):
            named_policy(make("rooms", gamma=1.0, step_reward=0.5), "optimal")
