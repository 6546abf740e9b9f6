"""Rules about the first two stages of RLHF, on curves made by hand."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from tutor.experiments import Frame
from tutor.experiments.explain import explain, rules_for
from tutor.experiments.rules import reward_model
from tutor.experiments.rules import sft as sft_rules

OWN = {"sft": sft_rules.RULES, "reward-model": reward_model.RULES}


def said(experiment: str, curves: dict[str, Sequence[float]], every: int = 25) -> dict[str, str]:
    length = len(next(iter(curves.values())))
    frames = [
        Frame(experiment, every * n, {metric: np.array([values[n]]) for metric, values in curves.items()})
        for n in range(length)
    ]
    own = {"diverged", *(rule.id for rule in OWN[experiment])}
    rules = [rule for rule in rules_for(experiment) if rule.id in own]
    findings = explain(frames, rules, metric=next(iter(curves)))
    assert all(finding.threshold and finding.source and finding.why for finding in findings)
    return {finding.rule: finding.sentence for finding in findings}


def sft(unseen: Sequence[float]) -> dict[str, str]:
    return said("sft", {"loss/sft_held_out": unseen})


def test_the_loss_is_told_as_words_between_which_it_hesitates() -> None:
    """log 108 nats are 108 equally likely words, 0 nats are one."""
    told = sft([math.log(108), math.log(8), math.log(2)])
    assert "from 4.68 to 0.693 nats a token, in 50 updates" in told["loss-falls"]
    assert "from 108 words between which it hesitates to 2" in told["loss-falls"]


@pytest.mark.parametrize(("last", "seen"), [(3.7, False), (3.5, True)])
def test_a_tenth_of_the_loss_must_be_gone(last: float, seen: bool) -> None:
    assert ("loss-falls" in sft([4.0, last])) == seen


@pytest.mark.parametrize(("last", "seen"), [(0.57, True), (0.55, False)])
def test_a_loss_has_settled_when_its_second_half_brings_little(last: float, seen: bool) -> None:
    """The whole fall is 4.5 less the last; from the half on it goes from .6 to the last: 0.8 %, 1.3 %."""
    unseen = [4.5, 3.0, 2.0, 1.0, 0.8, 0.6, 0.59, 0.58, 0.58, last]
    assert ("loss-settled" in sft(unseen)) == seen


def test_learning_by_heart_is_a_loss_that_rises_again() -> None:
    told = sft([4.0, 1.0, 0.5, 0.56])
    assert "lowest at update 50 with 0.5, and is 0.56 now" in told["by-heart"]
    assert "by-heart" not in sft([4.0, 1.0, 0.5, 0.54])


def test_nothing_is_said_before_unseen_answers_were_looked_at_twice() -> None:
    assert sft([4.7]) == {}
    assert said("sft", {"loss/sft": [4.7, 4.6]}) == {}
    assert list(sft([4.7, math.nan])) == ["diverged"]


def pairs(right: float, unseen: float, updates: int = 20) -> dict[str, str]:
    return said(
        "reward-model",
        {
            "accuracy/reward_model_held_out": [0.5] * (updates - 4) + [unseen] * 4,
            "accuracy/reward_model": [0.5] * (updates - 4) + [right] * 4,
        },
    )


@pytest.mark.parametrize(("unseen", "rule"), [(0.64, "tells-apart"), (0.5, "still-guesses")])
def test_whether_pairs_are_told_apart(unseen: float, rule: str) -> None:
    told = pairs(unseen, unseen)
    assert list(told) == [rule]
    assert f"{unseen:.0%}" in told[rule]


def test_pairs_learned_by_heart() -> None:
    assert "90% right of those it learns from, 70% of others" in pairs(0.9, 0.7)["pairs-by-heart"]
    assert "pairs-by-heart" not in pairs(0.8, 0.7)


def test_few_updates_of_a_reward_model_show_nothing() -> None:
    assert pairs(0.9, 0.9, updates=8) == {}
