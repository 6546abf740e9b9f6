"""The experiment `bandit`: its methods, its metrics, and what it refuses."""

import numpy as np
import pytest

from tutor.experiments import ParameterError, find_experiment, run
from tutor.experiments.bandits import method
from tutor.rl.bandit_methods import EpsilonGreedy, GradientBandit, UpperConfidenceBound


def values(**given):
    return find_experiment("bandit").values(given)


class TestMethods:
    def test_the_parameters_describe_them(self):
        assert method(values()) == EpsilonGreedy(0.1)
        assert method(values(epsilon=0, step_size=0.1, initial=5)) == EpsilonGreedy(0.0, 0.1, 5.0)
        assert method(values(method="ucb", c=1)) == UpperConfidenceBound(1.0)
        assert method(values(method="gradient")) == GradientBandit(0.1, baseline=True)
        assert method(values(method="gradient", step_size=0.4, baseline=False)) == GradientBandit(0.4, False)

    @pytest.mark.parametrize("name", ["epsilon-greedy", "ucb", "gradient"])
    @pytest.mark.parametrize("kind", ["gaussian", "bernoulli"])
    def test_each_learns_to_do_better_than_chance(self, name, kind):
        frames = list(run("bandit", {"method": name, "kind": kind, "arms": 5, "steps": 500, "seeds": 60}))
        share = np.mean([frame.metrics["bandit/optimal_action"] for frame in frames[-100:]], axis=0)
        assert share.mean() - 3 * share.std() / np.sqrt(60) > 0.4  # chance: .2


class TestMetrics:
    def test_regret_is_the_gap_of_the_arms_pulled(self):
        frames = list(run("bandit", {"steps": 50}, seeds=[3]))
        assert [frame.update for frame in frames] == list(range(51))
        assert frames[0].metrics["bandit/regret"].tolist() == [0]
        steps = np.diff([frame.metrics["bandit/regret"][0] for frame in frames])
        best = [frame.metrics["bandit/optimal_action"][0] for frame in frames[1:]]
        assert [step == 0 for step in steps] == [bool(each) for each in best]
        assert (steps >= 0).all()

    def test_one_seed_alone_shows_all_its_numbers(self):
        alone = list(run("bandit", {"steps": 5}))[-1].detail
        assert alone.estimates.shape == (1, 10)
        assert alone.rng_states
        assert list(run("bandit", {"steps": 5, "seeds": 2}))[-1].detail.estimates is None

    def test_bernoulli_pays_one_or_nothing(self):
        frames = list(run("bandit", {"kind": "bernoulli", "steps": 100, "seeds": 5}))
        assert {float(r) for frame in frames[1:] for r in frame.metrics["bandit/reward"]} == {0.0, 1.0}

    def test_it_is_random_and_says_so(self):
        assert not find_experiment("bandit").deterministic(values())


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("epsilon", 1.1, "a number between 0 and 1"),
        ("epsilon", float("nan"), "a number between 0 and 1"),
        ("step_size", 2, "a number between 0 and 1"),
        ("steps", 10**9, "a whole number between 1 and 100000"),
        ("arms", 1, "a whole number between 2 and 100"),
        ("seeds", 0, "a whole number between 1 and 1000"),
        ("method", "greedy", "one of epsilon-greedy, ucb, gradient; did you mean 'epsilon-greedy'?"),
    ],
)
def test_what_is_refused(name, value, allowed):
    with pytest.raises(ParameterError) as caught:
        run("bandit", {name: value})
    assert str(caught.value) == f"{name} is '{value}'; it must be {allowed}"
