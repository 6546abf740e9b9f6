"""The batch of one update, and the tables that it comes to.

In a finite world the ratio of a sample depends on its state and action alone, so a batch is summed once into tables
over (s, a); an epoch then costs the size of the tables, however many samples there are. Sums over the samples of a
seed go through `np.bincount`, which adds in the order of the samples: the same bits whichever seeds run beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tutor.rl.environments.tabular import Array, Indices
from tutor.rl.policies import Forward
from tutor.rl.policy_gradient_frames import PolicyGradientConfig, Samples
from tutor.rl.policy_walks import Walk
from tutor.rl.returns import gae_advantages

_CONSTANT = 1e-20  # a variance below it is rounding
_TINY = 1e-8  # added to a standard deviation, so that equal advantages give 0


class Tables(NamedTuple):
    """A batch, or a part of it, summed over its samples and divided by their number, [K, S, A].

    share: how many samples. positive, negative: their advantages above, below 0; advantage: both. rising, falling: how
    many those are. visits[K, S, 1]: how many samples are in a state. seen: whether there is any sample, 0 or 1.
    """

    share: Array
    positive: Array
    negative: Array
    rising: Array
    falling: Array
    advantage: Array
    visits: Array
    seen: Array


@dataclass(frozen=True, eq=False)
class Batch:
    """The samples of all seeds, [M], in the order of time; seed: whose. parts: the minibatches, or all in one.

    values[K, S]: V before the update. visits[K, S]: the share of samples in each state. explained_variance
    (nan where the returns do not vary), value_loss (mean squared error of V): [K], before the update.
    """

    walk: Walk
    values: Array
    seed: Indices
    state: Indices
    action: Indices
    advantage: Array
    returns: Array
    weight: Array
    parts: tuple[Tables, ...]
    visits: Array
    explained_variance: Array
    value_loss: Array

    def improved_values(self, rate: float) -> Array:
        """V[K, S] moved by `rate` towards the mean target of each state that was visited."""
        K, S = self.values.shape
        at = self.seed * S + self.state
        count = np.bincount(at, minlength=K * S)
        error = np.bincount(at, weights=self.advantage, minlength=K * S)
        return self.values + rate * (error / np.maximum(count, 1)).reshape(K, S)

    def mean_advantages(self) -> Array:
        """[K, S, A]: the sum of the advantages, not normalised, of each (s, a), over the number of samples."""
        K, S, A = self.parts[0].share.shape
        n = np.bincount(self.seed, minlength=K)[:, None, None]
        at = (self.seed * S + self.state) * A + self.action
        return _counted(at, (K, S, A), self.advantage) / n


def make_batch(
    walk: Walk,
    values: Array,
    old: Forward,
    config: PolicyGradientConfig,
    minibatches: int,
    rngs: Sequence[np.random.Generator],
) -> Batch:
    """What is learned from a walk, with the critic's values[K, S]; the generators split it into minibatches."""
    K, S, A = old.log_probs.shape
    rewards, discounts, visited_values = walk.rollout.bootstrapped(values)
    advantages = gae_advantages(rewards, discounts, visited_values, config.lambda_)
    seed = np.broadcast_to(np.arange(K)[:, None], walk.valid.shape)[walk.valid]
    state, action = walk.rollout.states[walk.valid], walk.rollout.actions[walk.valid]
    advantage = advantages[walk.valid]
    returns = advantage + visited_values[:-1][walk.valid]
    mean, deviation = _moments(advantage, seed, K)
    weight = (advantage - mean[seed]) / (deviation + _TINY)[seed] if config.normalise else advantage
    spread = _moments(returns, seed, K)[1] ** 2
    part = _split(seed, K, minibatches, rngs)
    at = ((part * K + seed) * S + state) * A + action
    parts = _tables(at, weight, (minibatches, K, S, A))
    share = parts[0].share if minibatches == 1 else _share(at % (K * S * A), (1, K, S, A))[0]
    return Batch(
        walk=walk,
        values=values,
        seed=seed,
        state=state,
        action=action,
        advantage=advantage,
        returns=returns,
        weight=weight,
        parts=parts,
        visits=share.sum(axis=-1),
        explained_variance=_explained(deviation**2, spread),
        value_loss=deviation**2 + mean**2,
    )


def _explained(unexplained: Array, spread: Array) -> Array:
    """[K]: 1 - variance of the errors / variance of the returns; nan where the returns do not vary."""
    varies = spread > _CONSTANT
    return np.where(varies, 1 - unexplained / np.where(varies, spread, 1.0), np.nan)


def _moments(values: Array, seed: Indices, K: int) -> tuple[Array, Array]:
    """(mean, standard deviation) of each seed's values, [K]."""
    count = np.maximum(np.bincount(seed, minlength=K), 1)
    mean = np.bincount(seed, weights=values, minlength=K) / count
    variance = np.bincount(seed, weights=(values - mean[seed]) ** 2, minlength=K) / count
    return mean, np.sqrt(variance)


def _split(seed: Indices, K: int, minibatches: int, rngs: Sequence[np.random.Generator]) -> Indices:
    """Which minibatch each sample belongs to, by chance, in sizes as equal as can be."""
    part = np.zeros(len(seed), dtype=np.intp)
    if minibatches > 1:
        order = np.argsort(seed, kind="stable")
        ends = np.cumsum(np.bincount(seed, minlength=K))
        for rng, own in zip(rngs, np.split(order, ends[:-1]), strict=True):
            part[own] = rng.permutation(len(own)) * minibatches // max(len(own), 1)
    return part


def _tables(at: Indices, weight: Array, shape: tuple[int, ...]) -> tuple[Tables, ...]:
    """The tables of each minibatch, from the flat indices of the samples in `shape` [minibatches, K, S, A]."""
    count = _counted(at, shape)
    rises, falls = weight > 0, weight < 0
    sums = (
        count,
        _counted(at, shape, weight * rises),
        _counted(at, shape, weight * falls),
        _counted(at[rises], shape),
        _counted(at[falls], shape),
    )
    n = _sizes(count)
    shares = [table / n for table in sums]
    return tuple(_completed(*(share[m] for share in shares)) for m in range(shape[0]))


def _share(at: Indices, shape: tuple[int, ...]) -> Array:
    """The share of a seed's samples that is at each flat index of `shape` [minibatches, K, S, A]."""
    count = _counted(at, shape)
    share: Array = count / _sizes(count)
    return share


def _sizes(count: Array) -> Array:
    """How many samples each seed has in each minibatch, at least 1: [minibatches, K, 1, 1]."""
    sizes: Array = np.maximum(count.reshape(*count.shape[:2], -1).sum(axis=-1), 1)[:, :, None, None]
    return sizes


def _completed(share: Array, positive: Array, negative: Array, rising: Array, falling: Array) -> Tables:
    visits = share.sum(axis=-1, keepdims=True)
    seen = (share > 0).astype(np.float64)
    return Tables(share, positive, negative, rising, falling, positive + negative, visits, seen)


def _counted(at: Indices, shape: tuple[int, ...], weights: Array | None = None) -> Array:
    """How many samples, or the sum of their weights, at each flat index of `shape`."""
    return np.bincount(at, weights=weights, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)


def samples_of(batch: Batch, old: Forward) -> Samples:
    """Every number of the one seed's batch, environment after environment."""
    walked, valid = batch.walk.rollout, batch.walk.valid
    t, _, env = np.nonzero(valid)
    order = np.argsort(env, kind="stable")
    columns = {
        name: getattr(walked, name)[valid][order]
        for name in ("rewards", "next_states", "terminated", "truncated")
    }
    state, action = batch.state[order], batch.action[order]
    V = batch.values[0]
    next_value = np.where(columns["terminated"], 0.0, V[columns["next_states"]])
    return Samples(
        env=env[order],
        t=t[order],
        state=state,
        action=action,
        reward=columns["rewards"],
        next_state=columns["next_states"],
        terminated=columns["terminated"],
        truncated=columns["truncated"],
        value=V[state],
        next_value=next_value,
        delta=columns["rewards"] + walked.gamma * next_value - V[state],
        advantage=batch.advantage[order],
        returns=batch.returns[order],
        weight=batch.weight[order],
        old_log_prob=old.log_probs[0, state, action],
    )
