"""A grid in the making: a cursor, cells, numbers, undo and redo. Knows no screen."""

from collections.abc import Mapping
from dataclasses import replace

from tutor.experiments.parameters import Parameter, Value
from tutor.rl.environments import grid_map
from tutor.rl.environments.grid_line import GridLineError, parse_line, read_line, write_line
from tutor.rl.environments.grid_map import FLOOR, MOST_COLS, MOST_ROWS, RANGES, START, WALL, GridMap
from tutor.rl.environments.maps import GRIDS
from tutor.rl.environments.maps import grid_map as find_map

NEW_REWARDS = {"G": 1.0, "T": -1.0, "C": -10.0}  # what a letter pays when it is first put on a map
STEPS = {"slip": 0.05, "step_reward": 0.01, "gamma": 0.01, "step_limit": 10.0, "reward": 1.0}
SENTENCES = {
    "slip": "Probability of going sideways, half to each side.",
    "step_reward": "Reward of every step, before what the cell pays.",
    "gamma": "Discount: what a reward is worth when it comes one step later.",
    "step_limit": "Steps until an episode is cut off; 0: never.",
}


class GridDraft:
    """grid: as it stands now, which may not be usable yet. row, col: the cursor, from 0.

    A grid is never changed, only replaced: what was before is what undo brings back.
    """

    def __init__(self, grid: str) -> None:
        """grid: a name or a line. Raises GridLineError."""
        self.grid = self.saved = _plain(find_map(grid))
        self._before: list[GridMap] = []
        self._after: list[GridMap] = []
        self.row, self.col = self._start()

    # What is the case

    @property
    def rows(self) -> int:
        return len(self.grid.lines)

    @property
    def cols(self) -> int:
        return len(self.grid.lines[0])

    @property
    def mark(self) -> str:
        """What the cell under the cursor holds."""
        return self.grid.lines[self.row][self.col]

    @property
    def changed(self) -> bool:
        """Whether anything differs from what was opened or last saved."""
        return write_line(self.grid) != write_line(self.saved)

    @property
    def problem(self) -> str:
        """Why it cannot be used yet; empty when it can."""
        return grid_map.problem(self.grid)

    @property
    def warning(self) -> str:
        """What is odd about it."""
        return grid_map.warning(self.grid)

    @property
    def line(self) -> str:
        """The grid in one line; of a grid with a problem, what there is of it."""
        return write_line(self.grid)

    def letters(self) -> list[str]:
        """The letters that pay, as far as they are on the map."""
        return [mark for mark in self.grid.rewards if mark in self.grid.text]

    def taken(self, before: GridMap) -> str:
        """What a change of cells took from where it was, in words: the start, or the last cell of a letter."""
        old, new = before.text, self.grid.text
        if START in old and START in new and len(old) == len(new) and old.index(START) != new.index(START):
            return "S has moved here; where it was is floor now. u takes it back."
        gone = [mark for mark in before.rewards if mark in old and mark not in new]
        return f"That was the last {gone[0]} of the map. u takes it back." if gone else ""

    # The cursor

    def move(self, down: int, right: int) -> None:
        """Move the cursor, no further than the edge."""
        self.place(self.row + down, self.col + right)

    def place(self, row: int, col: int) -> None:
        """Put the cursor on a cell, or the nearest there is."""
        self.row, self.col = max(0, min(self.rows - 1, row)), max(0, min(self.cols - 1, col))

    # Cells

    def put(self, mark: str) -> bool:
        """Put `.`, `#`, `S` or a letter under the cursor; whether the letter was not on the map before.

        There is one start: the one before becomes floor. Another letter than those known gets a reward.
        """
        new = mark not in (FLOOR, WALL, START) and mark not in self.grid.text
        lines = self.grid.lines
        if mark == START:
            lines = [line.replace(START, FLOOR) for line in lines]
        lines[self.row] = _with(lines[self.row], self.col, mark)
        grid = replace(self.grid, text="\n".join(lines))
        if mark not in (FLOOR, WALL, START) and mark not in grid.rewards:
            restarts = grid.restarts + mark * (mark == "C")
            grid = replace(
                grid, rewards={**grid.rewards, mark: NEW_REWARDS.get(mark, 1.0)}, restarts=restarts
            )
        self._become(grid)
        return new

    def cycle(self) -> None:
        """Floor, wall, start, each letter that pays, floor: the next of them under the cursor."""
        marks = [FLOOR, WALL, START, *(self.grid.rewards or ("G",))]
        self.put(marks[(marks.index(self.mark) + 1) % len(marks)])

    def put_kind(self, kind: str) -> bool:
        """Put a `goal` (the letter that pays most), a `trap` (that pays least, ending the episode) or a `cliff`
        (that leads back to the start); G, T or C where the grid has none. Whether the letter is a new one."""
        rewards, restarts = self.grid.rewards, self.grid.restarts
        ends = [mark for mark in rewards if mark not in restarts]
        if kind == "goal":
            best = max(ends, key=rewards.__getitem__, default="G")
            return self.put(best if rewards.get(best, 0) > 0 else "G")
        if kind == "cliff":
            return self.put(next((mark for mark in rewards if mark in restarts), "C"))
        worst = min(ends, key=rewards.__getitem__, default="T")
        return self.put(worst if rewards.get(worst, 0) < 0 else "T")

    def toggle_restart(self) -> bool:
        """The letter under the cursor ends the episode, or leads back to the start; False when it is none."""
        if self.mark not in self.grid.rewards:
            return False
        self._become(_with_restart(self.grid, self.mark, self.mark not in self.grid.restarts))
        return True

    # Rows and columns

    def add_row(self) -> bool:
        """A row of floor below the cursor; False when there is no room for one."""
        if self.rows >= MOST_ROWS:
            return False
        lines = self.grid.lines
        lines.insert(self.row + 1, FLOOR * self.cols)
        self._become(replace(self.grid, text="\n".join(lines)))
        self.row += 1
        return True

    def add_column(self) -> bool:
        """A column of floor to the right of the cursor; False when there is no room for one."""
        if self.cols >= MOST_COLS:
            return False
        at = self.col + 1
        self._become(
            replace(self.grid, text="\n".join(line[:at] + FLOOR + line[at:] for line in self.grid.lines))
        )
        self.col += 1
        return True

    def remove_row(self) -> bool:
        """The cursor's row is taken out; False for the only one."""
        if self.rows == 1:
            return False
        lines = self.grid.lines
        del lines[self.row]
        self._become(replace(self.grid, text="\n".join(lines)))
        return True

    def remove_column(self) -> bool:
        """The cursor's column is taken out; False for the only one."""
        if self.cols == 1:
            return False
        at = self.col
        self._become(
            replace(self.grid, text="\n".join(line[:at] + line[at + 1 :] for line in self.grid.lines))
        )
        return True

    # Numbers

    def parameters(self) -> list[Parameter]:
        """Everything about the grid that is a number, as typed parameters; see `values`."""
        found = []
        for mark in self.letters():
            pays = f"What a cell {mark} pays on top of the step."
            back = f"Whether {mark} leads back to S and the episode goes on, instead of ending it."
            found.append(_number(f"reward {mark}", "reward", pays))
            found.append(Parameter(f"{mark} restarts", "flag", False, back))
        numbers = [_number(name, name, sentence) for name, sentence in SENTENCES.items()]
        numbers[-1] = replace(numbers[-1], kind="int", low=0)
        return [*found, *numbers]

    def values(self) -> dict[str, Value]:
        """The value of each parameter."""
        grid = self.grid
        found: dict[str, Value] = {}
        for mark in self.letters():
            found |= {f"reward {mark}": grid.rewards[mark], f"{mark} restarts": mark in grid.restarts}
        numbers = {"slip": grid.slip, "step_reward": grid.step_reward, "gamma": grid.gamma}
        return found | numbers | {"step_limit": grid.step_limit or 0}

    def set_values(self, changes: Mapping[str, Value]) -> None:
        """Change what is given, as one step of undo."""
        grid = self.grid
        for name, value in changes.items():
            if name.startswith("reward "):
                grid = replace(grid, rewards={**grid.rewards, name[-1]: float(value)})
            elif name.endswith(" restarts"):
                grid = _with_restart(grid, name[0], bool(value))
            elif name == "step_limit":
                grid = replace(grid, step_limit=int(value) or None)
            else:
                grid = replace(grid, **{name: float(value)})  # type: ignore[arg-type]
        self._become(grid)

    # Whole grids

    def load(self, grid: str) -> None:
        """Take another grid, a name or a line, as one step of undo. Raises GridLineError."""
        self._become(_plain(find_map(grid)))
        self.row, self.col = self._start()

    def restore(self, line: str) -> None:
        """Take back an unfinished grid, usable or not, as one step of undo. Raises GridLineError."""
        self._become(parse_line(line))

    def was_saved(self, line: str) -> None:
        """It has been saved as `line`: nothing would be lost now, and it has that name."""
        self.grid = self.saved = read_line(line)

    def undo(self) -> bool:
        """Take the last change back; False when there is none."""
        return self._swap(self._before, self._after)

    def redo(self) -> bool:
        """Make the change again that was taken back last; False when there is none."""
        return self._swap(self._after, self._before)

    def _swap(self, source: list[GridMap], target: list[GridMap]) -> bool:
        if not source:
            return False
        target.append(self.grid)
        self.grid = source.pop()
        self.place(self.row, self.col)
        return True

    def _become(self, grid: GridMap) -> None:
        if grid != self.grid:
            if grid.name in GRIDS and grid.name == self.grid.name:
                grid = replace(grid, name="")  # no longer the grid that everybody knows by that name
            self._before.append(self.grid)
            self._after.clear()
            self.grid = grid
        self.place(self.row, self.col)

    def _start(self) -> tuple[int, int]:
        """Where the start is, or the first cell."""
        cells = ((r, line.index(START)) for r, line in enumerate(self.grid.lines) if START in line)
        return next(cells, (0, 0))


def _plain(grid: GridMap) -> GridMap:
    """The grid as its own line describes it: floor is `.` everywhere."""
    return read_line(write_line(grid))


def _with(line: str, col: int, mark: str) -> str:
    return line[:col] + mark + line[col + 1 :]


def _with_restart(grid: GridMap, mark: str, restarts: bool) -> GridMap:
    others = grid.restarts.replace(mark, "")
    return replace(grid, restarts=others + mark if restarts else others)


def _number(name: str, kind: str, sentence: str) -> Parameter:
    low, high = RANGES[kind]
    return Parameter(name, "float", 0.0, sentence, low=low, high=high, step=STEPS[kind])


def letter_problem(text: str) -> str:
    """Why a cell that pays cannot have this letter; empty when it can."""
    if len(text) == 1 and (text in "+-" or (text.isascii() and text.isalpha() and text not in "SW")):
        return ""
    return "one letter but S (the start) and W (a wall), or + or -"


def line_problem(text: str) -> str:
    """What is wrong with a line or a name that is typed for a grid; empty when nothing is."""
    try:
        find_map(text) if text.islower() and ":" not in text else read_line(text)
    except GridLineError as error:
        return str(error)
    return ""
