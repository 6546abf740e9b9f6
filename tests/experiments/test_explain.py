"""The rules that read curves, on curves of which the right sentence is known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tutor.experiments import Frame
from tutor.experiments.evidence import Evidence, last_part, listed, number, standard_error
from tutor.experiments.explain import Finding, Rule, explain, rules_for
from tutor.experiments.rules.general import DIVERGED, GENERAL, SPLIT
from tutor.experiments.rules.training import TRAINING

J, EPISODE = "objective/return", "objective/episode_return"
RULES = {rule.id: rule for rule in (DIVERGED, *TRAINING, *GENERAL)}


def curve(values: ArrayLike, series: str = "ppo", metric: str = J) -> list[Frame]:
    """A frame a row of values [U, K] or [U]."""
    rows = np.asarray(values, dtype=np.float64)
    return [Frame(series, u, {metric: np.atleast_1d(row)}) for u, row in enumerate(rows)]


def found(rule: str, frames: Sequence[Frame], **facts: float | str) -> str | None:
    findings = explain(frames, [RULES[rule]], **facts)  # type: ignore[arg-type]
    return findings[0].sentence if findings else None


def test_the_end_is_the_last_fifth_and_at_least_one_update() -> None:
    assert last_part(np.arange(10.0)).tolist() == [8, 9]
    assert last_part(np.arange(10.0), 2).tolist() == [6, 7]
    assert last_part(np.arange(5.0)).tolist() == [4]
    assert last_part(np.arange(3.0)).tolist() == [2]


def test_a_standard_error_by_hand() -> None:
    assert standard_error(np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx((5 / 3) ** 0.5 / 2)


def test_the_return_that_is_exact_comes_before_the_sampled_one() -> None:
    both = [Frame("ppo", 0, {"policy/kl": np.zeros(1), EPISODE: np.zeros(1), J: np.zeros(1)})]
    assert Evidence(both).metric == J
    assert Evidence(curve([0.0], metric="value/rms_error")).metric == "value/rms_error"
    assert Evidence(curve([0.0], metric="value/rms_error")).sign == -1
    assert Evidence([]).metric == ""


@pytest.mark.parametrize("rule", RULES)
def test_of_nothing_and_of_one_frame_nothing_wrong_is_said(rule: str) -> None:
    assert found(rule, []) is None
    assert found(rule, curve([[1.0, 2.0]])) is None


def test_every_rule_says_where_it_is_from_and_what_to_try() -> None:
    assert len(RULES) == len(TRAINING) + len(GENERAL) + 1
    for rule in RULES.values():
        assert all((rule.meaning, rule.source, rule.why, rule.advice))


# Diverged


def test_a_curve_that_leaves_the_numbers_has_diverged_and_nothing_else_is_said() -> None:
    values = np.linspace(0, 1, 20)[:, None] * np.ones(3)
    values[12:, 1] = np.nan
    findings = explain(curve(values), rules_for("no-such"), optimum=0.5)
    assert [finding.rule for finding in findings] == ["diverged"]
    assert findings[0].sentence == "ppo has diverged: from update 12 on it is not a number in 1 of 3 seeds."
    values[12:, 1] = np.inf
    assert found("diverged", curve(values)) is not None
    values[12:, 1] = 1e300
    assert found("diverged", curve(values)) is None


def test_a_run_that_failed_says_its_own_reason() -> None:
    sentence = found("diverged", [], problem="sarsa diverged after 3 updates; try a smaller alpha")
    assert sentence == "The run failed: sarsa diverged after 3 updates; try a smaller alpha."
    (finding,) = explain(
        [], rules_for("no-such"), problem="trpo diverged; try a smaller delta, or more damping"
    )
    assert finding.advice == "a smaller delta, or more damping"


# Still moving


def plateau_then_gain(gain: float) -> np.ndarray:
    """100 updates, range 1: 60 of ramp, a fifth at 1 - gain, a fifth at 1."""
    return np.concatenate([np.linspace(0, 1 - gain, 60), np.full(20, 1 - gain), np.full(20, 1.0)])


@pytest.mark.parametrize(("gain", "moving"), [(0.049, False), (0.051, True)])
def test_still_moving_begins_at_a_twentieth_of_the_range(gain: float, moving: bool) -> None:
    sentence = found("still-moving", curve(plateau_then_gain(gain)))
    assert (sentence is not None) == moving
    if sentence:
        assert sentence == "Still getting better: ppo (by 0.051 from the last fifth but one to the last)."


@pytest.mark.parametrize(("swing", "moving"), [(0.1, True), (0.5, False)])
def test_a_gain_within_the_noise_is_none(swing: float, moving: bool) -> None:
    """A gain of .1 on the plateau; the values swing by +-swing from update to update. Standard errors by hand: of 20
    values m +- s, s sqrt(20 / 19) / sqrt(20), so twice that of the difference is 2 sqrt(2) s / sqrt(19) = .649 s."""
    values = plateau_then_gain(0.1)
    values[60:] += swing * np.tile([1, -1], 20)
    assert 0.649 * 0.1 < 0.1 < 0.649 * 0.5
    assert (found("still-moving", curve(values)) is not None) == moving


def test_where_less_is_better_a_fall_is_progress() -> None:
    assert found("still-moving", curve(-np.linspace(0, 1, 50), metric="value/rms_error")) is not None
    assert found("still-moving", curve(np.linspace(0, 1, 50), metric="value/rms_error")) is None
    assert found("still-moving", curve(-np.linspace(0, 1, 50))) is None


# Flat


@pytest.mark.parametrize(("step", "flat"), [(0.0099, True), (0.0101, False)])
def test_flat_is_a_hundredth_of_what_there_is_to_gain(step: float, flat: bool) -> None:
    values = np.concatenate([np.zeros(50), np.full(50, step)])
    assert (found("flat", curve(values), optimum=1.0) is not None) == flat


def test_without_an_optimum_the_size_of_the_values_is_the_measure() -> None:
    assert found("flat", curve(np.concatenate([np.full(50, -50.0), np.full(50, -49.6)]))) is not None
    assert found("flat", curve(np.concatenate([np.full(50, -50.0), np.full(50, -49.4)]))) is None


# The optimum


@pytest.mark.parametrize(("end", "near"), [(0.61, True), (0.59, False)])
def test_converged_is_within_a_tenth(end: float, near: bool) -> None:
    frames = curve(np.concatenate([np.zeros(40), np.full(40, end)]))
    sentences = [found(rule, frames, optimum=0.7) for rule in ("converged", "short-of-optimum")]
    assert [sentence is not None for sentence in sentences] == [near, not near]
    if near:
        assert sentences[0] == "At the optimum, 0.7: ppo (0.09 away)."
    else:
        assert sentences[1] == "Short of the optimum, 0.7: ppo ends 0.11 away."
    assert found("converged", frames) is None


# Seeds


def seeds(ends: Sequence[float]) -> list[Frame]:
    """Curves that go straight from 0 to their ends, where they stay."""
    ramp = np.minimum(np.arange(50) / 25, 1)
    return curve(ramp[:, None] * np.asarray(ends))


def test_seeds_split_in_two_are_counted_on_each_side() -> None:
    sentence = found("seeds-split", seeds([0.1, 0.12, 0.7, 0.71, 0.72, 0.73]))
    assert sentence == "The seeds split in two: ppo, 2 seeds near 0.11 and 4 near 0.715."


@pytest.mark.parametrize(("gap", "split"), [(0.51, True), (0.49, False)])
def test_the_gap_must_be_half_of_the_spread(gap: float, split: bool) -> None:
    """Six seeds between 0 and 1 with one gap; what is left is shared by the other four."""
    rest = (1 - gap) / 4
    ends = np.cumsum([0, rest, rest, gap, rest, rest])
    assert ends[-1] == pytest.approx(1)
    assert (found("seeds-split", seeds(ends.tolist())) is not None) == split


def test_one_seed_apart_is_no_half_and_few_seeds_are_no_groups() -> None:
    assert found("seeds-split", seeds([0.1, 0.7, 0.71, 0.72, 0.73, 0.74])) is None
    assert found("seeds-split", seeds([0.1, 0.12, 0.7, 0.71])) is None


@pytest.mark.parametrize(("low", "wide"), [(0.70, False), (0.55, True)])
def test_a_band_of_half_the_curves_range_is_wide(low: float, wide: bool) -> None:
    """Ends low and 1: the mean reaches (1 + low) / 2, and their distance is 1 - low: .3 of .85, and .45 of .775."""
    assert (0.3 > 0.5 * 0.85, 0.45 > 0.5 * 0.775) == (False, True)
    sentence = found("band-wide", seeds([low, 1.0]))
    assert (sentence is not None) == wide
    if wide:
        assert sentence == "The seeds end far apart: ppo from 0.55 to 1."


# Falls


@pytest.mark.parametrize(("fall", "said"), [(0.24, False), (0.26, True)])
def test_a_quarter_of_all_that_was_seen_is_a_fall(fall: float, said: bool) -> None:
    values = np.concatenate([np.linspace(0, 1, 20), [1 - fall], np.ones(20)])
    sentence = found("worst-fall", curve(values))
    assert (sentence is not None) == said
    if said:
        assert sentence == "A fall on the way: ppo falls by 0.26 in its worst seed."


def test_sampled_returns_fall_all_the_time_and_that_is_not_said() -> None:
    assert found("worst-fall", curve(np.tile([0.0, -100.0], 20), metric=EPISODE)) is None


# Who earns more


def two(apart: float, metric: str = J) -> list[Frame]:
    """Four seeds each, ending at (0, 1, 2, 3) and that + apart. The difference's standard error by hand: variance 5/3,
    so sqrt(2 * (5 / 3) / 4) = .913, twice that 1.826."""
    ends = np.array([0.0, 1.0, 2.0, 3.0])
    ones = np.ones((20, 1))
    return [*curve(ones * ends, "sarsa", metric), *curve(ones * (ends + apart), "q-learning", metric)]


@pytest.mark.parametrize(("apart", "told"), [(1.82, False), (1.83, True)])
def test_two_series_are_told_apart_at_two_standard_errors(apart: float, told: bool) -> None:
    sentence = found("who-is-better", two(apart))
    assert sentence is not None
    if told:
        assert sentence == "q-learning earns more than sarsa: 3.33 against 1.5 over 4 seeds."
    else:
        assert sentence.startswith("q-learning and sarsa cannot be told apart: 3.32 against 1.5 over 4 seeds")


def test_where_less_is_better_the_lower_one_is() -> None:
    sentence = found("who-is-better", two(5, "value/rms_error"))
    assert sentence == (
        "In the RMS error of the values, sarsa is better than q-learning: 1.5 against 6.5 over 4 seeds."
    )


def test_the_series_called_none_is_not_taken_for_nobody() -> None:
    ends = np.ones((20, 1)) * np.array([0.0, 1.0, 2.0, 3.0])
    sentence = found("who-is-better", [*curve(ends, "none"), *curve(ends + 5, "fixed")])
    assert sentence == 'fixed earns more than "none": 6.5 against 1.5 over 4 seeds.'


def test_what_an_experiments_own_rules_say_better_is_left_out() -> None:
    asked = {rule.id for rule in rules_for("kl-control")}
    assert "what-kl-bought" in asked
    assert "who-is-better" not in asked
    assert "who-is-better" in {rule.id for rule in rules_for("ppo-vs-trpo")}


def test_one_seed_is_compared_by_its_episodes_but_never_by_an_exact_curve() -> None:
    walk = np.tile([-10.0, -20.0], 25)
    frames = [*curve(walk, "sarsa", EPISODE), *curve(walk - 30, "q-learning", EPISODE)]
    sentence = found("who-is-better", frames)
    assert (
        sentence == "sarsa earns more than q-learning: −15 against −45 over the last 10 episodes of one seed."
    )
    assert found("who-is-better", [*curve(walk, "sarsa"), *curve(walk - 30, "q-learning")]) is None


def test_three_series_are_compared_in_their_order() -> None:
    ones = np.ones((20, 1))
    frames = [
        *curve(ones * [0.0, 0.1, 0.2], "log-prob"),
        *curve(ones * [0.70, 0.71, 0.72], "trpo"),
        *curve(ones * [0.69, 0.71, 0.73], "ppo"),
    ]
    sentence = found("who-is-better", frames)
    assert sentence is not None
    first, second = sentence.split("; ")
    assert "cannot be told apart" in first
    assert second.endswith("earns more than log-prob: 0.71 against 0.1 over 3 seeds.")


# Words and the list of rules


def test_words() -> None:
    assert [listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert [number(x) for x in (-26.24, 0.00012345, 12345.6, -0.0, 2e7)] == [
        "−26.2",
        "0.000123",
        "12346",
        "0",
        "2e+07",
    ]


def test_a_finding_carries_threshold_meaning_and_source() -> None:
    (finding,) = explain(seeds([0.1, 0.12, 0.7, 0.71, 0.72, 0.73]), [SPLIT])
    assert isinstance(finding, Finding)
    assert finding.threshold.startswith("0.5: share of the seeds' whole spread")
    assert finding.source == SPLIT.source
    stricter = replace(SPLIT, threshold=0.99)
    assert explain(seeds([0.1, 0.12, 0.7, 0.71, 0.72, 0.73]), [stricter]) == []


def test_an_experiment_without_rules_of_its_own_has_the_general_ones() -> None:
    assert [rule.id for rule in rules_for("no-such")] == list(RULES)


def test_rules_of_an_experiment_come_before_the_general_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    own = Rule("own", 0, "x", "x", "x", "x", lambda _evidence, _threshold: "Mine.")
    module = ModuleType("tutor.experiments.rules.some_run")
    module.RULES = (own,)  # type: ignore[attr-defined]
    module.__spec__ = ModuleSpec(module.__name__, None)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert [rule.id for rule in rules_for("some-run")][:2] == ["diverged", "own"]
