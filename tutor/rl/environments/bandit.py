"""The k-armed bandit: one state, k actions, each paying at random about a mean of its own.

Reference: Sutton & Barto, Reinforcement Learning, 2nd edition, sections 2.1 and 2.3 (the 10-armed testbed).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Actions = NDArray[np.int64]
Kind = Literal["gaussian", "bernoulli"]
MOST_ARMS = 1000
MOST_PAY = 1e9  # what is larger could outgrow a float64 on the way


class BanditError(ValueError):
    """A bandit, or a number of a method that plays one, is not usable; the message says which and what may be."""


@dataclass(frozen=True, eq=False)
class Bandit:
    """means[K, k]: q*(a), the mean reward of each arm, for every seed.

    kind: `gaussian` pays normally distributed about the mean with standard deviation 1; `bernoulli` pays 1
    with the mean as its probability, else 0. Raises BanditError.
    """

    means: Array
    kind: Kind = "gaussian"

    def __post_init__(self) -> None:
        means = np.array(self.means, dtype=np.float64)
        if means.ndim != 2 or not means.size:
            raise BanditError(f"means has shape {means.shape}; it must be (seeds, arms)")
        low, high = (0, 1) if self.kind == "bernoulli" else (-MOST_PAY, MOST_PAY)
        bad = ~((means >= low) & (means <= high))
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            raise BanditError(
                f"means{list(where)} is {means[where]}; it must be a number between {low:g} and {high:g}"
            )
        means.flags.writeable = False
        object.__setattr__(self, "means", means)

    @classmethod
    def draw(
        cls, rngs: Sequence[np.random.Generator], arms: int = 10, kind: Kind = "gaussian", mean: float = 0.0
    ) -> Self:
        """One bandit a generator: gaussian arms with means from N(mean, 1), bernoulli from the uniform
        distribution. Draws `arms` numbers of each. Raises BanditError."""
        if not len(rngs):
            raise BanditError("there are 0 generators; at least one seed must run")
        if not 1 <= arms <= MOST_ARMS:
            raise BanditError(f"arms is {arms}; it must be a whole number between 1 and {MOST_ARMS}")
        draws = [
            rng.random(arms) if kind == "bernoulli" else mean + rng.standard_normal(arms) for rng in rngs
        ]
        return cls(np.stack(draws), kind)

    @property
    def n_seeds(self) -> int:
        return len(self.means)

    @property
    def n_arms(self) -> int:
        return len(self.means[0])

    @cached_property
    def gaps(self) -> Array:
        """[K, k]: what each arm pays less, on average, than the best of its seed."""
        gaps: Array = self.means.max(axis=1, keepdims=True) - self.means
        return gaps

    def noise(self, uniforms: ArrayLike) -> Array:
        """The dice of pulls, [...], from two uniform numbers each, [2, ...]: standard normal (Box & Muller
        1958) or, for bernoulli, the first number itself."""
        first, second = np.ascontiguousarray(uniforms, dtype=np.float64)
        if self.kind == "bernoulli":
            return np.array(first)
        normal: Array = np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * np.pi * second)
        return normal

    def rewards(self, actions: Actions, noise: Array) -> Array:
        """R[K] of pulling actions[K] with the dice noise[K]."""
        means = self.means[np.arange(self.n_seeds), actions]
        if self.kind == "bernoulli":
            return (noise < means).astype(np.float64)
        return np.asarray(means + noise)
