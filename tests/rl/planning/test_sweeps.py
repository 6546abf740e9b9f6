"""Policy evaluation and value iteration: sweeps by hand, against the linear system, and what must hold of each."""

import math
from dataclasses import FrozenInstanceError
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
    action_backup,
    action_values,
    greedy_with_ties,
    optimal_values,
    policy_evaluation,
    solve,
    value_iteration,
)

RIGHT = 1
both_ways = pytest.mark.parametrize("in_place", [False, True], ids=["synchronous", "in place"])
every_map = pytest.mark.parametrize("name", GRIDS)


def values(frames):
    return [frame.V.tolist() for frame in frames]


class TestByHand:
    def test_synchronous_sweeps_carry_the_end_one_cell_a_sweep(self):
        env = Gridworld.from_text("S.G", step_reward=-1, slip=0, gamma=0.5, rewards={"G": 3})
        # Always right: V(1) = -1 + 3 = 2 at once; V(0) = -1 + .5 V(1), a sweep later.
        frames = list(policy_evaluation(env, constant_policy(env, RIGHT)))
        assert values(frames) == [[0, 0, 0], [-1, 2, 0], [0, 2, 0], [0, 2, 0]]
        assert [frame.delta for frame in frames] == [math.inf, 2, 1, 0]
        assert [frame.sweep for frame in frames] == [0, 1, 2, 3]
        assert [frame.converged for frame in frames] == [False, False, False, True]

    def test_in_place_a_state_sees_what_the_sweep_has_done(self):
        env = Gridworld.from_text("G.S", step_reward=-1, slip=0, gamma=0.5, rewards={"G": 3})
        # States are swept from the left: state 1 is 2, and state 2 sees that in the same sweep.
        frames = list(policy_evaluation(env, constant_policy(env, 3), in_place=True))
        assert values(frames) == [[0, 0, 0], [0, 2, 0], [0, 2, 0]]

    def test_six_steps_of_minus_one(self):
        env = corridor()
        frames = list(policy_evaluation(env, constant_policy(env, RIGHT)))
        assert frames[3].V.tolist() == [-3, -3, -3, -3, -2, -1, 0]
        assert frames[-1].V.tolist() == [-6, -5, -4, -3, -2, -1, 0]

    def test_the_small_gridworld_of_sutton_and_barto(self):
        """Figure 4.1: the random policy on four by four, -1 a step, ends in two corners; k = 1, 2, 3, 10, limit."""
        text = "G...\n.S..\n....\n...G"
        env = Gridworld.from_text(text, step_reward=-1, slip=0, gamma=1, rewards={"G": 0})
        frames = list(policy_evaluation(env, uniform_policy(env)))
        printed = {  # the first two rows; the figure is symmetric
            1: [0, -1, -1, -1, -1, -1, -1, -1],
            2: [0, -1.7, -2, -2, -1.7, -2, -2, -2],
            3: [0, -2.4, -2.9, -3, -2.4, -2.9, -3, -2.9],
            10: [0, -6.1, -8.4, -9, -6.1, -7.7, -8.4, -8.4],
            -1: [0, -14, -20, -22, -14, -18, -20, -20],
        }
        for sweep, first_rows in printed.items():
            # The book cuts -1.75 and -2.4375 to one decimal.
            assert np.abs(frames[sweep].V[:8] - first_rows).max() < 0.0625

    def test_the_first_optimal_sweep(self):
        """Russell & Norvig's world: only the cell beside +1 gains: .8 · .96 + .2 · -.04."""
        env = make("russell-norvig")
        _, first = (frame for frame, _ in zip(value_iteration(env), range(2), strict=False))
        assert first.V[env.state_at(0, 2)] == pytest.approx(0.8 * 0.96 - 0.2 * 0.04)
        assert first.V[env.start] == pytest.approx(-0.04)
        # Beside -1 the way out is to go left, into the wall: -.04 for sure.
        assert first.V[env.state_at(1, 2)] == pytest.approx(-0.04)
        assert first.policy[env.state_at(1, 2)].tolist() == [0, 0, 0, 1]
        assert first.delta == pytest.approx(0.76)


class TestAgainstTheLinearSystem:
    @every_map
    @both_ways
    def test_value_iteration(self, name, in_place):
        env = make(name)
        *_, last = value_iteration(env, in_place=in_place, theta=1e-12)
        assert last.converged
        assert np.abs(last.V - optimal_values(*env.transitions(), env.gamma)).max() < 1e-9

    def test_value_iteration_on_russell_norvig_is_exact_to_5e_11(self):
        env = make("russell-norvig")
        *_, last = value_iteration(env, theta=1e-12)
        assert np.abs(last.V - optimal_values(*env.transitions(), env.gamma)).max() < 5e-11

    @every_map
    @both_ways
    def test_policy_evaluation(self, name, in_place):
        gamma = min(0.99, GRIDS[name].gamma)
        env = make(name, gamma=gamma)
        for policy in (uniform_policy(env), constant_policy(env, RIGHT)):
            *_, last = policy_evaluation(env, policy, in_place=in_place, theta=1e-11)
            assert last.converged
            exact = solve(*env.transitions(), gamma, policy)
            # The error is at most gamma delta / (1 - gamma).
            assert np.abs(last.V - exact).max() < 1e-9

    @every_map
    def test_the_policy_of_the_last_frame_is_optimal(self, name):
        env = make(name)
        *_, last = value_iteration(env)
        P, R = env.transitions()
        earned = solve(P, R, env.gamma, last.policy)
        assert np.abs(earned - optimal_values(P, R, env.gamma)).max() < 1e-6

    def test_ties_are_shown(self):
        """In an open field two ways are equally short: both are kept, half and half."""
        env = Gridworld.from_text("S.\n.G", step_reward=-1, slip=0, gamma=0.9, rewards={"G": 1})
        *_, last = value_iteration(env)
        assert last.policy[env.start].tolist() == [0, 0.5, 0.5, 0]

    def test_the_utilities_of_russell_and_norvig(self):
        """Artificial Intelligence: A Modern Approach, figure 17.3: gamma 1."""
        env = make("russell-norvig", gamma=1.0)
        *_, last = value_iteration(env, in_place=True)
        printed = [0.812, 0.868, 0.918, 0, 0.762, 0.660, 0, 0.705, 0.655, 0.611, 0.388]
        assert last.V.round(3).tolist() == printed


def distance(a, b):
    return np.abs(a - b).max()


class TestIdentities:
    @given(problems(), st.floats(0, 0.99), st.booleans())
    def test_every_sweep_of_evaluation_contracts_by_gamma(self, problem, gamma, in_place):
        P, R, policy = problem
        exact = solve(P, R, gamma, policy)
        frames = policy_evaluation(TabularModel(P, R, gamma), policy, in_place=in_place, max_sweeps=30)
        for frame in frames:
            assert (
                distance(frame.V, exact) <= gamma * distance(frame.before, exact) + 1e-11 or frame.sweep == 0
            )

    @given(problems(), st.floats(0, 0.99), st.booleans(), st.integers(0, 1000))
    def test_every_sweep_of_value_iteration_contracts_by_gamma(self, problem, gamma, in_place, seed):
        P, R, _ = problem
        best = optimal_values(P, R, gamma)
        begin = np.random.default_rng(seed).normal(size=len(R)) * 10
        frames = value_iteration(TabularModel(P, R, gamma), values=begin, in_place=in_place, max_sweeps=30)
        assert distance(next(frames).V, begin) == 0
        for frame in frames:
            assert distance(frame.V, best) <= gamma * distance(frame.before, best) + 1e-10

    @given(problems(), st.floats(0, 0.99), st.booleans())
    def test_one_action_for_sure_has_that_actions_Q(self, problem, gamma, in_place):
        P, R, policy = problem
        chosen = policy.argmax(1)
        frames = policy_evaluation(
            TabularModel(P, R, gamma), np.eye(R.shape[1])[chosen], in_place=in_place, max_sweeps=5
        )
        for frame in frames:
            assert np.array_equal(frame.V, frame.Q[np.arange(len(R)), chosen])

    @given(problems(), st.floats(0, 0.99), st.booleans())
    def test_V_is_the_policys_mean_of_Q_or_the_greatest(self, problem, gamma, in_place):
        P, R, policy = problem
        model = TabularModel(P, R, gamma)
        for frame in policy_evaluation(model, policy, in_place=in_place, max_sweeps=4):
            assert pytest.approx((policy * frame.Q).sum(1)) == frame.V
            assert frame.policy is frame.evaluated
        for frame in value_iteration(model, in_place=in_place, max_sweeps=4):
            assert pytest.approx(frame.Q.max(1)) == frame.V
            assert np.array_equal(frame.policy, greedy_with_ties(frame.Q))

    @given(problems(), st.floats(0, 0.95))
    def test_both_ways_have_one_limit(self, problem, gamma):
        P, R, policy = problem
        model = TabularModel(P, R, gamma)
        for frames in (
            [list(value_iteration(model, in_place=way)) for way in (False, True)],
            [list(policy_evaluation(model, policy, in_place=way)) for way in (False, True)],
        ):
            assert distance(frames[0][-1].V, frames[1][-1].V) < 1e-8

    @given(problems(), st.floats(0, 0.99))
    def test_synchronous_sweeps_are_bellmans_operator(self, problem, gamma):
        P, R, _ = problem
        for frame in value_iteration(TabularModel(P, R, gamma), max_sweeps=5):
            if frame.sweep:
                assert np.allclose(frame.Q, action_values(P, R, gamma, frame.before), atol=1e-12)

    @given(problems(), st.floats(0, 0.99))
    def test_from_zero_and_rewards_that_are_never_negative_values_only_rise(self, problem, gamma):
        P, R, _ = problem
        for in_place in (False, True):
            for frame in value_iteration(TabularModel(P, abs(R), gamma), in_place=in_place, max_sweeps=20):
                assert (frame.before - 1e-12 <= frame.V).all()


class TestFrames:
    @every_map
    @both_ways
    def test_every_backups_terms_add_up_to_its_Q(self, name, in_place):
        env = make(name)
        frames = value_iteration(env, in_place=in_place, max_sweeps=3)
        next(frames)
        for frame in frames:
            for s in range(env.n_states):
                for a in range(env.n_actions):
                    total = action_backup(env, frame.seen(s), s, a).total
                    assert total == pytest.approx(frame.Q[s, a], abs=1e-12)

    @both_ways
    def test_a_sweep_can_be_stepped_state_by_state(self, in_place):
        env = make("mouse")
        frame = list(value_iteration(env, in_place=in_place))[4]
        assert frame.partial(0).tolist() == frame.before.tolist()
        assert frame.partial(env.n_states).tolist() == frame.V.tolist()
        for s in range(env.n_states):
            moved = np.flatnonzero(frame.partial(s + 1) != frame.partial(s))
            assert moved.tolist() in ([], [s])
            assert frame.partial(s + 1)[s] == frame.V[s]

    @both_ways
    def test_they_hang_together(self, in_place):
        frames = list(value_iteration(make("mouse"), in_place=in_place))
        for before, after in pairwise(frames):
            assert after.before is before.V
            assert after.sweep == before.sweep + 1
            assert after.delta == distance(after.V, before.V)
        assert [frame.converged for frame in frames] == [frame.delta < 1e-10 for frame in frames]

    @both_ways
    def test_scalars_are_the_same_run_without_arrays(self, in_place):
        env = make("rooms")
        whole = list(value_iteration(env, in_place=in_place))
        light = list(value_iteration(env, in_place=in_place, detail="scalars"))
        assert [(f.sweep, f.delta, f.converged) for f in light] == [
            (f.sweep, f.delta, f.converged) for f in whole
        ]
        assert all(f.V is f.Q is f.before is f.policy is None for f in light)
        with pytest.raises(PlanningError, match='ask for detail "full"'):
            light[-1].seen(0)

    def test_they_cannot_be_spoilt(self):
        frame = list(value_iteration(make("mouse")))[-1]
        with pytest.raises(FrozenInstanceError):
            frame.delta = 0
        for array in (frame.V, frame.Q, frame.before):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1

    def test_the_given_values_and_policy_stay_as_they_are(self):
        env = make("mouse")
        begin, policy = np.ones(env.n_states), uniform_policy(env)
        list(policy_evaluation(env, policy, values=begin, max_sweeps=3, in_place=True))
        begin[0] = 2
        policy[0] = 0.25
        assert begin.tolist() == [2] + [1] * (env.n_states - 1)

    def test_states_that_are_over_begin_and_stay_at_zero(self):
        env = make("russell-norvig", gamma=1.0)
        for frame in value_iteration(env, values=np.full(env.n_states, 5.0)):
            assert frame.V[env.state_at(0, 3)] == frame.V[env.state_at(1, 3)] == 0

    def test_it_stops_at_max_sweeps_and_says_that_it_is_not_done(self):
        frames = list(value_iteration(make("rooms"), max_sweeps=7))
        assert [frame.sweep for frame in frames] == list(range(8))
        assert not frames[-1].converged


class TestRefusals:
    @pytest.mark.parametrize("theta", [0, -1, math.nan, math.inf])
    def test_theta(self, theta):
        env = make("mouse")
        with pytest.raises(PlanningError, match=f"theta is {theta}; it must be a number above 0"):
            value_iteration(env, theta=theta)
        with pytest.raises(PlanningError, match=f"theta is {theta}"):
            policy_evaluation(env, uniform_policy(env), theta=theta)

    @pytest.mark.parametrize("sweeps", [0, -3, 10**9, 1.5, True])
    def test_sweeps(self, sweeps):
        with pytest.raises(
            PlanningError, match=f"max_sweeps is {sweeps}; it must be a whole number between 1 and 100000"
        ):
            value_iteration(make("mouse"), max_sweeps=sweeps)

    def test_a_policy_that_does_not_sum_to_one(self):
        env = make("mouse")
        policy = uniform_policy(env)
        policy[2] = [0.5, 0.5, 0.5, 0]
        with pytest.raises(
            PlanningError, match=r"policy\[2\] is no probability distribution: it sums to 1.5"
        ):
            policy_evaluation(env, policy)

    def test_a_policy_that_is_no_number(self):
        env = make("mouse")
        policy = uniform_policy(env)
        policy[2, 0] = np.nan
        with pytest.raises(PlanningError, match=r"policy\[2\] is no probability distribution"):
            policy_evaluation(env, policy)

    def test_several_policies(self):
        env = make("mouse")
        with pytest.raises(PlanningError, match="one policy at a time"):
            policy_evaluation(env, np.stack([uniform_policy(env)] * 2))

    def test_a_policy_that_never_ends_at_gamma_one(self):
        env = corridor()
        with pytest.raises(EndlessPolicyError, match="gamma = 1 a policy that never ends"):
            policy_evaluation(env, constant_policy(env, 3))

    def test_no_way_to_an_end_at_gamma_one(self):
        env = Gridworld.from_text("S.#G", step_reward=-1, slip=0, gamma=1, rewards={"G": 1})
        with pytest.raises(
            EndlessPolicyError, match="must have a way to an end, and state 0, 1 has none; take gamma below 1"
        ):
            value_iteration(env)

    def test_below_gamma_one_the_same_grid_has_values(self):
        env = Gridworld.from_text("S.#G", step_reward=-1, slip=0, gamma=0.5, rewards={"G": 1})
        *_, last = value_iteration(env)
        assert pytest.approx([-2, -2, 0]) == last.V

    @both_ways
    def test_values_that_outgrow_a_float_stop_the_run(self, in_place):
        env = Gridworld.from_text("S.G", step_reward=1e308, slip=0, gamma=1, rewards={"G": 0})
        with pytest.raises(PlanningError, match=r"in sweep \d+ a value grew past what a float64 holds"):
            list(value_iteration(env, in_place=in_place))
