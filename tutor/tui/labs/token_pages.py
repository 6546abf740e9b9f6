"""The pages over the token lab: an explanation, the code."""

from collections.abc import Sequence

from textual.content import Content

from tutor.rl.returns import discounted_returns
from tutor.toy_llm import verifier
from tutor.toy_llm.episodes import take_token
from tutor.toy_llm.sampling import drawn, tempered
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.token_explain import explain
from tutor.tui.labs.token_session import TokenSession

CODE = (take_token, tempered, drawn, verifier.given_answer, verifier.score, discounted_returns)


def explanation(session: TokenSession, glyphs: Glyphs, plots: Sequence[str]) -> ReaderScreen:
    """What happened and why; `plots` are the charts in words."""
    plots = [f"The plot of the {text}" for text in plots]
    return ReaderScreen("What happened", [Content(text) for text in (*explain(session, glyphs), *plots)])
