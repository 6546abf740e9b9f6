"""A sampled batch, judged and weighed: scores, KL to the reference, and what each token's advantage comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tutor.toy_llm.answers import Rollout
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.packed import Packed, action_log_probs, pack_states, token_log_probs
from tutor.toy_llm.scorer import Scorer
from tutor.toy_llm.tasks import Task
from tutor.toy_llm.token_rewards import (
    explained_variance,
    group_advantages,
    leave_one_out_advantages,
    masked_whiten,
    token_advantages,
    token_rewards,
)
from tutor.toy_llm.training_frames import TrainingConfig

RAW = 20.0  # how much an un-normalised reward model would exaggerate
BAD_CRITIC = 3.0  # what a bad critic adds to every value


@dataclass(frozen=True)
class Judged:
    """Sampled answers with what is known of them. rollout.mask (B, N); packed: the states of
    their tokens; kl: exact KL to the reference in each token's
    state, kl_k1: log pi - log ref of the token, entropy: of the policy there, all (B, N) in nats, 0 on padding; scores,
    gold (B,)."""

    prompts: Sequence[str]
    texts: Sequence[str]
    rollout: Rollout
    packed: Packed
    scores: Tensor
    gold: Tensor
    ref_log_probs: Tensor
    kl: Tensor
    kl_k1: Tensor
    entropy: Tensor

    @property
    def mask(self) -> Tensor:
        return self.rollout.mask


@torch.no_grad()
def judge(prompts: Sequence[str], rollout: Rollout, actor: GPT, reference: GPT, task: Task) -> Judged:
    """What the task says of the answers, and how far the actor that gave them is from the reference. Both read them in
    the same way, so that between equal models every KL is exactly 0."""
    mask = rollout.mask
    packed, tokens = pack_states(rollout), rollout.responses[mask]
    log_probs, ref = (action_log_probs(model, packed) for model in (actor, reference))  # (S, V)
    probabilities = log_probs.exp()
    kl = (probabilities * (log_probs - ref)).sum(-1).clamp(min=0)
    entropy = -(probabilities * log_probs).sum(-1)
    scores, gold = task.scores(prompts, rollout)
    old, of_ref = (_padded(token_log_probs(each, packed, tokens), mask) for each in (log_probs, ref))
    return Judged(
        prompts, rollout.texts(), replace(rollout, log_probs=old), packed, scores, gold, of_ref,
        _padded(packed.each(kl), mask), old - of_ref, _padded(packed.each(entropy), mask),
    )  # fmt: skip


@dataclass(frozen=True)
class Learned:
    """What an update learns from, (B, N) each, 0 on padding: see `training_frames.TokenBatch`."""

    rewards: Tensor
    values: Tensor
    deltas: Tensor
    advantages: Tensor
    returns: Tensor
    weight: Tensor
    metrics: Mapping[str, float]


@torch.no_grad()
def learned_from(judged: Judged, critic: Scorer | None, config: TrainingConfig, beta: float) -> Learned:
    """Rewards, advantages and what they weigh in the objective."""
    mask = judged.mask
    rewards = _rewards(judged, config, beta)
    if critic is None:
        return _of_answers(rewards, mask, config)
    values = _padded(critic(judged.packed), mask)
    if config.fault == "bad-critic":
        values = (values + BAD_CRITIC).masked_fill(~mask, 0)
    deltas, advantages = token_advantages(rewards, values, mask, config.gamma, config.lambda_)
    returns = advantages + values
    metrics = {"val/explained_variance": explained_variance(values, returns, mask)}
    return Learned(rewards, values, deltas, advantages, returns, masked_whiten(advantages, mask), metrics)


def _rewards(judged: Judged, config: TrainingConfig, beta: float) -> Tensor:
    mask = judged.mask
    if config.fault == "reward-on-padding":  # in the last column, where only the longest answers have a token
        rewards = token_rewards(torch.zeros_like(judged.scores), judged.kl_k1, mask, beta)
        rewards[:, -1] += judged.scores * mask[:, -1]
        return rewards
    scores = judged.scores * RAW if config.fault == "raw-reward" else judged.scores
    return token_rewards(scores, judged.kl_k1, mask, beta)


def _of_answers(rewards: Tensor, mask: Tensor, config: TrainingConfig) -> Learned:
    """Without a critic: the answer's advantage, at each of its tokens."""
    totals = rewards.sum(1)  # (B,)
    compared = (
        group_advantages(totals, config.group)
        if config.algorithm == "grpo"
        else leave_one_out_advantages(totals)
    )
    advantages = compared[:, None] * mask
    nothing = torch.zeros_like(rewards)
    return Learned(rewards, nothing, nothing, advantages, nothing, advantages, {})


def _padded(values: Tensor, mask: Tensor) -> Tensor:
    """(R,) back to (B, N), 0 on padding."""
    return torch.zeros(mask.shape).masked_scatter(mask, values)
