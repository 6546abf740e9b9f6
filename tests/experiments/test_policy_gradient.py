"""What the runs of policy gradients show, and what they refuse."""

import numpy as np
import pytest

from tutor.experiments import ParameterError, cached_frames, find_experiment, run
from tutor.experiments.summary import optimum_of, summarise
from tutor.rl.divergence import DivergedError

J, KL, CLIP = "objective/return", "policy/kl", "policy/clipfrac_avg"


def table(frames, series, metric):
    """[U, K]."""
    return np.array([f.metrics[metric] for f in frames if f.series == series and metric in f.metrics])


class TestPPOAgainstTRPO:
    """The table of the recipe, in small: 10 seeds; `python -m tests.benchmarks.policy_gradient` has it whole."""

    @pytest.fixture(scope="class")
    def frames(self):
        return cached_frames("ppo-vs-trpo", {"seeds": 10})

    def test_who_is_steady_and_who_falls(self, frames):
        falls = {name: s.worst_fall.mean() for name, s in summarise(frames).items()}
        assert falls["ppo"] < 0.1
        assert falls["trpo"] < 0.1
        for series in ("trpo-no-line-search", "unclipped", "log-prob"):
            assert falls[series] > 0.4, series

    def test_the_steady_ones_arrive(self, frames):
        for series in ("ppo", "trpo"):
            np.testing.assert_allclose(table(frames, series, J)[-1].mean(), 0.655, atol=0.015)

    def test_only_trpo_keeps_its_kl(self, frames):
        most = {series: table(frames, series, KL).max() for series in ("ppo", "trpo", "unclipped")}
        assert most["trpo"] <= 0.03
        assert most["unclipped"] > 1
        assert most["ppo"] > 0.03  # the clip does not bound it

    def test_j_is_computed_after_every_update(self, frames):
        """Else a fall that is made good in the next update is missed."""
        judged = [f.update for f in frames if f.series == "trpo" and J in f.metrics]
        assert judged == list(range(81))
        assert all(f.detail.shape == (11, 4) for f in frames if J in f.metrics)

    def test_damping_alone_mends_it(self):
        frames = cached_frames("ppo-vs-trpo", {"seeds": 10, "damping": 0.1})
        assert summarise(frames)["trpo-no-line-search"].worst_fall.mean() < 0.15


class TestClipFraction:
    def test_it_dies_out_unless_entropy_is_paid_for(self):
        frames = cached_frames("clip-fraction", {"seeds": 20})
        for series, dies in (("ppo", True), ("ppo-entropy", False)):
            clipped = table(frames, series, CLIP).mean(axis=1)
            assert bool(clipped[-16:].mean() < 0.25 * clipped[:16].mean()) is dies


class TestTightrope:
    def test_three_curves_that_begin_together(self):
        frames = cached_frames("tightrope", {"seeds": 2, "update": 5})
        first = [frame.metrics[J] for frame in frames if frame.update == 0]
        np.testing.assert_allclose(first[1:], [first[0]] * 2, atol=1e-12)
        assert max(frame.update for frame in frames) == 12


class TestRefusals:
    @pytest.mark.parametrize(
        ("id", "given", "message"),
        [
            ("ppo", {"epsilon": 0}, "epsilon is '0'; it must be a number between 0.001 and 0.999"),
            ("ppo", {"learning_rate": 0}, "learning_rate is '0'; it must be a number between 1e-06 and 1000"),
            (
                "ppo",
                {"learning_rate": "nan"},
                "learning_rate is 'nan'; it must be a number between 1e-06 and 1000",
            ),
            ("trpo", {"delta": 0}, "delta is '0'; it must be a number between 1e-06 and 10"),
            ("ppo-vs-trpo", {"delta": -1}, "delta is '-1'; it must be a number between 1e-06 and 10"),
            ("actor-critic", {"lambda": 1.5}, "lambda is '1.5'; it must be a number between 0 and 1"),
            ("reinforce", {"updates": 0}, "updates is '0'; it must be a whole number between 1 and 10000"),
            (
                "ppo-kl",
                {"updates": 10**9},
                "updates is '1000000000'; it must be a whole number between 1 and 10000",
            ),
            ("ppo", {"minibatches": 600}, "minibatches is 600; it must be a whole number between 1 and 512"),
        ],
    )
    def test_one_line_with_the_range(self, id, given, message):
        with pytest.raises(ParameterError) as caught:
            list(run(id, given))
        assert str(caught.value) == message

    def test_a_run_that_diverges_is_stopped_and_told_by_its_series(self):
        given = {"delta": 1.0, "damping": 0.0, "seeds": 10}
        with pytest.raises(
            DivergedError, match=r"^trpo-no-line-search diverged in update \d+ in 1 of 10 seeds: its values"
        ):
            list(run("ppo-vs-trpo", given))

    def test_what_was_learned_until_then_is_cached_frames(self):
        frames = []
        wild = run("trpo", {"delta": 1.0, "damping": 0.0, "line_search": False, "seeds": 10})
        with pytest.raises(DivergedError) as caught:
            frames.extend(wild)
        assert [frame.update for frame in frames] == list(range(caught.value.update))
        assert all(np.isfinite(v).all() for frame in frames for v in frame.metrics.values())


def test_the_best_that_can_be_had_is_known():
    assert optimum_of(find_experiment("ppo"), {"grid": "russell-norvig"}) == pytest.approx(0.660, abs=5e-4)
