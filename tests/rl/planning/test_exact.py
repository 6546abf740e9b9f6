"""The exact solution: small chains by hand, Bellman's equation for any MDP, and policies that never end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rl.planning.worlds import corridor, problems
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.episodes import constant_policy, uniform_policy
from tutor.rl.planning import EndlessPolicyError, PlanningError, optimal_policy, optimal_values, solve


@pytest.fixture
def chain():
    """Two states and an end, one action: 0 -> 1 pays 1; 1 pays 2 and ends half of the time."""
    P = np.zeros((3, 1, 3))
    P[0, 0, 1] = 1
    P[1, 0, [1, 2]] = 0.5
    P[2, 0, 2] = 1
    return P, np.array([[1.0], [2.0], [0.0]])


ONLY = np.ones((3, 1))


def solved(env, policy):
    return solve(*env.transitions(), env.gamma, policy)


class TestByHand:
    def test_a_chain_at_gamma_one(self, chain):
        # V1 = 2 + V1 / 2 = 4, V0 = 1 + V1
        assert solve(*chain, 1.0, ONLY) == pytest.approx([5, 4, 0])

    def test_a_chain_at_gamma_one_half(self, chain):
        # V1 = 2 + .5 * .5 * V1 = 8/3, V0 = 1 + V1 / 2
        assert solve(*chain, 0.5, ONLY) == pytest.approx([7 / 3, 8 / 3, 0])

    def test_gamma_zero_sees_the_next_reward_only(self, chain):
        assert solve(*chain, 0.0, ONLY).tolist() == [1, 2, 0]

    def test_six_steps_of_minus_one(self):
        env = corridor()
        assert solved(env, constant_policy(env, 1)).tolist() == [-6, -5, -4, -3, -2, -1, 0]

    def test_a_random_walk_has_the_gamblers_ruin_chances(self):
        # Sutton & Barto, example 6.2: from A to E the right end is reached with probability 1/6 … 5/6.
        env = Gridworld.from_text("L..S..R", step_reward=0, slip=0, gamma=1, rewards={"L": 0, "R": 1})
        sideways = np.tile([0, 0.5, 0, 0.5], (7, 1))
        assert solved(env, sideways) == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 0])

    def test_bumping_a_wall_for_ever(self):
        env = corridor(gamma=0.99)
        assert solved(env, constant_policy(env, 0))[0] == pytest.approx(-1 / (1 - 0.99))

    def test_staying_for_ever_where_it_pays_is_no_end(self):
        P, R = np.ones((1, 2, 1)), np.array([[1.0, 0.0]])
        assert solve(P, R, 0.9, [[1, 0]]) == pytest.approx([10])
        assert solve(P, R, 0.9, [[0.5, 0.5]]) == pytest.approx([5])
        with pytest.raises(EndlessPolicyError):
            solve(P, R, 1.0, [[1, 0]])

    def test_an_end_that_is_entered_with_pay_is_worth_nothing_itself(self):
        env = Gridworld.from_text("SG", step_reward=-1, slip=0, gamma=0.9, rewards={"G": 10})
        assert solved(env, constant_policy(env, 1)).tolist() == [9, 0]


class TestSolve:
    @given(problems(), st.floats(0, 0.999))
    def test_it_satisfies_bellmans_equation(self, problem, gamma):
        P, R, policy = problem
        V = solve(P, R, gamma, policy)
        backup = (policy * (R + gamma * np.einsum("sat,t->sa", P, V))).sum(1)
        assert np.allclose(V, backup, atol=1e-9)

    @given(problems(), st.floats(0, 0.95))
    def test_it_is_the_sum_of_discounted_expected_rewards(self, problem, gamma):
        P, R, policy = problem
        P_pi, term = np.einsum("sa,sat->st", policy, P), (policy * R).sum(1)
        total = np.zeros(len(term))
        for _ in range(800):
            total, term = total + term, gamma * (P_pi @ term)
        assert np.allclose(solve(P, R, gamma, policy), total)

    @given(problems(), st.floats(0, 0.99), st.floats(-5, 5))
    def test_a_bonus_for_every_step_adds_one_over_one_minus_gamma_of_it(self, problem, gamma, bonus):
        P, R, policy = problem
        shifted = solve(P, R + bonus, gamma, policy)
        assert np.allclose(shifted, solve(P, R, gamma, policy) + bonus / (1 - gamma))

    def test_many_policies_at_once(self):
        rng = np.random.default_rng(0)
        env = corridor()
        policies = rng.dirichlet(np.ones(4), (2, 3, env.n_states))
        V = solved(env, policies)
        assert V.shape == (2, 3, env.n_states)
        assert V[1, 2] == pytest.approx(solved(env, policies[1, 2]))


class TestNeverEnding:
    def test_it_is_refused_at_gamma_one_and_named(self):
        env = corridor()
        with pytest.raises(EndlessPolicyError, match=r"gamma = 1 .* from state 0, 1, 2, 3, 4 and 1 more"):
            solved(env, constant_policy(env, 3))

    def test_one_state_suffices(self):
        env = corridor()
        policy = constant_policy(env, 1)
        policy[2] = [0.5, 0, 0, 0.5]  # goes back or stays, never on
        with pytest.raises(EndlessPolicyError, match="from state 0, 1, 2 this one never ends"):
            solved(env, policy)

    def test_bumping_a_wall_is_no_end_even_when_it_is_free(self):
        env = corridor(step_reward=0.0)
        with pytest.raises(EndlessPolicyError):
            solved(env, constant_policy(env, 0))

    def test_a_small_chance_to_end_suffices(self):
        env = corridor()
        policy = np.tile([0.999, 0.001, 0, 0], (env.n_states, 1))
        assert solved(env, policy)[0] == pytest.approx(-6000)

    def test_one_endless_policy_of_a_batch_is_found(self):
        env = corridor()
        with pytest.raises(EndlessPolicyError):
            solved(env, np.stack([uniform_policy(env), constant_policy(env, 3)]))


class TestOptimal:
    @given(problems(), st.floats(0, 0.99))
    def test_it_is_the_fixed_point_of_the_optimality_equation(self, problem, gamma):
        P, R, _ = problem
        V = optimal_values(P, R, gamma)
        assert np.allclose(V, (R + gamma * (P @ V)).max(1), atol=1e-8)

    @given(problems(), st.floats(0, 0.99))
    def test_no_policy_is_better_anywhere(self, problem, gamma):
        P, R, policy = problem
        assert (optimal_values(P, R, gamma) >= solve(P, R, gamma, policy) - 1e-9).all()

    def test_where_all_actions_are_equal_all_are_kept(self):
        env = corridor(gamma=0.0, rewards={"G": 5.0})
        policy = optimal_policy(*env.transitions(), 0.0)
        assert policy[0].tolist() == [0.25] * 4
        assert policy[5].tolist() == [0, 1, 0, 0]

    def test_at_gamma_one_free_cycles_are_not_entered(self):
        env = Gridworld.from_text("S..G", step_reward=0, slip=0, gamma=1, rewards={"G": 1})
        policy = optimal_policy(*env.transitions(), 1.0)
        assert solved(env, policy)[0] == pytest.approx(1)

    def test_at_gamma_one_it_is_the_best_of_those_that_end(self):
        env = Gridworld.from_text("T.S..t", step_reward=0, slip=0, gamma=1, rewards={"T": -2, "t": -1})
        assert optimal_values(*env.transitions(), 1.0)[env.start] == pytest.approx(-1)

    def test_at_gamma_one_pay_for_walking_has_no_best_policy(self):
        env = corridor(step_reward=0.1)
        with pytest.raises(EndlessPolicyError):
            optimal_policy(*env.transitions(), 1.0)

    def test_gamma_close_to_one(self):
        env = corridor(gamma=0.999999)
        assert optimal_values(*env.transitions(), env.gamma)[0] == pytest.approx(-6, abs=1e-4)


class TestRefusals:
    @pytest.mark.parametrize("gamma", [-0.1, 1.1, float("nan")])
    def test_gamma(self, chain, gamma):
        with pytest.raises(PlanningError, match=f"gamma is {gamma}; it must be between 0 and 1"):
            solve(*chain, gamma, ONLY)

    def test_a_policy_that_does_not_sum_to_one(self, chain):
        with pytest.raises(PlanningError, match=r"policy\[1\] .* sums to 0.9"):
            solve(*chain, 0.9, [[1], [0.9], [1]])

    def test_a_negative_probability(self):
        env = corridor(gamma=0.9)
        policy = uniform_policy(env)
        policy[3] = [1.5, -0.5, 0, 0]
        with pytest.raises(PlanningError, match=r"policy\[3\] .* least entry is -0.5"):
            solved(env, policy)

    def test_a_row_of_P(self, chain):
        P, R = chain
        with pytest.raises(PlanningError, match=r"P\[0, 0\]"):
            solve(P * 0.5, R, 0.9, ONLY)

    def test_shapes(self, chain):
        P, R = chain
        with pytest.raises(PlanningError, match=r"the policy has shape \(2, 1\)"):
            solve(P, R, 0.9, np.ones((2, 1)))
        with pytest.raises(PlanningError, match=r"must be \(S, A, S\) and \(S, A\)"):
            solve(P[0], R, 0.9, ONLY)

    def test_a_reward_that_is_no_number(self, chain):
        with pytest.raises(PlanningError, match="not a finite number"):
            solve(chain[0], np.full((3, 1), np.nan), 0.9, ONLY)

    def test_values_that_outgrow_a_float(self, chain):
        with pytest.raises(PlanningError, match="a value is past what a float64 holds"):
            solve(chain[0], chain[1] * 5e307, 1.0, ONLY)
