"""The pages over the gridworld lab: a prediction, an explanation, the code."""

from collections.abc import Sequence

from textual.content import Content

from tutor.rl.environments.gridworld import ACTIONS, Gridworld
from tutor.rl.episodes import take_step
from tutor.rl.returns import discounted_returns
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs import gridworld_words as words
from tutor.tui.labs.gridworld_explain import explain
from tutor.tui.labs.gridworld_session import GridworldSession, Outcome
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen

CODE = (take_step, Gridworld.slipped, discounted_returns)  # a step, a slip, a return


def question(
    session: GridworldSession, action: int, outcomes: Sequence[Outcome], glyphs: Glyphs
) -> PredictScreen:
    """What will come of `action`? The answers show no chances."""
    answers = [words.outcome(session, outcome, glyphs) for outcome in outcomes]
    return PredictScreen(f"You mean {ACTIONS[action]}. What will happen?", answers)


def judged(session: GridworldSession, action: int, said: Outcome) -> words.Line:
    """Take the step, and say what had been said, what came, and how likely each was."""
    chances = {(outcome.state, outcome.reward): outcome.chance for outcome in session.outcomes(action)}
    frame = session.act(action)
    if frame is None:
        return []
    chance = words.probability(chances.get((said.state, said.reward), 0.0))
    if (frame.next_state, frame.reward) == (said.state, said.reward):
        return [("As predicted", "strong"), (", probability ", ""), (chance, "policy"), (".", "")]
    where, came = (words.cell_name(session, state) for state in (said.state, frame.next_state))
    likely = words.probability(chances[frame.next_state, frame.reward])
    return [
        (f"You said {where}, ", "strong"),
        ("which had probability ", ""),
        (chance, "policy"),
        ("; ", ""),
        (f"it was {came}, probability ", ""),
        (likely, "policy"),
        (".", ""),
    ]


def explanation(session: GridworldSession, glyphs: Glyphs, plots: Sequence[str]) -> ReaderScreen:
    """What happened and why; `plots` are the charts in words."""
    *happened, comparison = explain(session, glyphs)
    plots = [f"The plot of the {text}" for text in plots]
    return ReaderScreen("What happened", [Content(text) for text in (*happened, *plots, comparison)])
