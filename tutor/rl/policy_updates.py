"""How a batch changes the parameters: objectives that are climbed for some epochs. K seeds are the first axis.

An objective is linear in a sample's advantage for each sign of it, so tables of the sums of positive and of negative
advantages serve as well as the samples.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from tutor.rl.environments.tabular import Array
from tutor.rl.policies import Forward, Policy, entropy, entropy_gradient, kl, logit_gradient
from tutor.rl.policy_batches import Batch, Tables
from tutor.rl.policy_gradient_frames import PolicyGradientConfig, TrustRegionStep
from tutor.rl.surrogate import clipped_surrogate

_DECAY, _SQUARES_DECAY, _TINY = 0.9, 0.999, 1e-8  # Adam's, as in its paper
_TOLERANCE = 1.5  # factor around the target KL within which beta stays (PPO, section 4)
_TOGETHER = (
    2000  # numbers of a seed that are measured together: of 20 seeds they are few enough for the cache
)
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


class Step(NamedTuple):
    """Where a step of the optimiser began: the policy, its ratio to the old one [K, L, A], the objective's gradient
    with respect to the logits [K, L, A], and the squared length [K] of that with respect to the parameters."""

    at: Forward
    ratio: Array
    gradient: Array
    square: Array


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


class Ascent:
    """Gradient ascent over some epochs of minibatches.

    target_kl: of the adaptive KL penalty, whose beta is halved below target / 1.5 and doubled above 1.5 target (PPO,
    section 4); None: no penalty.
    """

    def __init__(
        self,
        objective: Objective,
        policy: Policy,
        config: PolicyGradientConfig,
        n_seeds: int,
        *,
        epochs: int = 1,
        target_kl: float | None = None,
        beta: float = 0.0,
    ) -> None:
        self.objective = objective
        self._policy, self._config, self._epochs, self._target_kl = policy, config, epochs, target_kl
        self.memory = Memory(np.zeros((2, n_seeds, policy.n_parameters)), 0, np.full(n_seeds, beta))
        self._gradient = np.empty((n_seeds, policy.n_parameters))

    @property
    def advice(self) -> str:
        if self._epochs == 1:
            return "a smaller learning rate"
        if self._target_kl is not None:
            return "a smaller learning rate, fewer epochs, or a larger beta"
        clip = "a smaller epsilon" if self.objective is CLIPPED else "the clip of ppo"
        return f"a smaller learning rate, fewer epochs, or {clip}"

    def improve(self, old: Forward, batch: Batch, keep: bool) -> Improvement:
        now, means, divisor = old, Means(), old.divisor
        looks: list[Look] = []
        steps: list[Step] = []
        together = max(1, _TOGETHER // batch.tables.share[:, 0].size)
        for epoch in range(1, self._epochs + 1):
            for part in batch.parts:
                ratio = now.probs / divisor
                gradient = self._logit_gradient(old, now, ratio, part)
                ascent = self._policy.pull_back(now, gradient, out=self._gradient)
                steps.append(Step(now, ratio, gradient, np.vecdot(ascent, ascent)))
                now = self._policy.forward(self._moved(now.theta, ascent))
            if epoch % together == 0 or epoch == self._epochs:
                norms = np.sqrt([step.square for step in steps])
                means.add("policy/gradient_norm", norms)
                looked = [(step.at, step.ratio) for step in steps]
                measure(self.objective, old, looked, batch.tables, self._config.epsilon, means)
                if keep:
                    looks += [
                        Look(step.at, step.gradient, norm) for step, norm in zip(steps, norms, strict=True)
                    ]
                steps = []
        if keep:
            looks.append(Look(now))
        return Improvement(now, means.values() | self._steer(old, now, batch), looks)

    def _logit_gradient(self, old: Forward, now: Forward, ratio: Array, part: Tables) -> Array:
        """[K, S, A]: of the objective, its penalty and its bonus."""
        slopes = self.objective.slopes(ratio, part, self._config.epsilon)
        if self._target_kl is not None:
            slopes = slopes + self.memory.beta[:, None, None] * part.visits * old.probs
        gradient = logit_gradient(slopes, now.probs)
        if self._config.entropy_bonus:
            gradient += self._config.entropy_bonus * part.visits * entropy_gradient(now)
        return gradient

    def _moved(self, theta: Array, gradient: Array) -> Array:
        """The parameters after a step: Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1), or the plain gradient."""
        if self._config.optimiser == "sgd":
            return theta + self._config.learning_rate * gradient
        memory, (sums, squares) = self.memory, self.memory.moments
        memory.steps_taken += 1
        sums *= _DECAY
        sums += gradient
        moved = gradient * gradient
        squares *= _SQUARES_DECAY
        squares += moved
        mean_of, square_of = (
            (1 - decay) / (1 - decay**memory.steps_taken) for decay in (_DECAY, _SQUARES_DECAY)
        )
        np.sqrt(squares, out=moved)
        moved += _TINY / math.sqrt(square_of)
        np.divide(sums, moved, out=moved)
        moved *= self._config.learning_rate * mean_of / math.sqrt(square_of)
        moved += theta
        return moved

    def _steer(self, old: Forward, now: Forward, batch: Batch) -> dict[str, Array]:
        """Set the next update's beta by the KL of this one; the beta that was used."""
        if self._target_kl is None:
            return {}
        used = self.memory.beta
        measured = mean_kl(old, now, batch.visits)
        low, high = self._target_kl / _TOLERANCE, self._target_kl * _TOLERANCE
        self.memory.beta = np.where(measured < low, used / 2, np.where(measured > high, used * 2, used))
        return {"beta": used}


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
    looked: Sequence[tuple[Forward, Array]],
    tables: Tables,
    epsilon: float,
    means: Means,
) -> None:
    """The metrics of policies and their ratios, epochs of one for each part of the tables, go to `means`."""
    parts = len(tables.share)
    ratio = _stacked([ratio for _, ratio in looked], parts)
    log_probs = _stacked([at.logits for at, _ in looked], parts)
    log_probs -= np.log(_stacked([at.whole for at, _ in looked], parts))
    means.add(_LOSS, objective.values(ratio, log_probs, tables, epsilon))
    clipped = tables.rising * (ratio > 1 + epsilon)
    clipped += tables.falling * (ratio < 1 - epsilon)
    means.add("policy/clipfrac_avg", clipped)
    log_probs -= old.log_probs
    log_probs *= log_probs
    log_probs *= tables.share
    means.add(_APPROX_KL, log_probs)
    ratio *= tables.share
    means.add("val/ratio", ratio)


def _stacked(arrays: Sequence[Array], parts: int) -> Array:
    """[epochs, parts, K, L, A] of so many [K, L, A], that lies in memory as they do."""
    K, L, A = arrays[0].shape
    stacked = np.array([array.transpose(2, 0, 1) for array in arrays])
    return stacked.reshape(-1, parts, A, K, L).transpose(0, 1, 3, 4, 2)


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
