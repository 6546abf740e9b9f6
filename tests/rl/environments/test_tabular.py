"""Tables of outcomes: the same world as the one they were made of, and the walks and the bias world of the book."""

from collections import Counter

import numpy as np
import pytest

from tutor.rl.environments.maps import GRIDS, make
from tutor.rl.environments.maximisation_bias import LEFT, RIGHT, A, B, maximisation_bias
from tutor.rl.environments.random_walk import random_walk, true_values
from tutor.rl.environments.tabular import Tabular
from tutor.rl.planning import solve

WORLDS = {
    **{name: make(name).tabular() for name in GRIDS},
    "walk-5": random_walk(5),
    "walk-19": random_walk(19),
    "bias": maximisation_bias(),
}
every_world = pytest.mark.parametrize("mdp", WORLDS.values(), ids=WORLDS.keys())


class TestEveryWorld:
    @every_world
    def test_its_transitions_are_probabilities_and_start_is_a_state(self, mdp):
        P, R = mdp.transitions()
        assert P.shape == (mdp.n_states, mdp.n_actions, mdp.n_states)
        assert P.sum(-1) == pytest.approx(1)
        assert np.isfinite(R).all()
        assert not mdp.terminal[mdp.start]
        assert mdp.available[mdp.start].any()

    @every_world
    def test_terminal_states_are_where_outcomes_end(self, mdp):
        ends = {
            int(s)
            for state in np.flatnonzero(~mdp.terminal)
            for a in range(mdp.n_actions)
            if mdp.available[state, a]
            for p, s, _, over in mdp.outcomes(state, a)
            if over
        }
        assert ends
        assert all(mdp.terminal[s] for s in ends)

    @every_world
    def test_a_table_is_its_own_table(self, mdp):
        assert mdp.tabular() is mdp

    @every_world
    def test_a_limit_holds_the_smaller(self, mdp):
        assert mdp.limited(7).step_limit == 7
        assert mdp.limited(7).limited(9).step_limit == 7


class TestGridworld:
    @pytest.mark.parametrize("name", GRIDS)
    def test_outcomes_and_transitions_are_the_grids(self, name):
        env = make(name)
        mdp = env.tabular()
        assert (mdp.start, mdp.gamma, mdp.step_limit) == (env.start, env.gamma, env.step_limit)
        for state in range(env.n_states):
            assert mdp.terminal[state] == env.is_terminal(state)
            for action in range(4):
                assert mdp.outcomes(state, action) == pytest.approx(env.outcomes(state, action))
        for ours, theirs in zip(mdp.transitions(), env.transitions(), strict=True):
            assert ours == pytest.approx(theirs)


class TestSampling:
    def test_outcomes_come_as_often_as_they_should(self):
        mdp = make("russell-norvig").tabular()
        n = 30_000
        state, action = np.full(n, mdp.start), np.ones(n, dtype=int)
        outcome = mdp.outcome(state, action, np.random.default_rng(0).random(n))
        seen = Counter(mdp.next_states.ravel()[outcome].tolist())
        P, _ = mdp.transitions()
        for s in range(mdp.n_states):
            expected = n * P[mdp.start, 1, s]
            assert abs(seen[s] - expected) <= 4 * np.sqrt(expected)

    def test_an_outcome_of_probability_zero_never_comes(self):
        chances = [0.06, 0.57, 0.37, 0.0]
        rows = {0: [(p, s, 0.0, False) for s, p in enumerate(chances)]}
        mdp = Tabular.from_outcomes(lambda s, a: rows.get(s, [(1.0, s, 0.0, True)]), 4, 1, start=0, gamma=1.0)
        almost_one = np.array([np.nextafter(1.0, 0.0), 0.0])
        where = mdp.outcome(np.zeros(2, dtype=int), np.zeros(2, dtype=int), almost_one)
        assert mdp.next_states.ravel()[where].tolist() == [2, 0]

    def test_bad_tables_are_refused(self):
        with pytest.raises(ValueError, match="do not sum to 1"):
            Tabular.from_outcomes(lambda s, a: [(0.5, 0, 0.0, False)], 1, 1, start=0, gamma=1.0)
        with pytest.raises(ValueError, match=r"gamma is 1\.5; it must be between 0 and 1"):
            Tabular.from_outcomes(lambda s, a: [(1.0, 0, 0.0, True)], 1, 1, start=0, gamma=1.5)
        with pytest.raises(ValueError, match="state 1 has no action"):
            Tabular.from_outcomes(lambda s, a: [(1.0, s, 0.0, True)][s:], 2, 1, start=0, gamma=1.0)


class TestRandomWalk:
    def test_the_values_of_the_five_are_sixths(self):
        assert true_values(5) == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 0])

    def test_the_values_of_the_nineteen_are_tenths(self):
        assert true_values(19)[1:-1] == pytest.approx(np.arange(-9, 10) / 10)

    @pytest.mark.parametrize("n", [5, 19])
    def test_they_are_the_solution(self, n):
        walk = random_walk(n)
        assert solve(*walk.transitions(), 1.0, np.ones((n + 2, 1))) == pytest.approx(true_values(n))

    def test_another_length_is_refused(self):
        with pytest.raises(ValueError, match="n_states is 7; the random walks have 5 or 19 states"):
            random_walk(7)


class TestMaximisationBias:
    def test_a_has_two_actions_and_b_ten(self):
        mdp = maximisation_bias()
        assert mdp.available.sum(axis=1)[[A, B]].tolist() == [2, 10]
        assert mdp.outcomes(A, LEFT) == [(1.0, B, 0.0, False)]
        assert mdp.outcomes(A, RIGHT)[0][2:] == (0.0, True)

    def test_left_is_worth_less_than_right(self):
        mdp = maximisation_bias()
        policy = mdp.available / mdp.available.sum(axis=1, keepdims=True)
        V = solve(*mdp.transitions(), 1.0, policy)
        assert V[[A, B]] == pytest.approx([-0.05, -0.1])

    def test_b_needs_two(self):
        with pytest.raises(ValueError, match="n_actions is 1; B must have at least 2"):
            maximisation_bias(1)
