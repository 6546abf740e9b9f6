"""Rules about sums paid by a verifier, on curves made by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from tutor.experiments import Frame
from tutor.experiments.evidence import Evidence
from tutor.experiments.explain import explain, rules_for
from tutor.experiments.rules.rlvr import TRAIN, arrival


def frames(
    trained: Sequence[float],
    held_out: Sequence[float] = (),
    *,
    best: Sequence[float] = (0.9, 0.9),
    greedy: Sequence[float] = (1.0, 1.0),
) -> list[Frame]:
    """A run; best and greedy: before the first update, and after the last."""
    found = []
    for update, right in enumerate(trained):
        numbers = {TRAIN: right}
        if held_out:
            numbers["accuracy/held_out"] = held_out[update]
        for place, at in enumerate((0, len(trained) - 1)):
            if update == at:
                numbers |= {"accuracy/best_of": best[place], "accuracy/held_out_greedy": greedy[place]}
        found.append(Frame("ppo", update, {name: np.array([value]) for name, value in numbers.items()}))
    return found


def said(found: list[Frame]) -> dict[str, str]:
    findings = explain(found, rules_for("rlvr"), metric=TRAIN)
    assert all(finding.threshold and finding.source and finding.why for finding in findings)
    return {finding.rule: finding.sentence for finding in findings}


RISE = [0.5] * 10 + [0.9] * 10


def test_sharpening_is_a_gain_up_to_what_the_best_of_8_was() -> None:
    assert "from 50% to 90%, while the best of 8 was 90% before" in said(frames(RISE))["sharpening"]
    assert "sharpening" not in said(frames(RISE, best=(0.6, 0.9)))
    assert "sharpening" not in said(frames([0.5] * 20))


def test_learning_is_what_even_the_best_of_8_was_not() -> None:
    assert "best of 8 from 60% to 90%" in said(frames(RISE, best=(0.6, 0.9)))["learning"]
    assert "learning" not in said(frames(RISE))


@pytest.mark.parametrize(("held_out", "seen"), [(0.8, True), (0.87, False)])
def test_the_gap_to_sums_held_out(held_out: float, seen: bool) -> None:
    assert ("train-gap" in said(frames(RISE, [0.5] * 10 + [held_out] * 10))) == seen


def test_greedy_answers_that_were_right_and_are_not() -> None:
    assert "from 100% to 95%" in said(frames(RISE, greedy=(1.0, 0.95)))["held-out-worse"]
    assert "held-out-worse" not in said(frames(RISE, greedy=(1.0, 1.0)))


def test_arrival_is_by_the_mean_of_five() -> None:
    """.9, .9, .95, 1, 1 have the mean .95, at update 6."""
    evidence = Evidence(frames([0.5, 0.6, 0.9, 0.9, 0.95, 1.0, 1.0, 1.0]), metric=TRAIN)
    assert arrival(evidence, "ppo", 0.95) == 6
    assert arrival(evidence, "ppo", 1.0) is None
    assert arrival(Evidence(frames([1.0] * 4), metric=TRAIN), "ppo", 0.95) is None


def test_nobody_arrives() -> None:
    assert said(frames(RISE))["first-to-arrive"] == "Nobody reaches 95% yet."
