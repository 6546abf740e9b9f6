"""The pages over the clip lab: a prediction, an explanation, the code."""

from textual.content import Content

from tutor.rl.surrogate import (
    clip_is_active,
    clipped_surrogate,
    clipped_surrogate_gradient,
    probability_ratio,
)
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.clip_explain import explain
from tutor.tui.labs.clip_session import PUSHES, ClipSession, Point, Push
from tutor.tui.labs.clip_words import signs_of
from tutor.tui.labs.gridworld_words import Line, number, signed
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen

CODE = (probability_ratio, clipped_surrogate, clipped_surrogate_gradient, clip_is_active)
ANSWERS: dict[Push, str] = {
    "up": "pushed up: likelier",
    "down": "pushed down: rarer",
    "clipped": "clipped: flat, no push",
    "flat": "flat, though nothing is clipped",
}


def question(point: Point, glyphs: Glyphs) -> PredictScreen:
    """What does this sample do?"""
    epsilon = signs_of(glyphs).epsilon
    numbers = (
        f"r = {number(point.ratio, glyphs)}, A = {signed(point.advantage, glyphs)}, "
        f"{epsilon} = {number(point.epsilon, glyphs)}."
    )
    return PredictScreen(f"{numbers} What becomes of this action?", [ANSWERS[push] for push in PUSHES])


def judged(session: ClipSession, said: Push) -> Line:
    """Count the answer, and say what had been said and what is so."""
    truth = ANSWERS[session.point.push]
    if session.answered(said):
        return [("Right", "strong"), (f": {truth}.", "")]
    return [(f"You said {ANSWERS[said].split(':')[0].split(',')[0]}", "strong"), (f"; it is {truth}.", "")]


def explanation(point: Point, glyphs: Glyphs, plot: str) -> ReaderScreen:
    """The numbers in sentences, then the plot in words."""
    texts = [*explain(point, glyphs), f"The plot in words: {plot}"]
    return ReaderScreen("What the numbers say", [Content(text) for text in texts])
