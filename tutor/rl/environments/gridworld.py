"""A gridworld drawn as text: a finite Markov decision process with exact transition probabilities.

Actions: 0 up, 1 right, 2 down, 3 left. With probability `slip` the agent goes sideways instead: half of it
to each perpendicular. A move into a wall or off the map leaves it where it is. States number the cells that
are not walls, row by row. Reward: `step_reward` every step, and `rewards[character]` on top on entering a
cell that has one. Entering such a cell ends the episode, unless its character is in `restarts`: then the
agent is back at the start and goes on. Reference: the 4 x 3 world of Russell & Norvig, Artificial
Intelligence: A Modern Approach, section 17.1.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tutor.rl.environments.tabular import Outcome as Outcome
from tutor.rl.environments.tabular import Tabular

ACTIONS = ("up", "right", "down", "left")
_MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))
WALL, START = "#", "S"


class GridworldError(ValueError):
    """A grid, or a number of it, is not usable; the message says which, where, and what would be right."""


@dataclass(frozen=True, eq=False)
class Gridworld:
    """The world; made by `from_text`. It holds no position: states go in and come out, so that undo is free.

    text: the map, rows of equal length. n_states: S. start: the state of `S`. cells[s] -> (row, column),
    from 0. gamma: discount per step. slip: total probability of going sideways. step_limit: when a rollout
    truncates; None: never.
    """

    text: str
    step_reward: float
    slip: float
    gamma: float
    rewards: Mapping[str, float]
    restarts: str
    step_limit: int | None
    rows: int
    cols: int
    cells: tuple[tuple[int, int], ...] = field(repr=False)
    start: int
    n_actions: int = 4
    _index: Mapping[tuple[int, int], int] = field(default_factory=dict, repr=False)
    _characters: str = field(default="", repr=False)
    # What moving from state s in direction d brings: (next_state, reward, terminated).
    _moves: tuple[tuple[tuple[int, float, bool], ...], ...] = field(default=(), repr=False)

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        step_reward: float,
        slip: float,
        gamma: float,
        rewards: Mapping[str, float],
        restarts: str = "",
        step_limit: int | None = None,
    ) -> Self:
        """Read a map: `#` wall, `S` the one start, characters of `rewards` as above, everything else floor.

        Empty lines before and after the map are dropped. Raises GridworldError.
        """
        _check_numbers(step_reward, slip, gamma, step_limit)
        _check_rewards(rewards, restarts)
        lines = _lines(text)
        cells = tuple((r, c) for r, line in enumerate(lines) for c, mark in enumerate(line) if mark != WALL)
        index = {cell: state for state, cell in enumerate(cells)}
        start = index[_start(lines)]
        characters = "".join(lines[r][c] for r, c in cells)
        return cls(
            text="\n".join(lines),
            step_reward=float(step_reward),
            slip=float(slip),
            gamma=float(gamma),
            rewards={mark: float(reward) for mark, reward in rewards.items()},
            restarts=restarts,
            step_limit=step_limit,
            rows=len(lines),
            cols=len(lines[0]),
            cells=cells,
            start=start,
            _index=index,
            _characters=characters,
            _moves=_moves(cells, index, characters, start, float(step_reward), rewards, restarts),
        )

    @property
    def n_states(self) -> int:
        return len(self.cells)

    def state_at(self, row: int, col: int) -> int | None:
        """The state of a cell; None for a wall or outside the map."""
        return self._index.get((row, col))

    def character(self, state: int) -> str:
        """What the map shows at `state`."""
        return self._characters[self._checked(state)]

    def is_terminal(self, state: int) -> bool:
        """Whether nothing more can happen from `state`: every action stays, with reward 0.

        True of cells that end the episode, and of restart cells, which nobody ever occupies.
        """
        return self._characters[self._checked(state)] in self.rewards

    def reset(self, rng: np.random.Generator) -> int:
        """The state an episode begins in. The start is fixed: nothing is drawn from `rng`."""
        del rng
        return self.start

    def step(self, state: int, action: int, rng: np.random.Generator) -> tuple[int, float, bool]:
        """Act once: (next_state, reward, terminated). Draws one uniform number. Raises GridworldError."""
        return self.move(state, self.slipped(action, rng))

    def slipped(self, action: int, rng: np.random.Generator) -> int:
        """The direction that the dice choose when `action` is meant. Draws one uniform number, whatever the
        slip."""
        _check_action(action)
        dice = rng.random()
        if dice < 1.0 - self.slip:
            return action
        return (action - 1) % 4 if dice < 1.0 - self.slip / 2 else (action + 1) % 4

    def move(self, state: int, direction: int) -> tuple[int, float, bool]:
        """(next_state, reward, terminated) of going in `direction` for sure."""
        _check_action(direction)
        return self._moves[self._checked(state)][direction]

    def directions(self, action: int) -> tuple[tuple[float, int], ...]:
        """(probability, direction) for each direction that `action` can lead to, the meant one first."""
        _check_action(action)
        chances = (
            (1.0 - self.slip, action),
            (self.slip / 2, (action - 1) % 4),
            (self.slip / 2, (action + 1) % 4),
        )
        return tuple(chance for chance in chances if chance[0] > 0)

    def outcomes(self, state: int, action: int) -> list[Outcome]:
        """(probability, next_state, reward, terminated) for each direction that `action` can lead to.

        Directions are not merged when they lead to the same state; a terminal state has the one outcome of
        staying.
        """
        if self.is_terminal(state):
            _check_action(action)
            return [(1.0, state, 0.0, True)]
        return [(chance, *self.move(state, direction)) for chance, direction in self.directions(action)]

    def transitions(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P[S, A, S], R[S, A]: probability of the next state and expected reward. Read-only, computed
        once."""
        return self._model

    def tabular(self) -> Tabular:
        """The grid as tables of outcomes, for stepping many at once; computed once."""
        return self._tabular

    @cached_property
    def _tabular(self) -> Tabular:
        return Tabular.from_outcomes(
            self.outcomes,
            self.n_states,
            self.n_actions,
            start=self.start,
            gamma=self.gamma,
            step_limit=self.step_limit,
        )

    @cached_property
    def _model(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        P = np.zeros((self.n_states, self.n_actions, self.n_states))
        R = np.zeros((self.n_states, self.n_actions))
        for state in range(self.n_states):
            for action in range(self.n_actions):
                for probability, next_state, reward, _ in self.outcomes(state, action):
                    P[state, action, next_state] += probability
                    R[state, action] += probability * reward
        P.flags.writeable = R.flags.writeable = False
        return P, R

    def _checked(self, state: int) -> int:
        if not 0 <= state < len(self.cells):
            raise GridworldError(f"state is {state}; this grid has the states 0 to {len(self.cells) - 1}")
        return state


def _moves(
    cells: tuple[tuple[int, int], ...],
    index: Mapping[tuple[int, int], int],
    characters: str,
    start: int,
    step_reward: float,
    rewards: Mapping[str, float],
    restarts: str,
) -> tuple[tuple[tuple[int, float, bool], ...], ...]:
    """moves[state][direction] = (next_state, reward, terminated)."""

    def arrive(state: int, row: int, col: int) -> tuple[int, float, bool]:
        if characters[state] in rewards:
            return state, 0.0, True
        target = index.get((row, col), state)
        mark = characters[target]
        reward = step_reward + rewards.get(mark, 0.0)
        return (start, reward, False) if mark in restarts else (target, reward, mark in rewards)

    return tuple(tuple(arrive(s, r + dr, c + dc) for dr, dc in _MOVES) for s, (r, c) in enumerate(cells))


def _check_action(action: int) -> None:
    if not 0 <= action < 4:
        raise GridworldError(f"action is {action}; it must be 0 (up), 1 (right), 2 (down) or 3 (left)")


def _lines(text: str) -> list[str]:
    """The rows of the map. Raises GridworldError when there are none, or they differ in length."""
    lines = text.splitlines()
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise GridworldError("the map is empty; it needs at least one row with an S in it")
    for row, line in enumerate(lines, 1):
        if len(line) != len(lines[0]):
            raise GridworldError(
                f"row {row} of the map has {len(line)} characters and row 1 has {len(lines[0])}; "
                "all rows must be equally long"
            )
        for col, mark in enumerate(line, 1):
            if not mark.isprintable():
                raise GridworldError(
                    f"row {row}, column {col} of the map is {mark!r}; use characters that can be seen"
                )
    return lines


def _start(lines: list[str]) -> tuple[int, int]:
    starts = [(r, c) for r, line in enumerate(lines) for c, mark in enumerate(line) if mark == START]
    if not starts:
        raise GridworldError("the map has no start; write S in one cell")
    if len(starts) > 1:
        (r1, c1), (r2, c2) = starts[:2]
        raise GridworldError(
            f"the map has {len(starts)} starts, the first two at row {r1 + 1}, column {c1 + 1} and "
            f"row {r2 + 1}, column {c2 + 1}; keep one S (lower-case s is floor)"
        )
    return starts[0]


def _check_numbers(step_reward: float, slip: float, gamma: float, step_limit: int | None) -> None:
    if not math.isfinite(step_reward):
        raise GridworldError(f"step_reward is {step_reward}; it must be a finite number")
    for name, value in (("slip", slip), ("gamma", gamma)):
        if not 0 <= value <= 1:
            raise GridworldError(f"{name} is {value}; it must be between 0 and 1")
    if step_limit is not None and (
        isinstance(step_limit, bool) or not isinstance(step_limit, Integral) or step_limit < 1
    ):
        raise GridworldError(
            f"step_limit is {step_limit}; it must be a whole number of at least 1, or None for no limit"
        )


def _check_rewards(rewards: Mapping[str, float], restarts: str) -> None:
    for mark, reward in rewards.items():
        if len(mark) != 1 or mark in (WALL, START):
            raise GridworldError(
                f"rewards has {mark!r}; a reward belongs to one character other than # and S"
            )
        if not math.isfinite(reward):
            raise GridworldError(f"rewards[{mark!r}] is {reward}; it must be a finite number")
    for mark in restarts:
        if mark not in rewards:
            known = ", ".join(rewards) or "none"
            raise GridworldError(
                f"restarts has {mark!r}, which has no reward; the characters with one are: {known}"
            )
