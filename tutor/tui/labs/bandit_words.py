"""The bandit lab in words, symbols and numbers. Pure text: (text, role) pairs, as in the gridworld lab."""

import numpy as np

from tutor.rl.bandit_methods import known
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.bandit_session import BanditSession, known_action
from tutor.tui.labs.gridworld_words import Line, probability, signed, symbol
from tutor.tui.labs.planning_words import value

NAMES = {"epsilon-greedy": "epsilon-greedy", "ucb": "UCB", "gradient": "gradient"}
LETTERS = {"epsilon": ("ε", "epsilon"), "c": ("c", "c"), "step_size": ("α", "alpha")}
LEAST_AXIS = 7  # cells of the scale of an arm


def title(session: BanditSession, glyphs: Glyphs, *, short: bool = False) -> str:  # noqa: ARG001  (short enough)
    """`Bandit · 10 arms · epsilon-greedy, ε 0.1 · seed 0`."""
    p = session.parameters
    main = f"{letter(session, glyphs)} {main_value(session):g}"
    parts = ["Bandit", f"{p['arms']} arms", f"{NAMES[str(p['method'])]}, {main}", f"seed {p['seed']}"]
    return glyphs.between.join(parts)


def letter(session: BanditSession, glyphs: Glyphs) -> str:
    """The sign of the parameter that `[` and `]` change."""
    return LETTERS[session.main][not glyphs.sub_digits]


def main_value(session: BanditSession) -> float:
    chosen = float(session.parameters[session.main])
    return chosen or 0.1 if session.main == "step_size" else chosen


# The arms


def arm_lines(session: BanditSession, width: int, rows: int, glyphs: Glyphs) -> list[Line]:
    """A heading and one line an arm: the estimate, on a scale and as a number, pulls, chance of being pulled next."""
    first = max(0, min(session.cursor - rows // 2, session.bandit.n_arms - rows + 1))
    arms = range(first, min(session.bandit.n_arms, first + max(1, rows - 1)))
    low, high = scale(session)
    return [_heading(session, width, glyphs), *(_arm(session, arm, low, high, width, glyphs) for arm in arms)]


def scale(session: BanditSession) -> tuple[float, float]:
    """Both ends of the scale: they hold every estimate, and every mean, so that showing those moves nothing."""
    held = [*session.estimates.tolist(), 0.0]
    if not session.is_gradient:
        held += session.means.tolist()
    low, high = min(held), max(held)
    return (
        (low - 0.5, high + 0.5)
        if session.parameters["kind"] != "bernoulli" or session.is_gradient
        else (0.0, 1.0)
    )


def _heading(session: BanditSession, width: int, glyphs: Glyphs) -> Line:
    what = "H" if session.is_gradient else "Q"
    pi = "π" if glyphs.sub_digits else "pi"
    truth = "q*" if session.shown else ""
    room = _axis(width)
    return [
        ("  arm ", "action"),
        (" " * room, ""),
        (f"{what:>7}", "return"),
        (f"{'pulls':>6}", "muted"),
        (f"{pi:>6}", "policy"),
        (f"{truth:>7}", "reward"),
    ]


def _axis(width: int) -> int:
    return max(LEAST_AXIS, width - 32)


def _arm(session: BanditSession, arm: int, low: float, high: float, width: int, glyphs: Glyphs) -> Line:
    on = arm == session.cursor
    estimate, mean = float(session.estimates[arm]), float(session.means[arm])
    truth = value(mean, glyphs) if session.shown else ""
    star = "*" if session.shown and arm == session.best else " "
    return [
        (f"{glyphs.pointer if on else ' '} {arm:>3}{star}", "accent" if on else "action"),
        *_on_scale(session, estimate, mean, low, high, _axis(width), glyphs),
        (f"{value(estimate, glyphs):>7}", "return"),
        (f"{int(session.counts[arm]):>6}", "muted"),
        (f"{probability(round(float(session.policy[arm]), 3)):>6}", "policy"),
        (f"{truth:>7}", "reward"),
    ]


def _on_scale(
    session: BanditSession, estimate: float, mean: float, low: float, high: float, room: int, glyphs: Glyphs
) -> Line:
    """The estimate as a mark between both ends; the true mean beside it once it is shown."""
    mark, truth, ground = ("●", "┃", "·") if glyphs.sub_digits else ("o", "|", ".")
    cells: list[tuple[str, str]] = [(ground, "muted")] * room
    if session.shown and not session.is_gradient:
        cells[place(mean, low, high, room)] = (truth, "reward")
    cells[place(estimate, low, high, room)] = (mark, "return")
    return cells


def place(x: float, low: float, high: float, room: int) -> int:
    """Which of `room` cells holds x."""
    return int(np.clip(round((x - low) / (high - low) * (room - 1)), 0, room - 1))


# What happened


def happened(session: BanditSession, glyphs: Glyphs) -> list[Line]:
    """The last pull, what was learned from it with its numbers, and how it goes on the whole."""
    frame = session.frame
    if frame.actions is None or frame.rewards is None:
        return [
            [
                ("space", "strong"),
                (": the method pulls an arm   ", ""),
                ("r", "strong"),
                (": it goes on by itself", ""),
            ],
            [("up, down, enter", "strong"), (": pull an arm yourself", "")],
            [
                ("v", "strong"),
                (" shows what each arm really pays, ", ""),
                ("p", "strong"),
                (" asks you first", ""),
            ],
        ]
    arm, reward = known_action(frame), float(frame.rewards[0])
    how = "yours" if session.forced[-1] else _why(session, arm)
    pulled: Line = [
        (f"{symbol('A', frame.t - 1, glyphs)} = {arm}", "action"),
        (f"  {how}", "muted"),
        (f"  {symbol('R', frame.t, glyphs)} = {signed(reward, glyphs)}", "reward"),
    ]
    return [pulled, _update(session, arm, reward, glyphs), _so_far(session, glyphs)]


def _why(session: BanditSession, arm: int) -> str:
    """What kind of choice it was."""
    frame = session.frame
    scores, policy = known(frame.scores)[0], known(frame.policy)[0]
    if session.parameters["method"] == "epsilon-greedy":
        return "greedy" if scores[arm] == scores.max() else "explored"
    if session.parameters["method"] == "ucb":
        return "never tried before" if np.isinf(scores[arm]) else f"bound {scores[arm]:.2f}"
    return f"drawn with {probability(round(float(policy[arm]), 3))}"


def _update(session: BanditSession, arm: int, reward: float, glyphs: Glyphs) -> Line:
    """`Q(3) = .40 + 1/6 [1.23 − .40] = .54` (equation 2.3); for preferences equation 2.12."""
    frame, before = session.frame, session.frames[-2]
    old, new = (float(known(f.estimates)[0, arm]) for f in (before, frame))
    step = float(known(frame.step_sizes)[0])
    minus, plus = glyphs.minus, "+"
    shown = f"1/{round(1 / step)}" if abs(1 / step - round(1 / step)) < 1e-9 and step < 1 else f"{step:g}"
    if not session.is_gradient:
        sum_ = f"{value(old, glyphs)} {plus} {shown} [{value(reward, glyphs)} {minus} {value(old, glyphs)}]"
        return [(f"Q({arm}) = {sum_} = {value(new, glyphs)}", "return")]
    baseline = _baseline(session, reward)
    chance = float(known(frame.policy)[0, arm])
    better = f"[{value(reward, glyphs)} {minus} {value(baseline, glyphs)}]"
    rest = f"[1 {minus} {probability(round(chance, 3))}]"
    return [
        (f"H({arm}) = {value(old, glyphs)} {plus} {step:g} {better} {rest} = {value(new, glyphs)}", "return")
    ]


def _baseline(session: BanditSession, reward: float) -> float:
    """What the reward was compared with."""
    if not session.parameters["baseline"]:
        return 0.0
    before = session.frames[-2]
    return float(known(before.baseline)[0]) if before.t else reward


def _so_far(session: BanditSession, glyphs: Glyphs) -> Line:
    mean = float(known(session.frame.baseline)[0])
    regret = float(session.frame.regret[0])
    pulls = "pull" if session.t == 1 else "pulls"
    return [
        (f"{session.t} {pulls}: mean reward ", "muted"),
        (value(mean, glyphs), "reward"),
        (", regret ", "muted"),
        (value(regret, glyphs), "advantage"),
        (f", best arm {session.optimal_share:.0%}" if session.shown else "", "muted"),
    ]
