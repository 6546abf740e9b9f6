"""The prediction lab in words, symbols and numbers. Pure text: (text, role) pairs, as in the gridworld lab."""

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.prediction import ValueUpdate
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line, probability, signed, symbol
from tutor.tui.labs.planning_words import impossible, short, value
from tutor.tui.labs.prediction_session import PredictionSession
from tutor.tui.labs.value_map import cell_name


def title(session: PredictionSession, glyphs: Glyphs, *, short: bool = False) -> str:
    """`Prediction · mouse · policy random · α 0.1 · γ 0.99 · seed 0`; short: without the first word and `policy`."""
    p = session.parameters
    alpha, gamma = ("α", "γ") if glyphs.sub_digits else ("alpha", "gamma")
    parts = [
        grid_title(str(p["grid"])),
        f"{'' if short else 'policy '}{p['policy']}",
        f"{alpha} {p['alpha']:g}",
        f"{gamma} {p['gamma']:g}",
    ]
    parts = parts if short else ["Prediction", *parts]
    return glyphs.between.join(parts)


def name(session: PredictionSession, glyphs: Glyphs) -> str:
    """`TD(0)`, `4-step TD`, `TD(λ), λ .8`: what learns beside Monte Carlo."""
    if session.method == "n-step":
        return f"{session.parameters['n']}-step TD"
    if session.method == "td-lambda":
        letter = "λ" if glyphs.sub_digits else "lambda"
        return f"TD({letter}), {letter} {probability(float(session.parameters['lambda']))}"
    return "TD(0)"


def headings(session: PredictionSession, width: int, glyphs: Glyphs) -> Line:
    """What stands above the two maps, each over its own."""
    names = " Monte Carlo", name(session, glyphs)
    long = f"{names[0]}: learns at the end", f"{names[1]}: learns {when(session)}"
    left, right = long if max(map(len, long)) < width else names
    return [(left.ljust(width), "return"), (right, "return")]


def when(session: PredictionSession) -> str:
    """n-step TD learns of a state once the n rewards after it are there (Sutton and Barto, 2018, section 7.1)."""
    later = int(session.parameters["n"]) - 1 if session.method == "n-step" else 0
    if not later:
        return "at every step"
    return f"{later} step{'s' if later > 1 else ''} later"


def lines(session: PredictionSession, width: int, glyphs: Glyphs, mc_at: int = 0) -> list[Line]:
    """Four lines: the last step; what TD made of it; what Monte Carlo made of the episode (update number mc_at of
    those it made); how far both are off."""
    if session.problem:
        return impossible("This policy has no value to learn", session.problem, width)
    if session.diverged:
        undone: Line = [
            ("u", "strong"),
            (": back to before   ", ""),
            ("0", "strong"),
            (": from the start", ""),
        ]
        return [*impossible("Stopped", session.diverged, width), undone, _errors(session, glyphs)]
    if not session.known.steps:
        return [
            [
                ("space", "strong"),
                (": a step of the policy   ", ""),
                ("arrows", "strong"),
                (": a step of yours", ""),
            ],
            [
                ("enter", "strong"),
                (": the whole episode   ", ""),
                ("f", "strong"),
                (": ten   ", ""),
                ("t", "strong"),
                (": hundreds, 20 times over", ""),
            ],
            [("Both methods see the same steps. Every value begins at 0.", "muted")],
            _errors(session, glyphs),
        ]
    mc = _mc(session, width, glyphs, mc_at)
    return [_step(session, glyphs), _td(session, glyphs), mc, _errors(session, glyphs)]


def _step(session: PredictionSession, glyphs: Glyphs) -> Line:
    step = session.known.steps[-1]
    t, env = step.t, session.env
    end: Line = [("   cut off" if session.cut_off else "   the end", "strong")] if session.ended else []
    return [
        (f"{symbol('S', t, glyphs)} = {cell_name(env, step.state)}", "state"),
        (f"  {symbol('A', t, glyphs)} = {ACTIONS[step.action]}", "action"),
        (f"  {symbol('R', t + 1, glyphs)} = {signed(step.reward, glyphs)}", "reward"),
        (f"  {symbol('S', t + 1, glyphs)} = {cell_name(env, step.next_state)}", "state"),
        *end,
    ]


def _td(session: PredictionSession, glyphs: Glyphs) -> Line:
    label = "TD "
    if not session.known.td_updates:
        return [(label, "strong"), (f"waits until it has seen {session.parameters['n']} rewards", "muted")]
    update = session.known.td_updates[-1]
    one_step = session.method == "td"
    target = _one_step_target(session, update, glyphs) if one_step else value(update.target, glyphs)
    return [(label, "strong"), (_update(session, update, target, glyphs), "return")]


def _one_step_target(session: PredictionSession, update: ValueUpdate, glyphs: Glyphs) -> str:
    """`−.05 + .99·.240`; at the end the reward alone."""
    reward = short(update.reward, glyphs)
    ends = session.env.is_terminal(update.next_state)
    if ends:
        return reward
    later = (update.target - update.reward) / session.gamma if session.gamma else 0.0
    dot = "·" if glyphs.sub_digits else "*"
    gamma = "" if session.gamma == 1 else f"{probability(session.gamma)}{dot}"
    return f"{reward} + {gamma}{value(later, glyphs)}"


def _update(session: PredictionSession, update: ValueUpdate, target: str, glyphs: Glyphs) -> str:
    """`V(0,1) ← .120 + .1 [−.05 + .99·.240 − .120] = .127`."""
    cell = cell_name(session.env, update.state)
    arrow = "←" if glyphs.sub_digits else "<-"
    old = value(update.old, glyphs)
    away = f"[{target} {glyphs.minus} {old}]".replace(f"{glyphs.minus} {glyphs.minus}", "+ ")
    return f"V{cell} {arrow} {old} + {probability(update.alpha)} {away} = {value(update.new, glyphs)}"


def _mc(session: PredictionSession, width: int, glyphs: Glyphs, at: int) -> Line:
    """`MC 1/3 V(0,0) ← … = .337   m: the next`."""
    label = "MC "
    updates = session.known.mc_updates
    if not updates:
        total = value(float(session.returns[0]), glyphs)
        return [
            (label, "strong"),
            ("waits for the end; ", "muted"),
            (f"{symbol('G', 0, glyphs)} so far {total}", "return"),
        ]
    shown = updates[at]
    text = _update(session, shown, value(shown.target, glyphs), glyphs)
    line: Line = [(label, "strong"), (f"{at + 1}/{len(updates)} ", "muted"), (text, "return")]
    key: Line = [("   m", "strong"), (": the next", "muted")] if len(updates) > 1 else []
    fits = sum(len(part) for part, _ in [*line, *key]) <= width
    return [*line, *key] if fits else line


def _errors(session: PredictionSession, glyphs: Glyphs) -> Line:
    mc, td = session.known.errors[-1]
    episodes = "episode" if session.t == 1 else "episodes"
    return [
        (f"{session.t} {episodes}: RMS error to the true V  ", "muted"),
        (f"MC {value(mc, glyphs)}   TD {value(td, glyphs)}", "advantage"),
    ]
