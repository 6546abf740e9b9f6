"""TRPO: the step that gains most within a trust region of KL divergence (Schulman et al. 2015, arXiv 1502.05477).

Metrics as in `policy_gradient`, measured once, after the step; besides `trpo/step`, the share of the whole step that
was taken (0: none).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tutor.rl.detail import Detail
from tutor.rl.environments.tabular import Array, FiniteMDP, Mask
from tutor.rl.policies import Forward, Policy, entropy_gradient, logit_gradient
from tutor.rl.policy_batches import Batch, Tables
from tutor.rl.policy_gradient_frames import PolicyGradientFrame, PolicyGradientState, TRPOConfig, Try
from tutor.rl.policy_gradient_frames import TrustRegionStep as Step
from tutor.rl.policy_gradient_loop import run
from tutor.rl.policy_updates import (
    UNCLIPPED,
    Improvement,
    Look,
    Means,
    Memory,
    mean_entropy,
    mean_kl,
    measure,
    total,
)

_SOLVED = 1e-10  # squared length of what the conjugate gradient has left, relative to the beginning


def trpo(
    env: FiniteMDP,
    config: TRPOConfig,
    rngs: Sequence[np.random.Generator],
    detail: Detail = "scalars",
    resume: PolicyGradientState | None = None,
) -> Iterator[PolicyGradientFrame]:
    """The natural gradient's direction, as far as the KL allows by its second-order model, halved until the surrogate
    has risen and the KL is at most delta (appendix C). The learning rate and the optimiser are not used.

    detail, resume, errors: as `tutor.rl.policy_gradient.reinforce`.
    """
    return run(
        "trpo", env, config, rngs, lambda policy, n_seeds: TrustRegion(policy, config, n_seeds), detail=detail,
        resume=resume,
    )  # fmt: skip


def fisher_product(policy: Policy, at: Forward, visits: Array, direction: Array) -> Array:
    """F v, [K, P], with F the Hessian of the mean KL(at, .) over visits[K, S] at `at` itself, v = direction[K, P].

    F = sum_s visits(s) J_s^T (diag pi - pi pi^T) J_s, J_s the Jacobian of the logits (appendix C.1).
    """
    moves = policy.push_forward(at, direction)
    return policy.pull_back(at, visits[..., None] * logit_gradient(at.probs * moves, at.probs))


class Solution(NamedTuple):
    """x [K, P], and the squared length of what is left, [iterations + 1, K]."""

    x: Array
    residuals: Array


def conjugate_gradient(product: Callable[[Array], Array], b: Array, iterations: int) -> Solution:
    """x with A x = b, for symmetric positive matrices A given by product(v) = A v; vectors are [K, P].

    Hestenes & Stiefel 1952; every seed stops by itself once it is solved, or where A has no curvature.
    """
    x, left, direction = np.zeros(b.shape), b.copy(), b.copy()
    length = total(b * b)
    enough, residuals = length * _SOLVED, [length]
    for _ in range(iterations):
        image = product(direction)
        curvature = total(direction * image)
        goes_on = (length > enough) & (curvature > 0)
        step = _where(goes_on, length, curvature)
        x += step * direction
        left -= step * image
        new = np.where(goes_on, total(left * left), length)
        direction = np.where(goes_on[:, None], left + _where(goes_on, new, length) * direction, direction)
        length = new
        residuals.append(length)
    return Solution(x, np.array(residuals))


def _where(condition: Mask, numerator: Array, denominator: Array) -> Array:
    """numerator / denominator, and 0 where the condition does not hold; [K, 1]."""
    return np.where(condition, numerator / np.where(condition, denominator, 1.0), 0.0)[:, None]


class Direction(NamedTuple):
    """The surrogate's gradient, the direction x that solves (F + damping) x = gradient, [K, P], what the conjugate
    gradient left, and the length [K] at which the second-order model of the KL is delta."""

    gradient: Array
    x: Array
    residuals: Array
    length: Array


def natural_direction(
    policy: Policy, at: Forward, gradient: Array, visits: Array, config: TRPOConfig
) -> Direction:
    """The natural gradient of seeds whose states are visited by visits[K, S]: sqrt(2 delta / x (F + damping) x) x is
    the whole step."""

    def product(v: Array) -> Array:
        return fisher_product(policy, at, visits, v) + config.damping * v

    x, residuals = conjugate_gradient(product, gradient, config.cg_iterations)
    curvature = total(x * product(x))
    positive = curvature > 0
    length = np.where(positive, np.sqrt(2 * config.delta / np.where(positive, curvature, 1.0)), 0.0)
    return Direction(gradient, x, residuals, length)


def whole_step(policy: Policy, at: Forward, batch: Batch, config: TRPOConfig) -> Array:
    """What TRPO would add to the parameters [K, P], before any line search."""
    part = batch.parts[0]
    gradient = policy.pull_back(at, logit_gradient(part.advantage, at.probs))
    direction = natural_direction(policy, at, gradient, batch.visits, config)
    return direction.length[:, None] * direction.x


class TrustRegion:
    """An update by a step of the natural gradient."""

    advice = "a smaller delta, more damping, or the line search"

    def __init__(self, policy: Policy, config: TRPOConfig, n_seeds: int) -> None:
        self.objective = UNCLIPPED
        self.memory = Memory(np.zeros((2, n_seeds, 0)), 0, np.zeros(n_seeds))
        self._policy, self._config = policy, config

    def improve(self, old: Forward, batch: Batch, keep: bool) -> Improvement:
        (part,) = batch.parts
        to_logits = logit_gradient(part.advantage, old.probs)
        if self._config.entropy_bonus:
            to_logits += self._config.entropy_bonus * batch.visits[..., None] * entropy_gradient(old)
        gradient = self._policy.pull_back(old, to_logits)
        direction = natural_direction(self._policy, old, gradient, batch.visits, self._config)
        fraction, tries = self._search(old, batch, direction)
        new = self._at(old, direction, fraction)
        means, norm = Means(), np.sqrt(total(gradient * gradient))
        ratio, log_probs = new.probs / old.divisor, new.log_probs
        measure(
            self.objective, old, ratio[None, None], log_probs[None, None], batch.tables, self._config.epsilon, means
        )  # fmt: skip
        metrics = means.values() | {"policy/gradient_norm": norm, "trpo/step": fraction}
        if not keep:
            return Improvement(new, metrics)
        step = Step(gradient[0], direction.x[0], direction.residuals[:, 0], float(direction.length[0]), tries)
        return Improvement(new, metrics, [Look(old, to_logits, norm), Look(new)], step)

    def _search(self, old: Forward, batch: Batch, direction: Direction) -> tuple[Array, tuple[Try, ...]]:
        """The share [K] of the whole step that each seed takes, and what the first seed tried on its way."""
        before = self._surrogate(old, old, batch)
        fraction, found = np.ones(len(before)), np.zeros(len(before), dtype=bool)
        tries: list[Try] = []
        for _ in range(self._config.backtracks + 1):
            now = self._at(old, direction, fraction)
            gain, kl = self._surrogate(old, now, batch) - before, mean_kl(old, now, batch.visits)
            good = (
                (gain > 0) & (kl <= self._config.delta) if self._config.line_search else np.ones_like(found)
            )
            if not found[0]:
                tries.append(Try(float(fraction[0]), float(gain[0]), float(kl[0]), bool(good[0])))
            found |= good
            if found.all():
                break
            fraction = np.where(found, fraction, fraction / 2)
        return np.where(found, fraction, 0.0), tuple(tries)

    def _surrogate(self, old: Forward, now: Forward, batch: Batch) -> Array:
        """[K]: the mean of r A over the batch, and the entropy bonus."""
        part: Tables = batch.parts[0]
        value = total(now.probs / old.divisor * part.advantage)
        if self._config.entropy_bonus:
            value = value + self._config.entropy_bonus * mean_entropy(now, batch.visits)
        return value

    def _at(self, old: Forward, direction: Direction, fraction: Array) -> Forward:
        return self._policy.forward(old.theta + (fraction * direction.length)[:, None] * direction.x)
