"""How to act on action values: probabilities over the last axis, float64.

An action of value -inf cannot be chosen.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.environments.tabular import Array, Indices

Behaviour = Literal["epsilon-greedy", "softmax"]
BEHAVIOURS: tuple[Behaviour, ...] = ("epsilon-greedy", "softmax")


def epsilon_greedy(action_values: Array, epsilon: ArrayLike) -> Array:
    """pi[..., A]: with probability epsilon[...] any action alike, else one of the best alike (section 2.2)."""
    epsilon = np.asarray(epsilon)[..., None]
    best = action_values == action_values.max(axis=-1, keepdims=True)
    pi: Array = (1 - epsilon) / best.sum(axis=-1, keepdims=True) * best
    return pi + epsilon * _uniform(action_values)


def _uniform(action_values: Array) -> Array | float:
    """Every action that can be chosen alike."""
    if action_values.min(initial=np.inf) > -np.inf:
        return 1 / int(action_values.shape[-1])
    possible = action_values > -np.inf
    alike: Array = possible / possible.sum(axis=-1, keepdims=True)
    return alike


def softmax(action_values: Array, temperature: ArrayLike) -> Array:
    """pi[..., A] proportional to exp(Q / temperature[...]) (equation 13.2 with Q / temperature as preference)."""
    temperature = np.asarray(temperature)[..., None]
    weights = np.exp((action_values - action_values.max(axis=-1, keepdims=True)) / temperature)
    pi: Array = weights / weights.sum(axis=-1, keepdims=True)
    return pi


def greedy(action_values: Array) -> Array:
    """pi[..., A]: the best actions alike."""
    return epsilon_greedy(action_values, 0.0)


def draw(pi: Array, dice: Array) -> Indices:
    """An action for each row of pi[M, A] and dice[M] in [0, 1); never one of probability 0."""
    sums = pi.cumsum(axis=1)
    reached = (dice * sums[:, -1])[:, None] >= sums[:, :-1]
    action: Indices = np.add.reduce(reached, axis=1, dtype=np.intp)
    return action
