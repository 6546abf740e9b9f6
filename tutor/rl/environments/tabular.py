"""The common form of every finite Markov decision process: tables of outcomes, for stepping many at once.

An outcome has the flat index (s A + a) B + b: everything that happens in one step is a lookup in a table of
S A B entries, so K seeds with N environments each step in a handful of array operations.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from tutor.rl.ranges import check_fraction

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]
Outcome = tuple[float, int, float, bool]  # probability, next state, reward, terminated


class FiniteMDP(Protocol):
    """What algorithms learn on: a `Gridworld`, or anything else that has tables."""

    def tabular(self) -> "Tabular": ...


@dataclass(frozen=True, eq=False)
class Tabular:
    """A finite Markov decision process; made by `from_outcomes`.

    probabilities, rewards, ends (the step ended the episode): [S, A, B] for the at most B outcomes of an
    action, next_states alike. available[S, A]: what can be chosen where. noise[S, A]: standard deviation of
    the normal that is added to the reward; None: nowhere. step_limit: when a rollout truncates; None: never.
    """

    probabilities: Array
    next_states: Indices
    rewards: Array
    ends: Mask
    available: Mask
    start: int
    gamma: float
    step_limit: int | None = None
    noise: Array | None = None

    @classmethod
    def from_outcomes(
        cls,
        outcomes: Callable[[int, int], Iterable[Outcome]],
        n_states: int,
        n_actions: int,
        *,
        start: int,
        gamma: float,
        step_limit: int | None = None,
        noise: Array | None = None,
    ) -> Self:
        """Tables of `outcomes(state, action)`; an action without any cannot be chosen there.

        Raises ValueError when gamma is outside [0, 1], a state has no action, or the chances of an action do
        not sum to 1.
        """
        check_fraction("gamma", gamma)
        listed = [[list(outcomes(s, a)) for a in range(n_actions)] for s in range(n_states)]
        available = np.array([[bool(found) for found in row] for row in listed])
        width = max(len(found) for row in listed for found in row)
        table = np.array([[_padded(found, s, width) for found in row] for s, row in enumerate(listed)])
        probabilities = table[..., 0]
        if not np.allclose(probabilities.sum(-1), 1, rtol=0, atol=1e-9):
            raise ValueError("the chances of some action's outcomes do not sum to 1")
        if not available.any(axis=1).all():
            raise ValueError(
                f"state {int(available.any(axis=1).argmin())} has no action; it needs at least one"
            )
        return cls(
            probabilities=probabilities,
            next_states=table[..., 1].astype(np.intp),
            rewards=table[..., 2],
            ends=table[..., 3].astype(bool),
            available=available,
            start=start,
            gamma=gamma,
            step_limit=step_limit,
            noise=noise,
        )

    @property
    def n_states(self) -> int:
        return len(self.probabilities)

    @property
    def n_actions(self) -> int:
        return int(self.probabilities.shape[1])

    @property
    def n_outcomes(self) -> int:
        """B: the most outcomes that an action has."""
        return int(self.probabilities.shape[2])

    def tabular(self) -> "Tabular":
        return self

    def limited(self, most_steps: int) -> "Tabular":
        """The same world, truncated after `most_steps` steps at the latest."""
        limit = most_steps if self.step_limit is None else min(most_steps, self.step_limit)
        return replace(self, step_limit=limit)

    def outcomes(self, state: int, action: int) -> list[Outcome]:
        """(probability, next_state, reward, terminated) of everything that `action` can lead to."""
        at = (state, action)
        rows = zip(self.probabilities[at], self.next_states[at], self.rewards[at], self.ends[at], strict=True)
        return [(float(p), int(s), float(r), bool(end)) for p, s, r, end in rows if p > 0]

    def transitions(self) -> tuple[Array, Array]:
        """P[S, A, S], R[S, A]: probability of the next state and expected reward. Read-only, computed once."""
        return self._model

    @cached_property
    def _model(self) -> tuple[Array, Array]:
        P = np.zeros((self.n_states, self.n_actions, self.n_states))
        s, a, _ = np.indices(self.next_states.shape)
        np.add.at(P, (s, a, self.next_states), self.probabilities)
        R = (self.probabilities * self.rewards).sum(-1)
        P.flags.writeable = R.flags.writeable = False
        return P, R

    @cached_property
    def terminal(self) -> Mask:
        """[S]: states in which the episode is over: whatever is chosen stays there, ended, and pays nothing."""
        stays = self.next_states == np.arange(self.n_states)[:, None, None]
        over: Mask = (stays & self.ends & (self.rewards == 0)).all(axis=(1, 2))
        return over

    @cached_property
    def thresholds(self) -> Array:
        """[B - 1, S A]: a dice below the first is outcome 0, at or above the last outcome B - 1."""
        return thresholds(self.probabilities)

    def outcome(self, state: Indices, action: Indices, dice: Array, out: Indices | None = None) -> Indices:
        """The flat index of what happens; arrays of one axis, dice uniform in [0, 1)."""
        outcome = np.multiply(state, self.n_actions, out=out)
        outcome += action
        if self.n_outcomes > 1:
            which = sample(self.thresholds, outcome, dice)
            outcome *= self.n_outcomes
            outcome += which
        return outcome


def thresholds(probabilities: Array) -> Array:
    """[n - 1, rows] of probabilities[..., n]: cumulative, and 1 exactly where nothing remains.

    So no rounding makes an entry of probability 0 come up.
    """
    sums = probabilities.reshape(-1, probabilities.shape[-1]).cumsum(axis=1)
    return np.ascontiguousarray((sums / sums[:, -1:])[:, :-1].T)


def sample(thresholds: Array, rows: Indices, dice: Array, out: Indices | None = None) -> Indices:
    """How many of a row's thresholds each dice has reached: an index drawn by inverting the distribution.

    thresholds: [n - 1, rows]. rows, dice: arrays of one axis.
    """
    reached = dice >= thresholds.take(rows, axis=1, mode="clip")
    narrow = np.int8 if len(thresholds) < 128 else np.intp  # bytes are added up three times as fast
    if out is None:
        out = np.empty(reached.shape[1:], dtype=np.intp)
    out[...] = np.add.reduce(reached.view(np.int8), axis=0, dtype=narrow)
    return out


def _padded(outcomes: list[Outcome], state: int, width: int) -> list[Outcome]:
    """`width` outcomes: those given, then impossible ones. None given: staying for nothing."""
    found = outcomes or [(1.0, state, 0.0, True)]
    return found + [(0.0, *found[-1][1:])] * (width - len(found))
