"""The pages over the prediction lab: a prediction, an explanation, the code."""

import numpy as np
from textual.content import Content

from tutor.rl.value_updates import n_step_moves, td_lambda_moves, td_moves, towards_targets
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_explain import plural
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.planning_words import value
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.prediction_session import PredictionSession
from tutor.tui.labs.prediction_words import name
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.value_map import cell_name

CODE = (towards_targets, td_moves, n_step_moves, td_lambda_moves)
ANSWERS = ("It rises", "It falls", "It stays as it is")
TELLS = 1e-12
LEAST = 5e-4  # a change below it is written with an exponent
EARLY = 10  # episodes before which errors say little
FAR = 1.25  # one error is called larger from this ratio on


def question(session: PredictionSession) -> PredictScreen | None:
    """What will the next step make of V where the agent stands? None at the end of an episode."""
    if session.over or session.ended:
        return None
    cell = cell_name(session.env, session.state)
    return PredictScreen(f"The policy takes its next step. What does TD make of V{cell}?", ANSWERS)


def judged(session: PredictionSession, choice: int, glyphs: Glyphs) -> Line:
    """Take the step, and say what had been said and what came."""
    state, before = session.state, float(session.known.td[session.state])
    session.step()
    change = float(session.known.td[state]) - before
    came = 2 if abs(change) < TELLS else 0 if change > 0 else 1
    wrong = f"Not so: {ANSWERS[came].lower()}. "
    said: Line = [("As predicted. " if came == choice else wrong, "strong")]
    by = f"{change:+.1e}" if 0 < abs(change) < LEAST else ("+" if change > 0 else "") + value(change, glyphs)
    by = by.replace("-", glyphs.minus)
    return [*said, (f"V: {value(before, glyphs)} to {value(before + change, glyphs)}, by {by}", "return")]


def explanation(session: PredictionSession, glyphs: Glyphs, plot: str) -> ReaderScreen:
    paragraphs = [*explain(session, glyphs), f"The plot: {plot}"]
    return ReaderScreen("What was learned", [Content(text) for text in paragraphs])


def explain(session: PredictionSession, glyphs: Glyphs) -> list[str]:
    """Paragraphs: what each method waits for, what this episode taught, who is nearer to the truth, and why."""
    if session.problem:
        return [f"This policy has no value to learn: {session.problem}"]
    paragraphs = [
        _diverged(session),
        _methods(session, glyphs),
        _episode(session, glyphs),
        _nearer(session, glyphs),
        _noise(session),
    ]
    return [paragraph for paragraph in paragraphs if paragraph]


def _diverged(session: PredictionSession) -> str:
    if not session.diverged:
        return ""
    return (
        f"Stopped: {session.diverged}. Traces that are still strong when a state comes again add up there, so that one "
        "error moves its value by more than the error itself: the next one is larger, and so on. Nothing of that "
        "episode is kept or drawn."
    )


def _methods(session: PredictionSession, glyphs: Glyphs) -> str:
    return (
        "Both methods see the same steps of the same policy. Monte Carlo waits until the episode is over and moves "
        f"every visited V towards the return that really followed. {name(session, glyphs)} does not wait: it moves V "
        "towards the reward and what the next state is held to be worth, right or wrong."
    )


def _episode(session: PredictionSession, glyphs: Glyphs) -> str:
    steps = session.known.steps
    if not steps:
        return "No step has been taken yet."
    total = value(float(session.returns[0]), glyphs)
    if not session.ended:
        changed = len({update.state for update in session.known.td_updates})
        taken = plural(len(steps), "step")
        return f"{taken} into this episode TD has changed {plural(changed, 'value')}, Monte Carlo none."
    if session.cut_off:
        return (
            f"This episode was cut off after {len(steps)} steps, which had brought {total}. What its last state is "
            "held to be worth stands for the rest of the return, in Monte Carlo, too."
        )
    return (
        f"This episode took {len(steps)} steps and its return from the start was {total}. Monte Carlo moved every V "
        "that was visited by its own return: one lucky or unlucky ending reaches all of them at once."
    )


def _nearer(session: PredictionSession, glyphs: Glyphs) -> str:
    """Whose error is the larger, once a few episodes are in."""
    mc, td = session.known.errors[-1]
    if session.t < EARLY:
        return f"After {session.t} episodes little can be said of their errors; f walks ten more."
    label = name(session, glyphs)
    numbers = f"RMS {value(mc, glyphs)} for Monte Carlo, {value(td, glyphs)} for {label}"
    if max(mc, td) < FAR * min(mc, td):
        return f"After {session.t} episodes both are about equally far from the true values ({numbers})."
    if td < mc:
        return (
            f"After {session.t} episodes {label} is nearer to the true values ({numbers}): its targets vary less, for "
            "they hold one reward by chance and not all that follow."
        )
    return (
        f"After {session.t} episodes Monte Carlo is nearer to the true values ({numbers}): news of the ends reaches "
        f"every state at once, where {label} passes it on state by state."
    )


def _noise(session: PredictionSession) -> str:
    """A constant alpha never settles: the error of the last half does not fall any more."""
    if session.t < 4 * EARLY:
        return ""
    errors = np.array(session.known.errors[-2 * EARLY :])
    early, late = errors[:EARLY].mean(axis=0), errors[EARLY:].mean(axis=0)
    if (late < 0.9 * early).any():
        return ""
    return (
        f"Neither error falls any more: with a constant alpha = {session.alpha:g} the values go on following the last "
        "few episodes. A smaller alpha brings them nearer, later."
    )
