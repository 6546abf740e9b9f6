"""What PPO maximises, and how far a policy has moved. Elementwise on arrays of any shape unless said;
float64.

PPO: Schulman et al. 2017, arXiv 1707.06347. KL estimators: Schulman 2020, "Approximating KL Divergence".
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def probability_ratio(log_prob: ArrayLike, old_log_prob: ArrayLike) -> Array:
    """r = pi_new / pi_old = exp(log_prob - old_log_prob): above 1, the action has become more likely
    (section 3)."""
    with np.errstate(over="ignore"):
        ratio: Array = np.exp(_array(log_prob) - _array(old_log_prob))
    return ratio


def clipped_surrogate(ratio: ArrayLike, advantage: ArrayLike, epsilon: float) -> Array:
    """min(r A, clip(r, 1 - epsilon, 1 + epsilon) A), to be maximised (equation 7).

    Raises ValueError unless epsilon is a number of at least 0.
    """
    ratio, advantage = _array(ratio), _array(advantage)
    clipped = np.clip(ratio, 1 - _checked(epsilon), 1 + epsilon)
    return np.minimum(ratio * advantage, clipped * advantage)


def clipped_surrogate_gradient(ratio: ArrayLike, advantage: ArrayLike, epsilon: float) -> Array:
    """The derivative of `clipped_surrogate` with respect to the ratio: 0 where the clip is active, else A.

    On the kink itself (r = 1 ± epsilon) it is the side that still pushes.
    """
    ratio, advantage = np.broadcast_arrays(_array(ratio), _array(advantage))
    return np.where(clip_is_active(ratio, advantage, epsilon), 0.0, advantage)


def clip_is_active(ratio: ArrayLike, advantage: ArrayLike, epsilon: float) -> NDArray[np.bool_]:
    """Whether the sample no longer pushes: (A > 0 and r > 1 + epsilon) or (A < 0 and r < 1 - epsilon).

    Its mean is `policy/clipfrac_avg`, as in TRL; CleanRL and Stable-Baselines3 count abs(r - 1) > epsilon.
    """
    ratio, advantage = _array(ratio), _array(advantage)
    _checked(epsilon)
    return ((advantage > 0) & (ratio > 1 + epsilon)) | ((advantage < 0) & (ratio < 1 - epsilon))


def kl_divergence(p: ArrayLike, q: ArrayLike) -> Array:
    """KL(p, q) = sum p log(p / q) over the last axis, in nats; 0 log 0 = 0, and infinite where q = 0 < p.

    Raises ValueError when a row is no probability distribution (least entry 0, sum 1 to within 1e-6).
    """
    p, q = _distribution("p", p), _distribution("q", q)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0)
    divergence: Array = np.maximum(terms.sum(-1), 0.0)  # rounding alone can make it negative
    return divergence


def kl_k1(log_prob: ArrayLike, ref_log_prob: ArrayLike) -> Array:
    """log pi - log ref, for samples from pi: an unbiased estimate of KL(pi, ref) that may be negative."""
    return _array(log_prob) - _array(ref_log_prob)


def kl_k2(log_prob: ArrayLike, ref_log_prob: ArrayLike) -> Array:
    """(log pi - log ref)^2 / 2: never negative, biased, little variance."""
    return 0.5 * kl_k1(log_prob, ref_log_prob) ** 2


def kl_k3(log_prob: ArrayLike, ref_log_prob: ArrayLike) -> Array:
    """ref / pi - 1 - log(ref / pi): never negative, and unbiased where pi covers ref."""
    log_ratio = _array(ref_log_prob) - _array(log_prob)
    with np.errstate(over="ignore"):
        return np.maximum(np.expm1(log_ratio) - log_ratio, 0.0)


class AdaptiveKLController:
    """The coefficient beta of a KL penalty, steered so that the KL stays near `target` nats.

    beta <- beta (1 + gain clip((kl - target) / target, -limit, limit))

    Ziegler et al. 2019, arXiv 1909.08593, section 2.2, has gain 0.1 and limit 0.2. Raises ValueError unless beta,
    target and limit are positive, gain is at least 0, and gain * limit is below 1 (beyond it beta would turn negative).
    """

    def __init__(self, beta: float, target: float, gain: float, limit: float = 0.2) -> None:
        for name, value in (("beta", beta), ("target", target), ("limit", limit)):
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value}; it must be above 0")
        if not (gain >= 0 and gain * limit < 1):
            raise ValueError(f"gain is {gain}; it must be at least 0 and below 1 / limit = {1 / limit:g}")
        self.beta, self.target, self.gain, self.limit = beta, target, gain, limit

    def update(self, kl: float) -> float:
        """Take in a measured KL, in nats; the new beta. Raises ValueError when kl is not a finite number."""
        if not math.isfinite(kl):
            raise ValueError(f"kl is {kl}; it must be a finite number")
        error = min(max((kl - self.target) / self.target, -self.limit), self.limit)
        self.beta *= 1 + self.gain * error
        return self.beta


def _array(values: ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float64)


def _checked(epsilon: float) -> float:
    if not epsilon >= 0:
        raise ValueError(f"epsilon is {epsilon}; it must be at least 0")
    return epsilon


def _distribution(name: str, values: ArrayLike) -> Array:
    rows = _array(values)
    if rows.ndim == 0 or not ((rows >= 0).all() and (np.abs(rows.sum(-1) - 1) < 1e-6).all()):
        raise ValueError(f"{name} is no probability distribution; entries must be at least 0 and sum to 1")
    return rows
