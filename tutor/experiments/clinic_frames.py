"""What the clinic shows of a gridworld run besides its metrics: walks of the policy. Plain data, without numpy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SampledWalk:
    """One episode. actions: as they were chosen (up, right, down, left = 0 to 3). mark: the character of the cell that
    ended it; empty: it was cut off. total: discounted return of what was walked."""

    actions: tuple[int, ...]
    mark: str
    total: float


@dataclass(frozen=True)
class Walks:
    """What the policy does after so many updates."""

    update: int
    answers: tuple[SampledWalk, ...]
