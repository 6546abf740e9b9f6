"""Episodes' results of seeds that run at their own pace, handed out in order. Internal to `control`."""

from collections.abc import Iterator

import numpy as np

from tutor.rl.control_frames import ControlFrame
from tutor.rl.control_loop import Learner, Move
from tutor.rl.environments.tabular import Array, Indices

_ROOM = 64


class Results:
    """The episodes that some seeds have finished and others have not: a ring, episode e in row e mod room."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._episodes = learner.config.episodes
        self._done = 0  # handed out
        self._rows: dict[str, Array] = {}
        self._kept: dict[int, Array] = {}
        self._room = _ROOM
        K, A = len(learner.rngs), learner.mdp.n_actions
        for name, shape in (("returns", ()), ("lengths", ()), ("truncated", ()), ("first_policy", (A,))):
            self._rows[name] = np.zeros((_ROOM, K, *shape))

    @property
    def complete(self) -> bool:
        return self._done == self._episodes

    def first(self, policy: Array) -> ControlFrame:
        """The frame before the first episode."""
        self._rows["first_policy"][0] = policy
        return self._frame(0, self._learner.action_values)

    def add(self, ended: Indices, move: Move) -> Iterator[ControlFrame]:
        """Write down the episodes that just ended, begin the next ones, and hand out what is complete."""
        learner = self._learner
        number = learner.episode[ended] + 1
        counts = number <= self._episodes  # a seed that is through plays on while others are not
        ended_now, number = ended[counts], number[counts]
        self._make_room(int(number.max(initial=0)))
        at = (number % self._room, ended_now)
        self._rows["returns"][at] = learner.discounted[ended_now]
        self._rows["lengths"][at] = learner.steps[ended_now]
        self._rows["truncated"][at] = move.truncated[ended_now]
        self._rows["first_policy"][at] = learner.go_on(ended)[counts]
        self._keep(number, ended_now)
        reached = min(int(learner.episode.min()), self._episodes)
        for episode in range(self._done + 1, reached + 1):
            self._done = episode
            yield self._frame(episode, self._kept.pop(episode, None))

    def _frame(self, episode: int, action_values: Array | None) -> ControlFrame:
        row = {name: rows[episode % self._room].copy() for name, rows in self._rows.items()}
        return ControlFrame(
            update=episode,
            returns=row["returns"],
            lengths=row["lengths"].astype(np.intp),
            truncated=row["truncated"].astype(bool),
            first_policy=row["first_policy"],
            action_values=action_values,
        )

    def _keep(self, numbers: Indices, seeds: Indices) -> None:
        every = self._learner.config.keep_every
        kept = numbers == self._episodes
        if every:
            kept |= numbers % every == 0
        for number, k in zip(numbers[kept].tolist(), seeds[kept].tolist(), strict=True):
            if number not in self._kept:
                self._kept[number] = np.empty(self._learner.tables.shape[1:])
            self._kept[number][k] = self._learner.tables[:, k].mean(axis=0)

    def _make_room(self, number: int) -> None:
        while number - self._done >= self._room:
            before = np.arange(self._done, self._done + self._room)
            for name, rows in self._rows.items():
                wider = np.zeros((2 * self._room, *rows.shape[1:]))
                wider[before % (2 * self._room)] = rows[before % self._room]
                self._rows[name] = wider
            self._room *= 2
