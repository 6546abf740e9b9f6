"""The planning experiments: known values, agreement with each other, and one line for what has no answer."""

import numpy as np
import pytest

from tutor.experiments import ParameterError, find_experiment, metric_value, run
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import GRIDS, make
from tutor.rl.planning import action_backup, optimal_values

OPTIMA = {
    "russell-norvig": 0.660,
    "mouse": 4.17,
    "rooms": 0.605,
    "cliff": -13,
    "rope": 0.99**8,
    "frozenlake-4x4": 0.542,
    "frozenlake-8x8": 0.4146,
}
PLANNERS = ("value-iteration", "policy-iteration")
every_map = pytest.mark.parametrize("grid", GRIDS)
every_planner = pytest.mark.parametrize("id", PLANNERS)
everything = pytest.mark.parametrize("id", ["policy-evaluation", *PLANNERS])


def last(id, name, **parameters):
    return metric_value(run(id, parameters), id, name, "last")


class TestValues:
    @every_map
    @every_planner
    def test_the_optima(self, id, grid):
        assert last(id, "objective/return", grid=grid) == pytest.approx(OPTIMA[grid], abs=5e-4)

    @every_map
    @every_planner
    @pytest.mark.parametrize("in_place", [False, True])
    def test_they_agree_with_the_linear_system(self, id, grid, in_place):
        exact = optimal_values(*make(grid).transitions(), make(grid).gamma)[make(grid).start]
        parameters = {"grid": grid, "theta": 1e-12, "in_place": in_place}
        assert last(id, "value/max_error", **parameters) < 1e-9
        assert last(id, "objective/return", **parameters) == pytest.approx(exact, abs=1e-9)

    def test_russell_norvig_is_exact_to_5e_11(self):
        assert last("value-iteration", "value/max_error", theta=1e-12) < 5e-11

    @pytest.mark.parametrize("policy", ["random", "right"])
    def test_evaluation_is_policy_return(self, policy):
        settings = {"grid": "mouse", "policy": policy}
        frames = list(run("policy-evaluation", settings))
        exact = last("policy-return", "objective/return", **settings)
        assert {frame.metrics["objective/return"][0] for frame in frames} == {exact}
        assert frames[-1].detail.V[make("mouse").start] == pytest.approx(exact, abs=1e-6)

    def test_six_steps_to_the_end_of_a_corridor(self, monkeypatch):
        """Six steps of -1 to the end: every synchronous sweep gets one more cell right."""
        with_grid(monkeypatch, "S.....G", step_reward=-1.0, gamma=1.0, rewards={"G": 0.0})
        frames = list(run("value-iteration", {}))
        assert [frame.metrics["value/max_error"][0] for frame in frames] == [6, 5, 4, 3, 2, 1, 0, 0]
        assert [frame.metrics["value/delta"][0] for frame in frames[1:]] == [1, 1, 1, 1, 1, 1, 0]
        assert frames[3].metrics["value/rms_error"][0] == pytest.approx(np.sqrt((9 + 4 + 1) / 6))


def with_grid(monkeypatch, text, *, slip=0.0, **numbers):
    """Every experiment runs on this grid, at its own numbers."""
    env = Gridworld.from_text(text, slip=slip, **numbers)
    for module in ("tutor.experiments.planning", "tutor.experiments.walking"):
        monkeypatch.setattr(f"{module}.make", lambda *_args, **_numbers: env)


class TestFrames:
    @everything
    def test_update_0_is_before_the_first(self, id):
        first, second, *_ = run(id, {})
        assert (first.update, second.update) == (0, 1)
        assert "value/delta" not in first.metrics
        assert "value/delta" in second.metrics
        assert "objective/return" in first.metrics

    @everything
    def test_nothing_is_random_and_it_says_so(self, id):
        experiment = find_experiment(id)
        assert experiment.deterministic(experiment.values({}))
        for frame in run(id, {"seeds": 3}):
            for values in frame.metrics.values():
                assert len(set(values)) == 1

    def test_the_detail_has_what_a_backup_needs(self):
        env = make("rooms")
        *_, frame = run("value-iteration", {"grid": "rooms", "in_place": True, "sweeps": 5})
        for s in range(env.n_states):
            total = action_backup(env, frame.detail.seen(s), s, 1).total
            assert total == pytest.approx(frame.detail.Q[s, 1])

    def test_a_policy_iteration_round_is_an_update(self):
        frames = list(run("policy-iteration", {"grid": "mouse"}))
        assert [frame.update for frame in frames] == list(range(frames[-1].detail.round + 1))
        assert frames[-1].detail.stable
        returns = [frame.metrics["objective/return"][0] for frame in frames]
        assert returns == sorted(returns)

    def test_the_return_is_that_of_the_policy_greedy_in_the_values_that_the_sweep_leaves(self, monkeypatch):
        """After u sweeps u cells have heard of G, and the cell before them sees one that has. The start is six steps
        away: it needs five sweeps, and with four it walks at random in its own cell."""
        with_grid(monkeypatch, "S.....G", gamma=0.9, step_reward=0.0, rewards={"G": 1.0})
        returns = [frame.metrics["objective/return"][0] for frame in run("value-iteration", {})]
        assert returns[5] == pytest.approx(0.9**5)
        # one move in four leaves the start (0.9 each): J = 0.25 * 0.9 * 0.9**4 / (1 - 0.75 * 0.9)
        assert returns[4] == pytest.approx(0.25 * 0.9**5 / (1 - 0.75 * 0.9))

    def test_it_ends_with_the_best_return(self):
        frames = list(run("value-iteration", {"grid": "mouse"}))
        assert frames[-1].metrics["objective/return"][0] == pytest.approx(4.17, abs=5e-3)

    @pytest.mark.parametrize(
        ("id", "name", "most"), [("value-iteration", "sweeps", 7), ("policy-iteration", "rounds", 2)]
    )
    def test_it_stops_where_it_is_told(self, id, name, most):
        assert [frame.update for frame in run(id, {"grid": "rooms", name: most})][-1] == most

    def test_few_sweeps_a_round_need_more_rounds(self):
        exact, one = (
            [frame.update for frame in run("policy-iteration", {"grid": "mouse", "evaluation_sweeps": n})][-1]
            for n in (0, 1)
        )
        assert one > exact


class TestNoAnswer:
    def test_a_policy_that_never_ends_at_gamma_one(self):
        for id in ("policy-evaluation", "policy-iteration"):
            with pytest.raises(
                ParameterError, match=r"^gamma is 1, and on cliff .* policy 'up' may never end"
            ):
                list(run(id, {"grid": "cliff", "policy": "up"}))

    @every_planner
    def test_pay_for_walking_at_gamma_one(self, id):
        with pytest.raises(
            ParameterError, match=r"^gamma is 1, and on rooms .* step_reward 0\.5 .* below 1$"
        ):
            list(run(id, {"grid": "rooms", "gamma": 1, "step_reward": 0.5}))

    @everything
    @pytest.mark.parametrize("gamma", [0.9, 1.0])
    def test_a_grid_with_no_way_to_the_goal(self, id, gamma, monkeypatch):
        with_grid(monkeypatch, "S.#G", step_reward=-1.0, gamma=gamma, rewards={"G": 1.0})
        with pytest.raises(ParameterError, match=r"^grid is .*reached from the start .*; it must have a way"):
            list(run(id, {}))

    @everything
    def test_values_that_outgrow_a_float(self, id, monkeypatch):
        with_grid(monkeypatch, "S..G", step_reward=1e308, gamma=0.999, rewards={"G": 1.0})
        with pytest.raises(ParameterError, match=r"^on russell-norvig a value .* take smaller rewards$"):
            list(run(id, {}))

    @pytest.mark.parametrize(
        ("id", "name", "value", "allowed"),
        [
            ("value-iteration", "gamma", 1.5, "a number between 0 and 1"),
            ("value-iteration", "gamma", float("nan"), "a number between 0 and 1"),
            ("value-iteration", "sweeps", 10**9, "a whole number between 1 and 10000"),
            ("value-iteration", "theta", 0, "a number between 1e-12 and 1"),
            ("policy-evaluation", "theta", float("nan"), "a number between 1e-12 and 1"),
            ("policy-iteration", "rounds", 10**9, "a whole number between 1 and 1000"),
            ("policy-iteration", "evaluation_sweeps", -1, "a whole number between 0 and 1000"),
            ("policy-evaluation", "seeds", 0, "a whole number between 1 and 1000"),
        ],
    )
    def test_numbers_out_of_range(self, id, name, value, allowed):
        with pytest.raises(ParameterError) as caught:
            run(id, {name: value})
        assert str(caught.value) == f"{name} is '{value}'; it must be {allowed}"
