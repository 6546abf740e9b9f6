"""The lab inside PPO without a screen: its numbers by hand and by identities, its steps back and forth."""

import csv
import io
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.experiments import ParameterError
from tutor.rl.divergence import DivergedError
from tutor.rl.policy_gradient import ppo
from tutor.rl.policy_gradient_frames import PolicyGradientFrame, PPOConfig
from tutor.rl.surrogate import clipped_surrogate, kl_divergence
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs import ppo_inside_pages as pages
from tutor.tui.labs import ppo_inside_session
from tutor.tui.labs import ppo_inside_words as words
from tutor.tui.labs.ppo_inside_batch import STAGES
from tutor.tui.labs.ppo_inside_explain import explain
from tutor.tui.labs.ppo_inside_export import samples_csv
from tutor.tui.labs.ppo_inside_formulas import GridTable
from tutor.tui.labs.ppo_inside_picture import epochs, ratios
from tutor.tui.labs.ppo_inside_session import MOST_UPDATES, PatientSession, PpoInsideSession

FIRST = {"update": 1, "steps": 16}


def session(**given: Any) -> PpoInsideSession:
    return PpoInsideSession(PpoInsideSession.resolve(given))


def text(lines: Any) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def formula(lab: PpoInsideSession, row: int, name: str, width: int = 78) -> str:
    table = GridTable(lab, UNICODE)
    place = [column.name for column in table.columns].index(name)
    return text(table.formula(row, place, width))


def moments(lab: PpoInsideSession) -> Iterator[PpoInsideSession]:
    """The session at every epoch of its update."""
    yield lab
    while not lab.finished:
        lab.step()
        yield lab


# Numbers by hand


def test_the_last_advantages_of_a_batch_are_summed_by_hand():
    lab = session(**FIRST)  # V is 0 everywhere, every step pays -.04, gamma .99, lambda .95
    samples = lab.samples
    assert samples.delta[15] == pytest.approx(-0.04)
    assert samples.advantage[15] == pytest.approx(-0.04)
    assert samples.advantage[14] == pytest.approx(-0.04 - 0.9405 * 0.04)
    assert samples.advantage[13] == pytest.approx(-0.04 - 0.9405 * 0.07762)
    shown = formula(lab, 14, "advantage")
    assert "A₁₄ = δ₁₄ + γλ A₁₅" in shown
    assert "= −.04 + .99·.95·(−.04) = −.07762" in shown
    assert "the batch ends here" in formula(lab, 15, "advantage")
    assert "= −.04 + .99·0 − 0 = −.04" in formula(lab, 15, "delta")


def test_nothing_leaks_over_the_end_of_an_episode():
    lab = session(steps=16, seed=3, update=1)  # +1 in step 6, -1 in step 14
    assert [int(i) for i in np.flatnonzero(lab.samples.terminated)] == [6, 14]
    assert lab.samples.advantage[6] == pytest.approx(0.96)
    assert lab.samples.advantage[5] == pytest.approx(-0.04 + 0.9405 * 0.96)
    assert "R₇ = −.04 + 1 = .96" in formula(lab, 6, "reward")
    assert "the episode ended here" in formula(lab, 6, "advantage")
    assert "V(s₇) = 0" in formula(lab, 6, "next_value")
    assert "end" in GridTable(lab, UNICODE).row(6).cells


def test_the_first_epoch_is_one_step_of_adam_from_the_uniform_policy():
    """Adam's first step moves each logit by the learning rate, towards the sign of its gradient: pushes down and up
    weigh -1.40 and -1.27, left -.03, right +.19, their mean -.63 goes to all four, so two logits fall and two rise."""
    lab = session(**FIRST)
    assert lab.now.ratio == pytest.approx(1)
    lab.step()
    old, fell = 0.25, math.exp(-0.1) / (2 * math.exp(-0.1) + 2 * math.exp(0.1))
    here = [i for i in range(16) if lab.env.cells[lab.samples.state[i]] == (2, 0)]
    names = [["up", "right", "down", "left"][lab.samples.action[i]] for i in here]
    assert names == ["down", "up", "left", "right"]
    wanted = [fell / old, fell / old, (0.5 - fell) / old, (0.5 - fell) / old]
    np.testing.assert_allclose(lab.now.ratio[here], wanted, rtol=1e-6)
    assert "/ .25 = .9003" in formula(
        lab, here[0], "ratio"
    )  # e^-.1 / (e^-.1 + e^.1) = .4502, and half of it / .25


def test_a_clipped_sample_by_hand():
    """Sample 11, A normalised to .682: after the second epoch its ratio is above 1.2, so L = 1.2 · .682."""
    lab = session(**FIRST)
    lab.step()
    lab.step()
    weight, ratio = float(lab.samples.weight[11]), float(lab.now.ratio[11])
    assert weight > 0
    assert ratio > 1.2
    assert lab.now.clipped[11]
    numbers = GridTable(lab, UNICODE).numbers
    assert numbers["clip"][11] == pytest.approx(1.2)
    assert numbers["objective"][11] == pytest.approx(1.2 * weight)
    assert numbers["push"][11] == 0
    assert f"min({ratio:.4g}·.682, 1.2·.682)" in formula(lab, 11, "objective")
    assert "clipped: above 1.2" in formula(lab, 11, "objective")
    assert "= 0" in formula(lab, 11, "push")
    lab.undo()
    assert "Not clipped: it pushes its action up" in formula(lab, 11, "objective")


def test_normalised_advantages_have_mean_0_and_spread_1():
    lab = session(**FIRST)
    A = lab.samples.advantage
    np.testing.assert_allclose(lab.samples.weight, (A - A.mean()) / A.std(), rtol=1e-6)
    assert "The sign turned: less bad than the batch's mean" in formula(lab, 15, "weight")
    plain = session(**FIRST, normalise=False)
    np.testing.assert_array_equal(plain.samples.weight, plain.samples.advantage)
    assert "weight" not in [column.name for column in GridTable(plain, UNICODE).columns]


# Identities, at every epoch of several updates


@pytest.mark.parametrize(
    "given",
    [{}, {"policy": "network", "learning_rate": 0.03}, {"grid": "mouse", "update": 3}, {"normalise": False}],
)
def test_what_the_table_shows_agrees_with_itself_and_the_engine(given: dict[str, Any]):
    for lab in moments(session(**given)):
        table, samples = GridTable(lab, UNICODE), lab.samples
        x, weight, n = table.numbers, samples.weight, len(samples)
        np.testing.assert_allclose(x["delta"], x["reward"] + lab.gamma * x["next_value"] - x["value"])
        np.testing.assert_allclose(x["ratio"], x["new"] / x["old"], rtol=1e-9)
        np.testing.assert_allclose(
            x["objective"], np.minimum(x["ratio"] * weight, x["clip"] * weight), rtol=1e-9
        )
        marked = [table.row(i).marked for i in range(n)]
        beyond = ((weight > 0) & (x["ratio"] > 1.2)) | ((weight < 0) & (x["ratio"] < 0.8))
        assert marked == beyond.tolist()
        per_state = kl_divergence(lab.inside.old_policy, lab.now.policy)
        assert lab.now.kl == pytest.approx(per_state[samples.state].mean(), abs=1e-12)
        if lab.finished:
            assert np.isnan(x["push"]).all()
            continue
        assert lab.now.gradient is not None
        summed = np.zeros_like(lab.now.gradient)
        for i in range(n):  # d log pi(a|s) / d z(s, .) = [. = a] - pi(.|s)
            summed[samples.state[i]] -= x["push"][i] * lab.now.policy[samples.state[i]]
            summed[samples.state[i], samples.action[i]] += x["push"][i]
        np.testing.assert_allclose(summed, lab.now.gradient, atol=1e-12)


def test_pushes_are_the_derivatives_of_the_mean_objective():
    lab = session()
    lab.step()
    lab.step()
    weight, log_prob = lab.samples.weight, lab.now.log_prob
    pushes, h = GridTable(lab, UNICODE).numbers["push"], 1e-6
    for i in range(len(weight)):
        nudge = np.zeros(len(weight))
        nudge[i] = h
        high, low = (
            clipped_surrogate(np.exp(log_prob + by - lab.samples.old_log_prob), weight, lab.epsilon).mean()
            for by in (nudge, -nudge)
        )
        assert (high - low) / (2 * h) == pytest.approx(pushes[i], abs=1e-8)


def test_updates_that_were_made_first_are_those_of_a_run_from_the_start():
    stepped, made = session(update=1), session(update=3)
    while stepped.update < 3:
        stepped.step()
    np.testing.assert_array_equal(stepped.samples.state, made.samples.state)
    np.testing.assert_array_equal(stepped.inside.new_policy, made.inside.new_policy)


# What takes long is left to another thread

LONG = {"update": 6, "epochs": 30, "steps": 64}


def test_updates_made_bit_by_bit_are_those_made_at_once():
    lab, whole = PatientSession(PatientSession.resolve(LONG)), session(**LONG)
    assert (lab.lacking, lab.wanted) == (6, 6)
    for left in range(5, -1, -1):
        lab.make_one()
        assert lab.lacking == left
    assert (lab.update, lab.epoch) == (6, 0)
    np.testing.assert_array_equal(lab.samples.state, whole.samples.state)
    np.testing.assert_array_equal(lab.inside.new_policy, whole.inside.new_policy)


def test_what_is_left_before_it_is_made_comes_back_whole():
    before = session(**LONG)
    before.step()
    before.look(9)
    again = PatientSession.from_state(before.to_state(), PatientSession.resolve({}))
    again.make_one()
    assert again.lacking == 5
    assert again.to_state() == before.to_state()
    third = PpoInsideSession.from_state(again.to_state(), PpoInsideSession.resolve({}))
    assert (third.update, third.epoch, third.row) == (6, 1, 9)
    np.testing.assert_array_equal(third.now.ratio, before.now.ratio)


def test_where_a_later_update_diverges_the_one_before_is_shown(monkeypatch: pytest.MonkeyPatch):
    def diverging(*args: Any, **named: Any) -> Iterator[PolicyGradientFrame]:
        state = named.get("resume")
        if state is not None and state.update == 3:
            raise DivergedError("ppo", 4, "a smaller learning rate")
        yield from ppo(*args, **named)

    monkeypatch.setattr(ppo_inside_session, "ppo", diverging)
    lab = session(**LONG)
    assert (lab.update, lab.lacking) == (3, 0)
    assert "ppo diverged in update 4" in lab.problem
    assert len(lab.samples) == 64


# Back and forth


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(["step", "undo", "down", "epsilon"]), max_size=40))
def test_undo_takes_back_exactly_one_epoch(keys: list[str]):
    lab = session(steps=4, epochs=2)
    seen = [(lab.update, lab.epoch)]
    for key in keys:
        if key == "step":
            assert lab.step()
            seen.append((lab.update, lab.epoch))
        elif key == "undo":
            assert lab.undo() == (len(seen) > 1)
            seen = seen[:-1] or seen
        elif key == "down":
            lab.look(lab.row + 1)
        else:
            lab.set_parameters({"epsilon": 0.1 if lab.epsilon == 0.2 else 0.2})
        assert (lab.update, lab.epoch) == seen[-1]
        assert 0 <= lab.row < 4


def test_another_epsilon_keeps_the_samples_and_the_place():
    lab = session(update=3)
    lab.step()
    lab.step()
    before = lab.samples
    ratio = lab.now.ratio
    lab.set_parameters({"epsilon": 0.02})
    assert (lab.update, lab.epoch) == (3, 2)
    for name in ("state", "action", "reward", "advantage", "weight"):
        np.testing.assert_array_equal(getattr(lab.samples, name), getattr(before, name))
    assert lab.epsilon == 0.02
    assert not np.array_equal(lab.now.ratio, ratio)
    lab.set_parameters({"lambda": 0.0})
    np.testing.assert_allclose(lab.samples.advantage, lab.samples.delta)
    lab.set_parameters({"epochs": 1})
    assert (lab.epoch, lab.finished) == (1, True)
    lab.set_parameters({"seed": 5})
    assert (lab.update, lab.epoch) == (3, 0)


def test_earlier_updates_keep_what_they_were_made_with():
    lab = session(update=1, epochs=2)
    for _ in range(3):
        lab.step()
    assert (lab.update, lab.epoch) == (2, 0)
    first = lab.frames[1]
    lab.set_parameters({"epsilon": 0.05})
    assert lab.frames[1] is first
    lab.undo()
    assert (lab.update, lab.epsilon) == (1, 0.2)


def test_what_diverges_is_said_and_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    """No rate on a grid is known to: the engine is made to say so of one."""

    def diverging(env: Any, config: PPOConfig, *rest: Any, **named: Any) -> Iterator[PolicyGradientFrame]:
        if config.learning_rate == 1000 and named:
            raise DivergedError("ppo", 2, "a smaller learning rate")
        yield from ppo(env, config, *rest, **named)

    lab = session()
    lab.step()
    frames = lab.frames
    monkeypatch.setattr(ppo_inside_session, "ppo", diverging)
    with pytest.raises(ParameterError, match="ppo diverged in update 2"):
        lab.set_parameters({"learning_rate": 1000.0})
    assert lab.frames is frames
    assert (lab.epoch, lab.parameters["learning_rate"]) == (1, 0.1)
    assert lab.step()
    with pytest.raises(ParameterError, match="diverged"):
        session(learning_rate=1000)


@pytest.mark.parametrize("policy", ["softmax", "network"])
def test_a_policy_that_has_become_certain_is_still_told(policy: str):
    for lab in moments(session(learning_rate=1000, policy=policy, update=3)):
        assert "nan" not in " ".join(explain(lab, UNICODE)) + text([words.where(lab, 78, UNICODE)])
        assert ratios(lab, UNICODE).has_data
        for column in range(len(GridTable(lab, UNICODE).columns)):
            assert "nan" not in text(GridTable(lab, UNICODE).formula(0, column, 78))


def test_a_session_comes_back_where_it_was():
    lab = session(steps=8)
    for _ in range(7):
        lab.step()
    lab.set_parameters({"epsilon": 0.05})
    lab.look(5)
    lab.column = "ratio"
    again = PpoInsideSession.from_state(lab.to_state(), PpoInsideSession.resolve({}))
    assert (again.update, again.epoch, again.row, again.column) == (3, 2, 5, "ratio")
    np.testing.assert_array_equal(again.now.ratio, lab.now.ratio)
    while lab.step() and lab.update < 5:
        again.step()
    np.testing.assert_array_equal(again.samples.state, lab.frames[again.update].inside.samples.state)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        [],
        {"parameters": {}, "settings": [], "epoch": 0, "row": 0, "column": ""},
        {"parameters": {}, "settings": [{"epsilon": 9}] * 2, "epoch": 0, "row": 0, "column": ""},
        {"parameters": {}, "settings": [{}] * (MOST_UPDATES + 1), "epoch": 0, "row": 0, "column": ""},
    ],
)
def test_a_damaged_state_begins_anew(state: object):
    lab = PpoInsideSession.from_state(state, PpoInsideSession.resolve({"grid": "mouse"}))
    assert (lab.parameters["grid"], lab.update, lab.epoch) == ("mouse", 2, 0)


def test_a_column_that_is_unknown_is_the_first():
    lab = session()
    lab.column = "no such"
    assert GridTable(lab, UNICODE).column_index == 0


# Predictions, explanations, what is written


def test_a_prediction_is_judged_by_what_the_epoch_does():
    lab = session(**FIRST)
    seen = set()
    while (asked := pages.question(lab, UNICODE)) is not None:
        assert len(asked.answers) == 3
        before = lab.epoch
        lab.look(lab.epoch * 4)
        said = text([pages.judged(lab, pages.CLIPPED, UNICODE)])
        clipped = bool(lab.now.clipped[lab.row])
        assert lab.epoch == before + 1
        assert said.startswith("As predicted" if clipped else "No")
        assert ("clipped, it pushes no more" in said) == clipped
        seen.add(clipped)
    assert seen == {True, False}


def test_the_explanation_counts_what_is_clipped_and_judges_by_the_exact_return():
    for lab in moments(session()):
        said = "\n".join(explain(lab, UNICODE))
        weight, clipped = lab.samples.weight, lab.now.clipped
        if lab.epoch and clipped.any():
            assert f"Clipped: {int((clipped & (weight > 0)).sum())} with A > 0" in said
        assert ("A clip fraction of" in said) == (lab.now.clip_fraction > 0.3)
        assert ("exact J" in said) == lab.finished
    better = lab.expected_return(2) > lab.expected_return(1)
    assert (": better." in said) == better


def test_the_csv_has_every_sample_after_every_epoch():
    lab = session(steps=8)
    lab.step()
    lab.step()
    rows = list(csv.DictReader(io.StringIO(samples_csv(lab))))
    assert len(rows) == 8 * 3
    for row in rows:
        assert float(row["ratio"]) == pytest.approx(float(row["probability"]) / float(row["old_probability"]))
        weight, ratio = float(row["weight"]), float(row["ratio"])
        assert int(row["clipped"]) == ((weight > 0 and ratio > 1.2) or (weight < 0 and ratio < 0.8))


def test_plots_show_every_sample_once_and_the_epochs_so_far():
    for lab in moments(session()):
        chart = ratios(lab, UNICODE)
        assert sum(series.x.size for series in chart.series) == len(lab.samples)
        assert all(series.x.size == lab.epoch + 1 for series in epochs(lab).series)


# Words


@pytest.mark.parametrize("stage", range(len(STAGES)))
@pytest.mark.parametrize("width", [118, 79, 58, 38, 20])
def test_the_line_of_stages_fits_and_marks_one(stage: int, width: int):
    for glyphs in (UNICODE, ASCII):
        line = text([words.stage_line(STAGES, stage, width, glyphs)])
        assert len(line) <= width
        assert line.count("[") == line.count("]") == 1
        assert glyphs is UNICODE or line.isascii()
    assert STAGES[stage] in text([words.stage_line(STAGES, stage, 118, UNICODE)])


@pytest.mark.parametrize("given", [{}, {"grid": "cliff"}, {"normalise": False, "policy": "network"}])
@pytest.mark.parametrize("width", [78, 58, 38])
def test_every_formula_fits_and_ascii_stays_ascii(given: dict[str, Any], width: int):
    for lab in moments(session(**given)):
        table = GridTable(lab, ASCII)
        for row in range(len(table)):
            for column in range(len(table.columns)):
                lines = words.fitted(table.formula(row, column, width), width, 5)
                assert len(lines) == 5
                assert all(len(text([line])) <= width for line in lines)
                assert text(lines).isascii()
        assert text([words.where(lab, width, ASCII)]).isascii()
        assert all(paragraph.isascii() for paragraph in explain(lab, ASCII))
