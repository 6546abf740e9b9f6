"""Alpha, epsilon or the temperature set to another number while a run goes on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the parameters of a run can be read without numpy
    from tutor.rl.environments.tabular import Array


@dataclass(frozen=True)
class Change:
    """From `episode` on, counted from 1, `name` is `value`, whatever its schedule says."""

    episode: int
    name: str
    value: float


class Changes:
    """What is changed in the course of a run; all its curves share one.

    made: in the order in which they were. begun: the last episode that a seed of any curve has begun. version: another
    number after each change.
    """

    def __init__(self, made: Iterable[Change] = ()) -> None:
        self.made = list(made)
        self.begun = 0
        self.version = 0

    def add(self, name: str, value: float) -> Change:
        """From the first episode on that no seed has begun: what a seed did before does not depend on it."""
        change = Change(self.begun + 1, name, value)
        self.made = [other for other in self.made if (other.episode, other.name) != (change.episode, name)]
        self.made.append(change)
        self.version += 1
        return change

    def begin(self, episode: int) -> None:
        """A seed begins it, counted from 1."""
        self.begun = max(self.begun, episode)

    def followed(self, name: str, planned: "Array") -> "Array":
        """planned: [episodes + 1], the number of each episode from the first on; the same with the changes."""
        numbers = planned.copy()
        for change in self.made:
            if change.name == name:
                numbers[change.episode - 1 :] = change.value
        return numbers
