"""A gridworld as plain data, before any array is made of it; and what would make one unusable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

WALL, START, FLOOR = "#", "S", "."
# A map of this size is still seen whole, beside its numbers, at 80 columns and 24 rows.
MOST_ROWS, MOST_COLS = 20, 30
# What the numbers of a grid may be: (lowest, highest).
RANGES: Mapping[str, tuple[float, float]] = {
    "slip": (0, 1),
    "step_reward": (-10, 10),
    "gamma": (0, 1),
    "step_limit": (1, 10_000),
    "reward": (-1000, 1000),
}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
NAME_RULE = "lower-case letters, digits and hyphens, a letter first, 30 at most"


@dataclass(frozen=True)
class GridMap:
    """A map and its own numbers (see `Gridworld`); `description` is one sentence for people.

    The name is empty for a grid of the learner's own that has none.
    """

    name: str
    description: str
    text: str
    rewards: Mapping[str, float]
    step_reward: float = 0.0
    slip: float = 0.0
    gamma: float = 0.99
    restarts: str = ""
    step_limit: int | None = None

    @property
    def lines(self) -> list[str]:
        """The rows of the map, from the top."""
        return self.text.split("\n")

    @property
    def size(self) -> str:
        """`4x3`: columns and rows, as the 4 x 3 world is called."""
        return f"{len(self.lines[0])}x{len(self.lines)}"

    @property
    def title(self) -> str:
        """The name, or `own 4x3`."""
        return self.name or f"own {self.size}"


def is_name(text: str) -> bool:
    """Whether this can be the name of a grid. No line of a grid can: it has a capital S."""
    return _NAME.fullmatch(text) is not None


def problem(grid: GridMap) -> str:
    """Why the grid cannot be used, in one line; empty when it can. Rows and columns count from 1."""
    rows = grid.lines
    return _shape_problem(rows) or _start_problem(rows) or _way_problem(grid)


def warning(grid: GridMap) -> str:
    """What is odd about a usable grid: rewards that cannot be reached; empty when nothing is."""
    shown = set(grid.text)
    lost = [mark for mark in grid.rewards if mark in shown and mark not in reached(grid)]
    return f"there is no way from S to any {' or '.join(lost)}" if lost else ""


def reached(grid: GridMap) -> set[str]:
    """The characters of the cells that can be entered from the start; nothing leads through one that pays."""
    rows = grid.lines
    start = next(((r, row.index(START)) for r, row in enumerate(rows) if START in row), None)
    seen, waiting = {start}, [start]
    while waiting and start is not None:
        row, col = waiting.pop()  # type: ignore[misc]
        for cell in _neighbours(rows, row, col):
            if cell not in seen:
                seen.add(cell)
                if rows[cell[0]][cell[1]] not in grid.rewards:
                    waiting.append(cell)
    return {rows[cell[0]][cell[1]] for cell in seen if cell is not None}


def _neighbours(rows: list[str], row: int, col: int) -> Iterator[tuple[int, int]]:
    for r, c in ((row - 1, col), (row, col + 1), (row + 1, col), (row, col - 1)):
        if 0 <= r < len(rows) and 0 <= c < len(rows[0]) and rows[r][c] != WALL:
            yield r, c


def _shape_problem(rows: list[str]) -> str:
    for number, row in enumerate(rows, 1):
        if not row:
            return f"row {number} is empty; every row needs at least one cell"
        if len(row) != len(rows[0]):
            return (
                f"row {number} has {len(row)} cells and row 1 has {len(rows[0])}; "
                "all rows must be equally long"
            )
    if len(rows) > MOST_ROWS or len(rows[0]) > MOST_COLS:
        return (
            f"it has {len(rows)} rows and {len(rows[0])} columns; at most {MOST_ROWS} rows and "
            f"{MOST_COLS} columns fit a screen of 80x24"
        )
    return ""


def _start_problem(rows: list[str]) -> str:
    starts = [(r, c) for r, row in enumerate(rows, 1) for c, mark in enumerate(row, 1) if mark == START]
    if not starts:
        return "it has no start; put S in one cell"
    if len(starts) > 1:
        (r1, c1), (r2, c2) = starts[:2]
        return (
            f"it has {len(starts)} starts, the first two at row {r1}, column {c1} and "
            f"row {r2}, column {c2}; keep one S"
        )
    return ""


def _way_problem(grid: GridMap) -> str:
    """An episode that can never end teaches nothing: without a way to an end the grid is refused."""
    ends = [mark for mark in grid.rewards if mark not in grid.restarts and mark in set(grid.text)]
    if not ends:
        return "no cell ends the episode; put a goal on the map, such as a G that pays 1"
    if not reached(grid) & set(ends):
        return f"there is no way from S to {' or '.join(ends)}; open a wall"
    return ""
