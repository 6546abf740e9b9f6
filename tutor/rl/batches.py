"""One episode of each of K seeds, side by side: time first, seeds second, the short ones padded.

Padding repeats the last state, pays nothing and discounts nothing away, so a return that reaches into it is
worth what the last state is worth: right where the episode was truncated, and cut off by the discount 0 of the
last step where it terminated.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from tutor.rl.environments.tabular import Array, Indices, Mask, Tabular
from tutor.rl.rollout import Position, rollout


class Batch(NamedTuple):
    """states: [T + 1, K]. actions, rewards, discounts (0 where an episode terminated), valid (no padding): [T, K]."""

    states: Indices
    actions: Indices
    rewards: Array
    discounts: Array
    valid: Mask

    @classmethod
    def single(
        cls, states: Indices, actions: Indices, rewards: Array, gamma: float, terminated: bool
    ) -> Self:
        """One given episode: states[T + 1], actions[T], rewards[T]."""
        discounts = np.full(len(rewards), gamma)
        discounts[-1] *= not terminated
        valid = np.ones((len(rewards), 1), dtype=bool)
        return cls(states[:, None], actions[:, None], rewards[:, None], discounts[:, None], valid)


class _Walked(NamedTuple):
    """Steps of every seed, [T, K]; ended: terminated or truncated."""

    states: Indices
    actions: Indices
    rewards: Array
    next_states: Indices
    terminated: Mask
    ended: Mask

    def then(self, new: "_Walked", dropped: int) -> "_Walked":
        """These steps but for the first `dropped`, and the new ones after them."""
        both: list[Any] = [np.concatenate([old[dropped:], more]) for old, more in zip(self, new, strict=True)]
        return _Walked(*both)


class EpisodeStream:
    """Episodes under a fixed policy. Every seed walks on by itself; `next` cuts off one episode of each.

    block: steps walked at a time. With 1, and one seed, nothing is drawn before it is needed.
    """

    def __init__(
        self, mdp: Tabular, policy: Array, rngs: Sequence[np.random.Generator], block: int = 128
    ) -> None:
        self._mdp, self._policy, self._rngs, self._block = mdp, policy, rngs, block
        self._seeds = np.arange(len(rngs))
        self._at = np.zeros(len(rngs), dtype=np.intp)  # where each seed's next episode begins
        self._walked = self._walk(None)

    def next(self) -> Batch:
        """The next episode of each seed."""
        while (last := self._last()).min() < 0:
            self._walk_on()
        walked, lengths = self._walked, last - self._at + 1
        time = np.arange(int(lengths.max()))[:, None]  # (T, 1)
        where = (np.minimum(self._at + time, last), self._seeds)
        valid = time < lengths
        states = np.concatenate([walked.states[where][:1], walked.next_states[where]])
        goes_on = np.where(walked.terminated[where], 0.0, self._mdp.gamma)
        self._at = last + 1
        return Batch(
            states=states,
            actions=walked.actions[where],
            rewards=np.where(valid, walked.rewards[where], 0.0),
            discounts=np.where(valid, goes_on, 1.0),
            valid=valid,
        )

    def _walk(self, begin: Position | None) -> _Walked:
        new = rollout(self._mdp, self._policy, self._rngs, steps=self._block, begin=begin)
        self._stand = new.last
        ended = new.terminated | new.truncated
        columns = (new.states, new.actions, new.rewards, new.next_states, new.terminated, ended)
        only: list[Any] = [column[:, :, 0] for column in columns]  # the one environment of each seed
        return _Walked(*only)

    def _walk_on(self) -> None:
        """Walk another block; what no seed needs any more is dropped."""
        kept = int(self._at.min())
        self._at -= kept
        new = self._walk(self._stand)
        self._walked = self._walked.then(new, kept)

    def _last(self) -> Indices:
        """[K]: the step that ends each seed's next episode; -1 where it has not been walked yet."""
        ended = self._walked.ended
        T = len(ended)
        index = np.where(ended, np.arange(T)[:, None], T)
        first = np.minimum.accumulate(index[::-1], axis=0)[::-1]  # at or after each step
        first = np.concatenate([first, np.full((1, len(self._seeds)), T)])
        found = first[np.minimum(self._at, T), self._seeds]
        return np.where(found == T, -1, found)
