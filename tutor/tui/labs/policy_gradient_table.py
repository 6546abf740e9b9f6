"""The episode as a table: pure text, as in `policy_gradient_words`."""

from dataclasses import dataclass

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.planning_words import value
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession
from tutor.tui.labs.policy_gradient_signs import signs_of
from tutor.tui.labs.value_map import cell_name, plain


@dataclass(frozen=True)
class Column:
    """head, role, columns; from: the width of the table from which it is shown."""

    head: str
    role: str
    width: int
    least: int = 0


def table(session: PolicyGradientSession, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """The steps of the episode around the cursor, below their heads."""
    columns = [column for column in _table_columns(session, glyphs) if width >= column.least]
    head: Line = [("   t", "muted"), *((f"{c.head:>{c.width}}", c.role) for c in columns)]
    if not session.known.steps:
        return [head, [], [("   No episode yet.", "muted")]]
    n, room = session.known.steps, max(1, height - 1)
    whole = n + 1 <= room
    first = 0 if whole else min(max((session.row or 0) - room // 2, 0), n + 1 - room)
    rows = [_table_row(session, row, columns, glyphs) for row in range(first, min(n, first + room))]
    return [head, *rows, *([_last_row(session)] if first + room > n else [])]


def _table_columns(session: PolicyGradientSession, glyphs: Glyphs) -> list[Column]:
    """As many as there is room for are shown."""
    signs = signs_of(glyphs)
    judged = {
        "reinforce": [Column("A = G", "advantage", 8)],
        "baseline": [Column("G", "return", 8, 38), Column("A", "advantage", 8)],
        "actor-critic": [Column(signs.delta, "return", 8, 38), Column("A", "advantage", 8)],
    }[session.method]
    return [
        Column("s", "state", _cell_width(session)),
        Column("a", "action", 2),
        Column("R", "reward", 7, 30),
        *judged,
        Column(f"{signs.pi}(a|s)", "policy", 9, 46),
        Column("after", "policy", 7, 53),
    ]


def _table_row(session: PolicyGradientSession, row: int, columns: list[Column], glyphs: Glyphs) -> Line:
    inside = session.known.inside
    samples, here = inside.samples, row == session.row
    state, action = int(samples.state[row]), int(samples.action[row])
    texts = {
        "s": cell_name(session.env, state),
        "a": glyphs.arrows[action],
        "R": value(float(samples.reward[row]), glyphs),
        "G": value(float(session.returns[row]), glyphs),
        signs_of(glyphs).delta: value(float(samples.delta[row]), glyphs),
        "after": plain(float(inside.new_policy[state, action]), 3, glyphs),
        f"{signs_of(glyphs).pi}(a|s)": plain(float(inside.old_policy[state, action]), 3, glyphs),
    }
    advantage = value(float(samples.advantage[row]), glyphs)
    same = state == session.cursor
    lead = (f"{glyphs.pointer if here else ' '}{row:>3}", "accent" if here else "strong" if same else "muted")
    return [lead, *((f"{texts.get(c.head, advantage):>{c.width}}", c.role) for c in columns)]


def _last_row(session: PolicyGradientSession) -> Line:
    samples = session.known.samples
    cell = cell_name(session.env, int(samples.next_state[-1]))
    says = "  cut off" if samples.truncated[-1] else "  the end"
    return [(f" {len(samples):>3}", "muted"), (f"{cell:>{_cell_width(session)}}", "state"), (says, "muted")]


def _cell_width(session: PolicyGradientSession) -> int:
    """Columns of the name of a cell, and a blank."""
    return 6 if max(session.env.rows, session.env.cols) <= 10 else 8
