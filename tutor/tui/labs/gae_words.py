"""The table of generalised advantages in symbols and numbers. Pure text: (text, role) pairs, a role being a quantity.

R has the colour of the reward, V and G that of the return, delta and A that of the advantage.
"""

from dataclasses import dataclass

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gae_session import GaeSession, Table, example
from tutor.tui.labs.gridworld_words import Line, number, power, signed, symbol

CELL, NARROW_CELL = 8, 6  # columns of a number in the table
LEAD = 4  # columns before them
TABLE_WIDTH = LEAD + 5 * CELL
SHOWN = 6  # terms of a written sum


@dataclass(frozen=True)
class Signs:
    """Letters that ASCII lacks."""

    delta: str = "δ"
    lambda_: str = "λ"
    gamma: str = "γ"
    fade: str = "γλ"
    advantage: str = "Â"
    times: str = "·"
    more: str = "…"


UNICODE_SIGNS = Signs()
ASCII_SIGNS = Signs("d", "lam", "g", "g*lam", "A", "*", "...")


def signs_of(glyphs: Glyphs) -> Signs:
    return UNICODE_SIGNS if glyphs.sub_digits else ASCII_SIGNS


def title(session: GaeSession, glyphs: Glyphs) -> str:
    """`GAE by hand · γ 1 · λ 0.9`."""
    gamma, lambda_ = ("γ", "λ") if glyphs.sub_digits else ("gamma", "lambda")
    parts = ["GAE by hand", f"{gamma} {session.table.gamma:g}", f"{lambda_} {session.table.lambda_:g}"]
    return (" · " if glyphs.sub_digits else " - ").join(parts)


def status(session: GaeSession) -> str:
    place, of = example(session)
    return f"example {place} of {of}: n" if place else "n: next example"


# The table


def table(session: GaeSession, width: int, glyphs: Glyphs, *, hidden: bool = False) -> list[Line]:
    """A head, a row a step, and the value after the end. hidden: without the advantages."""
    cell = CELL if width >= TABLE_WIDTH else NARROW_CELL
    signs, known = signs_of(glyphs), session.table
    names = (("R", "reward"), ("V", "return"), (signs.delta, "advantage"), (signs.advantage, "advantage"))
    head: Line = [("  t ", "muted"), *((f"{name:>{cell}}", role) for name, role in names)]
    head.append((f"{'G' + glyphs.minus + 'V':>{cell}}", "return"))
    rows = (_row(session, t, cell, glyphs, hidden) for t in range(known.steps))
    return [head, *rows, _last(session, cell, glyphs)]


def _row(session: GaeSession, t: int, cell: int, glyphs: Glyphs, hidden: bool) -> Line:
    known = session.table
    judged = (known.advantages[t], "advantage"), (known.beyond_values(t), "return")
    return [
        _lead(session, t, glyphs),
        (_cell(session, t, "reward", known.rewards[t], cell, glyphs), "reward"),
        (_cell(session, t, "value", known.values[t], cell, glyphs), "return"),
        (f"{number(known.deltas[t], glyphs, 3):>{cell}}", "advantage"),
        *((f"{'?' if hidden else number(value, glyphs, 3):>{cell}}", role) for value, role in judged),
    ]


def _last(session: GaeSession, cell: int, glyphs: Glyphs) -> Line:
    known = session.table
    value = known.values[-1]
    says = "  0: nothing to come" if value == 0 else "  cut off: V stands in"
    written = _cell(session, known.steps, "value", value, cell, glyphs)
    return [_lead(session, known.steps, glyphs), (" " * cell, ""), (written, "return"), (says, "muted")]


def _lead(session: GaeSession, t: int, glyphs: Glyphs) -> tuple[str, str]:
    here = glyphs.pointer if session.row == t else " "
    return (f"{here} {t} ", "accent" if session.row == t else "muted")


def _cell(session: GaeSession, t: int, column: str, value: float, cell: int, glyphs: Glyphs) -> str:
    """A number that can be changed; in brackets where the cursor is."""
    text = number(value, glyphs)
    here = session.row == t and session.column == column
    return f"{f'[{text}]' if here else text:>{cell}}"


# The formulas


def formulas(session: GaeSession, width: int, glyphs: Glyphs, *, hidden: bool = False) -> list[Line]:
    """The step under the cursor: its TD error, its advantage from the next one's, and as a sum of TD errors."""
    known, t = session.table, session.step
    lines = [*_delta(known, t, glyphs), []]
    if hidden:
        return [*lines, [(symbol(signs_of(glyphs).advantage, t, glyphs), "advantage"), (" = ?", "")]]
    return [
        *lines,
        *_backwards(known, t, width, glyphs),
        *_sum(known, t, width, glyphs),
        [],
        *_ends(known, t, glyphs),
    ]


def _in_sum(value: float, glyphs: Glyphs) -> str:
    text = number(value, glyphs)
    return f"({text})" if value < 0 else text


def _delta(known: Table, t: int, glyphs: Glyphs) -> list[Line]:
    signs = signs_of(glyphs)
    delta, reward = symbol(signs.delta, t, glyphs), symbol("R", t + 1, glyphs)
    after, before = (f"V({symbol('S', at, glyphs)})" for at in (t + 1, t))
    law: Line = [
        (delta, "advantage"),
        (" = ", ""),
        (reward, "reward"),
        (f" + {signs.gamma} ", ""),
        (after, "return"),
        (f" {glyphs.minus} ", ""),
        (before, "return"),
    ]
    worked: Line = [
        (" " * len(delta) + " = ", ""),
        (number(known.rewards[t], glyphs), "reward"),
        (f" + {number(known.gamma, glyphs)} {signs.times} ", ""),
        (_in_sum(known.values[t + 1], glyphs), "return"),
        (f" {glyphs.minus} ", ""),
        (_in_sum(known.values[t], glyphs), "return"),
        (" = ", ""),
        (number(known.deltas[t], glyphs), "advantage"),
    ]
    return [law, worked]


def _backwards(known: Table, t: int, width: int, glyphs: Glyphs) -> list[Line]:
    """A_t from the advantage of the next step; in two lines where one is too long."""
    signs = signs_of(glyphs)
    name, delta = symbol(signs.advantage, t, glyphs), symbol(signs.delta, t, glyphs)
    result = (number(known.advantages[t], glyphs), "advantage")
    if t == known.steps - 1:
        return [[(f"{name} = {delta}", "advantage"), (" = ", ""), result, ("   nothing follows", "muted")]]
    factor = f"{number(known.gamma, glyphs)} {signs.times} {number(known.lambda_, glyphs)}"
    law: Line = [
        (name, "advantage"),
        (" = ", ""),
        (delta, "advantage"),
        (f" + {signs.fade} ", ""),
        (symbol(signs.advantage, t + 1, glyphs), "advantage"),
    ]
    worked: Line = [
        (" = ", ""),
        (number(known.deltas[t], glyphs), "advantage"),
        (f" + {factor} {signs.times} ", ""),
        (_in_sum(known.advantages[t + 1], glyphs), "advantage"),
        (" = ", ""),
        result,
    ]
    if sum(len(text) for text, _ in (*law, *worked)) <= width:
        return [[*law, *worked]]
    return [law, [(" " * len(name), ""), *worked]]


def _sum(known: Table, t: int, width: int, glyphs: Glyphs) -> list[Line]:
    """The same, as the sum of all later TD errors, each fainter by gamma lambda; nothing where only one is left."""
    signs = signs_of(glyphs)
    left = known.steps - t
    if left < 2:
        return []
    fade = f"({signs.fade})"
    symbols, numbers = [], []
    for k in range(min(left, SHOWN)):
        weight = "" if k == 0 else fade if k == 1 else fade + power(k, glyphs).removeprefix(glyphs.gamma)
        symbols.append(f"{weight}{symbol(signs.delta, t + k, glyphs)}")
        numbers.append(_in_sum((known.gamma * known.lambda_) ** k * known.deltas[t + k], glyphs))
    if left > SHOWN:
        symbols.append(signs.more)
        numbers.append(signs.more)
    indent = " " * len(symbol(signs.advantage, t, glyphs)) + " = "
    result = f" = {number(known.advantages[t], glyphs)}"
    lines: list[Line] = []
    for text in (indent + " + ".join(symbols), indent + " + ".join(numbers) + result):
        if len(text) <= width:
            lines.append([(text, "advantage")])
    return lines


def _ends(known: Table, t: int, glyphs: Glyphs) -> list[Line]:
    signs = signs_of(glyphs)
    name, delta = symbol(signs.advantage, t, glyphs), symbol(signs.delta, t, glyphs)
    waited = "all rewards are waited for" if known.values[-1] == 0 else "trusted where it was cut off only"
    monte_carlo = f"{symbol('G', t, glyphs)} {glyphs.minus} V({symbol('S', t, glyphs)})"
    return [
        [
            (f"{signs.lambda_} = 0: {name} = {delta} = ", ""),
            (number(known.deltas[t], glyphs), "advantage"),
            ("   the critic is trusted at once", "muted"),
        ],
        [
            (f"{signs.lambda_} = 1: {name} = {monte_carlo} = ", ""),
            (number(known.beyond_values(t), glyphs), "advantage"),
            (f"   {waited}", "muted"),
        ],
    ]


def predicted(session: GaeSession, glyphs: Glyphs) -> tuple[str, tuple[str, ...]]:
    """The question, and its answers in the order of ANSWERS."""
    signs, t = signs_of(glyphs), session.step
    name = symbol(signs.advantage, t, glyphs)
    before = signed(session.table.advantages[t], glyphs)
    return (
        f"{name} is {before} with {signs.lambda_} = {session.table.lambda_:g}. "
        f"{signs.lambda_} becomes {session.other_lambda:g}. What becomes of {name}?",
        ("it gets larger", "it gets smaller", "it stays as it is"),
    )
