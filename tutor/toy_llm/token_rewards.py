"""From scores of whole answers to an advantage for every token. B answers of up to N tokens; a mask (B, N) is True at
their tokens, `<eos>` included. Nothing that stands on padding has any effect."""

import numpy as np
import torch
from torch import Tensor

from tutor.rl.returns import gae_advantages

STD_FLOOR = 1e-4  # added to a group's spread: where all rewards are equal there is nothing to learn


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """The mean of the values where the mask is True."""
    return values[mask].mean()


def masked_whiten(values: Tensor, mask: Tensor) -> Tensor:
    """(values - mean) / sqrt(variance + 1e-8) over the real tokens, 0 on padding. The variance is the sample's (n - 1),
    as in TRL's `masked_whiten`. Raises ValueError for fewer than two tokens."""
    real = values[mask]
    if len(real) < 2:
        raise ValueError("whitening needs at least two tokens")
    whitened = (values - real.mean()) * torch.rsqrt(real.var() + 1e-8)
    return whitened.masked_fill(~mask, 0)


def token_rewards(scores: Tensor, kl: Tensor, mask: Tensor, beta: float) -> Tensor:
    """r_t = -beta kl_t, plus the score (B,) at the last token (Ziegler et al. 2019, section 2.1); kl (B, N) is the
    sampled log pi - log ref of each token. Zero on padding."""
    rewards = (-beta * kl).masked_fill(~mask, 0)
    rewards[torch.arange(len(rewards)), mask.sum(1) - 1] += scores
    return rewards


def token_advantages(
    rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lambda_: float
) -> tuple[Tensor, Tensor]:
    """GAE over the tokens of each answer: delta_t = r_t + gamma V_{t+1} - V_t and A_t, both (B, N), 0 on padding.

    The answer ends with its last token, also at the limit: what would follow counts 0.
    """
    real = mask.T.numpy()  # (N, B), time first
    followed = np.vstack([real[1:], np.zeros_like(real[:1])])
    r, v = (np.where(real, x.detach().double().numpy().T, 0.0) for x in (rewards, values))
    discounts = gamma * followed
    v = np.vstack([v, np.zeros_like(v[:1])])
    deltas = r + discounts * v[1:] - v[:-1]
    advantages = gae_advantages(r, discounts, v, lambda_)
    return tuple(torch.from_numpy(x.T.copy()).to(rewards.dtype) for x in (deltas, advantages))  # type: ignore[return-value]


def group_advantages(rewards: Tensor, group: int) -> Tensor:
    """(r - mean) / (std + 1e-4) in each group of answers to one prompt (Shao et al. 2024, arXiv 2402.03300, section
    4.1.2; the sample's standard deviation, as in TRL). rewards (B,): group after group. Raises ValueError where B is
    no multiple of the group, or the group is below 2."""
    if group < 2 or len(rewards) % group:
        raise ValueError(f"{len(rewards)} answers do not make groups of {group}")
    grouped = rewards.view(-1, group)
    centred = grouped - grouped.mean(1, keepdim=True)
    return (centred / (grouped.std(1, keepdim=True) + STD_FLOOR)).view(-1)


def leave_one_out_advantages(rewards: Tensor) -> Tensor:
    """Each reward less the mean of the others (B,): a baseline that does not depend on the answer itself, so that the
    gradient stays unbiased (Kool et al. 2019). Raises ValueError for fewer than two."""
    B = len(rewards)
    if B < 2:
        raise ValueError("a baseline of the others needs at least two answers")
    return (rewards - rewards.mean()) * (B / (B - 1))


def explained_variance(values: Tensor, returns: Tensor, mask: Tensor) -> float:
    """1 - Var(returns - values) / Var(returns) over the real tokens; 0 where the returns do not vary."""
    of_returns = returns[mask].var(correction=0)
    if of_returns < 1e-12:
        return 0.0
    return float(1 - (returns - values)[mask].var(correction=0) / of_returns)
