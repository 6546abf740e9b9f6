"""The rules that read training, on curves of which the right sentence is known."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tutor.experiments import Frame
from tutor.experiments.explain import Rule, explain, rules_for
from tutor.experiments.rules import clip_fraction, ppo_vs_trpo, tightrope
from tutor.experiments.rules.training import TRAINING

J, KL, CLIP = "objective/return", "policy/kl", "policy/clipfrac_avg"
ENTROPY, EXPLAINED = "objective/entropy", "val/explained_variance"
U = 50
EVERY = (*TRAINING, *ppo_vs_trpo.RULES, *clip_fraction.RULES, *tightrope.RULES)
every_rule = pytest.mark.parametrize("rule", EVERY, ids=[rule.id for rule in EVERY])


def curves(metrics: Mapping[str, ArrayLike], series: str = "ppo") -> list[Frame]:
    """A frame a row of each metric's values [U, K] or [U]."""
    rows = {name: np.asarray(values, dtype=np.float64) for name, values in metrics.items()}
    length = len(next(iter(rows.values())))
    return [
        Frame(series, u, {name: np.atleast_1d(values[u]) for name, values in rows.items()})
        for u in range(length)
    ]


def found(id: str, frames: Sequence[Frame], rules: Sequence[Rule] = TRAINING, **facts: float) -> str | None:
    (rule,) = [rule for rule in rules if rule.id == id]
    findings = explain(frames, [rule], **facts)  # type: ignore[arg-type]
    return findings[0].sentence if findings else None


@every_rule
def test_of_nothing_and_of_runs_without_the_metric_nothing_is_said(rule: Rule) -> None:
    assert explain([], [rule]) == []
    assert explain(curves({"value/delta": np.arange(U)}, "td"), [rule]) == []


@every_rule
def test_it_says_where_it_is_from_and_what_to_try(rule: Rule) -> None:
    assert all((rule.meaning, rule.source, rule.why, rule.advice))


class TestKL:
    def test_rising(self) -> None:
        kl = np.full((U, 3), 0.01)
        kl[-10:] = 0.05
        assert found("kl-rising", curves({KL: kl})) == (
            "The KL of an update is rising: ppo (from 0.01 to 0.05 nats an update)."
        )

    @pytest.mark.parametrize("series", ["trpo", "trpo-no-line-search"])
    def test_of_a_trust_region_it_speaks_of_no_learning_rate(self, series: str) -> None:
        kl = np.full((U, 3), 0.01)
        kl[-10:] = 0.05
        (rule,) = [rule for rule in TRAINING if rule.id == "kl-rising"]
        (of_trpo,), (of_ppo,) = explain(curves({KL: kl}, series), [rule]), explain(curves({KL: kl}), [rule])
        assert not any(
            word in of_trpo.why + of_trpo.advice for word in ("learning rate", "optimiser", "epochs")
        )
        assert "learning rate" in of_ppo.advice

    def test_one_seed_of_many_is_not_a_trend(self) -> None:
        kl = np.full((U, 5), 0.01)
        kl[-10:, 0] = 1.0
        assert found("kl-rising", curves({KL: kl})) is None

    @pytest.mark.parametrize("last", [0.019, 0.0])
    def test_steady_or_falling(self, last: float) -> None:
        kl = np.full(U, 0.01)
        kl[-10:] = last
        assert found("kl-rising", curves({KL: kl})) is None

    def test_rising_from_nothing_to_next_to_nothing(self) -> None:
        kl = np.full(U, 1e-6)
        kl[-10:] = 1e-4
        assert found("kl-rising", curves({KL: kl})) is None

    def test_a_leap_is_told_with_its_update(self) -> None:
        kl = np.full((U, 2), 0.01)
        kl[17, 1] = 13.0
        calm = curves({KL: np.full(U, 0.29)}, "trpo")
        assert found("kl-leap", [*curves({KL: kl}, "unclipped"), *calm]) == (
            "A single update moves the policy far: unclipped by 13 nats in update 17."
        )


class TestClipping:
    def test_little(self) -> None:
        clipped = np.full(U, 0.12)
        clipped[10:] = 0.002
        assert found("clip-little", curves({CLIP: clipped})) == (
            "Hardly anything is clipped in the end: ppo (0.2% of the samples, at first 12.0%)."
        )
        assert found("clip-little", curves({CLIP: np.full(U, 0.02)})) is None

    def test_much(self) -> None:
        clipped = np.full(U, 0.1)
        clipped[20:30] = 0.45
        assert found("clip-much", curves({CLIP: clipped})) == (
            "Much is clipped: ppo (45% of the samples in its worst fifth of the updates)."
        )
        assert found("clip-much", curves({CLIP: np.full(U, 0.3)})) is None

    @pytest.mark.parametrize("series", ["unclipped", "trpo", "log-prob"])
    def test_of_what_does_not_clip_nothing_is_said(self, series: str) -> None:
        for value in (0.0, 0.9):
            frames = curves({CLIP: np.full(U, value)}, series)
            assert found("clip-little", frames) is None
            assert found("clip-much", frames) is None

    def test_whether_it_becomes_rarer(self) -> None:
        falling = np.full(U, 0.12)
        falling[-10:] = 0.001
        staying = np.full(U, 0.16)
        staying[-10:] = 0.06
        both = [*curves({CLIP: falling}), *curves({CLIP: staying}, "ppo-entropy")]
        assert found("becomes-rarer", both, clip_fraction.RULES) == (
            "Clipping dies out: ppo, from 0.12 in the first fifth of the updates to 0.001 in the last. "
            "Clipping goes on: ppo-entropy, from 0.16 in the first fifth of the updates to 0.06 in the last."
        )


class TestEntropyAndCritic:
    def entropy(self, ends: Sequence[float]) -> np.ndarray:
        values = np.full((U, len(ends)), 1.3)
        values[20:] = ends
        return values

    def test_collapse_counts_the_seeds_that_end_short(self) -> None:
        returns = np.tile([0.1, 0.65, 0.1], (U, 1))
        frames = curves({ENTROPY: self.entropy([0.01, 0.01, 0.9]), J: returns})
        assert found("entropy-collapse", frames, optimum=0.66) == (
            "The entropy has collapsed short of the optimum: ppo in 1 of 3 seeds."
        )
        assert found("entropy-collapse", frames) == "The entropy has collapsed: ppo in 2 of 3 seeds."
        assert found("entropy-collapse", frames, optimum=0.15) is None

    def test_explained_variance_below_0(self) -> None:
        values = np.full((U, 3), 0.4)
        values[-10:] = [-0.2, -0.1, 0.9]
        assert found("critic-no-help", curves({EXPLAINED: values})) == (
            "The critic explains less than a constant would: ppo (−0.1)."
        )
        values[-10:-2, 0] = np.nan  # the returns did not vary
        values[:, 2] = np.nan
        assert found("critic-no-help", curves({EXPLAINED: values})) == (
            "The critic explains less than a constant would: ppo (−0.15)."
        )
        values[:] = np.nan
        assert found("critic-no-help", curves({EXPLAINED: values})) is None
        values[-10:] = [-9.0, 0.1, 0.9]
        assert found("critic-no-help", curves({EXPLAINED: values})) is None


class TestVerdict:
    def falls(self, series: str, *depths: float) -> list[Frame]:
        """Each seed climbs from -1 to .6, and falls so far in the middle."""
        values = np.tile(np.linspace(-1, 0.6, U)[:, None], (1, len(depths)))
        values[30] = values[29] - np.array(depths)
        return curves({J: values}, series)

    def test_it_names_who_falls_and_who_does_not(self) -> None:
        frames = [
            *self.falls("ppo", 0.01, 0.02),
            *self.falls("unclipped", 1.0, 3.0),
            *self.falls("trpo", 0.03, 0),
        ]
        assert found("who-falls", frames, ppo_vs_trpo.RULES) == (
            "Who falls on the way: unclipped (by 2, at worst 3); ppo and trpo lose no more than 0.03 in any seed."
        )

    def test_where_nobody_falls(self) -> None:
        assert found("who-falls", self.falls("ppo", 0.01, 0.02), ppo_vs_trpo.RULES) == (
            "Nobody falls: ppo loses no more than 0.02 in any seed."
        )

    def test_the_line_search_decides_or_does_not(self) -> None:
        steady = self.falls("trpo", 0.01, 0.03, 0.02, 0.02)
        wild = self.falls("trpo-no-line-search", 2.1, 1.9, 2.0, 2.0)
        calm = self.falls("trpo-no-line-search", 0.02, 0.02, 0.01, 0.04)
        assert "it decides: worst falls of 0.02 against 2." in str(
            found("line-search", [*steady, *wild], ppo_vs_trpo.RULES)
        )
        (rule,) = [rule for rule in ppo_vs_trpo.RULES if rule.id == "line-search"]
        (calmly,) = explain([*steady, *calm], [rule])
        assert "cannot be told apart yet" in calmly.sentence
        assert "only a look at" not in calmly.why

    def test_ppo_and_trpo_are_told_apart_only_when_they_differ(self) -> None:
        same = [*self.falls("ppo", 0.01, 0.03), *self.falls("trpo", 0.03, 0.02)]
        assert "cannot be told apart" in str(found("ppo-or-trpo", same, ppo_vs_trpo.RULES))
        apart = [*self.falls("ppo", 0.01, 0.02), *self.falls("trpo", 0.5, 0.6)]
        assert "Here ppo and trpo differ" in str(found("ppo-or-trpo", apart, ppo_vs_trpo.RULES))
        one_seed = [*self.falls("ppo", 0.01), *self.falls("trpo", 0.5)]
        assert found("ppo-or-trpo", one_seed, ppo_vs_trpo.RULES) is None


class TestTightrope:
    def slices(self, truth: Sequence[float]) -> list[Frame]:
        n = len(truth)
        promise, exact = np.arange(n) * 1.0, np.arange(n) * 0.25
        named = {"true": truth, "surrogate": promise, "exact-surrogate": exact}
        return [frame for series, values in named.items() for frame in curves({J: values}, series)]

    def test_where_it_turns(self) -> None:
        frames = self.slices([0.0, 0.5, 0.8, 0.3, -1.0])
        assert found("turns", frames, tightrope.RULES) == (
            "The true return is highest at step 2, 0.8, and falls to −1 at step 4; at the top the surrogate "
            "promised 2, at the end it promises 4."
        )
        assert found("luck-and-reach", frames, tightrope.RULES) == (
            "Of the 5 that the surrogate promises too much at the end, 3 is the luck of the batch and the critic's "
            "error, 2 is that the states visited are no longer the same."
        )

    def test_where_it_has_not_turned(self) -> None:
        frames = self.slices([0.0, 0.2, 0.3])
        assert (
            found("turns", frames, tightrope.RULES)
            == "The true return has not turned by step 2: 0.3, from 0."
        )

    def test_only_its_own_rules_are_asked(self) -> None:
        assert [rule.id for rule in rules_for("tightrope")] == ["diverged", "turns", "luck-and-reach"]


def test_training_is_asked_of_every_other_run() -> None:
    ids = [rule.id for rule in rules_for("ppo-vs-trpo")]
    assert ids[:5] == ["diverged", "who-falls", "line-search", "ppo-or-trpo", "kl-leap"]
    assert "flat" in ids
