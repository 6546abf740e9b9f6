"""How a batch changes the parameters: objectives that are climbed for some epochs. K seeds are the first axis.

An objective is linear in a sample's advantage for each sign of it, so tables of the sums of positive and of negative
advantages serve as well as the samples.
"""

from collections.abc import Callable
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
_LOSS, _APPROX_KL = "loss/policy_avg", "policy/approxkl_avg"
_FACTORS = {_LOSS: -1.0, _APPROX_KL: 2.0}  # the loss is minus the objective; half the mean square


class Objective(NamedTuple):
    """What is climbed: value(ratio, log_prob, advantage, epsilon) of one sample, elementwise; and of tables, on_tables(
    ratio, log_prob, tables, epsilon) -> its values and its slopes, the derivatives with respect to log pi, [K, S, A].
    """

    value: Callable[[Array, Array, Array, float], Array]
    on_tables: Callable[[Array, Array, Tables, float], tuple[Array, Array]]


def _on_log_prob(_ratio: Array, log_prob: Array, tables: Tables, _epsilon: float) -> tuple[Array, Array]:
    return log_prob * tables.advantage, tables.advantage


def _on_ratio(ratio: Array, _log_prob: Array, tables: Tables, _epsilon: float) -> tuple[Array, Array]:
    value = ratio * tables.advantage
    return value, value


def _on_clipped(ratio: Array, _log_prob: Array, tables: Tables, epsilon: float) -> tuple[Array, Array]:
    """As `clipped_surrogate` and its gradient, for the sums over advantages of either sign."""
    least, most = 1 - epsilon, 1 + epsilon
    value = tables.positive * np.minimum(ratio, most) + tables.negative * np.maximum(ratio, least)
    pushing = tables.positive * (ratio <= most) + tables.negative * (ratio >= least)
    return value, ratio * pushing


# A log pi: REINFORCE, actor-critic (Sutton & Barto, 2nd edition, section 13.3).
LOG_PROB = Objective(lambda _ratio, log_prob, advantage, _epsilon: log_prob * advantage, _on_log_prob)
# r A: conservative policy iteration (PPO, equation 6).
UNCLIPPED = Objective(lambda ratio, _log_prob, advantage, _epsilon: ratio * advantage, _on_ratio)
# min(r A, clip(r) A) (PPO, equation 7).
CLIPPED = Objective(
    lambda ratio, _log_prob, advantage, epsilon: clipped_surrogate(ratio, advantage, epsilon), _on_clipped
)


@dataclass(eq=False)
class Memory:
    """What lasts from update to update: Adam's moments [2, K, P] and steps taken, and the penalty's beta [K]."""

    moments: Array
    steps_taken: int
    beta: Array


class Look(NamedTuple):
    """A policy on the way, the objective's gradient there with respect to the logits, and its length [K]."""

    at: Forward
    gradient: Array | None
    norm: Array | None


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
        self._moves = np.empty((n_seeds, policy.n_parameters))

    @property
    def advice(self) -> str:
        if self._epochs == 1:
            return "a smaller learning rate"
        if self._target_kl is not None:
            return "a smaller learning rate, fewer epochs, or a larger beta"
        clip = "a smaller epsilon" if self.objective is CLIPPED else "the clip of ppo"
        return f"a smaller learning rate, fewer epochs, or {clip}"

    def improve(self, old: Forward, batch: Batch, keep: bool) -> Improvement:
        now, means = old, Means()
        looks: list[Look] = []
        for _ in range(self._epochs):
            for part in batch.parts:
                gradient = self._logit_gradient(old, now, part, means)
                ascent = self._policy.pull_back(now, gradient)
                norm = np.sqrt(np.vecdot(ascent, ascent))
                means.add("policy/gradient_norm", norm)
                if keep:
                    looks.append(Look(now, gradient, norm))
                now = self._policy.forward(now.theta + self._step(ascent))
        if keep:
            looks.append(Look(now, None, None))
        return Improvement(now, means.values() | self._steer(old, now, batch), looks)

    def _logit_gradient(self, old: Forward, now: Forward, part: Tables, means: "Means") -> Array:
        """[K, S, A]: of the objective, its penalty and its bonus; what is measured on the way goes to `means`."""
        slopes = measure(self.objective, old, now, part, self._config.epsilon, means)
        if self._target_kl is not None:
            slopes = slopes + self.memory.beta[:, None, None] * part.visits * old.probs
        gradient = logit_gradient(slopes, now.probs)
        if self._config.entropy_bonus:
            gradient += self._config.entropy_bonus * part.visits * entropy_gradient(now)
        return gradient

    def _step(self, gradient: Array) -> Array:
        """What the parameters move by: Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1), or the plain gradient.

        Adam's is written over by the next.
        """
        if self._config.optimiser == "sgd":
            return self._config.learning_rate * gradient
        memory = self.memory
        memory.steps_taken += 1
        mean, square = memory.moments
        step = np.multiply(gradient, 1 - _DECAY, out=self._moves)
        mean *= _DECAY
        mean += step
        np.multiply(gradient, 1 - _SQUARES_DECAY, out=step)
        step *= gradient
        square *= _SQUARES_DECAY
        square += step
        unbiased = np.sqrt(1 - _SQUARES_DECAY**memory.steps_taken)
        np.sqrt(square, out=step)
        step += _TINY * unbiased
        np.divide(mean, step, out=step)
        step *= self._config.learning_rate * unbiased / (1 - _DECAY**memory.steps_taken)
        return step

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
    """Means over the steps of the optimiser, by metric. What is added is [K, ...], and summed over all but K at last;
    one by one, so that every seed's has the same bits in any company."""

    def __init__(self) -> None:
        self._sums: dict[str, Array] = {}
        self._counts: dict[str, int] = {}

    def add(self, name: str, value: Array) -> None:
        if name in self._sums:
            self._sums[name] += value
        else:
            self._sums[name] = value.copy()
        self._counts[name] = self._counts.get(name, 0) + 1

    def values(self) -> dict[str, Array]:
        return {
            name: total(values) / (_FACTORS.get(name, 1.0) * self._counts[name])
            for name, values in self._sums.items()
        }


def measure(
    objective: Objective, old: Forward, now: Forward, part: Tables, epsilon: float, means: Means
) -> Array:
    """The slopes [K, S, A] of the objective's mean over a batch; its metrics go to `means`."""
    log_ratio = (now.log_probs - old.log_probs) * part.seen
    ratio = np.exp(log_ratio)
    value, slopes = objective.on_tables(ratio, now.log_probs, part, epsilon)
    means.add(_LOSS, value)
    means.add(
        "policy/clipfrac_avg", part.rising * (ratio > 1 + epsilon) + part.falling * (ratio < 1 - epsilon)
    )
    log_ratio *= log_ratio
    means.add(_APPROX_KL, part.share * log_ratio)
    means.add("val/ratio", part.share * ratio)
    return slopes


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
