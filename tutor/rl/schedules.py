"""Numbers that may change from episode to episode: step sizes, exploration rates, temperatures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tutor.rl.environments.tabular import Array

Kind = Literal["constant", "linear", "exponential"]


@dataclass(frozen=True)
class Schedule:
    """From `start` in the first episode to `end` after `length` more, where it stays.

    linear: by equal differences. exponential: by equal factors. constant: `start` throughout.
    """

    kind: Kind
    start: float
    end: float
    length: int

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError(f"a schedule's length is {self.length}; it must be at least 1 episode")
        if self.kind == "exponential" and not (self.start > 0 and self.end > 0):
            raise ValueError(
                f"an exponential schedule runs from {self.start} to {self.end}; both must be above 0"
            )

    def over(self, episodes: int) -> Array:
        """[episodes + 1]: the number in each episode, and after the last."""
        if self.kind == "constant":
            return np.full(episodes + 1, float(self.start))
        done = np.minimum(np.arange(episodes + 1) / self.length, 1.0)
        if self.kind == "linear":
            return self.start + (self.end - self.start) * done
        return self.start * (self.end / self.start) ** done

    def checked(self, check: Callable[[float], float]) -> "Schedule":
        """Itself; raises what `check` raises of either end. In between it is between them."""
        check(self.start)
        if self.kind != "constant":
            check(self.end)
        return self


def constant(value: float) -> Schedule:
    """The same throughout."""
    return Schedule("constant", value, value, 1)


def linear(start: float, end: float, length: int) -> Schedule:
    """Raises ValueError when length is below 1."""
    return Schedule("linear", start, end, length)


def exponential(start: float, end: float, length: int) -> Schedule:
    """Raises ValueError when length is below 1 or an end is not above 0."""
    return Schedule("exponential", start, end, length)
