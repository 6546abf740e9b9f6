"""The values lab in words, symbols and numbers. Pure text: (text, role) pairs, as in the gridworld lab."""

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line, probability
from tutor.tui.labs.planning_words import impossible, value
from tutor.tui.labs.value_map import cell_name
from tutor.tui.labs.values_session import ValuesSession

NEAR = 5e-4  # advantages below it are shown as 0


def title(session: ValuesSession, glyphs: Glyphs, *, short: bool = False) -> str:
    """`Values · rooms · slip 0.1 · γ 0.99 · policy random, 2 cells changed`; short: without the first word."""
    p = session.parameters
    gamma = glyphs.gamma if glyphs.sub_digits else "gamma"
    parts = [
        grid_title(str(p["grid"])),
        f"slip {p['slip']:.3g}",
        f"{gamma} {p['gamma']:g}",
        policy_name(session, short=short),
    ]
    parts = parts if short else ["Values", *parts]
    return glyphs.between.join(parts)


def policy_name(session: ValuesSession, *, short: bool = False) -> str:
    """`policy random`, `policy random, 2 cells changed`; short: `2 changed`."""
    many = len(session.edits)
    cells = "" if short else " cells" if many > 1 else " cell"
    changed = f", {many}{cells} changed" if many else ""
    return f"policy {session.parameters['policy']}{changed}"


def lines(session: ValuesSession, width: int, glyphs: Glyphs) -> list[Line]:
    """The cell's value, what each action is worth, the sum that joins them."""
    if session.problem:
        return impossible("This policy has no value", session.problem, width)
    cell = cell_name(session.env, session.cursor)
    if session.env.is_terminal(session.cursor):
        return [[(f"V{cell} = 0", "return"), (": the episode ends here, so nothing is to come.", "muted")]]
    return [
        _here(session, cell, glyphs),
        _heading(glyphs),
        *_actions(session, glyphs),
        _sum(session, width, glyphs),
    ]


def _here(session: ValuesSession, cell: str, glyphs: Glyphs) -> Line:
    pi, here = _pi(glyphs), float(session.V[session.cursor])  # type: ignore[index]
    line: Line = [(f"V_{pi}{cell} = {value(here, glyphs)}", "return")]
    best = session.best
    if best is not None:
        line.append((f"   the best policy: V*{cell} = {value(float(best[session.cursor]), glyphs)}", "muted"))
    if session.is_best():
        line.append(("   this one is best", "policy"))
    return line


def _heading(glyphs: Glyphs) -> Line:
    pi = _pi(glyphs)
    return [
        (f"  {'action':<7}", "action"),
        (f"{pi + '(a|s)':>7}", "policy"),
        (f"{'Q(s,a)':>9}", "return"),
        (f"{'A = Q ' + glyphs.minus + ' V':>12}", "advantage"),
    ]


def _actions(session: ValuesSession, glyphs: Glyphs) -> list[Line]:
    state = session.cursor
    Q, V = session.Q[state], float(session.V[state])  # type: ignore[index]
    return [
        [
            (f"{glyphs.pointer if Q[a] > Q.max() - 1e-9 else ' '} ", "accent"),
            (f"{name:<7}", "action"),
            (f"{probability(round(float(session.policy[state, a]), 3)):>7}", "policy"),
            (f"{value(float(Q[a]), glyphs):>9}", "return"),
            (f"{advantage(float(Q[a]) - V, glyphs):>12}", "advantage"),
        ]
        for a, name in enumerate(ACTIONS)
    ]


def advantage(x: float, glyphs: Glyphs) -> str:
    """`+.055`, `−.118`, `0`."""
    if abs(x) < NEAR:
        return "0"
    return ("+" if x > 0 else "") + value(x, glyphs)


def _sum(session: ValuesSession, width: int, glyphs: Glyphs) -> Line:
    """`V = Σ π Q = .25·.619 + .25·.307 + …`, of the actions that the policy takes."""
    state = session.cursor
    dot, sum_sign = ("·", "Σ") if glyphs.sub_digits else ("*", "sum")
    taken = [a for a in range(4) if session.policy[state, a] > 0]
    Q = session.Q[state]  # type: ignore[index]
    terms = [
        f"{probability(round(float(session.policy[state, a]), 3))}{dot}{value(float(Q[a]), glyphs)}"
        for a in taken
    ]
    total = value(float(session.V[state]), glyphs)  # type: ignore[index]
    text = f"V = {sum_sign} {_pi(glyphs)} Q = {' + '.join(terms)} = {total}"
    tight = f"V = {'+'.join(terms)} = {total}"
    return [(text if len(text) <= width else tight, "return")]


def samples(session: ValuesSession, glyphs: Glyphs) -> Line:
    """`40 episodes from (2,0): mean return −.31, V −.29`."""
    if not session.returns:
        return []
    cell, many = cell_name(session.env, session.cursor), session.t
    mean = sum(session.returns) / many
    episodes = "episode" if many == 1 else "episodes"
    return [
        (f"{many} {episodes} from {cell}: mean return ", "muted"),
        (value(mean, glyphs), "return"),
        (", V ", "muted"),
        (value(float(session.V[session.cursor]), glyphs), "return"),  # type: ignore[index]
    ]


def _pi(glyphs: Glyphs) -> str:
    return "π" if glyphs.sub_digits else "pi"
