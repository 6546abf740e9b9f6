"""The greedy path of an agent's values on the grid, as cells of the map: plain data, drawn elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor.rl.environments.gridworld import Gridworld
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line, number
from tutor.tui.widgets.grid import Cell

Ink = Callable[[str], str]  # a quantity, or ground, tile, wall, muted, text -> #rrggbb


@dataclass(frozen=True)
class Path:
    """From the start, the best action everywhere: state -> action. end: `goal`, or why it goes no further: `circle`
    (it comes back to a cell), `tie` (several actions are best)."""

    actions: dict[int, int]
    reward: float
    end: str


def greedy_path(env: Gridworld, action_values: NDArray[np.float64]) -> Path:
    """action_values: Q[S, A]. Where a step may slip the likeliest outcome is followed."""
    actions: dict[int, int] = {}
    state, total = env.start, 0.0
    while state not in actions:
        best = np.flatnonzero(action_values[state] == action_values[state].max())
        if best.size > 1:
            return Path(actions, total, "tie")
        actions[state] = int(best[0])
        _, following, reward, ended = max(env.outcomes(state, actions[state]), key=lambda outcome: outcome[0])
        total += reward
        if ended:
            return Path(actions, total, "goal")
        state = int(following)
    return Path(actions, total, "circle")


def heading(series: str, path: Path | None, update: int, glyphs: Glyphs) -> Line:
    """`sarsa  17 steps, −17  at 475`."""
    line: Line = [(series, "strong")]
    if path is None:
        return line
    told = {
        "goal": f"{len(path.actions)} steps, {number(path.reward, glyphs)}",
        "circle": "goes in a circle",
        "tie": "no best action yet" if not path.actions else "ends in a tie",
    }
    role = "return" if path.end == "goal" else ""
    return [*line, (f"  {told[path.end]}", role), (f"  at {update}", "muted")]


def cells(env: Gridworld, path: Path | None, glyphs: Glyphs, ink: Ink) -> list[list[Cell]]:
    """The map, and on it the path as arrows."""
    actions = path.actions if path is not None else {}
    return [
        [_cell(env, row, col, actions, glyphs, ink) for col in range(env.cols)] for row in range(env.rows)
    ]


def _cell(env: Gridworld, row: int, col: int, actions: dict[int, int], glyphs: Glyphs, ink: Ink) -> Cell:
    state = env.state_at(row, col)
    if state is None:
        return Cell("", ink("wall"), fill=glyphs.wall)
    ground = ink("tile") if (row + col) % 2 else ink("ground")
    letter = env.character(state)
    if letter in env.rewards:
        return Cell(letter, f"bold {ink('reward')}", ground)
    if state in actions:
        return Cell(glyphs.arrows[actions[state]], f"bold {ink('action')}", ground)
    if state == env.start:
        return Cell("S", ink("text"), ground)
    return Cell(glyphs.floor, ink("muted"), ground)
