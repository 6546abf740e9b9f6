"""Reinforcement learning on the toy model: what must hold in every run, whatever it learns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tutor.rl import surrogate  # noqa: E402
from tutor.rl.returns import lambda_returns  # noqa: E402
from tutor.toy_llm.checkpoint import read, read_reward_model, shipped_path  # noqa: E402
from tutor.toy_llm.scorer import scorer_of  # noqa: E402
from tutor.toy_llm.tasks import Politeness, Sums, Task  # noqa: E402
from tutor.toy_llm.tokenizer import EOS, decode  # noqa: E402
from tutor.toy_llm.training import train  # noqa: E402
from tutor.toy_llm.training_frames import FAULTS, Fault, Inside, TrainingConfig, TrainingFrame  # noqa: E402

SMALL = TrainingConfig(updates=3, batch=16, controller="adaptive", beta=0.8)
SUMS = replace(SMALL, controller="fixed", beta=0.02, limit=14)


@pytest.fixture(scope="module")
def weights():
    return read(shipped_path())


@pytest.fixture(scope="module")
def politeness() -> Task:
    return Politeness(scorer_of(read_reward_model()).requires_grad_(False))


@pytest.fixture(scope="module")
def frames(weights, politeness: Task) -> Sequence[TrainingFrame]:
    torch.set_num_threads(1)
    return list(train(weights, politeness, SMALL, 0, "full"))


def inside(frame: TrainingFrame) -> Inside:
    assert frame.inside is not None
    return frame.inside


def test_kl_is_zero_before_and_positive_after_the_first_update(frames: Sequence[TrainingFrame]) -> None:
    assert {frames[0].metrics[f"objective/{name}"] for name in ("kl", "kl_k1", "kl_k2", "kl_k3")} == {0.0}
    assert {answer.kl for answer in frames[0].answers} == {0.0}
    assert all(frame.metrics["objective/kl"] > 0.01 for frame in frames[1:])
    assert [frame.update for frame in frames] == [0, 1, 2, 3]


def test_a_frame_before_the_first_update_has_no_update_in_it(frames: Sequence[TrainingFrame]) -> None:
    assert frames[0].inside is None
    update = {"policy/clipfrac_avg", "loss/policy_avg", "loss/value_avg", "val/explained_variance"}
    assert update.isdisjoint(frames[0].metrics)
    assert update <= frames[1].metrics.keys()


def test_eos_is_in_the_mask_and_the_ratio(frames: Sequence[TrainingFrame]) -> None:
    at = inside(frames[1])
    ends = at.batch.tokens == EOS
    assert ends.any()
    assert at.batch.mask[ends].all()
    assert (at.batch.old_log_prob[ends] < 0).all()
    assert (at.epochs[-1].ratio[ends] != 1).any()
    assert np.allclose(at.batch.reward[ends].sum(), (at.batch.score - 0.8 * at.batch.kl_k1.sum(1)
                       + 0.8 * (at.batch.kl_k1 * ~ends).sum(1))[ends.any(1)].sum(), atol=1e-4)  # fmt: skip


def test_before_the_first_epoch_the_ratio_is_one(frames: Sequence[TrainingFrame]) -> None:
    for frame in frames[1:]:
        first = inside(frame).epochs[0]
        assert first.ratio[inside(frame).batch.mask] == pytest.approx(1, abs=1e-4)
        assert not first.clipped.any()


def test_the_numbers_of_every_token_fit_each_other(frames: Sequence[TrainingFrame]) -> None:
    """Against numpy's formulas of the gridworlds: reward, delta, lambda-return, whitening, objective, clip."""
    for frame in frames[1:]:
        at, batch = inside(frame), inside(frame).batch
        mask = batch.mask
        last = mask & ~np.c_[mask[:, 1:], np.zeros(len(mask), bool)]
        reward = -at.beta * batch.kl_k1 + last * batch.score[:, None]
        assert batch.reward == pytest.approx(reward * mask, abs=1e-5)
        assert batch.delta == pytest.approx((reward + batch.next_value - batch.value) * mask, abs=1e-4)
        for row, length in enumerate(mask.sum(1)):
            values = np.append(batch.value[row, :length], 0.0)
            returns = lambda_returns(batch.reward[row, :length], 1.0, values, 0.95)
            assert batch.returns[row, :length] == pytest.approx(returns, abs=1e-4)
        real = batch.weight[mask]
        assert real.mean() == pytest.approx(0, abs=1e-5)
        assert real.std(ddof=1) == pytest.approx(1, abs=1e-4)
        for epoch in at.epochs:
            ratio = surrogate.probability_ratio(epoch.log_prob, batch.old_log_prob)
            assert epoch.ratio[mask] == pytest.approx(ratio[mask], rel=1e-4)
            objective = surrogate.clipped_surrogate(epoch.ratio, batch.weight, 0.2)
            assert epoch.objective[mask] == pytest.approx(objective[mask], abs=1e-5)
            assert epoch.surrogate == pytest.approx(objective[mask].mean(), abs=1e-5)


def test_nothing_stands_on_padding(frames: Sequence[TrainingFrame]) -> None:
    at = inside(frames[1])
    padding = ~at.batch.mask
    assert padding.any()
    for array in (
        *(getattr(at.batch, name) for name in ("old_log_prob", "ref_log_prob", "kl", "kl_k1", "reward", "value",
                                               "next_value", "delta", "advantage", "returns", "weight")),
        *(getattr(at.epochs[-1], name) for name in ("log_prob", "ratio", "objective", "value")),
    ):  # fmt: skip
        assert (array[padding] == 0).all()


def test_the_controller_is_fed_the_sampled_kl(frames: Sequence[TrainingFrame]) -> None:
    """Ziegler et al., section 2.2, by hand: beta grows or shrinks by at most .3 x .2."""
    for before, after in pairwise(frames):
        error = np.clip(before.metrics["objective/kl_k1"] / 1.5 - 1, -0.2, 0.2)
        assert after.metrics["beta"] == pytest.approx(before.metrics["beta"] * (1 + 0.3 * error))
        assert inside(after).beta == before.metrics["beta"]
    assert frames[0].metrics["beta"] == 0.8
    assert frames[1].metrics["beta"] == pytest.approx(0.752)  # the first KL is 0: down by .06


def test_the_watched_probability_is_followed_step_by_step(frames: Sequence[TrainingFrame]) -> None:
    for before, after in pairwise(frames):
        watched = inside(after).watched
        assert len(watched) == 1 + 2 * 2
        assert watched[0] == before.metrics["policy/probability"]
        assert watched[-1] == after.metrics["policy/probability"]


def test_answers_are_shown_as_they_were_said(frames: Sequence[TrainingFrame]) -> None:
    for before, after in pairwise(frames):
        batch = inside(after).batch
        assert len(before.answers) == 8
        for row, answer in enumerate(before.answers):
            assert answer.text == decode(token for token in batch.tokens[row] if token > EOS)
            assert (answer.prompt, answer.score, answer.gold) == (
                batch.prompts[row], batch.score[row], pytest.approx(batch.gold[row])
            )  # fmt: skip
            assert answer.kl == pytest.approx(batch.kl[row].sum(), abs=1e-5)


@pytest.mark.parametrize("detail", ["scalars", "full"])
def test_a_seed_gives_the_same_to_the_bit_whatever_is_looked_at(
    weights, politeness: Task, frames: Sequence[TrainingFrame], detail
) -> None:
    again = list(train(weights, politeness, SMALL, 0, detail))
    assert [frame.metrics for frame in again] == [frame.metrics for frame in frames]
    assert [frame.answers for frame in again] == [frame.answers for frame in frames]
    other = next(iter(train(weights, politeness, SMALL, 1)))
    assert other.answers != frames[0].answers


def test_grpo_weighs_an_answer_by_its_group(weights) -> None:
    config = replace(SUMS, algorithm="grpo", beta=0.0, group=4, updates=1)
    *_, frame = train(weights, Sums(0, np.random.default_rng(0)), config, 0, "full")
    batch = inside(frame).batch
    for start in range(0, 16, 4):
        assert len(set(batch.prompts[start : start + 4])) == 1
        scores = batch.score[start : start + 4]
        expected = (scores - scores.mean()) / (scores.std(ddof=1) + 1e-4)
        for row in range(4):
            weight = batch.weight[start + row]
            assert weight[batch.mask[start + row]] == pytest.approx(expected[row], abs=1e-5)
    assert "loss/value_avg" not in frame.metrics


def test_reinforce_takes_one_step_at_ratio_one(weights) -> None:
    """Its objective's gradient is then A times that of log pi: the plain policy gradient."""
    config = replace(SUMS, algorithm="reinforce", beta=0.0, epochs=1, minibatches=1, updates=1)
    *_, frame = train(weights, Sums(0, np.random.default_rng(0)), config, 0, "full")
    at = inside(frame)
    assert len(at.watched) == 2
    assert frame.metrics["val/ratio"] == pytest.approx(1, abs=1e-4)
    assert frame.metrics["policy/clipfrac_avg"] == 0
    others = (at.batch.score.sum() - at.batch.score) / 15
    assert at.batch.weight[:, 0] == pytest.approx(at.batch.score - others, abs=1e-5)


class TestFaults:
    """What is built wrong shows where it should, and nowhere else."""

    def run(self, weights, task: Task, fault: Fault) -> list[TrainingFrame]:
        return list(train(weights, task, replace(SMALL, updates=2, fault=fault), 0, "full"))

    @pytest.mark.parametrize("fault", FAULTS)
    def test_each_runs(self, weights, politeness: Task, fault: Fault) -> None:
        assert len(self.run(weights, politeness, fault)) == 3

    def test_a_frozen_actor_never_moves(self, weights, politeness: Task) -> None:
        last = self.run(weights, politeness, "frozen-actor")[-1]
        assert last.metrics["objective/kl"] == pytest.approx(0, abs=1e-4)
        assert len(set(inside(last).watched)) == 1

    def test_a_reference_that_moves_hides_the_kl(self, weights, politeness: Task) -> None:
        last = self.run(weights, politeness, "moving-reference")[-1]
        assert last.metrics["objective/kl"] == pytest.approx(0, abs=1e-4)
        assert len(set(inside(last).watched)) > 1

    def test_a_reward_on_padding_reaches_the_longest_answers_only(self, weights, politeness: Task) -> None:
        batch = inside(self.run(weights, politeness, "reward-on-padding")[1]).batch
        longest = batch.mask[:, -1]
        paid = np.abs(batch.reward.sum(1) + 0.8 * batch.kl_k1.sum(1)) > 1e-3
        assert not paid[~longest].any()
        assert paid[longest].any()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"updates": 0}, "updates is 0"),
        ({"batch": 1, "minibatches": 1}, "batch is 1"),
        ({"minibatches": 65}, "minibatches is 65"),
        ({"epsilon": 0.0}, "epsilon is 0.0"),
        ({"controller": "often"}, "controller is 'often'"),
        ({"controller": "adaptive", "beta": 0.0}, "beta is 0"),
        ({"algorithm": "grpo", "group": 7}, "group is 7"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainingConfig(**wrong)


class TestSums:
    def test_what_is_held_out_is_never_asked(self) -> None:
        task = Sums(20, np.random.default_rng(3))
        assert len(task.held_out) == 20
        assert len(task.trained) == 80
        assert "How much is 2 + 2 ?" in task.trained
        assert set(task.asked(2000, torch.Generator().manual_seed(0))) == set(task.trained)

    def test_accuracies_are_reported_where_they_exist(self, weights) -> None:
        for held_out in (0, 20):
            frame = next(iter(train(weights, Sums(held_out, np.random.default_rng(0)), SUMS, 0)))
            assert frame.metrics["accuracy/train_greedy"] == 1
            assert frame.metrics["objective/scores"] == pytest.approx(2 * frame.metrics["accuracy/train"] - 1)
            assert ("accuracy/held_out" in frame.metrics) == (held_out > 0)
            assert frame.metrics["accuracy/best_of"] > frame.metrics["accuracy/train"]
