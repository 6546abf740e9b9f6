"""Uniform numbers for many seeds at once, each seed's in the order of its own generator."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from tutor.rl.environments.tabular import Array


class Dice:
    """Throws `width` uniform numbers per seed and step.

    What seed k is thrown does not depend on how many other seeds there are, nor on `block`, the steps drawn
    ahead. With a block of 1 a generator's state is always that before the next throw.
    """

    def __init__(self, rngs: Sequence[np.random.Generator], width: int, block: int) -> None:
        self._rngs = rngs
        self._width = width
        self._block = block
        self._numbers: Array = np.empty((block, width, len(rngs)))
        self._next = block

    def throw(self) -> Array:
        """[width, K], in [0, 1)."""
        if self._next == self._block:
            for k, rng in enumerate(self._rngs):
                self._numbers[:, :, k] = rng.random((self._block, self._width))
            self._next = 0
        thrown: Array = self._numbers[self._next]
        self._next += 1
        return thrown


def normal(first: Array, second: Array) -> Array:
    """Standard normal numbers from two uniform ones each (Box & Muller 1958)."""
    found: Array = np.sqrt(-2.0 * np.log1p(-first)) * np.cos(2.0 * np.pi * second)
    return found


class Standing(NamedTuple):
    """Where a PCG64 generator stands, in 180 bytes: a step of an episode keeps one, to be taken back. numpy's own
    mapping takes 700."""

    generator: str
    state: int
    increment: int
    has_uint32: int
    uinteger: int

    def mapping(self) -> dict[str, Any]:
        """As `rng.bit_generator.state` takes it."""
        return {
            "bit_generator": self.generator,
            "state": {"state": self.state, "inc": self.increment},
            "has_uint32": self.has_uint32,
            "uinteger": self.uinteger,
        }


def standing(rng: np.random.Generator) -> Standing:
    """Where `rng` stands. Raises KeyError for a generator of another family than numpy's default."""
    now = rng.bit_generator.state
    inner = now["state"]
    return Standing(
        type(rng.bit_generator).__name__,
        inner["state"],
        _shared(inner["inc"]),
        now["has_uint32"],
        now["uinteger"],
    )


@lru_cache(maxsize=64)
def _shared(increment: int) -> int:
    """The same number as one object: a generator's never changes."""
    return increment
