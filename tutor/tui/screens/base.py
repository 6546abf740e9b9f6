"""What every screen has: a title line, a body, the key bar, a way back."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget

from tutor.tui.screens.painting import CalmScreen
from tutor.tui.timers import SureTimers
from tutor.tui.widgets.keybar import KeyBar
from tutor.tui.widgets.title import TitleLine

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


class TutorScreen(SureTimers, CalmScreen[None]):
    """A screen of the tutor. Subclasses fill `body()` and `update_title()`."""

    BINDINGS = [
        Binding("escape,q", "back", "back"),
        Binding("tab", "app.focus_next", "to the next part", show=False),
        Binding("shift+tab", "app.focus_previous", "to the part before", show=False),
        Binding("ctrl+c,super+c", "screen.copy_text", "copy what is selected", show=False),
    ]
    AUTO_FOCUS = ""

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    @property
    def title_line(self) -> TitleLine:
        return self.query_one(TitleLine)

    def body(self) -> Iterable[Widget]:
        """The widgets between the title and the keys."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield TitleLine()
        yield from self.body()
        yield KeyBar()

    def on_mount(self) -> None:
        self.update_title()

    def on_resize(self) -> None:
        if self.is_mounted:
            self.title_line.refresh()  # it says so when there is little room

    def update_title(self) -> None:
        """Set the title line; called on mount and when progress changed."""

    def progress_changed(self) -> None:
        """The learner's progress has changed (this screen's doing, or another tutor's)."""
        self.update_title()

    def saving_changed(self) -> None:
        """Progress cannot be saved any more, or can again: the title line says so."""
        self.title_line.refresh()

    def action_back(self) -> None:
        self.app.pop_screen()
