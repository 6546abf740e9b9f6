"""The planning lab in words, symbols and numbers. Pure text: (text, role) pairs, as in the gridworld lab."""

import textwrap

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.planning import Backup, PolicyIterationFrame, Term
from tutor.tui.glyphs import Glyphs, cut_text
from tutor.tui.labs.gridworld_words import Line, number, probability
from tutor.tui.labs.planning_session import PlanningSession
from tutor.tui.labs.value_map import cell_name, plain

NAMES = {
    "value-iteration": "value iteration",
    "policy-iteration": "policy iteration",
    "policy-evaluation": "policy evaluation",
}
LARGE = 100  # a value of that size has one decimal
COUNTED = 1e-12  # a difference below it is rounding


def title(session: PlanningSession, glyphs: Glyphs, *, short: bool = False) -> str:
    """`Planning · value iteration · rooms · slip 0.1 · γ 0.99`; short: without the first word and the slip."""
    p = session.parameters
    gamma = glyphs.gamma if glyphs.sub_digits else "gamma"
    parts = [
        NAMES[session.algorithm],
        grid_title(str(p["grid"])),
        f"slip {p['slip']:.3g}",
        f"{gamma} {p['gamma']:g}",
    ]
    parts = [*parts[:2], parts[-1]] if short else ["Planning", *parts]
    return glyphs.between.join(parts)


def value(x: float, glyphs: Glyphs) -> str:
    """`.619`, `−13.0`: as the backups write it."""
    return plain(x, 1 if abs(x) >= LARGE else 3, glyphs)


def delta(x: float, glyphs: Glyphs) -> str:
    """`.359`, `4e-6`, `none yet`."""
    if x == float("inf"):
        return "none yet"
    if x < COUNTED:
        return "0"
    return value(x, glyphs) if x >= 0.0005 else f"{x:.0e}".replace("e-0", "e-")


def impossible(what: str, problem: str, width: int) -> list[Line]:
    """`This policy has no value: …`, in lines of at most `width` cells."""
    start = f"{what}: "
    first, *rest = textwrap.wrap(start + problem, max(len(start) + 1, width))
    return [[(start, "error"), (first[len(start) :], "")], *([(line, "")] for line in rest)]


def status_lines(session: PlanningSession, width: int, glyphs: Glyphs) -> list[Line]:
    """Where the run stands, and how far it is from the end."""
    if not session.frames:
        return impossible("This cannot be planned", session.problem, width)
    frame, wrong = session.frame, session.unfinished()
    largest = "Δ" if glyphs.sub_digits else "delta"
    line: Line = [(_where(session), "strong"), (f"   {largest} {delta(frame.delta, glyphs)}", "return")]
    if session.algorithm == "policy-evaluation":
        return [[*line, (f"   to the exact V {delta(session.error, glyphs)}", "muted")]]
    line.append((f"   to V* {delta(session.error, glyphs)}", "muted"))
    if wrong:
        states = "state" if wrong == 1 else "states"
        line.append((f"   policy: {wrong} {states} not best", "policy"))
    else:
        line.append(("   policy: best everywhere", "policy"))
    return [line]


def _where(session: PlanningSession) -> str:
    frame = session.frame
    if session.done:
        return f"sweep {session.at + 1}, {session.done} of {len(session.live)} states"
    end = "  (done)" if session.over else ""
    if not isinstance(frame, PolicyIterationFrame) or frame.round == 0:
        return f"sweep {frame.sweep}{end}"
    what = "improvement" if frame.improvement else "evaluation"
    return f"round {frame.round}, {what}{end}"


def heading(session: PlanningSession, glyphs: Glyphs) -> Line:
    """The formula of the backup at the cursor, and what it made or will make."""
    cell = cell_name(session.env, session.cursor)
    if session.env.is_terminal(session.cursor):
        return [(f"V{cell} = 0", "return"), (": the episode ends here, so nothing is to come.", "muted")]
    _, made = session.backed_up()
    backups = session.backups()
    if not backups:
        return []
    if session.improved:
        return _choice(session, cell, glyphs)
    total = _new_value(session, backups)
    gamma = glyphs.gamma if glyphs.sub_digits else "g"
    over = "max over a of" if _maximises(session) else f"{_sum(glyphs)}_a {_pi(glyphs)}(a|s)"
    prime = "′" if glyphs.sub_digits else "'"
    formula = f"V{cell} {_to(glyphs)} {over} {_sum(glyphs)} p [r + {gamma} V(s{prime})]"
    when = "" if made else "  (to come)"
    return [(formula, "muted"), (f"  = {value(total, glyphs)}", "return"), (when, "muted")]


def _choice(session: PlanningSession, cell: str, glyphs: Glyphs) -> Line:
    """`π(1,0) ← argmax_a Σ p [r + γ V(s′)]  = up   V stays −1.170`: an improvement changes the policy, no value."""
    policy = session.policy
    assert policy is not None  # noqa: S101  (one was improved)
    taken = [name for name, chance in zip(ACTIONS, policy[session.cursor], strict=True) if chance > 0]
    gamma, prime = (glyphs.gamma, "′") if glyphs.sub_digits else ("g", "'")
    formula = f"{_pi(glyphs)}{cell} {_to(glyphs)} argmax_a {_sum(glyphs)} p [r + {gamma} V(s{prime})]"
    stays = f"   V stays {value(float(session.values[session.cursor]), glyphs)}"
    return [(formula, "muted"), (f"  = {', '.join(taken)}", "policy"), (stays, "return")]


def remark(session: PlanningSession) -> Line:
    """Why the arrow of the cursor's cell is another than the best action of its backup, where it is."""
    if session.algorithm != "value-iteration" or not session.backed_up()[1]:
        return []
    backups, policy = session.backups(), session.policy
    if not backups or policy is None:
        return []
    best = max(backup.total for backup in backups)
    pointed = {backup.action for backup in backups if backup.total > best - 1e-9}
    drawn = {action for action, chance in enumerate(policy[session.cursor]) if chance > 0}
    if pointed == drawn:
        return []
    return [("The sums are of the values this cell saw; the arrows, of those that there are now.", "muted")]


def _new_value(session: PlanningSession, backups: list[Backup]) -> float:
    if _maximises(session):
        return max(backup.total for backup in backups)
    policy = session.policy
    assert policy is not None  # noqa: S101  (a policy is evaluated)
    return float(sum(policy[session.cursor, b.action] * b.total for b in backups))


def _maximises(session: PlanningSession) -> bool:
    if session.algorithm == "value-iteration":
        return True
    return session.improved


def backup_lines(session: PlanningSession, width: int, glyphs: Glyphs) -> list[Line]:
    """One line an action: `▸ up .619 = .8[−.04 + .99·.888] + …`, the best (or likeliest) marked."""
    lines = _lines(session, width, glyphs, f"{_pi(glyphs)} ")
    cut = any(line[-1][0].endswith(glyphs.ellipsis) for line in lines)
    return _lines(session, width, glyphs, "") if cut else lines


def _lines(session: PlanningSession, width: int, glyphs: Glyphs, sign: str) -> list[Line]:
    """sign: what stands before the probability of an action."""
    backups = session.backups()
    policy, best = session.policy, max((backup.total for backup in backups), default=0.0)
    lines = []
    for backup in backups:
        if _maximises(session):
            on, weight = backup.total > best - 1e-9, ""
        else:
            chance = 0.0 if policy is None else float(policy[session.cursor, backup.action])
            on, weight = chance > 0, f"{sign}{probability(round(chance, 3)):<5}"
        lines.append(_backup_line(backup, on, weight, width, glyphs))
    return lines


def _backup_line(backup: Backup, on: bool, weight: str, width: int, glyphs: Glyphs) -> Line:
    pointer = glyphs.pointer if on else " "
    name = f"{pointer} {ACTIONS[backup.action]:<5} "
    total = f"{value(backup.total, glyphs):>6} = "
    terms = _terms(backup, width - len(name) - len(weight) - len(total), glyphs)
    return [
        (name, "accent" if on else "action"),
        (weight, "policy"),
        (total, "return"),
        (terms, "" if on else "muted"),
    ]


def _terms(backup: Backup, room: int, glyphs: Glyphs) -> str:
    """The terms with blanks where there is room, else tight, else to two decimals, else to two digits, else as many
    as fit."""
    for plus, decimals, large in ((" + ", 3, LARGE), ("+", 3, LARGE), ("+", 2, LARGE), ("+", 2, 1)):
        terms = [_term(term, plus, decimals, large, glyphs) for term in backup.terms if term.probability > 0]
        text = plus.join(terms)
        if len(text) <= room:
            return text
    return cut_text(text, room, glyphs)


def _term(term: Term, plus: str, decimals: int, large: float, glyphs: Glyphs) -> str:
    """`.8[−.04 + .99·.888]`, `.1[−1.04 end]`. large: from where on a value has one decimal."""
    share = "" if term.probability == 1 else probability(round(term.probability, 4))
    reward = short(term.reward, glyphs)
    if term.terminated:
        return f"{share}[{reward} end]"
    dot = "·" if glyphs.sub_digits else "*"
    later = plain(term.next_value, 1 if round(abs(term.next_value), decimals) >= large else decimals, glyphs)
    gamma = "" if term.gamma == 1 else f"{probability(round(term.gamma, 4))}{dot}"
    return f"{share}[{reward}{plus}{gamma}{later}]".replace(
        f"{plus}{glyphs.minus}", plus.replace("+", glyphs.minus)
    )


def short(x: float, glyphs: Glyphs) -> str:
    """`−.04`, `.96`, `−1.04`, `0`."""
    text = number(x, glyphs)
    return text.replace("0.", ".", 1) if text.lstrip(glyphs.minus).startswith("0.") else text


def _sum(glyphs: Glyphs) -> str:
    return "Σ" if glyphs.sub_digits else "sum"


def _pi(glyphs: Glyphs) -> str:
    return "π" if glyphs.sub_digits else "pi"


def _to(glyphs: Glyphs) -> str:
    return "←" if glyphs.sub_digits else "<-"
