"""Gradient ascent on the tables of a batch, in memory that is there: new memory for each step would take as long as the
step."""

import math

import numpy as np

from tutor.rl.environments.tabular import Array
from tutor.rl.policies import Forward, Policy, Slot, entropy_gradient, logit_gradient, stack
from tutor.rl.policy_batches import Batch, Tables
from tutor.rl.policy_gradient_frames import PolicyGradientConfig
from tutor.rl.policy_updates import CLIPPED, Improvement, Look, Means, Memory, Objective, mean_kl, measure

_DECAY, _SQUARES_DECAY, _TINY = 0.9, 0.999, 1e-8  # Adam's, as in its paper
_TOLERANCE = 1.5  # factor around the target KL within which beta stays (PPO, section 4)
_TOGETHER = 2000  # numbers of a seed that are measured together: of 20 seeds few enough for the cache


class Trace:
    """Where so many steps of K seeds began: the policies, their ratio to the old one [steps, K, L, A], and the squared
    length [steps, K] of the gradient. One slot more is where the last step ends."""

    def __init__(self, policy: Policy, n_seeds: int, steps: int) -> None:
        L, A = policy.shape
        self.logits, probs = (stack(steps + 1, n_seeds, L, A) for _ in range(2))
        self.whole, self.ratio = stack(steps + 1, n_seeds, L, 1), stack(steps, n_seeds, L, A)
        self.square = np.empty((steps, n_seeds))
        self.slots = [Slot(*arrays) for arrays in zip(self.logits, self.whole, probs, strict=True)]

    def begin(self, now: Forward) -> None:
        self.logits[0], self.whole[0] = now.logits, now.whole

    def policies(self, steps: int, parts: int) -> tuple[Array, Array]:
        """(ratio, log pi) of the first steps, [epochs, parts, K, L, A]."""
        log_probs = self.logits[:steps] - np.log(self.whole[:steps])
        K, L, A = log_probs.shape[1:]
        return self.ratio[:steps].reshape(-1, parts, K, L, A), log_probs.reshape(-1, parts, K, L, A)


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
        minibatches: int = 1,
        target_kl: float | None = None,
        beta: float = 0.0,
    ) -> None:
        self.objective = objective
        self._config, self._epochs, self._target_kl = config, epochs, target_kl
        self._at_once = min(epochs, max(1, _TOGETHER // (minibatches * math.prod(policy.shape))))
        self._trace = Trace(policy, n_seeds, self._at_once * minibatches)
        self.memory = Memory(np.zeros((2, n_seeds, policy.n_parameters)), 0, np.full(n_seeds, beta))
        self._place = policy.workspace(n_seeds)
        self._moved = np.empty(self._place.theta.shape)

    @property
    def advice(self) -> str:
        if self._epochs == 1:
            return "a smaller learning rate"
        if self._target_kl is not None:
            return "a smaller learning rate, fewer epochs, or a larger beta"
        clip = "a smaller epsilon" if self.objective is CLIPPED else "the clip of ppo"
        return f"a smaller learning rate, fewer epochs, or {clip}"

    def improve(self, old: Forward, batch: Batch, keep: bool) -> Improvement:
        now, means, trace, place = old, Means(), self._trace, self._place
        looks: list[Look] = []
        place.begin(old)
        for first in range(0, self._epochs, self._at_once):
            parts = batch.parts * min(self._at_once, self._epochs - first)
            trace.begin(now)
            for i, part in enumerate(parts):
                ratio = np.divide(now.probs, old.divisor, out=trace.ratio[i])
                gradient = self._logit_gradient(old, now, ratio, part)
                place.pull_back(gradient)
                square = np.vecdot(place.gradient, place.gradient, out=trace.square[i])
                if keep:
                    looks.append(Look(now.copy(), gradient, np.sqrt(square)))
                self._move(place.theta, place.gradient)
                now = place.forward(trace.slots[i + 1])
            self._measure(old, batch, len(parts), means)
        after = now.copy()
        if keep:
            looks.append(Look(after))
        return Improvement(after, means.values() | self._steer(old, after, batch), looks)

    def _logit_gradient(self, old: Forward, now: Forward, ratio: Array, part: Tables) -> Array:
        """[K, S, A]: of the objective, its penalty and its bonus."""
        slopes = self.objective.slopes(ratio, part, self._config.epsilon)
        if self._target_kl is not None:
            slopes = slopes + self.memory.beta[:, None, None] * part.visits * old.probs
        gradient = logit_gradient(slopes, now.probs)
        if self._config.entropy_bonus:
            gradient += self._config.entropy_bonus * part.visits * entropy_gradient(now)
        return gradient

    def _move(self, theta: Array, gradient: Array) -> None:
        """A step of theta: Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1), or the plain gradient."""
        if self._config.optimiser == "sgd":
            theta += self._config.learning_rate * gradient
            return
        memory, (sums, squares), moved = self.memory, self.memory.moments, self._moved
        memory.steps_taken += 1
        sums *= _DECAY
        sums += gradient
        np.multiply(gradient, gradient, out=moved)
        squares *= _SQUARES_DECAY
        squares += moved
        mean_of = (1 - _DECAY) / (1 - _DECAY**memory.steps_taken)
        root_of = math.sqrt((1 - _SQUARES_DECAY) / (1 - _SQUARES_DECAY**memory.steps_taken))
        np.sqrt(squares, out=moved)
        moved += _TINY / root_of
        np.divide(sums, moved, out=moved)
        moved *= self._config.learning_rate * mean_of / root_of
        theta += moved

    def _measure(self, old: Forward, batch: Batch, steps: int, means: Means) -> None:
        means.add("policy/gradient_norm", np.sqrt(self._trace.square[:steps]))
        ratio, log_probs = self._trace.policies(steps, len(batch.parts))
        measure(self.objective, old, ratio, log_probs, batch.tables, self._config.epsilon, means)

    def _steer(self, old: Forward, now: Forward, batch: Batch) -> dict[str, Array]:
        """Set the next update's beta by the KL of this one; the beta that was used."""
        if self._target_kl is None:
            return {}
        used = self.memory.beta
        measured = mean_kl(old, now, batch.visits)
        low, high = self._target_kl / _TOLERANCE, self._target_kl * _TOLERANCE
        self.memory.beta = np.where(measured < low, used / 2, np.where(measured > high, used * 2, used))
        return {"beta": used}
