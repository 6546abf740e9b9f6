"""From tensors to frames: metrics, samples, and the numbers of every token."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from tutor.toy_llm.objectives import clip_is_active, clipped_surrogate
from tutor.toy_llm.rollouts import Judged, Learned
from tutor.toy_llm.training_frames import Answer, Floats, TokenBatch, TokenEpoch

SHOWN = 8  # answers in a frame


def policy_metrics(judged: Judged) -> Mapping[str, float]:
    """Means over the batch; KL and its estimates are summed over an answer, the entropy is a token's. k1, k2, k3:
    Schulman 2020, "Approximating KL Divergence"; estimates from the sampled tokens alone."""
    k1, mask = judged.kl_k1, judged.mask
    k3 = (torch.expm1(-k1) + k1).clamp(min=0)
    return {
        "objective/kl": _answer_mean(judged.kl),
        "objective/kl_k1": _answer_mean(k1),
        "objective/kl_k2": _answer_mean(k1**2 / 2),
        "objective/kl_k3": _answer_mean(k3),
        "objective/scores": float(judged.scores.mean()),
        "objective/gold": float(judged.gold.mean()),
        "objective/entropy": float(judged.entropy[mask].mean()),
        "objective/unique": len(set(judged.texts)) / len(judged.texts),
        "objective/length": float(mask.sum(1).double().mean()),
    }


def answers_of(judged: Judged) -> tuple[Answer, ...]:
    """The first of the batch."""
    rows = zip(
        judged.prompts, judged.texts, judged.scores.tolist(), judged.gold.tolist(), judged.kl.sum(1).tolist(),
        judged.rollout.ended(), strict=True,
    )  # fmt: skip
    return tuple(Answer(*row) for _, row in zip(range(SHOWN), rows, strict=False))


def batch_of(judged: Judged, learned: Learned) -> TokenBatch:
    """Every number that an update begins with."""
    values = _floats(learned.values)
    following = np.zeros_like(values)
    following[:, :-1] = values[:, 1:]
    return TokenBatch(
        tokens=judged.rollout.responses.numpy(),
        mask=judged.mask.numpy(),
        old_log_prob=_floats(judged.rollout.log_probs),
        ref_log_prob=_floats(judged.ref_log_probs),
        kl=_floats(judged.kl),
        kl_k1=_floats(judged.kl_k1),
        reward=_floats(learned.rewards),
        value=values,
        next_value=following,
        delta=_floats(learned.deltas),
        advantage=_floats(learned.advantages),
        returns=_floats(learned.returns),
        weight=_floats(learned.weight),
        prompts=tuple(judged.prompts),
        score=_floats(judged.scores),
        gold=_floats(judged.gold),
    )


def epoch_of(
    number: int, judged: Judged, learned: Learned, log_prob: Tensor, value: Tensor, epsilon: float
) -> TokenEpoch:
    """The batch under actor and critic as they are. log_prob (R,), value (R,) or one number: of the real tokens."""
    mask = judged.mask
    log_ratio = log_prob - judged.rollout.log_probs[mask]
    weight, ratio = learned.weight[mask], log_ratio.exp()
    objective, clipped = clipped_surrogate(ratio, weight, epsilon), clip_is_active(ratio, weight, epsilon)

    def padded(values: Tensor) -> Floats:
        return _floats(torch.zeros(mask.shape).masked_scatter(mask, values.expand(len(weight)).float()))

    return TokenEpoch(
        epoch=number,
        log_prob=padded(log_prob),
        ratio=padded(ratio),
        clipped=padded(clipped) > 0,
        objective=padded(objective),
        value=padded(value),
        surrogate=float(objective.mean()),
        clip_fraction=float(clipped.float().mean()),
        approx_kl=float(0.5 * (log_ratio**2).mean()),
    )


def _answer_mean(values: Tensor) -> float:
    """Mean over answers of the sum over tokens; values (B, N), 0 on padding."""
    return float(values.double().sum(1).mean())


def _floats(values: Tensor) -> Floats:
    return values.double().numpy()
