"""The pages over the bandit lab: a prediction, an explanation, the code."""

from collections.abc import Callable
from typing import Any

import numpy as np
from textual.content import Content

from tutor.rl.bandit_methods import EpsilonGreedy, GradientBandit, UpperConfidenceBound
from tutor.rl.bandits import pull
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.bandit_session import BanditSession
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.planning_words import value
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen

OF_METHOD: dict[str, Callable[..., Any]] = {
    "epsilon-greedy": EpsilonGreedy.policy,
    "ucb": UpperConfidenceBound.scores,
    "gradient": GradientBandit.learn,
}
CODE = (*OF_METHOD.values(), pull)
MOST_ANSWERS = 4
FEW = 5  # pulls below which an estimate says little
RECENT = 100  # pulls over which the present loss is taken


def question(session: BanditSession) -> tuple[PredictScreen, list[int]]:
    """Which arm pays most? Among those that are estimated highest, and the one that really is."""
    by_estimate = sorted(range(session.bandit.n_arms), key=lambda arm: (-session.estimates[arm], arm))
    arms = sorted({session.best, *by_estimate[: MOST_ANSWERS - 1]})
    return PredictScreen("Which arm pays most, on average?", [f"arm {arm}" for arm in arms]), arms


def judged(session: BanditSession, arms: list[int], choice: int, glyphs: Glyphs) -> Line:
    """Show the means, and say what had been said and what is true."""
    session.shown = True
    said, best = arms[choice], session.best
    pays = value(float(session.means[best]), glyphs)
    if said == best:
        return [("Right: ", "strong"), (f"arm {best} pays {pays} on average.", "")]
    own = value(float(session.means[said]), glyphs)
    return [("Not so: ", "strong"), (f"arm {said} pays {own} on average, arm {best} {pays}.", "")]


def explanation(session: BanditSession, glyphs: Glyphs, plot: str) -> ReaderScreen:
    paragraphs = [*explain(session, glyphs), f"The plot: {plot}"]
    return ReaderScreen("What happened", [Content(text) for text in paragraphs])


def explain(session: BanditSession, glyphs: Glyphs) -> list[str]:
    """Paragraphs: how the method chooses, how the regret grows, which estimates are not to be trusted."""
    paragraphs = [_method(session), _regret(session, glyphs), _unsure(session), _stuck(session, glyphs)]
    return [paragraph for paragraph in paragraphs if paragraph]


def _method(session: BanditSession) -> str:
    arms, p = session.bandit.n_arms, session.parameters
    match p["method"]:
        case "epsilon-greedy":
            return (
                f"epsilon-greedy: with probability {float(p['epsilon']):g} any of the {arms} arms, else the one of the "
                "highest estimate. It never stops exploring, so its regret never stops growing either."
            )
        case "ucb":
            return (
                f"UCB: the arm of the highest Q + {float(p['c']):g} sqrt(ln t / N). An arm that was rarely pulled "
                "gets a bonus; each pull takes some of it away. What might still be best is tried, nothing else."
            )
    return (
        "Gradient bandit: no estimates of pay, but preferences, made into probabilities by softmax. A reward above the "
        "mean so far makes its arm likelier, one below it less likely: a policy gradient with a single state."
    )


def _regret(session: BanditSession, glyphs: Glyphs) -> str:
    """Lost per pull lately, against lost per pull by choosing at random."""
    if session.t < 2:
        return "Nothing has been learned yet: space pulls."
    regrets = session.regrets()
    recent = min(RECENT, session.t)
    lately = float(regrets[-1] - regrets[-1 - recent]) / recent
    chance = float(session.bandit.gaps[0].mean())
    return (
        f"Over the last {recent} pulls {value(lately, glyphs)} was lost a pull against the best arm; pulling at random "
        f"loses {value(chance, glyphs)}. A curve that lies down has found the best arm; a straight one keeps losing."
    )


def _unsure(session: BanditSession) -> str:
    few = [str(arm) for arm in range(session.bandit.n_arms) if session.counts[arm] < FEW]
    if not few or not session.t or session.is_gradient:
        return ""
    return f"Arms pulled fewer than {FEW} times: {', '.join(few)}. Their estimates are little more than a single draw."


def _stuck(session: BanditSession, glyphs: Glyphs) -> str:
    """A greedy choice that is not the best one, told only once the means are shown."""
    if not session.shown or not session.t or session.is_gradient:
        return ""
    favourite = int(np.argmax(session.estimates))
    if favourite == session.best:
        return f"The highest estimate belongs to the best arm, {session.best}."
    lost = value(float(session.bandit.gaps[0][favourite]), glyphs)
    return (
        f"The highest estimate belongs to arm {favourite}, the best arm is {session.best}: every greedy pull loses "
        f"{lost}. Only exploring can mend that."
    )
