"""The pages over the values lab: a prediction, an explanation, the code."""

import numpy as np
from textual.content import Content

from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.planning import action_values, greedy_with_ties, solve
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.planning_words import value
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.value_map import cell_name
from tutor.tui.labs.values_session import RANDOM, ValuesSession, sampled_return

CODE = (solve, action_values, greedy_with_ties, sampled_return)
ANSWERS = ("It rises", "It falls", "It stays the same", "There is no finite value any more")
TELLS = 1e-9


def proposed(session: ValuesSession) -> int | None:
    """The action that a prediction is about: the next one in the cursor's cell; None where the episode ends."""
    if session.problem or session.env.is_terminal(session.cursor):
        return None
    return (session.chosen(session.cursor) + 1) % (RANDOM + 1) % len(ACTIONS)


def question(session: ValuesSession, action: int) -> PredictScreen:
    cell = cell_name(session.env, session.cursor)
    return PredictScreen(
        f"The policy goes {ACTIONS[action]} in {cell} from now on. What becomes of V{cell}?", ANSWERS
    )


def judged(session: ValuesSession, action: int, choice: int, glyphs: Glyphs) -> Line:
    """Change the policy, and say what had been said, what came, and which advantage decided it."""
    state = session.cursor
    before = float(session.V[state])  # type: ignore[index]
    gain = float(session.Q[state, action]) - before  # type: ignore[index]
    session.edit(action)
    came = _came(session, before)
    wrong = f"Not so: {ANSWERS[came].lower()}. "
    start: Line = [("As predicted. " if came == choice else wrong, "strong")]
    if session.V is None:
        return [*start, ("It never ends now, and gamma is 1: u takes it back.", "")]
    now = value(float(session.V[state]), glyphs)
    return [
        *start,
        (f"V: {value(before, glyphs)} to {now}", "return"),
        ("; the advantage was ", ""),
        (value(gain, glyphs), "advantage"),
        (" at each visit", "muted"),
    ]


def _came(session: ValuesSession, before: float) -> int:
    if session.V is None:
        return 3
    change = float(session.V[session.cursor]) - before
    return 2 if abs(change) < TELLS else 0 if change > 0 else 1


def explanation(session: ValuesSession, glyphs: Glyphs, plot: str) -> ReaderScreen:
    """What the numbers say, then the plot in words."""
    paragraphs = [*explain(session, glyphs), f"The plot: {plot}"]
    return ReaderScreen("What the values say", [Content(text) for text in paragraphs])


def explain(session: ValuesSession, glyphs: Glyphs) -> list[str]:
    """Paragraphs: what V and Q are here, where the policy errs most, how near the samples are."""
    if session.V is None or session.Q is None:
        return [f"This policy has no value: {session.problem}"]
    paragraphs = [
        "V of a cell is the return to expect from it when the policy is followed from there on; Q of an action is the "
        "same when that action comes first. V is the mean of the Q's, weighted by the policy; the advantage A is how "
        "much better than that mean an action is.",
        _worst(session, glyphs),
        _samples(session, glyphs),
    ]
    return [paragraph for paragraph in paragraphs if paragraph]


def _worst(session: ValuesSession, glyphs: Glyphs) -> str:
    """The largest advantage that the policy leaves (policy improvement theorem, Sutton & Barto, section 4.2)."""
    if session.is_best():
        return "No action has a positive advantage anywhere, so no policy is better: this one is best in every cell."
    gains = session.Q.max(axis=1) - session.V  # type: ignore[union-attr]
    state = max(session.live, key=lambda s: float(gains[s]))
    action = ACTIONS[int(np.argmax(session.Q[state]))]  # type: ignore[index]
    gain = value(float(gains[state]), glyphs)
    return (
        f"The largest advantage is at {cell_name(session.env, state)}: {action} is {gain} better than what the policy "
        "does there on average. Taking it raises V there, and lowers it nowhere: this is the policy improvement "
        "theorem. i takes every such action at once."
    )


def _samples(session: ValuesSession, glyphs: Glyphs) -> str:
    """The standard error of a mean of n returns is their deviation over the root of n."""
    if session.t < 2 or session.V is None:
        return ""
    returns = np.array(session.returns)
    error = float(returns.std(ddof=1)) / np.sqrt(returns.size)
    off = float(returns.mean()) - float(session.V[session.cursor])
    if error < TELLS:
        return f"All {session.t} sampled returns are alike: nothing is left to chance from this cell."
    return (
        f"The mean of {session.t} returns is {value(off, glyphs)} away from V; their spread makes "
        f"{value(error, glyphs)} the usual error of such a mean. Four times the episodes halve it."
    )
