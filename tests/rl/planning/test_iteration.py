"""Policy iteration: by hand, the improvement theorem, its rounds on the maps, and agreement with the others."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rl.planning.worlds import corridor, problems
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import GRIDS, make
from tutor.rl.episodes import constant_policy, uniform_policy
from tutor.rl.planning import (
    EndlessPolicyError,
    PlanningError,
    TabularModel,
    action_values,
    optimal_values,
    policy_iteration,
    solve,
    value_iteration,
)

every_map = pytest.mark.parametrize("name", GRIDS)


def improvements(frames):
    return [frame for frame in frames if frame.improvement]


class TestByHand:
    def test_two_cells_and_an_end(self):
        """From "always left" at gamma .5: V = -2 everywhere, so the cell beside G turns first, then its neighbour."""
        env = Gridworld.from_text("S.G", step_reward=-1, slip=0, gamma=0.5, rewards={"G": 3})
        frames = list(policy_iteration(env, policy=constant_policy(env, 3)))
        evaluated = [frame.V.tolist() for frame in frames if not frame.improvement]
        assert evaluated == [[-2, -2, 0], [-2, 2, 0], [0, 2, 0]]
        assert [frame.changed.tolist() for frame in improvements(frames)] == [
            [False, True, False],
            [True, False, False],
            [False, False, False],
        ]
        assert [frame.round for frame in frames] == [1, 1, 2, 2, 3, 3]
        assert [frame.stable for frame in frames] == [False] * 5 + [True]

    def test_a_changed_row_takes_all_the_best_actions(self):
        env = Gridworld.from_text("S.\n.G", step_reward=-1, slip=0, gamma=0.9, rewards={"G": 1})
        *_, last = policy_iteration(env)
        assert last.policy[env.start].tolist() == [0, 0.5, 0.5, 0]

    def test_a_row_that_nothing_beats_is_kept(self):
        env = corridor(gamma=0.0, rewards={"G": 5.0})
        *_, last = policy_iteration(env)
        assert last.policy[0].tolist() == [0.25] * 4


class TestMaps:
    @every_map
    @pytest.mark.parametrize("evaluation_sweeps", [0, 3])
    @pytest.mark.parametrize("in_place", [False, True])
    def test_it_is_value_iteration_is_the_linear_system(self, name, evaluation_sweeps, in_place):
        env = make(name)
        *_, last = policy_iteration(env, evaluation_sweeps=evaluation_sweeps, in_place=in_place, theta=1e-12)
        assert last.stable
        P, R = env.transitions()
        *_, swept = value_iteration(env, theta=1e-12)
        assert np.abs(last.V - swept.V).max() < 1e-9
        assert np.abs(last.V - optimal_values(P, R, env.gamma)).max() < 1e-9
        assert np.abs(last.V - solve(P, R, env.gamma, last.policy)).max() < 1e-9

    @pytest.mark.parametrize("name", ["russell-norvig", "mouse", "rooms", "frozenlake-4x4", "frozenlake-8x8"])
    def test_three_to_seven_rounds(self, name):
        assert 3 <= list(policy_iteration(make(name)))[-1].round <= 7

    @every_map
    def test_every_round_is_at_least_as_good_as_the_last(self, name):
        """The policy improvement theorem (Sutton & Barto, section 4.2), and strict until it is stable."""
        env = make(name)
        evaluated = [frame for frame in policy_iteration(env) if not frame.improvement]
        for before, after in pairwise(evaluated):
            scale = np.abs(before.V).max()
            assert (before.V - 1e-9 * max(1, scale) <= after.V).all()
        for before, after in pairwise(evaluated[:-1]):
            assert (after.V > before.V).any()


class TestIdentities:
    @given(problems(), st.floats(0, 0.99))
    def test_the_improvement_theorem(self, problem, gamma):
        P, R, policy = problem
        frames = list(policy_iteration(TabularModel(P, R, gamma), policy=policy))
        evaluated = [frame.V for frame in frames if not frame.improvement]
        for before, after in pairwise(evaluated):
            assert (after >= before - 1e-9).all()
        assert np.abs(evaluated[-1] - optimal_values(P, R, gamma)).max() < 1e-8

    @given(problems(), st.floats(0, 0.99))
    def test_an_improved_row_is_greedy_and_the_others_stay(self, problem, gamma):
        P, R, policy = problem
        for frame in improvements(policy_iteration(TabularModel(P, R, gamma), policy=policy)):
            assert np.allclose(frame.Q, action_values(P, R, gamma, frame.V))
            best = (frame.policy * frame.Q).sum(1)
            assert best[frame.changed] == pytest.approx(frame.Q.max(1)[frame.changed])
            assert frame.policy.sum(1) == pytest.approx(1)

    @given(problems(), st.floats(0, 0.9), st.integers(1, 6), st.booleans())
    def test_few_sweeps_a_round_reach_the_same(self, problem, gamma, sweeps, in_place):
        P, R, _ = problem
        frames = list(
            policy_iteration(TabularModel(P, R, gamma), evaluation_sweeps=sweeps, in_place=in_place)
        )
        assert frames[-1].stable
        assert np.abs(frames[-1].V - optimal_values(P, R, gamma)).max() < 1e-8
        for number in range(1, frames[-1].round + 1):
            of_round = [frame for frame in frames if frame.round == number]
            assert 1 <= len([f for f in of_round if not f.improvement]) <= sweeps
            assert of_round[-1].improvement

    def test_equally_good_actions_do_not_take_turns_for_ever(self):
        """Two actions that do the same: the uniform policy is stable in the first round."""
        P = np.zeros((2, 2, 2))
        P[:, :, 1] = 1
        *_, last = policy_iteration(TabularModel(P, np.array([[1.0, 1.0], [0.0, 0.0]]), 1.0))
        assert last.round == 1
        assert last.policy[0].tolist() == [0.5, 0.5]


class TestFrames:
    def test_scalars_are_the_same_run_without_arrays(self):
        whole = list(policy_iteration(make("mouse"), evaluation_sweeps=4))
        light = list(policy_iteration(make("mouse"), evaluation_sweeps=4, detail="scalars"))
        assert [(f.round, f.sweep, f.delta, f.improvement, f.stable) for f in light] == [
            (f.round, f.sweep, f.delta, f.improvement, f.stable) for f in whole
        ]
        assert all(f.V is f.Q is f.policy is f.changed is None for f in light)

    def test_max_rounds(self):
        frames = list(policy_iteration(make("mouse"), max_rounds=2))
        assert frames[-1].round == 2
        assert not frames[-1].stable


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "value", "low", "high"),
        [
            ("evaluation_sweeps", -1, 0, 100000),
            ("evaluation_sweeps", 10**9, 0, 100000),
            ("max_rounds", 0, 1, 1000),
            ("max_rounds", 10**9, 1, 1000),
        ],
    )
    def test_counts(self, name, value, low, high):
        with pytest.raises(
            PlanningError, match=f"{name} is {value}; it must be a whole number between {low} and {high}"
        ):
            policy_iteration(make("mouse"), **{name: value})

    def test_theta_and_policy(self):
        env = make("mouse")
        with pytest.raises(PlanningError, match="theta is nan"):
            policy_iteration(env, theta=float("nan"))
        with pytest.raises(PlanningError, match=r"policy\[0\] is no probability distribution"):
            policy_iteration(env, policy=uniform_policy(env) * 0.5)

    def test_a_first_policy_that_never_ends_at_gamma_one(self):
        env = corridor()
        with pytest.raises(EndlessPolicyError, match="never ends"):
            list(policy_iteration(env, policy=constant_policy(env, 3)))

    def test_no_way_to_an_end_at_gamma_one(self):
        env = Gridworld.from_text("S.#G", step_reward=-1, slip=0, gamma=1, rewards={"G": 1})
        with pytest.raises(EndlessPolicyError, match="state 0, 1 has none"):
            policy_iteration(env)

    def test_pay_for_walking_at_gamma_one_has_no_best_policy(self):
        with pytest.raises(EndlessPolicyError):
            list(policy_iteration(corridor(step_reward=0.1)))
