"""The pages over the planning lab: a prediction, an explanation, the code."""

import numpy as np
from textual.content import Content

from tutor.rl.planning import PolicyIterationFrame, action_backup, greedy_with_ties, value_iteration
from tutor.rl.planning.sweeps import Sweeps, full
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.planning_explain import explain
from tutor.tui.labs.planning_session import PlanningSession
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.value_map import Array, cell_name

CODE = (value_iteration, Sweeps._synchronous, Sweeps._in_place, action_backup, greedy_with_ties)
MOST_ANSWERS = 4
TELLS = 1e-9  # a difference below it is rounding


def question(session: PlanningSession) -> tuple[PredictScreen, list[int]] | None:
    """Which of these cells will the next frame change most? The states stand as their numbers do; None at the end, or
    where it changes nothing."""
    if not session.ahead():
        return None
    changes = _changes(session)
    by_change = sorted(session.live, key=lambda state: (-changes[state], state))
    others = _others(by_change, changes)
    if not others:
        return None
    states = sorted([by_change[0], *others])
    asked = (
        "Which of these cells gains most from a better action?"
        if _improves(session)
        else "Which of these cells does the next sweep change most?"
    )
    return PredictScreen(asked, [cell_name(session.env, state) for state in states]), states


def _improves(session: PlanningSession) -> bool:
    following = session.frames[session.at + 1]
    return isinstance(following, PolicyIterationFrame) and following.improvement


def _changes(session: PlanningSession) -> Array:
    """[S]: how much the next sweep will change each value, from what is shown now; of an improvement, how much better
    the best action is than the policy, max Q - V."""
    following = session.frames[session.at + 1]
    if _improves(session):
        gain: Array = full(following.Q).max(axis=1) - session.values
        return gain
    change: Array = np.abs(full(following.V) - session.values)
    return change


def _others(by_change: list[int], changes: Array) -> list[int]:
    """Cells that change less than the first, spread over the ranking."""
    less = [state for state in by_change if changes[state] < changes[by_change[0]] - TELLS]
    if len(less) <= MOST_ANSWERS - 1:
        return less
    return [less[0], less[len(less) // 2], less[-1]]


def judged(session: PlanningSession, states: list[int], choice: int) -> Line:
    """Make the sweep, and say what had been said and what came."""
    changes, verb = _changes(session), "gains" if _improves(session) else "changed by"
    most = max(states, key=lambda state: changes[state])
    said = states[choice]
    session.step()
    session.cursor = most
    first, best = (cell_name(session.env, state) for state in (said, most))
    if said == most:
        return [("As predicted: ", "strong"), (f"{first} {verb} ", ""), _by(changes[said])]
    return [
        (f"You said {first}, ", "strong"),
        (f"which {verb} ", ""),
        _by(changes[said]),
        (f"; {best} {verb} ", ""),
        _by(changes[most]),
    ]


def _by(change: float) -> tuple[str, str]:
    return f"{change:.3g}", "return"


def explanation(session: PlanningSession, glyphs: Glyphs, plot: str) -> ReaderScreen:
    """What the sweeps did and why, then the plot in words."""
    paragraphs = [*explain(session, glyphs), f"The plot: {plot}"]
    return ReaderScreen("What happened", [Content(text) for text in paragraphs])
