"""What happened in a gridworld, in words, symbols and numbers. Pure text: (text, role) pairs, a role being a quantity.

Roles are the quantities of the palette (state, action, reward, return, policy), `muted`, `strong` or none.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, groupby
from operator import itemgetter

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.episodes import StepFrame
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_session import GridworldSession, Outcome

Part = tuple[str, str]
Line = list[Part]
Column = tuple[str, str]  # a term of the sum in symbols, and the same in numbers
MOST_TERMS = 16
AT_THE_END: Line = [("0 starts again  u undoes  s new seed", "muted")]
AT_THE_NARROW_END: Line = [("0 again  u undo  s new seed", "muted")]
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, glyphs: Glyphs, digits: int = 4) -> str:
    """`−0.04`, `1`, `0.0396`: at most `digits` significant digits, never an exponent below a million."""
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.{digits - 1}e}" if abs(value) < 1e-4 or abs(value) >= 1e6 else f"{value:.0f}"
    return text.replace("-", glyphs.minus) if float(text) else "0"


def probability(value: float) -> str:
    """`.8`, `.05`, `1`: as the field writes them."""
    return f"{value:.3g}".removeprefix("0") or "0"


def symbol(letter: str, index: int, glyphs: Glyphs) -> str:
    """`S₃`, in ASCII `S_3`."""
    digits = str(index)
    return letter + (
        digits.translate(str.maketrans("0123456789", glyphs.sub_digits))
        if glyphs.sub_digits
        else f"_{digits}"
    )


def power(k: int, glyphs: Glyphs) -> str:
    """`` for k = 0, `γ`, `γ²`; in ASCII `g^2`."""
    if k == 0:
        return ""
    exponent = "" if k == 1 else str(k).translate(SUPERSCRIPTS) if glyphs.sub_digits else f"^{k}"
    return glyphs.gamma + exponent


def cell_name(session: GridworldSession, state: int) -> str:
    """`(2,0)`: row and column, counted from 0 at the top left."""
    row, col = session.env.cells[state]
    return f"({row},{col})"


def title(session: GridworldSession, glyphs: Glyphs, *, short: bool = False) -> str:
    """`Gridworld · rooms · slip 0.1 · γ 0.99 · seed 0`; short: without the first word."""
    p = session.parameters
    gamma = glyphs.gamma if glyphs.sub_digits else "gamma"
    parts = [
        grid_title(str(p["grid"])),
        f"slip {p['slip']:.3g}",
        f"{gamma} {p['gamma']:g}",
        f"seed {p['seed']}",
    ]
    parts = parts if short else ["Gridworld", *parts]
    return glyphs.between.join(map(str, parts))


def transition(session: GridworldSession, glyphs: Glyphs) -> list[Line]:
    """The last step as S, A, R, S: two lines; before the first step where the agent stands."""
    frame = session.last
    if frame is None:
        here = cell_name(session, session.state)
        return [
            [(f"{symbol('S', 0, glyphs)} = {here}", "state"), ("  the start", "muted")],
            [("row, column; counted from 0", "muted")],
        ]
    t = frame.t
    state = f"{symbol('S', t, glyphs)} = {cell_name(session, frame.state)}"
    action = f"{symbol('A', t, glyphs)} = {ACTIONS[frame.action]}"
    reward = f"{symbol('R', t + 1, glyphs)} = {number(frame.reward, glyphs)}"
    following = f"{symbol('S', t + 1, glyphs)} = {cell_name(session, frame.next_state)}"
    width = max(len(state), len(reward)) + 3
    return [
        [(state.ljust(width), "state"), (action, "action")],
        [(reward.ljust(width), "reward"), (following, "state")],
    ]


def told(session: GridworldSession, note: Line, width: int, rows: int, glyphs: Glyphs) -> list[Line]:
    """`happened` in `rows` lines of at most `width`, `note` in place of its first line unless it is empty.

    Lines that are too long go on in the next one; where there is no room for all, the last are left out.
    """
    first, *others = happened(session, glyphs, narrow=width < len(AT_THE_END[0][0]))
    lines = [piece for line in (note or first, *others) if line for piece in wrapped(line, width)]
    return [*lines, *[[]] * rows][:rows]


def happened(session: GridworldSession, glyphs: Glyphs, *, narrow: bool = False) -> list[Line]:
    """What the last step was, in three lines: as meant or not; what came of it; what to do at the end."""
    frame = session.last
    if frame is None:
        return [
            [("Arrow keys act. Aim: the largest ", ""), (symbol("G", 0, glyphs), "return"), (".", "")],
            [("space: a policy  e: explain" if narrow else "space: the policy acts   e: explain", "muted")],
            [],
        ]
    end = AT_THE_NARROW_END if narrow else AT_THE_END
    return [_moved(session, frame), _came_of_it(session, frame, glyphs), end if session.over else []]


def _moved(session: GridworldSession, frame: StepFrame) -> Line:
    wall = ", into the wall: stayed" if session.entered(frame) is None else ""
    if frame.slipped:
        return [("slipped", "strong"), (f": {ACTIONS[frame.moved]}, not {ACTIONS[frame.action]}{wall}", "")]
    return [(f"meant {ACTIONS[frame.action]}{wall}" if wall else "moved as meant", "")]


def _came_of_it(session: GridworldSession, frame: StepFrame, glyphs: Glyphs) -> Line:
    """What the cell paid, which the learner knows by what stands on the map, and whether it was the end."""
    cell = session.entered(frame)
    letter = session.env.character(cell) if cell is not None else " "
    line: Line = []
    if letter in session.env.restarts:
        step = number(session.env.step_reward, glyphs)
        fall = f"{number(session.env.rewards[letter], glyphs)} for the cell, {step} for the step"
        line += [("Back to S: ", ""), (fall, "reward"), (". ", "")]
    elif letter in session.env.rewards:
        line.append((f"This cell pays {signed(session.env.rewards[letter], glyphs)}. ", "reward"))
    if session.over:
        line.append(
            ("The episode is over." if frame.terminated else f"Cut off at step {session.t}.", "strong")
        )
    return line


def wrapped(line: Line, width: int) -> list[Line]:
    """The line broken between parts or else between words into lines of at most `width` cells.

    A word that is longer is left whole.
    """
    lines: list[Line] = [[]]
    used = 0
    for clause in glued(line):
        fits = _cells(clause) <= width
        for piece in [clause] if fits else glued(_words(clause)):
            if used and used + _cells(piece) > width:
                lines.append([])
                used = 0
            lines[-1] += piece
            used += sum(len(text) for text, _ in piece)
    return [joined(parts) for parts in lines]


def glued(parts: Line) -> list[Line]:
    """Parts in groups that end in a blank: there a line may be broken."""
    groups: list[Line] = []
    for part in parts:
        if groups and not groups[-1][-1][0].endswith(" "):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _words(parts: Line) -> Line:
    return [(word, role) for text, role in parts for word in re.findall(r"\S+\s*|\s+", text)]


def _cells(parts: Line) -> int:
    """How wide it is, without blanks at its end."""
    return len("".join(text for text, _ in parts).rstrip())


def joined(parts: Line) -> Line:
    """Neighbours of one role as one part, no blank at the end."""
    line = [("".join(text for text, _ in group), role) for role, group in groupby(parts, key=itemgetter(1))]
    return [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else []


def signed(value: float, glyphs: Glyphs) -> str:
    """`+1`, `−1`, `0`."""
    return ("+" if value > 0 else "") + number(value, glyphs)


def chances(session: GridworldSession, glyphs: Glyphs) -> Line:
    """Where the last action may lead (before the first step: what `up` may): `up goes ↑ .8  ← .1  → .1`."""
    action = session.last.action if session.last else 0
    line: Line = [(f"{ACTIONS[action]} ", "action"), ("goes", "muted")]
    for chance, direction in session.env.directions(action):
        line.append((f" {glyphs.arrows[direction]} {probability(chance)} ", "policy"))
    return line


# The return, written out


def return_sum(session: GridworldSession, width: int, glyphs: Glyphs) -> list[Line]:
    """Three lines: the sum in symbols, the same with the powers worked out below it, the exact value.

    A sum that is longer than `width` is written without spaces after its signs; where that is not enough it shows its
    first and last terms. Only those that may be shown are ever formatted.
    """
    name = f"{symbol('G', 0, glyphs)} = "
    margin = " " * (len(name) - 2) + "= "
    gamma = f"{glyphs.gamma} = {session.gamma:g}"
    if not session.frames:
        law = [f"R_{k}" if not glyphs.sub_digits else symbol("R", k, glyphs) for k in (1, 2, 3)]
        terms = f"{law[0]} + {glyphs.gamma}{law[1]} + {power(2, glyphs)}{law[2]} + {glyphs.ellipsis}"
        return [[(name + terms, "return")], [(f"{margin}0 so far", "return"), (f"   {gamma}", "muted")], []]
    columns = _fitting(session, width - len(name), glyphs)
    above, below = _aligned(columns)
    total = number(session.episode_return, glyphs, 6)
    return [
        [(name, "return"), (above, "reward")],
        [(margin, "return"), (below, "reward")],
        [(f"{margin}{total}", "return"), (f"   {gamma}", "muted")],
    ]


def _fitting(session: GridworldSession, width: int, glyphs: Glyphs) -> list[Column]:
    """As many terms as fit, the first ones and the last; the ellipsis stands for what is left out."""
    n = session.t
    first = [_column(session, k, glyphs) for k in range(min(n, MOST_TERMS))]
    if n <= MOST_TERMS and _length(first) <= width:
        return first
    first = [tight(column) for column in first]
    if n <= MOST_TERMS and _length(first) <= width:
        return first
    last = [tight(_column(session, k, glyphs)) for k in range(max(1, n - 2), n)]
    gap = (glyphs.ellipsis, glyphs.ellipsis)
    ends = [(tail, 1 + _length([gap, *tail])) for tail in (last, last[-1:])]
    begun = list(accumulate(map(_room, first)))  # of the first 1, 2, … terms
    for head in range(min(len(first), n - 2), 0, -1):
        for tail, room in ends:
            if begun[head - 1] - 1 + room <= width:
                return [*first[:head], gap, *tail]
    return [first[0], gap, last[-1]] if n > 1 else first


@lru_cache(maxsize=512)
def tight(column: Column) -> Column:
    """`− 0.04γ` as `−0.04γ`."""
    return column[0].replace(" ", ""), column[1].replace(" ", "")


def _length(columns: Sequence[Column]) -> int:
    return sum(map(_room, columns)) - 1


@lru_cache(maxsize=512)
def _room(column: Column) -> int:
    """What a term takes, with the blank after it."""
    return max(map(len, column)) + 1


def _column(session: GridworldSession, k: int, glyphs: Glyphs) -> Column:
    """Term k: `− 0.04γ²` above `− 0.0392`."""
    return _written(session.frames[k].reward, session.gamma, k, glyphs)


@lru_cache(maxsize=512)  # while an episode goes on, it has the same first terms
def _written(reward: float, gamma: float, k: int, glyphs: Glyphs) -> Column:
    worth = gamma**k * reward
    symbols = number(abs(reward), glyphs) + power(k, glyphs)
    return _term(reward, symbols, k, glyphs), _term(worth, number(abs(worth), glyphs, 3), k, glyphs)


def _term(value: float, text: str, place: int, glyphs: Glyphs) -> str:
    if place == 0:
        return (glyphs.minus if value < 0 else "") + text
    return f"{glyphs.minus if value < 0 else '+'} {text}"


def _aligned(columns: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Both lines, each term below its symbol."""
    widths = [max(len(above), len(below)) for above, below in columns]
    lines = [
        " ".join(pair[i].ljust(w) for pair, w in zip(columns, widths, strict=True)).rstrip() for i in (0, 1)
    ]
    return lines[0], lines[1]


def outcome(session: GridworldSession, outcome: Outcome, glyphs: Glyphs) -> str:
    """What one step may come to, without its chance: `to (1,0), reward −0.04`."""
    where = cell_name(session, outcome.state)
    stays = "stays on " if outcome.state == session.state else "to "
    ends = ", and the end" if outcome.terminated else ""
    return f"{stays}{where}, reward {number(outcome.reward, glyphs)}{ends}"
