"""Returns and advantages of a rollout. Time is the first axis; further axes are batches; everything is
float64.

rewards[t] is what step t paid (R_{t+1}), discounts[t] what the time after it counts: gamma, or 0 where the
episode ended. values[t] is V of the state that step t began in, values[T] of the state after the last step.
At a truncation the caller adds gamma V(s_final) to that step's reward and sets its discount to 0, so that
nothing leaks into the next episode.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def discounted_returns(rewards: ArrayLike, discounts: ArrayLike) -> Array:
    """G[T, ...] with G_t = r_t + discount_t G_{t+1} and G_T = 0 (Sutton & Barto, 2nd edition, equation 3.9).

    rewards, discounts: [T, ...]; one number serves as every discount. Raises ValueError when shapes do not
    match.
    """
    rewards, discounts = _rollout(rewards, discounts)
    return _accumulate(rewards.copy(), discounts, np.zeros(rewards.shape[1:]))


def n_step_returns(rewards: ArrayLike, discounts: ArrayLike, values: ArrayLike, n: int) -> Array:
    """G[T, ...] with G_t = r_t + discount_t (r_{t+1} + … discount_{t+n-1} values[t+n]) (equation 7.1).

    Where fewer than n steps remain, values[T] is what follows the last. n: at least 1.
    Raises ValueError when n or a shape is wrong.
    """
    rewards, discounts, values = _rollout_with_values(rewards, discounts, values)
    if n != int(n) or n < 1:
        raise ValueError(f"n is {n}; it must be a whole number of at least 1")
    T = len(rewards)
    G = values[np.minimum(np.arange(T) + int(n), T)]
    for k in reversed(range(min(int(n), T))):  # step k of every window that reaches that far
        G[: T - k] = rewards[k:] + discounts[k:] * G[: T - k]
    return G


def lambda_returns(rewards: ArrayLike, discounts: ArrayLike, values: ArrayLike, lambda_: float) -> Array:
    """G[T, ...] with G_t = r_t + discount_t ((1 - lambda) values[t+1] + lambda G_{t+1}), G_T = values[T].

    Sutton & Barto, equation 12.18 with state values. lambda = 0 gives the TD target, lambda = 1 Monte Carlo.
    Raises ValueError when lambda is outside [0, 1] or a shape is wrong.
    """
    rewards, discounts, values = _rollout_with_values(rewards, discounts, values)
    _check_lambda(lambda_)
    return _accumulate(rewards + (1 - lambda_) * discounts * values[1:], lambda_ * discounts, values[-1])


def gae_advantages(rewards: ArrayLike, discounts: ArrayLike, values: ArrayLike, lambda_: float) -> Array:
    """A[T, ...] with A_t = delta_t + lambda discount_t A_{t+1}, delta_t = r_t + discount_t values[t+1] -
    values[t].

    Schulman et al. 2016, arXiv 1506.02438, equation 16; equal to lambda_returns - values[:-1].
    Raises ValueError when lambda is outside [0, 1] or a shape is wrong.
    """
    rewards, discounts, values = _rollout_with_values(rewards, discounts, values)
    _check_lambda(lambda_)
    deltas = discounts * values[1:]
    deltas += rewards
    deltas -= values[:-1]
    return _accumulate(deltas, lambda_ * discounts, np.zeros(deltas.shape[1:]))


def _accumulate(terms: Array, factors: Array, last: Array) -> Array:
    """X[T, ...] with X_t = terms_t + factors_t X_{t+1} and X_T = last; in the memory of the terms, if it can be."""
    terms, following = np.ascontiguousarray(terms), last.reshape(-1)
    carried = np.empty(following.size)
    backwards = (array.reshape(len(terms), following.size)[::-1] for array in (terms, factors))
    for now, factor in zip(*backwards, strict=True):
        now += np.multiply(factor, following, out=carried)
        following = now
    return terms


def _rollout(rewards: ArrayLike, discounts: ArrayLike) -> tuple[Array, Array]:
    rewards, discounts = np.asarray(rewards, dtype=np.float64), np.asarray(discounts, dtype=np.float64)
    if rewards.ndim == 0:
        raise ValueError("rewards is one number; it must be an array whose first axis is time")
    if discounts.ndim and discounts.shape != rewards.shape:
        raise ValueError(
            f"discounts has shape {discounts.shape}; it must be {rewards.shape}, as rewards, or one number"
        )
    return rewards, np.broadcast_to(discounts, rewards.shape)


def _rollout_with_values(
    rewards: ArrayLike, discounts: ArrayLike, values: ArrayLike
) -> tuple[Array, Array, Array]:
    rewards, discounts = _rollout(rewards, discounts)
    values = np.asarray(values, dtype=np.float64)
    expected = (len(rewards) + 1, *rewards.shape[1:])
    if values.shape != expected:
        raise ValueError(
            f"values has shape {values.shape}; it must be {expected}: one time more than rewards"
        )
    return rewards, discounts, values


def _check_lambda(lambda_: float) -> None:
    if not 0 <= lambda_ <= 1:
        raise ValueError(f"lambda is {lambda_}; it must be between 0 and 1")
