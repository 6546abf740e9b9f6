"""A grid with a number, a colour and an arrow in every cell: values and a policy as cells of the map. Plain data."""

from collections.abc import Callable, Container, Sequence

import numpy as np
from numpy.typing import NDArray

from tutor.charts.palette import mix
from tutor.rl.environments.gridworld import Gridworld
from tutor.tui.glyphs import Glyphs
from tutor.tui.widgets.grid import Cell

Array = NDArray[np.float64]
Ink = Callable[[str], str]  # a quantity, or ground, tile, wall, muted, text -> #rrggbb
WARMEST = 0.45  # share of the value's colour in the ground of the cell that has most
LIKELY = 1e-9  # an action of a smaller probability is not drawn


def value_cells(
    env: Gridworld,
    V: Array,
    policy: Array | None,
    cursor: int,
    cell_width: int,
    glyphs: Glyphs,
    ink: Ink,
    changed: Container[int] = (),
    scale: tuple[float, float] | None = None,
) -> list[list[Cell]]:
    """Rows of cells for V[S] and policy[S, A]: `↑ .56`, the warmer the higher, `[…]` at the cursor (a state).

    Where there is room for only one of them the arrow stays. changed: states whose number is set bold. Cells that end
    the episode show what they pay, for their own value is 0.
    """
    live = [s for s in range(env.n_states) if not env.is_terminal(s)]
    low, high = scale or (float(V[live].min()), float(V[live].max()))

    def cell(row: int, col: int) -> Cell:
        state = env.state_at(row, col)
        if state is None:
            return Cell("", ink("wall"), fill=glyphs.wall)
        if env.is_terminal(state):
            text = pay_text(env, state, cell_width, glyphs)
            style = f"bold {'reverse ' if state == cursor else ''}{ink('reward')}"
            return Cell(framed(text, state == cursor, cell_width), style, ink("tile"))
        warmth = (float(V[state]) - low) / (high - low) if high > low else 0.0
        ground = mix(ink("ground"), ink("return"), WARMEST * warmth)
        arrow = "" if policy is None else arrows(policy[state], glyphs)
        air = 1 if not arrow and cell_width > 3 else 0  # bare numbers must not touch
        text = cell_text(arrow, float(V[state]), cell_width - air, glyphs)
        weight = "bold reverse " if state == cursor else "bold " if state in changed else ""
        return Cell(framed(text, state == cursor, cell_width), f"{weight}{ink('text')}", ground)

    return [[cell(row, col) for col in range(env.cols)] for row in range(env.rows)]


def arrows(chances: Array, glyphs: Glyphs) -> str:
    """The likeliest actions of one state, at most two; `+` when more are equally likely."""
    best = [a for a, chance in enumerate(chances) if chance > chances.max() - LIKELY]
    return "+" if len(best) > 2 else "".join(glyphs.arrows[action] for action in best)


def cell_text(arrow: str, value: float, room: int, glyphs: Glyphs) -> str:
    """Arrow and number as far as they fit: `↑ .564`, `↑.56`, `↑`. A second digit is worth more than the blank."""
    left = room - len(arrow) - bool(arrow)
    number = digits(value, left, glyphs)
    if sum(map(str.isdigit, number)) < 2:
        number = digits(value, left + bool(arrow), glyphs)
    if not number:
        return arrow[:room] or digits(value, room, glyphs)
    blank = " " if arrow and len(number) + len(arrow) + 1 <= room else ""
    return f"{arrow}{blank}{number}"


def digits(value: float, room: int, glyphs: Glyphs) -> str:
    """The number with as many decimals, at most three, as fit: `.564`, `−1.04`, `−13.0`, in thousands at last: `−65k`;
    empty where none does."""
    for decimals in (3, 2, 1, 0):
        text = plain(value, decimals, glyphs)
        if len(text) <= room and (decimals or abs(value) >= 1 or value == 0):
            return text
    thousands = f"{plain(value / 1000, 0, glyphs)}k"
    return thousands if abs(value) >= 1000 and len(thousands) <= room else ""


def untold(env: Gridworld, cells: Sequence[Sequence[Cell]]) -> bool:
    """Whether a cell of a value is too narrow for its number."""
    live = (cells[row][col].text for s, (row, col) in enumerate(env.cells) if not env.is_terminal(s))
    return not all(any(map(str.isdigit, text)) for text in live)


def plain(value: float, decimals: int, glyphs: Glyphs) -> str:
    """`.564`, `−.04`, `1.000`; a zero that rounding made has no sign."""
    text = f"{abs(value):.{decimals}f}"
    sign = glyphs.minus if value < 0 and float(text) else ""
    if text.startswith("0.") and float(text):
        text = text[1:]
    return sign + ("0" if not float(text) else text)


def framed(text: str, on: bool, cell_width: int) -> str:
    """`[text]` at the cursor; where a cell is too narrow for that, being reversed tells."""
    return f"[{text}]" if on and len(text) + 2 <= cell_width else text


def pay_text(env: Gridworld, state: int, cell_width: int, glyphs: Glyphs) -> str:
    """What a cell that ends the episode, or sends back to S, pays: the number where it fits, else its letter."""
    letter = env.character(state)
    pay = env.rewards[letter]
    text = f"{pay:+g}".replace("-", glyphs.minus) if pay else letter
    return text if len(text) < cell_width else letter


def moved(env: Gridworld, cursor: int, action: int) -> int:
    """The cell that the cursor reaches: the next one in that direction that is no wall; itself at the edge."""
    row, col = env.cells[cursor]
    down, right = ((-1, 0), (0, 1), (1, 0), (0, -1))[action]
    while 0 <= (row := row + down) < env.rows and 0 <= (col := col + right) < env.cols:
        state = env.state_at(row, col)
        if state is not None:
            return state
    return cursor


def cell_name(env: Gridworld, state: int) -> str:
    """`(2,0)`: row and column, counted from 0 at the top left."""
    row, col = env.cells[state]
    return f"({row},{col})"
