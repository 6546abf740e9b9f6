"""A grid in the making as cells and lines of words: plain data, drawn by the grid editor."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tutor.rl.environments.grid_map import FLOOR, START, WALL, GridMap
from tutor.tui.glyphs import Glyphs
from tutor.tui.grid_draft import GridDraft
from tutor.tui.labs.gridworld_panes import INKS
from tutor.tui.widgets.facts import Line
from tutor.tui.widgets.grid import Cell

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

Ink = Mapping[str, str]  # ground, tile, wall, muted, text, state, reward -> #rrggbb
Window = tuple[int, int, int, int]  # first row, first column, rows, columns


def map_inks(app: "TutorApp") -> dict[str, str]:
    """The colours of a map on the present theme."""
    inks = {name: app.theme_variables[variable] for name, variable in INKS.items()}
    return inks | {quantity: app.colour(quantity) for quantity in ("state", "action", "reward")}


def cells(draft: GridDraft, window: Window, cell_width: int, glyphs: Glyphs, ink: Ink) -> list[list[Cell]]:
    """The cells of the window; the cursor's stands in brackets where there is room, and in another colour."""
    top, left, rows, cols = window
    lines = draft.grid.lines
    return [
        [
            _cell(draft, lines[row][col], row, col, cell_width, glyphs, ink)
            for col in range(left, min(left + cols, draft.cols))
        ]
        for row in range(top, min(top + rows, draft.rows))
    ]


def _cell(draft: GridDraft, mark: str, row: int, col: int, cell_width: int, glyphs: Glyphs, ink: Ink) -> Cell:
    here = (row, col) == (draft.row, draft.col)
    ground = ink["tile"] if (row + col) % 2 else ink["ground"]
    text = _label(draft.grid, mark, cell_width - 2 * here, glyphs)
    if here:
        text = glyphs.wall if mark == WALL else text
        return Cell(f"[{text}]" if cell_width >= 3 else text, f"bold {ink['ground']}", ink["state"])
    if mark == WALL:
        return Cell("", ink["wall"], fill=glyphs.wall)
    style = "muted" if mark == FLOOR else "text" if mark == START else "reward"
    return Cell(text, f"bold {ink[style]}" if style == "reward" else ink[style], ground)


def _label(grid: GridMap, mark: str, width: int, glyphs: Glyphs) -> str:
    """A letter, with its number where there is room for both."""
    if mark == FLOOR:
        return glyphs.floor
    if not grid.rewards.get(mark):
        return mark  # the start, or a letter that pays 0
    pay = signed(grid.rewards[mark], glyphs)
    same_sign = mark == f"{grid.rewards[mark]:+g}"[0]  # a map may mark its +1 with a +
    both = pay if same_sign else f"{mark}{pay}"
    return both if len(both) <= width - 1 else mark


def signed(value: float, glyphs: Glyphs) -> str:
    """`+1`, `−0.5`, `0`."""
    return f"{value:+.4g}".replace("-", glyphs.minus) if value else "0"


def cell_words(draft: GridDraft, glyphs: Glyphs) -> str:
    """What stands under the cursor: `(1,3) T −1, ends the episode`; row and column from 0, as in the lab."""
    kinds: dict[str, Callable[[], str]] = {FLOOR: lambda: "floor", WALL: lambda: "wall", START: lambda: "S"}
    what = kinds.get(draft.mark, lambda: f"{draft.mark} {signed(draft.grid.rewards[draft.mark], glyphs)}")()
    return f"({draft.row},{draft.col}) {what}"


def number_lines(draft: GridDraft, glyphs: Glyphs) -> list[Line]:
    """Everything that is a number: what the letters pay and do, then the grid's own."""
    grid = draft.grid
    lines: list[Line] = []
    for mark in draft.letters():
        does = "back to S" if mark in grid.restarts else "ends"
        lines.append([(f"{mark} {signed(grid.rewards[mark], glyphs):>6}", "reward"), (f"  {does}", "muted")])
        if mark in grid.restarts and grid.step_reward:
            in_all = signed(grid.rewards[mark] + grid.step_reward, glyphs)
            lines.append([(f"  {in_all:>6}", "reward"), ("  with the step", "muted")])
    gamma = glyphs.gamma if glyphs.sub_digits else "gamma"
    numbers = [("slip", f"{grid.slip:.4g}"), ("step reward", signed(grid.step_reward, glyphs))]
    numbers += [(gamma, f"{grid.gamma:g}"), ("step limit", f"{grid.step_limit or 'none'}")]
    return [*lines, [], *([(f"{name:<12}", "muted"), (value, "")] for name, value in numbers)]
