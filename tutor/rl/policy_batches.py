"""The batch of one update, and the tables that it comes to.

In a finite world the ratio of a sample depends on its state and action alone, so a batch is summed once into tables
over (s, a); an epoch then costs the size of the tables, however many samples there are. Sums over the samples of a
seed go through `np.bincount`, which adds in the order of the samples: the same bits whichever seeds run beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutor.rl.environments.tabular import Array, Indices, Mask
from tutor.rl.live_states import LiveStates
from tutor.rl.policies import Forward
from tutor.rl.policy_gradient_frames import PolicyGradientConfig, Samples
from tutor.rl.policy_walks import Scalar, Walk
from tutor.rl.returns import gae_advantages

_CONSTANT = 1e-20  # a variance below it is rounding
_TINY = 1e-8  # added to a standard deviation, so that equal advantages give 0


class Tables(NamedTuple):
    """A batch, or parts of it, summed over its samples and divided by their number, [..., K, L, A], over live states.

    share: how many samples. positive, negative: their advantages above, below 0; advantage: both. rising, falling: how
    many those are. visits[..., K, L, 1]: how many samples are in a state.
    """

    share: Array
    positive: Array
    negative: Array
    rising: Array
    falling: Array
    advantage: Array
    visits: Array


@dataclass(frozen=True, eq=False)
class Batch:
    """The samples of all seeds, [n], in the order of time; seed: whose; live: the state's place among the live ones.
    tables[M, ...]: of the minibatches, or of all
    in one; parts: each by itself.

    values[K, S]: V before the update. visits[K, L]: the share of samples in each live state. explained_variance
    (nan where the returns do not vary), value_loss (mean squared error of V): [K], before the update.
    """

    walk: Walk
    values: Array
    seed: Indices
    state: Indices
    live: Indices
    action: Indices
    advantage: Array
    returns: Array
    weight: Array
    tables: Tables
    visits: Array
    explained_variance: Array
    value_loss: Array

    @cached_property
    def parts(self) -> tuple[Tables, ...]:
        return tuple(Tables(*part) for part in zip(*self.tables, strict=True))

    def improved_values(self, rate: float) -> Array:
        """V[K, S] moved by `rate` towards the mean target of each state that was visited."""
        K, S = self.values.shape
        at = self.seed * S + self.state
        count = np.bincount(at, minlength=K * S)
        error = np.bincount(at, weights=self.advantage, minlength=K * S)
        return self.values + rate * (error / np.maximum(count, 1)).reshape(K, S)

    def mean_advantages(self) -> Array:
        """[K, L, A]: the sum of the advantages, not normalised, of each (s, a), over the number of samples."""
        K, L, A = self.tables.share.shape[1:]
        n = np.bincount(self.seed, minlength=K)[:, None, None]
        at = (self.seed * L + self.live) * A + self.action
        return np.bincount(at, weights=self.advantage, minlength=K * L * A).reshape(K, L, A) / n


def make_batch(
    walk: Walk,
    values: Array,
    live_states: LiveStates,
    n_actions: int,
    config: PolicyGradientConfig,
    minibatches: int,
    rngs: Sequence[np.random.Generator],
) -> Batch:
    """What is learned from a walk, with the critic's values[K, S]; the generators split it into minibatches."""
    K, L, A = len(values), len(live_states.states), n_actions
    rewards, discounts, visited_values = walk.rollout.bootstrapped(values)
    advantages = gae_advantages(rewards, discounts, visited_values, config.lambda_)
    seed = _valid(np.broadcast_to(np.arange(K)[:, None], walk.valid.shape), walk.valid)
    state, action = _valid(walk.rollout.states, walk.valid), _valid(walk.rollout.actions, walk.valid)
    advantage = _valid(advantages, walk.valid)
    returns = advantage + _valid(visited_values[:-1], walk.valid)
    count = np.bincount(seed, minlength=K)
    mean, deviation = _moments(advantage, seed, count)
    spread = _moments(returns, seed, count)[1] ** 2
    weight = _normalised(advantage, mean, deviation, seed) if config.normalise else advantage
    part, live = _split(walk.valid, count, minibatches, rngs), live_states.place.take(state)
    tables, visits = _tables((part, action, seed, live), weight, (minibatches, A, K, L))
    return Batch(
        walk=walk,
        values=values,
        seed=seed,
        state=state,
        live=live,
        action=action,
        advantage=advantage,
        returns=returns,
        weight=weight,
        tables=tables,
        visits=visits,
        explained_variance=_explained(deviation**2, spread),
        value_loss=deviation**2 + mean**2,
    )


def _valid(values: NDArray[Scalar], valid: Mask) -> NDArray[Scalar]:
    """[n]: those of values[T, K, N] that count."""
    return values.ravel() if valid.all() else values[valid]


def _explained(unexplained: Array, spread: Array) -> Array:
    """[K]: 1 - variance of the errors / variance of the returns; nan where the returns do not vary."""
    varies = spread > _CONSTANT
    return np.where(varies, 1 - unexplained / np.where(varies, spread, 1.0), np.nan)


def _moments(values: Array, seed: Indices, count: Indices) -> tuple[Array, Array]:
    """(mean, standard deviation) of each seed's values, of which it has count[K], [K]."""
    K, n = len(count), np.maximum(count, 1)
    mean = np.bincount(seed, weights=values, minlength=K) / n
    squares = mean.take(seed)
    np.subtract(values, squares, out=squares)
    squares *= squares
    return mean, np.sqrt(np.bincount(seed, weights=squares, minlength=K) / n)


def _normalised(values: Array, mean: Array, deviation: Array, seed: Indices) -> Array:
    """[n]: in deviations from the mean of each seed, [K]."""
    normalised = mean.take(seed)
    np.subtract(values, normalised, out=normalised)
    normalised /= (deviation + _TINY).take(seed)
    return normalised


def _split(valid: Mask, count: Indices, minibatches: int, rngs: Sequence[np.random.Generator]) -> Indices:
    """Which minibatch each sample belongs to, by chance, in sizes as equal as can be."""
    part = np.zeros((valid.shape[1], len(valid), valid.shape[2]), dtype=np.intp)  # seed after seed
    if minibatches > 1:
        sizes = count.tolist()
        equal = {n: np.arange(n) * minibatches // max(n, 1) for n in set(sizes)}
        part[valid.transpose(1, 0, 2)] = np.concatenate(
            [rng.permutation(equal[n]) for rng, n in zip(rngs, sizes, strict=True)]
        )
    return _valid(part.transpose(1, 0, 2), valid)


def _tables(
    places: tuple[Indices, Indices, Indices, Indices], weight: Array, shape: tuple[int, int, int, int]
) -> tuple[Tables, Array]:
    """The tables of the minibatches, and the share of a seed's samples in each state [K, L], from the samples' places
    in `shape` [minibatches, A, K, L]."""
    signs = (weight > 0) + 2 * (weight < 0).view(np.int8)
    at = _flat((signs, *places), shape)
    counts, sums = (
        np.bincount(at, weights=weights, minlength=3 * math.prod(shape)).reshape(3, *shape)
        for weights in (None, weight)
    )
    every = counts.sum(axis=0)
    of_part = every.sum(axis=(1, 3))
    n = np.maximum(of_part, 1)[:, None, :, None]
    share, rising, falling, positive, negative = (
        (table / n).transpose(0, 2, 3, 1) for table in (every, counts[1], counts[2], sums[1], sums[2])
    )
    visits = share.sum(axis=-1, keepdims=True)
    whole = every.sum(axis=(0, 1)) / np.maximum(of_part.sum(axis=0), 1)[:, None]
    return Tables(share, positive, negative, rising, falling, positive + negative, visits), whole


def _flat(places: Sequence[NDArray[np.integer[Any]]], shape: tuple[int, ...]) -> Indices:
    """[n]: flat indices of places in an array whose axes but the first are `shape`."""
    first, *others = places
    at = first.astype(np.intp)
    for place, n in zip(others, shape, strict=True):
        at *= n
        at += place
    return at


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
    old_log_prob = old.log_probs[0, batch.live, batch.action][order]
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
        old_log_prob=old_log_prob,
    )
