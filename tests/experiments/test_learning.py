"""The learning experiments: what their numbers are, that parameters matter, and that bad ones are one line."""

import re

import numpy as np
import pytest

from tutor.experiments import (
    Frame,
    ParameterError,
    cached_frames,
    catalogue,
    find_experiment,
    metric_value,
    run,
)
from tutor.experiments.learning import side_by_side
from tutor.rl.divergence import DivergedError
from tutor.rl.environments.maps import make
from tutor.rl.episodes import uniform_policy
from tutor.rl.planning import solve

CONTROL = ("sarsa", "q-learning", "double-q", "cliff")
LEARNING = ("mc-prediction", "td-prediction", "td-vs-mc", "n-step-walk", *CONTROL, "maximisation-bias")


def last(id, series, metric, **parameters):
    return metric_value(cached_frames(id, parameters), series, metric, "last")


class TestSideBySide:
    def test_a_frame_comes_before_the_next_curve_is_asked(self):
        asked = []

        def curve(series):
            for update in range(2):
                asked.append((series, update))
                yield Frame(series, update, {})

        frames = side_by_side([curve("a"), curve("b")])
        assert (next(frames).series, asked) == ("a", [("a", 0)])
        rest = [(frame.series, frame.update) for frame in frames]
        assert rest == [("b", 0), ("a", 1), ("b", 1)]

    @pytest.mark.parametrize("lengths", [(2, 3), (3, 2)])
    def test_curves_that_are_not_equally_long_are_an_error(self, lengths):
        curves = [iter([Frame(str(n), update, {}) for update in range(n)]) for n in lengths]
        with pytest.raises(ValueError, match="equally long"):
            list(side_by_side(curves))


class TestPrediction:
    def test_before_the_first_episode_the_error_is_of_the_initial_values(self):
        env = make("russell-norvig")
        V = solve(*env.transitions(), env.gamma, uniform_policy(env))
        walked = [s for s in range(env.n_states) if not env.is_terminal(s)]  # all are reached
        frame = next(run("mc-prediction", {"grid": "russell-norvig", "initial": 1, "seeds": 2}))
        assert frame.metrics["value/rms_error"] == pytest.approx(np.sqrt(np.mean((V[walked] - 1) ** 2)))
        assert frame.metrics["value/max_error"] == pytest.approx(np.abs(V[walked] - 1).max())

    def test_only_states_that_the_policy_can_visit_count(self):
        """Along the cliff without slip the optimal policy is certain; MC with alpha 1 knows it after one walk."""
        frames = cached_frames(
            "mc-prediction", {"grid": "cliff", "policy": "optimal", "alpha": 1, "episodes": 1}
        )
        assert metric_value(frames, "mc-prediction", "value/max_error", 0) == pytest.approx(13)
        assert metric_value(frames, "mc-prediction", "value/max_error", 1) == pytest.approx(0, abs=1e-12)

    def test_the_methods_are_what_they_are_called(self):
        common = {"episodes": 20, "seeds": 3, "grid": "russell-norvig", "policy": "optimal"}
        error = {
            (method, *options.items()): last(
                "td-prediction", "td-prediction", "value/rms_error", method=method, **options, **common
            )
            for method, options in (
                ("td", {}),
                ("n-step", {"n": 1}),
                ("td-lambda", {"lambda": 0}),
                ("lambda-return", {"lambda": 0}),
                ("lambda-return", {"lambda": 1}),
                ("td-lambda", {"lambda": 0.9}),
                ("td-lambda", {"lambda": 0.9, "traces": "replacing"}),
                ("n-step", {"n": 4}),
            )
        }
        values = list(error.values())
        assert values[1] == pytest.approx(values[0])
        assert values[2] == pytest.approx(values[0])
        assert values[4] == pytest.approx(last("mc-prediction", "mc-prediction", "value/rms_error", **common))
        assert len({round(value, 9) for value in (values[0], *values[3:])}) == 6

    @pytest.mark.parametrize("method", ["td", "n-step", "td-lambda", "lambda-return"])
    def test_both_on_a_grid_are_what_each_is_alone(self, method):
        given = {"grid": "mouse", "episodes": 20, "seeds": 3}
        for series, alone, own in (("mc", "mc-prediction", {}), ("td", "td-prediction", {"method": method})):
            for name in ("value/rms_error", "value/max_error"):
                both = last("mc-and-td", series, name, method=method, **given)
                assert both == last(alone, alone, name, **own, **given)

    def test_td_beats_monte_carlo_on_the_walk(self):
        td = last("td-vs-mc", "td", "value/rms_error", seeds=100, td_alpha=0.05)
        mc = last("td-vs-mc", "mc", "value/rms_error", seeds=100)
        assert td == pytest.approx(0.038, abs=0.015)
        assert mc == pytest.approx(0.079, abs=0.015)

    def test_between_one_step_and_many_lies_the_best(self):
        frames = cached_frames("n-step-walk", {"seeds": 100})
        mean = {
            series: np.mean([f.metrics["value/rms_error"].mean() for f in frames if f.series == series][1:])
            for series in ("n-1", "n-4", "n-16")
        }
        assert mean["n-4"] == pytest.approx(0.264, abs=0.015)
        assert mean["n-4"] < min(mean["n-1"], mean["n-16"])

    def test_the_large_walk_is_another(self):
        assert last("td-vs-mc", "td", "value/rms_error", walk="walk-19", episodes=1) != pytest.approx(
            last("td-vs-mc", "td", "value/rms_error", walk="walk-5", episodes=1)
        )

    def test_a_policy_that_never_ends_at_gamma_one_is_one_line(self):
        with pytest.raises(ParameterError, match="gamma is 1, and on cliff with slip 0 and step_reward -1"):
            list(run("td-prediction", {"grid": "cliff", "policy": "up"}))

    def test_a_run_that_blows_up_names_its_series(self):
        given = {"grid": "rooms", "method": "td-lambda", "lambda": 1, "alpha": 1, "episodes": 5000}
        seen = []
        with pytest.raises(
            DivergedError, match=r"^td-prediction diverged in update \d+: .* try a smaller alpha"
        ):
            seen.extend(run("td-prediction", given))
        assert all(np.isfinite(frame.metrics["value/rms_error"]).all() for frame in seen)


class TestControl:
    def test_the_greedy_policy_is_judged_before_between_and_last(self):
        frames = [
            f for f in cached_frames("q-learning", {"episodes": 100}) if "objective/return" in f.metrics
        ]
        assert [f.update for f in frames] == list(range(0, 101, 5))
        assert frames[-1].metrics["objective/return"] == pytest.approx(-13)

    def test_what_is_earned_of_late_is_the_mean_of_a_hundred_episodes(self):
        frames = cached_frames("sarsa", {"episodes": 200, "seeds": 2})
        earned = np.array([f.metrics["objective/episode_return"] for f in frames[1:]])
        recent = {
            f.update: f.metrics["objective/recent_return"]
            for f in frames
            if "objective/recent_return" in f.metrics
        }
        assert list(recent) == list(range(10, 201, 10))
        for update in (10, 100, 150, 200):
            last = earned[max(0, update - 100) : update]
            np.testing.assert_allclose(recent[update], last.mean(axis=0))

    @pytest.mark.parametrize("grid", ["russell-norvig", "mouse"])
    def test_on_rewards_that_are_no_whole_numbers_a_seed_does_not_depend_on_the_others(self, grid):
        given = {"grid": grid, "episodes": 40}
        many, alone = (list(run("sarsa", given, seeds)) for seeds in (range(8), [5]))
        for among, one in zip(many, alone, strict=True):
            for name, values in one.metrics.items():
                assert among.metrics[name][5].tobytes() == values[0].tobytes(), (name, one.update)

    def test_a_greedy_policy_that_walks_in_circles_has_no_finite_return(self):
        """Every step costs 1, so walking for ever costs more than any number; of nine episodes no way to G is known."""
        frames = list(run("sarsa", {"grid": "cliff", "episodes": 3, "alpha": 0.5}))
        assert frames[-1].metrics["objective/return"][0] == -np.inf

    @pytest.mark.parametrize("id", ["sarsa", "q-learning", "double-q"])
    def test_where_never_ending_pays_best_there_is_nothing_to_learn(self, id):
        """As value iteration says of the same world."""
        with pytest.raises(
            ParameterError, match=r"^gamma is 1, and on mouse .* step_reward 1 .* never ending pays best"
        ):
            list(run(id, {"grid": "mouse", "gamma": 1, "step_reward": 1, "episodes": 2}))

    def test_it_says_when_an_episode_was_cut_off(self):
        frames = list(run("q-learning", {"episodes": 3, "most_steps": 10}))
        for frame in frames[1:]:
            assert frame.metrics["episode/length"] <= 10
            assert frame.metrics["episode/truncated"] == (frame.metrics["episode/length"] == 10)
        assert any(frame.metrics["episode/truncated"][0] for frame in frames[1:])

    @pytest.mark.parametrize(
        "given",
        [
            {"behaviour": "softmax"},
            {"epsilon": 0.5},
            {"epsilon_schedule": "linear"},
            {"epsilon_schedule": "exponential", "epsilon_end": 0.01},
            {"alpha": 0.25},
            {"alpha_schedule": "linear"},
            {"gamma": 0.9},
            {"grid": "mouse"},
            {"slip": 0.2},
            {"step_reward": -2},
        ],
        ids=str,
    )
    def test_every_parameter_matters(self, given):
        plain, other = ([f.metrics for f in run("sarsa", {"episodes": 12, **more})] for more in ({}, given))
        assert repr(plain) != repr(other)

    def test_the_cliff_has_the_same_curves_as_each_algorithm_alone(self):
        together = cached_frames("cliff", {"episodes": 8, "seeds": 2})
        for id in ("sarsa", "q-learning", "double-q"):
            alone = cached_frames(id, {"episodes": 8, "seeds": 2})
            both = zip([f for f in together if f.series == id], alone, strict=True)
            assert all(repr(a.metrics) == repr(b.metrics) for a, b in both)

    def test_left_begins_at_a_half_and_more_actions_mislead_more(self):
        few, many = (
            cached_frames("maximisation-bias", {"actions": n, "episodes": 30, "seeds": 200}) for n in (2, 20)
        )
        assert metric_value(few, "q-learning", "policy/left", 0) == 0.5
        assert metric_value(many, "q-learning", "policy/left", 25) > 0.05 + metric_value(
            few, "q-learning", "policy/left", 25
        )

    def test_an_exponential_schedule_to_nothing_is_one_line(self):
        with pytest.raises(
            ParameterError,
            match=r"^epsilon: an exponential schedule runs from 0\.1 to 0\.0; both must be above 0$",
        ):
            list(run("sarsa", {"epsilon_schedule": "exponential"}))


class TestBadInput:
    @pytest.mark.parametrize("id", LEARNING)
    @pytest.mark.parametrize(
        ("name", "values", "allowed"),
        [
            ("epsilon", (-0.1, 1.1, "nan"), "a number between 0 and 1"),
            ("alpha", (0, "nan", 1.5), "a number between 0.0001 and 1"),
            ("gamma", (-0.1, 1.1), "a number between 0 and 1"),
            ("lambda", (-0.1, 1.1), "a number between 0 and 1"),
            ("n", (0, 1.5), "a whole number between 1 and 1000"),
            ("episodes", (0, 10**9), "a whole number between 1 and 100000"),
            ("seeds", (0,), "a whole number between 1 and 1000"),
        ],
    )
    def test_each_value_is_refused_with_its_range(self, id, name, values, allowed):
        if name not in {parameter.name for parameter in catalogue()[id].parameters}:
            return
        for value in values:
            with pytest.raises(ParameterError) as caught:
                run(id, {name: value})
            assert str(caught.value) == f"{name} is {str(value)!r}; it must be {allowed}"


def test_the_temperature_follows_its_schedule() -> None:
    """Hot to the end it earns less than when it cools; the first episode is the same."""
    hot = {"episodes": 80, "seeds": 3, "behaviour": "softmax", "temperature": 20.0, "alpha": 0.5}
    cooling = {**hot, "temperature_schedule": "exponential", "temperature_end": 0.05}
    earned = [
        [f.metrics["objective/episode_return"] for f in run("q-learning", given) if f.update]
        for given in (hot, cooling)
    ]
    assert earned[0][0].tobytes() == earned[1][0].tobytes()
    assert np.mean(earned[1][-20:]) > np.mean(earned[0][-20:]) + 20


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        (" 200:alpha=.1, 121:epsilon=0.30 ", "121:epsilon=0.3,200:alpha=0.1"),
        ("7:epsilon=1,7:epsilon=0", "7:epsilon=0.0"),
    ],
)
def test_changes_are_read_into_one_form(given: str, kept: str) -> None:
    assert find_experiment("cliff").values({"changes": given})["changes"] == kept


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("7", "changes is '7'; it must be empty, or changes such as"),
        ("7:gamma=1", "changes is '7:gamma=1'; it must be"),
        ("0:epsilon=1", "changes: episode is 0; it must be between 1 and 100000"),
        ("7:epsilon=2", "changes: epsilon is '2'; it must be a number between 0 and 1"),
        ("7:alpha=nan", "changes: alpha is 'nan'; it must be a number between 0.0001 and 1"),
    ],
)
def test_changes_that_mean_nothing_are_refused(given: str, said: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(said)):
        find_experiment("cliff").values({"changes": given})
