"""The gridworld lab as it is drawn: its session, its first line, its panes. What keys do is in `gridworld`."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.timer import Timer

from tutor.experiments import Value
from tutor.tui.labs import gridworld_words as words
from tutor.tui.labs.base import LabView
from tutor.tui.labs.gridworld_panes import GridworldPanes
from tutor.tui.labs.gridworld_session import GridworldSession
from tutor.tui.widgets.facts import Facts

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

NARROW = 70  # columns below which the title drops a word


class GridworldView(LabView):
    """A session on the screen; it may run by itself, which the first line then says."""

    DEFAULT_CSS = """
    GridworldView #head { height: 1; background: $panel; }
    """

    def __init__(
        self,
        parameters: Mapping[str, Value],
        state: Mapping[str, Any] | None = None,
        *,
        embedded: bool = False,
    ) -> None:
        super().__init__(parameters, state, embedded=embedded)
        self.session = (
            GridworldSession(parameters) if state is None else GridworldSession.from_state(state, parameters)
        )
        self._note: words.Line = []
        self._predicting = False
        self._timer: Timer | None = None
        self._plots_drawn_at = 0.0
        self._head, self._panes = Facts(id="head"), GridworldPanes()

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    @property
    def running(self) -> bool:
        """Whether the policy walks by itself."""
        return self._timer is not None

    def lab_state(self) -> dict[str, Any]:
        return self.session.to_state()

    def title(self) -> str:
        return words.title(self.session, self.tutor.glyphs, short=self.app.size.width < NARROW)

    def status(self) -> str:
        """How far it has gone; while it runs how, too: the policy's name only where the title leaves room for it."""
        steps = f"step {self.session.t}"
        if self._timer is None:
            return steps
        speed = f"{self.session.parameters['speed']}/s  {steps}"
        full = f"{self.session.policy_name} {speed}"
        return full if len(self.title()) + len(full) + 4 <= self.size.width else speed

    # What is drawn

    def compose(self) -> ComposeResult:
        if self.embedded:
            yield self._head
        yield self._panes

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.redraw())

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Everything anew: another size, grid, theme or set of signs."""
        env = self.session.env
        self._panes.place(env.rows, env.cols, self.size.width, self.size.height - int(self.embedded))
        self._head.refresh()
        self.refresh_bindings()
        self._show()

    def _show(self, *, plots: bool = True) -> None:
        self._panes.show(self.session, self._note)
        self._show_head()
        if plots:
            self._show_plots()

    def _show_head(self) -> None:
        if self.embedded:
            left, right = " " + self.title(), self.status() + " "
            gap = " " * max(1, self.size.width - len(left) - len(right))
            self._head.show([[(left, "strong"), (gap + right, "muted")]])

    def _show_plots(self) -> None:
        self._plots_drawn_at = time.monotonic()
        self._panes.show_plots(self.session)
