"""How a batch changes the parameters: objectives that are climbed for some epochs. K seeds are the first axis.

An objective is linear in a sample's advantage for each sign of it, so tables of the sums of positive and of negative
advantages serve as well as the samples.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from tutor.rl.environments.tabular import Array
from tutor.rl.policies import Forward, entropy, kl
from tutor.rl.policy_batches import Batch, Tables
from tutor.rl.policy_gradient_frames import TrustRegionStep
from tutor.rl.surrogate import clipped_surrogate

_LOSS, _APPROX_KL = "loss/policy_avg", "policy/approxkl_avg"
_FACTORS = {_LOSS: -1.0, _APPROX_KL: 2.0}  # the loss is minus the objective; half the mean square


class Objective(NamedTuple):
    """What is climbed: value(ratio, log_prob, advantage, epsilon) of one sample, elementwise. Of tables: values(ratio,
    log_prob, tables, epsilon), and its slopes(ratio, tables, epsilon), the derivatives with respect to log pi; of the
    tables' shape.
    """

    value: Callable[[Array, Array, Array, float], Array]
    values: Callable[[Array, Array, Tables, float], Array]
    slopes: Callable[[Array, Tables, float], Array]


def _clipped_values(ratio: Array, _log_prob: Array, tables: Tables, epsilon: float) -> Array:
    """As `clipped_surrogate`, for the sums over advantages of either sign."""
    risen: Array = tables.positive * np.minimum(ratio, 1 + epsilon)
    risen += tables.negative * np.maximum(ratio, 1 - epsilon)
    return risen


def _clipped_slopes(ratio: Array, tables: Tables, epsilon: float) -> Array:
    """Its gradient: what is clipped pushes no more."""
    pushing: Array = tables.positive * (ratio <= 1 + epsilon)
    pushing += tables.negative * (ratio >= 1 - epsilon)
    pushing *= ratio
    return pushing


# A log pi: REINFORCE, actor-critic (Sutton & Barto, 2nd edition, section 13.3).
LOG_PROB = Objective(
    lambda _ratio, log_prob, advantage, _epsilon: log_prob * advantage,
    lambda _ratio, log_prob, tables, _epsilon: log_prob * tables.advantage,
    lambda _ratio, tables, _epsilon: tables.advantage,
)
# r A: conservative policy iteration (PPO, equation 6).
UNCLIPPED = Objective(
    lambda ratio, _log_prob, advantage, _epsilon: ratio * advantage,
    lambda ratio, _log_prob, tables, _epsilon: ratio * tables.advantage,
    lambda ratio, tables, _epsilon: ratio * tables.advantage,
)
# min(r A, clip(r) A) (PPO, equation 7).
CLIPPED = Objective(
    lambda ratio, _log_prob, advantage, epsilon: clipped_surrogate(ratio, advantage, epsilon),
    _clipped_values,
    _clipped_slopes,
)


@dataclass(eq=False)
class Memory:
    """What lasts from update to update: Adam's moments [2, K, P] and steps taken, and the penalty's beta [K].

    moments: sums of the gradients and of their squares, what is older counting less: over 1 / (1 - decay), means.
    """

    moments: Array
    steps_taken: int
    beta: Array


class Look(NamedTuple):
    """A policy on the way, the objective's gradient there with respect to the logits, and its length [K]."""

    at: Forward
    gradient: Array | None = None
    norm: Array | None = None


@dataclass(frozen=True, eq=False)
class Improvement:
    """What an update came to. looks: the policies on the way, the last one included; only where they are kept."""

    after: Forward
    metrics: dict[str, Array]
    looks: list[Look] = field(default_factory=list)
    trust_region: TrustRegionStep | None = None


class Improver(Protocol):
    """Gradient ascent, or a trust region."""

    objective: Objective
    memory: Memory

    @property
    def advice(self) -> str:
        """What to try when it diverges."""

    def improve(self, old: Forward, batch: Batch, keep: bool) -> Improvement:
        """keep: every policy on the way, and how the step came about."""


class Means:
    """Means over the steps of the optimiser, by metric. What is added is [steps, K], or of tables [epochs, parts, K, L,
    A]; summed over all but K, step by step, so that every seed's has the same bits in any company."""

    def __init__(self) -> None:
        self._sums: dict[str, Array] = {}
        self._counts: dict[str, int] = {}

    def add(self, name: str, values: Array) -> None:
        if values.ndim > 2:
            steps = values.reshape(-1, *values.shape[2:])
            summed = np.add.reduce(steps, axis=0)
        else:
            steps = values
            summed = np.add.accumulate(steps, axis=0)[-1]  # which is in order for one seed, too
        self._sums[name] = self._sums.get(name, 0.0) + summed
        self._counts[name] = self._counts.get(name, 0) + len(steps)

    def values(self) -> dict[str, Array]:
        return {
            name: total(values) / (_FACTORS.get(name, 1.0) * self._counts[name])
            for name, values in self._sums.items()
        }


def measure(
    objective: Objective,
    old: Forward,
    ratio: Array,
    log_probs: Array,
    tables: Tables,
    epsilon: float,
    means: Means,
) -> None:
    """The metrics of policies go to `means`: ratio to the old policy and log pi of each, [epochs, parts, K, L, A], for
    the parts of the tables."""
    means.add(_LOSS, objective.values(ratio, log_probs, tables, epsilon))
    clipped = tables.rising * (ratio > 1 + epsilon)
    clipped += tables.falling * (ratio < 1 - epsilon)
    means.add("policy/clipfrac_avg", clipped)
    squares = log_probs - old.log_probs
    squares *= squares
    squares *= tables.share
    means.add(_APPROX_KL, squares)
    means.add("val/ratio", ratio * tables.share)


def mean_kl(old: Forward, new: Forward, visits: Array) -> Array:
    """[K]: KL(old, new), in nats, over the batch's states, visits[K, S]."""
    return total(visits * kl(old, new))


def mean_entropy(at: Forward, visits: Array) -> Array:
    """[K]: in nats, over the batch's states, visits[K, S]."""
    return total(visits * entropy(at))


def total(values: Array) -> Array:
    """[K]: the sum of everything that a seed has."""
    summed: Array = values.reshape(len(values), -1).sum(axis=1)
    return summed
