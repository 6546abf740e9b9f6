"""What the token lab draws: the state, the policy as bars, what happened, the return, two plots."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.tui.labs import token_words as words
from tutor.tui.labs.gridworld_picture import return_chart, reward_chart
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.token_layout import FACTS, TokenLayout, layout
from tutor.tui.labs.token_session import TokenSession
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


class TokenPanes(Vertical):
    """The state on top, policy and numbers below it, both plots at the bottom. It is told when to draw what."""

    DEFAULT_CSS = """
    TokenPanes { height: 1fr; padding: 0 1; }
    TokenPanes #policy { margin: 0 2 0 0; }
    TokenPanes #facts { width: 1fr; }
    TokenPanes #returns { margin: 0 0 0 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan = TokenLayout()
        self._state, self._policy, self._facts = Facts("state"), Facts("policy"), Facts("facts")
        self._rewards, self._returns = ChartView(), ChartView(id="returns")
        self._middle = Horizontal(self._policy, self._facts)
        self._plots = Horizontal(self._rewards, self._returns)

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        yield self._state
        yield self._middle
        yield self._plots

    def place(self, width: int, height: int) -> None:
        """Give every part its place; `show` is to follow."""
        plan = layout(width, height)
        for widget in (self._state, self._policy, self._facts):
            widget.refresh()
        if plan == self.plan and self._state.styles.height is not None:
            return
        self.plan = plan
        self._state.styles.height = plan.state + plan.gap
        self._middle.styles.height = plan.middle + plan.gap
        self._policy.styles.width = plan.policy_width
        self._policy.styles.height = self._facts.styles.height = plan.middle
        self._plots.styles.height = max(1, plan.plots)
        self._plots.display = plan.plots > 0

    def show(self, session: TokenSession, cursor: int, note: Line) -> None:
        """All but the plots; each part redraws only the rows that changed."""
        plan, glyphs = self.plan, self.tutor.glyphs
        lines = words.state_lines(session, plan.width, plan.state, glyphs)
        self._state.show([*lines, *[[]] * (plan.state - len(lines))])
        self._policy.show(words.policy_lines(session, cursor, plan.policy_width, plan.middle, glyphs))
        self._facts.show(self._fact_lines(session, note))

    def show_plots(self, session: TokenSession) -> None:
        """Both plots; an unchanged one costs a comparison."""
        episode = words.as_episode(session)
        self._rewards.show(reward_chart(episode))
        self._returns.show(return_chart(episode, self.tutor.glyphs))

    def plots_in_words(self) -> list[str]:
        """The text equivalent of each plot."""
        return [self._rewards.summary(), self._returns.summary()]

    @property
    def plain(self) -> str:
        """The words and numbers that are shown, without the plots."""
        return "\n".join(widget.plain for widget in (self._state, self._policy, self._facts))

    def _fact_lines(self, session: TokenSession, note: Line) -> list[Line]:
        plan, glyphs = self.plan, self.tutor.glyphs
        happened = words.happened(session, glyphs)
        if note:
            happened[4 if session.over else 2 if session.frames else 3] = note
        if plan.middle > FACTS:
            happened.append([])
        return [*happened, *words.return_sum(session, plan.numbers_width, glyphs)]
