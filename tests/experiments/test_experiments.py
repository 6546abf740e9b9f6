"""One contract over every experiment and every lab; then what is known of each experiment."""

import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from itertools import islice

import numpy as np
import pytest

from tutor.experiments import (
    ParameterError,
    UnknownExperiment,
    UnknownLab,
    cached_frames,
    catalogue,
    find_experiment,
    find_lab,
    labs,
    metric_value,
    run,
)
from tutor.experiments.entries.clinic import GRID_METRICS, TOY_METRICS
from tutor.experiments.entries.llm_training import HELD_OUT_METRICS as WHERE_HELD_OUT
from tutor.rl.environments.maps import GRIDS, make
from tutor.rl.episodes import greedy_policy, uniform_policy
from tutor.rl.planning import solve

no_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
every_experiment = pytest.mark.parametrize(
    "id", [pytest.param(id, marks=no_torch if e.torch else ()) for id, e in catalogue().items()]
)
every_lab = pytest.mark.parametrize("id", labs())
described = {
    **{f"experiment {id}": e for id, e in catalogue().items()},
    **{f"lab {id}": d for id, d in labs().items()},
}
every_description = pytest.mark.parametrize("thing", described.values(), ids=described.keys())


def on_a_grid(thing):
    return any(parameter.name == "grid" for parameter in thing.parameters)


grid_descriptions = {name: thing for name, thing in described.items() if on_a_grid(thing)}
every_grid_description = pytest.mark.parametrize(
    "thing", grid_descriptions.values(), ids=grid_descriptions.keys()
)
every_grid_experiment = pytest.mark.parametrize("id", [id for id, e in catalogue().items() if on_a_grid(e)])

ELSEWHERE = {"clinic": set(GRID_METRICS) - set(TOY_METRICS)}  # only of cases that are not the first
MANY_FRAMES = 400
FEW = {"episodes": 5, "updates": 4, "update": 3, "batch": 8, "pairs": 20}  # enough for a contract


def short(id, parameters=None):
    named = {parameter.name for parameter in catalogue()[id].parameters}
    few = {**FEW, "updates": 1, "steps": 4, "batch": 32} if catalogue()[id].torch else FEW
    return {**{name: value for name, value in few.items() if name in named}, **(parameters or {})}


def frames_of(id, parameters=None, seeds=None):
    return list(islice(run(id, short(id, parameters), seeds), MANY_FRAMES))


@cache
def three_of(id):
    """The frames of seeds 0, 1 and 2, which take a language model seconds and which most of the contract asks for."""
    return frames_of(id, seeds=range(3))


class TestDescriptions:
    @every_description
    def test_it_says_what_it_is(self, thing):
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", thing.id)
        assert thing.title
        assert thing.sentence.endswith(".")
        assert "\n" not in thing.sentence

    @every_description
    def test_parameters_have_names_sentences_and_valid_defaults(self, thing):
        names = [parameter.name for parameter in thing.parameters]
        assert len(set(names)) == len(names)
        for parameter in thing.parameters:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", parameter.name)
            assert parameter.sentence.endswith(".")
            value = parameter.parse(parameter.default)
            assert value == parameter.default
            assert type(value) is type(parameter.default)
            if parameter.kind == "choice":
                assert len(set(parameter.choices)) == len(parameter.choices) > 1
            if parameter.kind in ("int", "float"):
                assert parameter.step > 0

    @every_description
    def test_values_out_of_range_are_refused_with_the_range(self, thing):
        for parameter in thing.parameters:
            bad: list[object] = [None, [1]]
            if parameter.kind in ("int", "float"):
                bad += [parameter.low - 1, parameter.high + 1, float("nan"), float("inf"), "many"]
            if parameter.kind == "int":
                bad.append(parameter.low + 0.5)
            if parameter.kind == "choice":
                bad += ["nothing like it", 7]
            for value in bad:
                with pytest.raises(ParameterError) as caught:
                    thing.values({parameter.name: value})
                message = str(caught.value)
                assert message.startswith(f"{parameter.name} is ")
                assert message.partition("; did you mean")[0].endswith(parameter.allowed())

    @every_description
    def test_an_unknown_parameter_is_refused_with_those_there_are(self, thing):
        with pytest.raises(ParameterError, match="unknown parameter 'nonsense'") as caught:
            thing.values({"nonsense": 1})
        for parameter in thing.parameters:
            assert parameter.name in str(caught.value)

    @every_grid_description
    @pytest.mark.parametrize("grid", GRIDS)
    def test_a_grids_own_numbers_stand_in_for_what_is_not_given(self, thing, grid):
        own = GRIDS[grid]
        values = thing.values({"grid": grid})
        assert (values["gamma"], values["slip"], values["step_reward"]) == (
            own.gamma,
            own.slip,
            own.step_reward,
        )
        values = thing.values({"grid": grid, "gamma": 0.5, "slip": 0})
        assert (values["gamma"], values["slip"], values["step_reward"]) == (0.5, 0.0, own.step_reward)
        for parameter in thing.parameters:  # whatever stands in is in range itself
            assert parameter.parse(values[parameter.name]) == values[parameter.name]

    @every_lab
    def test_the_main_parameter_can_be_stepped_and_presets_are_valid(self, id):
        lab = labs()[id]
        main = next(parameter for parameter in lab.parameters if parameter.name == lab.main)
        assert main.step > 0 or len(main.choices) > 1
        assert lab.presets
        for preset in lab.presets:
            lab.values(preset)

    def test_ids_are_the_keys(self):
        assert all(id == experiment.id for id, experiment in catalogue().items())
        assert all(id == lab.id for id, lab in labs().items())

    def test_a_caller_cannot_spoil_the_catalogue(self):
        catalogue().clear()
        labs().clear()
        assert catalogue()
        assert labs()

    def test_unknown_ids_are_refused_with_those_there_are(self):
        with pytest.raises(UnknownExperiment) as caught:
            find_experiment("sarza")
        assert str(caught.value).startswith(
            "there is no experiment 'sarza'; the experiments are: episode, policy-return"
        )
        with pytest.raises(UnknownLab, match="there is no lab 'sarza'; the labs are: gridworld"):
            find_lab("sarza")
        for call in (lambda: run("sarza", {}), lambda: cached_frames("sarza", {})):
            with pytest.raises(KeyError):
                call()

    def test_naming_them_needs_no_numpy(self):
        code = (
            "import sys; from tutor.experiments import catalogue, labs, cached_frames; "
            "[e.values({}) for e in (*catalogue().values(), *labs().values())]; sys.exit('numpy' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestRuns:
    @every_experiment
    def test_every_frame_carries_the_named_metrics_one_number_a_seed(self, id):
        experiment = catalogue()[id]
        frames = three_of(id)
        assert {frame.series for frame in frames} == set(experiment.series)
        for series in experiment.series:
            of_series = [frame for frame in frames if frame.series == series]
            updates = [frame.update for frame in of_series]
            assert updates[0] == 0
            assert updates == sorted(set(updates))
            named = set().union(*(frame.metrics for frame in of_series))
            assert named == set(experiment.metrics) - set(WHERE_HELD_OUT) - ELSEWHERE.get(id, set())
            for frame in of_series:
                for name, values in frame.metrics.items():
                    assert values.shape == (3,)
                    assert values.dtype == np.float64
                    endless = np.isneginf(values) & (
                        name == "objective/return"
                    )  # a policy that walks in circles
                    assert (np.isfinite(values) | endless).all()

    @every_experiment
    def test_a_seed_gives_the_same_to_the_last_bit_whoever_runs_beside_it(self, id):
        crowd = 3 if catalogue()[id].torch else 50
        beside = three_of(id) if crowd == 3 else frames_of(id, seeds=range(crowd))
        many = {(frame.series, frame.update): frame for frame in beside}
        for seed in {0, 7 % crowd, crowd - 1}:
            for alone in frames_of(id, seeds=[seed]):
                together = many[alone.series, alone.update]
                for name, values in alone.metrics.items():
                    assert together.metrics[name][seed].tobytes() == values[0].tobytes()

    @every_experiment
    def test_twice_the_same(self, id):
        once, again = three_of(id), frames_of(id, {"seeds": 3})
        assert len(once) == len(again)
        for a, b in zip(once, again, strict=True):
            assert (a.series, a.update) == (b.series, b.update)
            assert {n: v.tolist() for n, v in a.metrics.items()} == {
                n: v.tolist() for n, v in b.metrics.items()
            }

    @every_experiment
    def test_without_seeds_the_parameter_says_how_many(self, id):
        for frame in frames_of(id, {"seeds": 2}):
            for values in frame.metrics.values():
                assert values.shape == (2,)

    @every_experiment
    @pytest.mark.parametrize(
        ("seeds", "message"),
        [
            ([], "seeds is empty; at least one seed must run"),
            ([0, -1], "seeds has '-1'; a seed must be a whole number of at least 0"),
            ([True], "seeds has 'True'; a seed must be a whole number of at least 0"),
            ([0.5], "seeds has '0.5'; a seed must be a whole number of at least 0"),
        ],
    )
    def test_bad_seeds_are_refused_at_once(self, id, seeds, message):
        with pytest.raises(ParameterError) as caught:
            run(id, {}, seeds)
        assert str(caught.value) == message

    @every_experiment
    def test_seeds_may_be_numpys_whole_numbers(self, id):
        assert next(run(id, short(id), np.arange(2))).update == 0

    @every_experiment
    def test_bad_parameters_are_refused_at_once(self, id):
        with pytest.raises(ParameterError):
            run(id, {"seeds": 0})

    @every_experiment
    def test_the_cache_gives_the_same_frames_for_the_same_meaning(self, id):
        one = short(id, {"seeds": 1})
        frames = cached_frames(id, one)
        assert cached_frames(id, {**one, "seeds": "1"}) is frames
        assert cached_frames(id, dict(reversed(catalogue()[id].values(one).items()))) is frames
        assert cached_frames(id, {**one, "seeds": 2}) is not frames

    @every_grid_experiment
    @pytest.mark.parametrize("grid", GRIDS)
    def test_it_runs_on_every_grid(self, id, grid):
        assert frames_of(id, {"grid": grid, "seeds": 2})


class TestEpisode:
    def test_it_begins_before_the_first_step(self):
        first = next(run("episode", {"seeds": 2}))
        assert first.update == 0
        assert first.metrics["episode/reward"].tolist() == [0, 0]
        assert first.metrics["objective/episode_return"].tolist() == [0, 0]
        assert first.detail is None

    def test_the_return_is_the_discounted_sum_of_the_rewards(self):
        frames = frames_of("episode", {"grid": "mouse", "seeds": 5, "gamma": 0.5})
        total = np.zeros(5)
        for frame in frames[1:]:
            total += 0.5 ** (frame.update - 1) * frame.metrics["episode/reward"]
            assert frame.metrics["objective/episode_return"] == pytest.approx(total)

    def test_an_optimal_walk_without_slip_by_hand(self):
        # S to +: up, up, right, right, right: four steps of -.04, then 1 - .04
        frames = frames_of("episode", {"policy": "optimal", "slip": 0, "gamma": 0.5})
        rewards = [frame.metrics["episode/reward"][0] for frame in frames[1:]]
        assert rewards == pytest.approx([-0.04, -0.04, -0.04, -0.04, 0.96])
        G = -0.04 * (1 + 0.5 + 0.25 + 0.125) + 0.96 * 0.0625
        assert metric_value(frames, "episode", "objective/episode_return", "last") == pytest.approx(G)

    def test_a_seed_that_has_ended_keeps_its_return_and_earns_nothing(self):
        alone = frames_of("episode", {"grid": "rope"}, seeds=[0])
        crowd = frames_of("episode", {"grid": "rope"}, seeds=range(30))
        assert len(crowd) > len(alone)
        ended = alone[-1].metrics["objective/episode_return"][0]
        for frame in crowd[len(alone) :]:
            assert frame.metrics["episode/reward"][0] == 0
            assert frame.metrics["objective/episode_return"][0] == ended

    def test_the_detail_is_the_step_of_the_first_seed(self):
        frames = frames_of("episode", {"grid": "mouse"}, seeds=[3, 4])
        steps = [frame.detail for frame in frames if frame.detail is not None]
        assert [step.t for step in steps] == list(range(len(steps)))
        assert steps[-1].ended
        for frame in frames[1 : len(steps) + 1]:
            assert frame.detail.reward == frame.metrics["episode/reward"][0]

    def test_where_the_grid_has_no_limit_the_parameter_holds(self):
        assert frames_of("episode", {"grid": "cliff", "steps": 37})[-1].update == 37

    def test_the_grids_own_limit_holds_as_well(self):
        assert frames_of("episode", {"grid": "mouse", "seeds": 20, "steps": 2000})[-1].update <= 60

    @pytest.mark.parametrize("policy", ["random", "optimal"])
    def test_the_mean_return_is_near_the_exact_one(self, policy):
        """800 seeds, at a gamma that forgets what the step limit cuts off: within four standard errors."""
        frames = frames_of(
            "episode", {"grid": "mouse", "policy": policy, "seeds": 800, "slip": 0.3, "gamma": 0.8}
        )
        returns = frames[-1].metrics["objective/episode_return"]
        exact = metric_value(
            run("policy-return", {"grid": "mouse", "policy": policy, "slip": 0.3, "gamma": 0.8}),
            "policy-return",
            "objective/return",
            0,
        )
        assert abs(returns.mean() - exact) < 4 * returns.std() / np.sqrt(800)

    def test_a_paid_walk_has_no_optimal_policy_at_gamma_one(self):
        with pytest.raises(
            ParameterError, match=r"gamma is 1, and on rooms with slip 0\.1 and step_reward 0\.5"
        ):
            frames_of("episode", {"grid": "rooms", "policy": "optimal", "gamma": 1, "step_reward": 0.5})


class TestPolicyReturn:
    def value(self, **parameters):
        return metric_value(run("policy-return", parameters), "policy-return", "objective/return", 0)

    @pytest.mark.parametrize(
        ("grid", "optimum"),
        [
            ("russell-norvig", 0.660),
            ("mouse", 4.17),
            ("rooms", 0.605),
            ("cliff", -13),
            ("frozenlake-4x4", 0.542),
        ],
    )
    def test_optima(self, grid, optimum):
        assert self.value(grid=grid, policy="optimal") == pytest.approx(optimum, abs=5e-4)

    def test_one_way_by_hand(self):
        assert self.value(grid="rope", policy="right") == pytest.approx(0.99**8)
        assert self.value(grid="rope", policy="up") == -1
        assert self.value(grid="cliff", policy="up", gamma=0.99) == pytest.approx(-100)

    def test_the_detail_is_the_value_of_every_state(self):
        (frame,) = frames_of("policy-return", {"grid": "rooms", "policy": "random"})
        env = make("rooms")
        assert frame.detail == pytest.approx(solve(*env.transitions(), 0.99, uniform_policy(env)))
        assert frame.detail[env.start] == frame.metrics["objective/return"][0]

    def test_optimal_is_the_greedy_policy(self):
        (frame,) = frames_of("policy-return", {"grid": "mouse", "policy": "optimal"})
        env = make("mouse")
        assert frame.detail == pytest.approx(solve(*env.transitions(), env.gamma, greedy_policy(env)))

    def test_a_policy_that_never_ends_at_gamma_one_is_one_line(self):
        with pytest.raises(ParameterError) as caught:
            frames_of("policy-return", {"grid": "cliff", "policy": "up"})
        assert str(caught.value) == (
            "gamma is 1, and on cliff with slip 0 and step_reward -1 the policy 'up' may never end, "
            "so its return is not finite; take gamma below 1 or another policy"
        )
