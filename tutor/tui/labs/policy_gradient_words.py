"""The policy-gradient lab in words, symbols and numbers. Pure text: (text, role) pairs, as in the gridworld lab."""

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line, symbol
from tutor.tui.labs.planning_words import value
from tutor.tui.labs.policy_gradient_formulas import advantage
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession
from tutor.tui.labs.policy_gradient_signs import signs_of
from tutor.tui.labs.value_map import Array, cell_name, plain

NAMES = {"reinforce": "REINFORCE", "baseline": "REINFORCE with baseline", "actor-critic": "actor-critic"}
BARS = {False: ("▇", "▏"), True: ("#", ".")}  # ASCII -> a whole cell, less than half a cell
LABEL, ASCII_LABEL, SHORT_LABEL = 22, 26, 9  # columns before the numbers of the actions
WIDE_FROM = 60  # columns from which labels are whole
BAR_FROM = 10  # columns of an action from which its probability has a bar
LARGE = 10  # numbers from here on have fewer decimals


def title(session: PolicyGradientSession, glyphs: Glyphs, *, short: bool = False) -> str:
    """`REINFORCE · russell-norvig · α 3 · γ 0.99 · seed 0`; short: its first three parts."""
    p, signs = session.parameters, signs_of(glyphs)
    parts = [NAMES[session.method], grid_title(str(p["grid"])), f"{signs.alpha} {p['learning_rate']:g}"]
    gamma, lambda_ = (signs.gamma, signs.lambda_) if glyphs.sub_digits else ("gamma", "lambda")
    if not short:
        parts.append(f"{gamma} {p['gamma']:g}")
        parts += [f"{lambda_} {p['lambda']:g}"] if session.method == "actor-critic" else []
        parts.append(f"seed {p['seed']}")
    return glyphs.between.join(parts)


# What stands below


def lines(session: PolicyGradientSession, width: int, room: int, glyphs: Glyphs) -> list[Line]:
    """At most `room` lines: the update; the advantage of the step under the cursor; what it does to the policy there.
    Where there is little room the least telling are left out."""
    if not session.known.steps:
        found = _beginning(session, width, glyphs)
    elif session.row is None:
        found = _unvisited(session, width, glyphs)
    else:
        found = _step(session, session.row, width, glyphs)
    kept = sorted(sorted(range(len(found)), key=lambda at: found[at][0])[:room])
    return [found[at][1] for at in kept]


Ranked = tuple[int, Line]  # the smaller the number, the longer the line stays


def _beginning(session: PolicyGradientSession, width: int, glyphs: Glyphs) -> list[Ranked]:
    signs, cell = signs_of(glyphs), cell_name(session.env, session.cursor)
    J, here = value(session.known.curve.true[0], glyphs), session.policy[session.cursor]
    wide = width >= WIDE_FROM
    space = ": an episode, and the update that it makes   " if wide else ": an episode and its update"
    method = ": the next method, from the same seed   " if wide else ": next method   "
    equal = (
        "Every action is as likely as the others: that policy earns"
        if wide
        else "All actions equally likely:"
    )
    many: Line = [("r", "strong"), (": many", "")] if wide else []
    return [
        (0, [("space", "strong"), (space, ""), *many]),
        (4, [("a", "strong"), (method, ""), ("p", "strong"), (": predict", "")]),
        (1, [(f"{equal} J = {J}", "muted")]),
        (5, []),
        (2, _heads(cell, None, width, glyphs)),
        (3, _chances(f"{signs.pi}(b|s)", signs.pi, here, width, glyphs)),
    ]


def _unvisited(session: PolicyGradientSession, width: int, glyphs: Glyphs) -> list[Ranked]:
    signs, cell = signs_of(glyphs), cell_name(session.env, session.cursor)
    told: list[Ranked] = [(4, update(session, glyphs))]
    if session.env.is_terminal(session.cursor):
        return [*told, (1, [(f"{cell} ends the episode", "strong"), (": no action is chosen there.", "")])]
    here = session.policy[session.cursor]
    return [
        *told,
        (1, [(f"{cell} was not visited", "strong"), (" in this episode: nothing is learned there.", "")]),
        (5, []),
        (2, _heads(cell, None, width, glyphs)),
        (3, _chances(f"{signs.pi}(b|s)", signs.pi, here, width, glyphs)),
    ]


def _step(session: PolicyGradientSession, row: int, width: int, glyphs: Glyphs) -> list[Ranked]:
    inside = session.known.inside
    signs, samples = signs_of(glyphs), inside.samples
    state, action, push = int(samples.state[row]), int(samples.action[row]), session.push(row)
    arrow = glyphs.arrows[action]
    first, second = advantage(session, row, width, glyphs)
    A = symbol("A", row, glyphs)
    share = f"{signs.alpha}/n{signs.times}{A}{signs.times}{signs.grad}"
    score = f"{signs.grad} = 1[b={arrow}] {glyphs.minus} {signs.pi}"
    visits = f"{push.visits} visits" if push.visits > 1 else "one visit"
    return [
        (5, update(session, glyphs)),
        (0, first),
        (8, second),
        (1, _heads(f"{cell_name(session.env, state)} took {ACTIONS[action]}", action, width, glyphs)),
        (
            2,
            _chances(
                f"{signs.pi}(b|s) before", f"{signs.pi} before", inside.old_policy[state], width, glyphs
            ),
        ),
        (6, _numbers(score, signs.grad, push.score, width, glyphs)),
        (4, _numbers(share, "push", push.part, width, glyphs)),
        (7, _numbers(f"{signs.change}, {visits}", "all", push.change, width, glyphs)),
        (3, _chances(f"{signs.pi}(b|s) after", f"{signs.pi} after", inside.new_policy[state], width, glyphs)),
    ]


def update(session: PolicyGradientSession, glyphs: Glyphs) -> Line:
    """`α/n 3/14   G₀ .52   J .12 → .15   entropy 1.31 → 1.29`."""
    known, signs = session.known, signs_of(glyphs)
    to = signs.to
    before, after = known.curve.true[-2:]
    entropy = (known.inside.epochs[0].entropy, known.inside.epochs[-1].entropy)
    first = symbol("G", 0, glyphs)
    return [
        (f"{signs.alpha}/n {session.rate:g}/{known.steps}   ", ""),
        (f"{first} {value(known.curve.returns[-1], glyphs)}", "return"),
        (f"   J {value(before, glyphs)} {to} {value(after, glyphs)}", "return"),
        (f"   entropy {value(entropy[0], glyphs)} {to} {value(entropy[1], glyphs)}", "policy"),
    ]


# What is pushed, action by action


def _columns(width: int, glyphs: Glyphs) -> tuple[int, int]:
    """(columns of a label, columns of an action)."""
    whole = LABEL if glyphs.sub_digits else ASCII_LABEL
    label = whole if width >= WIDE_FROM else SHORT_LABEL
    return label, max(6, min(13, (width - label) // 4))


def _labelled(label: str, short: str, width: int, glyphs: Glyphs) -> tuple[str, str]:
    columns, _ = _columns(width, glyphs)
    return ((short if columns == SHORT_LABEL else label).ljust(columns)[:columns], "muted")


def _heads(label: str, taken: int | None, width: int, glyphs: Glyphs) -> Line:
    """The four actions above their columns, the one that was taken marked."""
    columns, column = _columns(width, glyphs)
    short = label if columns > SHORT_LABEL else label.split()[0]
    names = [
        f" {arrow} {name if column > 8 else ''}".ljust(column)
        for arrow, name in zip(glyphs.arrows, ACTIONS, strict=True)
    ]
    parts = [(name, "action" if a == taken else "muted") for a, name in enumerate(names)]
    return [(short.ljust(columns), "state"), *parts]


def _chances(label: str, short: str, chances: Array, width: int, glyphs: Glyphs) -> Line:
    """Four probabilities, each with a bar where there is room."""
    _, column = _columns(width, glyphs)
    cells = [(_chance(float(p), column, glyphs), "policy") for p in chances]
    return [_labelled(label, short, width, glyphs), *cells]


def _chance(p: float, column: int, glyphs: Glyphs) -> str:
    text = f"{plain(p, 3, glyphs):>5}"
    if column < BAR_FROM:
        return text.ljust(column)
    full, sliver = BARS[not glyphs.sub_digits]
    room = column - 7
    return f"{text} {(full * round(p * room) or sliver)}".ljust(column)


def _numbers(label: str, short: str, numbers: Array, width: int, glyphs: Glyphs) -> Line:
    _, column = _columns(width, glyphs)
    cells = [(f"{_signed(float(x), glyphs):>5}".ljust(column), "advantage") for x in numbers]
    return [_labelled(label, short, width, glyphs), *cells]


def _signed(x: float, glyphs: Glyphs) -> str:
    """`+.081`, `−12.3`."""
    text = plain(x, 1 if abs(x) >= LARGE else 2 if abs(x) >= 1 else 3, glyphs)
    return text if x < 0 or text == "0" else f"+{text}"
