"""One backup, term by term: the numbers of a lab's line by hand, ties, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rl.planning.worlds import problems
from tutor.rl.environments.maps import GRIDS, make
from tutor.rl.planning import (
    PlanningError,
    TabularModel,
    Term,
    action_backup,
    action_values,
    can_end,
    greedy_with_ties,
    value_iteration,
)
from tutor.rl.planning.backups import improve

UP, RIGHT, DOWN, LEFT = range(4)


class TestTerms:
    @pytest.fixture
    def beside_the_trap(self):
        """russell-norvig, the cell left of -1, with round values above and below it and of its own."""
        env = make("russell-norvig")
        V, here = np.zeros(env.n_states), env.state_at(1, 2)
        V[env.state_at(0, 2)], V[env.state_at(2, 2)], V[here] = 0.9, 0.3, 0.6
        return env, V, here

    def test_up_by_hand(self, beside_the_trap):
        env, V, here = beside_the_trap
        backup = action_backup(env, V, here, UP)
        # .8[-.04 + .99·.9] + .1[bumps: -.04 + .99·.6] + .1[-1.04 end]
        assert sorted((t.probability, t.reward, t.next_value, t.terminated) for t in backup.terms) == [
            (pytest.approx(0.1), pytest.approx(-1.04), 0.0, True),
            (pytest.approx(0.1), pytest.approx(-0.04), 0.6, False),
            (pytest.approx(0.8), pytest.approx(-0.04), 0.9, False),
        ]
        assert all(term.gamma == 0.99 for term in backup.terms)
        assert backup.total == pytest.approx(0.8 * 0.851 + 0.1 * 0.554 - 0.1 * 1.04)
        assert (backup.state, backup.action) == (here, UP)

    def test_right_by_hand(self, beside_the_trap):
        env, V, here = beside_the_trap
        # .8[-1.04 end] + .1[-.04 + .99·.9] + .1[-.04 + .99·.3]
        assert action_backup(env, V, here, RIGHT).total == pytest.approx(-0.832 + 0.0851 + 0.0257)

    def test_an_end_has_no_value_after_it(self):
        term = Term(0.5, 2.0, 0.9, next_state=3, next_value=0.0, terminated=True)
        assert term.total == 1.0

    def test_a_state_that_is_over_is_worth_nothing(self):
        env = make("russell-norvig")
        backup = action_backup(env, np.ones(env.n_states), env.state_at(0, 3), UP)
        assert backup.total == 0

    def test_a_fall_leads_back_to_the_start_and_goes_on(self):
        env = make("cliff")
        V = np.full(env.n_states, -13.0)
        (term,) = action_backup(env, V, env.start, RIGHT).terms
        assert (term.reward, term.next_state, term.next_value) == (-100, env.start, -13)
        assert term.total == -113

    @pytest.mark.parametrize("name", GRIDS)
    def test_the_terms_add_up_to_the_action_values(self, name):
        env = make(name)
        P, R = env.transitions()
        rng = np.random.default_rng(0)
        over = np.array([env.is_terminal(s) for s in range(env.n_states)])
        V = np.where(over, 0, rng.normal(size=env.n_states))
        Q = action_values(P, R, env.gamma, V)
        for s in range(env.n_states):
            for a in range(env.n_actions):
                assert action_backup(env, V, s, a).total == pytest.approx(Q[s, a], abs=1e-12)

    @given(problems(), st.floats(0, 1))
    def test_arrays_serve_as_a_model_as_well(self, problem, gamma):
        P, R, policy = problem
        V = policy[:, 0]
        Q = action_values(P, R, gamma, V)
        model = TabularModel(P, R, gamma)
        assert action_backup(model, V, 2, 1).total == pytest.approx(Q[2, 1])
        assert sum(t.probability for t in action_backup(model, V, 2, 1).terms) == pytest.approx(1)

    def test_arrays_end_where_nothing_more_happens(self):
        P = np.array([[[0.0, 1.0]], [[0.0, 1.0]]])
        model = TabularModel(P, np.array([[3.0], [0.0]]), 0.5)
        assert model.outcomes(0, 0) == [(1.0, 1, 3.0, True)]


class TestTies:
    def test_every_best_action_is_equally_likely(self):
        Q = [[1, 3, 3, 0], [2, 2, 2, 2], [0, -1, -1, -1]]
        assert greedy_with_ties(Q).tolist() == [[0, 0.5, 0.5, 0], [0.25] * 4, [1, 0, 0, 0]]

    def test_rounding_is_no_difference_and_a_difference_is(self):
        assert greedy_with_ties([0.1 + 0.2, 0.3]).tolist() == [0.5, 0.5]
        assert greedy_with_ties([0.3 + 1e-6, 0.3]).tolist() == [1, 0]
        assert greedy_with_ties([1e9, 1e9 + 1e-3]).tolist() == [0.5, 0.5]

    @given(problems())
    def test_it_earns_the_maximum(self, problem):
        _, Q, _ = problem
        assert (greedy_with_ties(Q) * Q).sum(1) == pytest.approx(Q.max(1))

    def test_improving_keeps_a_row_that_nothing_beats(self):
        policy = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
        Q = np.array([[2.0, 2.0, 2.0], [1.0, 3.0, 3.0]])
        improved, changed = improve(policy, Q, greedy_with_ties(Q), 1e-11)
        assert changed.tolist() == [False, True]
        assert improved.tolist() == [[0.5, 0.5, 0], [0, 0.5, 0.5]]


class TestRefusals:
    def test_values_of_another_shape(self):
        with pytest.raises(PlanningError, match=r"the values have shape \(3,\); it must be \(11,\)"):
            action_backup(make("russell-norvig"), np.zeros(3), 0, 0)

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_a_value_that_is_no_number(self, bad):
        V = np.zeros(11)
        V[4] = bad
        with pytest.raises(PlanningError, match=rf"values\[4\] is {bad}; it must be a finite number"):
            action_backup(make("russell-norvig"), V, 0, 0)
        with pytest.raises(PlanningError, match=r"values\[4\]"):
            value_iteration(make("russell-norvig"), values=V)

    def test_a_model_that_is_none(self):
        with pytest.raises(PlanningError, match=r"P\[0, 0\] is no probability distribution: it sums to 0.5"):
            TabularModel(np.full((1, 1, 1), 0.5), np.zeros((1, 1)), 0.9)
        with pytest.raises(PlanningError, match="R has an entry that is not a finite number"):
            TabularModel(np.ones((1, 1, 1)), np.full((1, 1), np.nan), 0.9)
        with pytest.raises(PlanningError, match=r"P\[0, 0\] is no probability distribution"):
            TabularModel(np.full((1, 1, 1), np.nan), np.zeros((1, 1)), 0.9)
        with pytest.raises(PlanningError, match="gamma is nan; it must be between 0 and 1"):
            TabularModel(np.ones((1, 1, 1)), np.zeros((1, 1)), float("nan"))
        with pytest.raises(PlanningError, match="they must be"):
            TabularModel(np.ones((0, 1, 0)), np.zeros((0, 1)), 0.9)


def test_where_an_end_can_be_reached():
    env = make("russell-norvig")
    assert can_end(*env.transitions()).all()
    walled = type(env).from_text("S.#G", step_reward=-1, slip=0, gamma=0.9, rewards={"G": 1})
    assert can_end(*walled.transitions()).tolist() == [False, False, True]
