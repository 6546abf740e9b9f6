"""Rules about KL, proxy and truth, on curves made by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tutor.experiments import Frame, find_experiment
from tutor.experiments.evidence import Evidence
from tutor.experiments.explain import explain, rules_for
from tutor.experiments.kl_band import band_of, share_inside, target_of

KL, PROXY, GOLD = "objective/kl", "objective/scores", "objective/gold"
Curves = Mapping[str, Sequence[float]]


def frames(**series: Curves) -> list[Frame]:
    """A frame an update of each series; what is not given stands still."""
    found = []
    for name, curves in series.items():
        for update in range(len(next(iter(curves.values())))):
            numbers = {KL: 1.5, PROXY: 1.0, GOLD: 0.5, "objective/entropy": 0.5, "objective/unique": 0.5}
            numbers |= {metric: values[update] for metric, values in curves.items()}
            numbers = {**dict.fromkeys((f"{KL}_k1", f"{KL}_k2", f"{KL}_k3"), numbers[KL]), **numbers}
            found.append(Frame(name, update, {metric: np.array([v]) for metric, v in numbers.items()}))
    return found


def said(found: list[Frame], **given: object) -> dict[str, str]:
    values = find_experiment("kl-control").values(given)
    findings = explain(found, rules_for("kl-control"), metric=GOLD, parameters=values)
    assert all(finding.threshold and finding.source and finding.why for finding in findings)
    return {finding.rule: finding.sentence for finding in findings}


@pytest.mark.parametrize(
    ("truth", "proxy", "seen"), [(-0.6, 1.2, True), (0.5, 1.2, False), (-0.6, 0.2, False)]
)
def test_reward_hacking_needs_a_falling_truth_under_a_proxy_that_does_not_fall(
    truth: float, proxy: float, seen: bool
) -> None:
    run = {GOLD: [0.5] * 15 + [truth] * 15, PROXY: [1.0] * 15 + [proxy] * 15}
    assert ("reward-hacking" in said(frames(none=run))) == seen


def test_the_run_called_none_is_not_taken_for_nobody() -> None:
    run = {GOLD: [0.5] * 15 + [-1.0] * 15, KL: [20.0] * 30}
    told = said(frames(none=run, fixed={GOLD: [0.5] * 30}))
    assert '"none", whose true reward falls from 0.5 to −1' in told["reward-hacking"]
    assert '"none" (20 nats an answer)' in told["kl-far"]


def test_a_run_by_itself_has_no_name() -> None:
    told = said(frames(rlhf={GOLD: [0.5] * 15 + [-1.0] * 15, KL: [20.0] * 30}))
    assert "Reward hacking: this run, whose" in told["reward-hacking"]
    assert told["kl-far"] == "Far from the reference: this run (20 nats an answer)."


def test_the_band_is_from_two_to_four_thirds_of_the_target() -> None:
    assert band_of(1.5) == pytest.approx((1.0, 2.0))
    updates, kl = np.arange(20.0), np.full((20, 1), 1.5)
    kl[:15] = 9.0  # the controller's time to get there
    kl[19] = 2.1
    assert share_inside(updates, kl, (1.0, 2.0)) == pytest.approx(0.8)


@pytest.mark.parametrize(("outside", "told"), [(1, "holds"), (4, "misses")])
def test_whether_the_band_is_kept(outside: int, told: str) -> None:
    """15 updates count, from 15 to 29: .9 of them is 13.5."""
    kl = [1.5] * (30 - outside) + [3.0] * outside
    assert told in said(frames(adaptive={KL: kl}))["kl-band"]


def test_the_fair_target_is_the_end_of_the_fixed_run() -> None:
    values = find_experiment("kl-control").values({"fair": True, "updates": 20})
    kl = np.array([[9.0]] * 11 + [[2.0]] * 5 + [[4.0]] * 5)
    assert target_of(values, kl[:20]) is None  # it is not over
    assert target_of(values, kl) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("kl", "truth", "told"),
    [
        (3.0, 0.9, "Controlled is not the same"),
        (1.6, 0.9, "fixed is better"),
        (1.6, 0.61, "fixed is better"),
        (1.6, 0.58, "neither is better"),
    ],
)
def test_truths_are_compared_at_the_same_kl(kl: float, truth: float, told: str) -> None:
    found = frames(fixed={KL: [kl] * 20, GOLD: [truth] * 20}, adaptive={KL: [1.5] * 20, GOLD: [0.5] * 20})
    assert told in said(found)["what-kl-bought"]


def test_estimates_that_are_far_off() -> None:
    run = {KL: [10.0] * 20, f"{KL}_k1": [11.0] * 20, f"{KL}_k2": [50.0] * 20, f"{KL}_k3": [7.0] * 20}
    assert said(frames(none=run))["kl-estimates"].endswith('"none", exactly 10 nats: k2 50 and k3 7.')


def test_fallen_entropy() -> None:
    assert "entropy-low" in said(frames(none={"objective/entropy": [0.6] * 10 + [0.2] * 10}))
    assert "entropy-low" not in said(frames(none={"objective/entropy": [0.6] * 10 + [0.4] * 10}))


def test_diverged_numbers_are_not_judged() -> None:
    told = said(frames(none={GOLD: [0.5] * 15 + [np.nan] * 15}))
    assert list(told) == ["diverged"]
    assert Evidence([], metric=GOLD, parameters={}).series == ()


def test_a_run_by_itself_is_asked_whether_it_kept_its_target() -> None:
    alone = frames(rlhf={KL: [1.5] * 40})
    given = {"controller": "adaptive", "target": 1.5, "updates": 39}
    found = explain(alone, rules_for("rlhf"), metric="objective/kl", parameters=given)
    assert "kl-band" in {finding.rule for finding in found}
    found = explain(
        alone, rules_for("rlhf"), metric="objective/kl", parameters={**given, "controller": "fixed"}
    )
    assert "kl-band" not in {finding.rule for finding in found}


@pytest.mark.parametrize(("loss", "told"), [(0.99, False), (1.01, True)])
def test_a_critic_that_is_far_off(loss: float, told: bool) -> None:
    run = [
        Frame("rlhf", u, {"objective/gold": np.zeros(1), "loss/value_avg": np.array([loss])})
        for u in range(20)
    ]
    assert ("critic-far-off" in {f.rule for f in explain(run, rules_for("rlhf"))}) == told
