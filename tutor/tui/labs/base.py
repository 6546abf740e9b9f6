"""What every lab is: a focusable widget that can be left and found again."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from textual.actions import SkipAction
from textual.binding import Binding
from textual.dom import NoScreen
from textual.message import Message
from textual.widget import Widget

from tutor.experiments.parameters import Value
from tutor.tui.timers import SureTimers

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


class LabView(SureTimers, Widget, can_focus=True):
    """A lab, whole at 80 columns x 17 rows inside a lesson, larger on its own screen.

    parameters: resolved values by name. state: what `lab_state()` gave earlier, or None for a new one; a state that
    makes no sense gives a new lab, never an exception. embedded: inside a lesson, where the lab draws its own first
    line (`title`, `status`), which the title line of its own screen shows otherwise.
    """

    DEFAULT_CSS = """
    LabView { height: 1fr; layout: vertical; }
    LabView.embedded { height: 17; }
    """
    LEAST, MOST = 17, 24  # rows inside a lesson
    TEXT = 16  # rows of the screen that are left to the lesson's text before the lab grows
    BINDINGS = [
        Binding("escape,q,b,shift+tab", "leave_lab", "text", tooltip="leave the lab, back to the text")
    ]

    class Changed(Message):
        """The state has changed; the screen keeps it with the learner's progress."""

        def __init__(self, lab: "LabView") -> None:
            super().__init__()
            self.lab = lab

        def can_replace(self, message: Message) -> bool:
            """A screen that is late needs only the newest."""
            return isinstance(message, LabView.Changed) and message.lab is self.lab

    def __init__(
        self,
        parameters: Mapping[str, Value],
        state: Mapping[str, Any] | None = None,
        *,
        embedded: bool = False,
    ) -> None:
        super().__init__(classes="embedded" if embedded else None)
        self.parameters = dict(parameters)
        self.saved_state = state
        self.embedded = embedded
        self.block_id = ""  # which lab block of the lesson this is; empty on the lab's own screen

    @property
    def resting(self) -> frozenset[str]:
        """The actions that would only say why they do nothing just now: the bottom line does not name their keys."""
        return frozenset()

    @classmethod
    def carried(cls, state: Mapping[str, Any] | None) -> Mapping[str, Any] | None:  # noqa: ARG003  (for subclasses)
        """What of an earlier state outlasts the parameters that the lab is now opened with."""
        return None

    @property
    def tutor(self) -> "TutorApp":
        """The app, with its settings, signs and colours."""
        return cast("TutorApp", self.app)

    def on_mount(self) -> None:
        """Textual calls this for every class of a widget; nobody needs to call it."""
        self._grow()

    def on_resize(self) -> None:
        self._grow()

    def _grow(self) -> None:
        """Inside a lesson: taller on a tall screen."""
        if self.embedded:
            self.styles.height = max(self.LEAST, min(self.MOST, self.app.size.height - self.TEXT))

    def lab_state(self) -> dict[str, Any]:
        """JSON-able, and enough to bring everything back."""
        raise NotImplementedError

    def title(self) -> str:
        """What the title line of the lab's own screen says."""
        raise NotImplementedError

    def status(self) -> str:
        """The right end of the title line: how far the lab has gone."""
        return ""

    @property
    def has_opened(self) -> bool:
        """Whether something stands in the place of what the lab shows otherwise: the way out closes that first."""
        return False

    def close_opened(self) -> None:
        """Back to what the lab shows otherwise."""

    def tell_changed(self) -> None:
        """Post `Changed` to the screen itself: on its way past the lab and what it stands in nobody takes it."""
        with suppress(NoScreen):  # it has been left: its state was kept then
            self.screen.post_message(self.Changed(self))

    def redraw(self) -> None:
        """Draw everything anew: the theme or the signs may have changed."""
        self.refresh(layout=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is no text to go back to on the lab's own screen."""
        if action == "leave_lab":
            return self.embedded
        return super().check_action(action, parameters)

    def action_leave_lab(self) -> None:
        """Give the keys back to the text; on the lab's own screen the key is the screen's."""
        if not self.embedded:
            raise SkipAction
        if self.has_opened:
            self.close_opened()
        else:
            self.leave()

    def leave(self) -> None:
        """Give the keys back to the text."""
        self.screen.set_focus(None)


def lab_class(lab_id: str) -> type[LabView]:
    """The widget of a lab: class `Lab` of the module that bears its id. Raises ModuleNotFoundError."""
    return cast(type[LabView], import_module(_module_of(lab_id)).Lab)


async def import_lab(lab_id: str) -> None:
    """Import what `lab_class` will need off the screen's thread: with the first lab, numpy comes, too.

    What is wrong with it is left for `lab_class` to raise.
    """
    name = _module_of(lab_id)
    if not hasattr(sys.modules.get(name), "Lab"):
        with suppress(ImportError):
            await asyncio.to_thread(import_module, name)


def _module_of(lab_id: str) -> str:
    return f"tutor.tui.labs.{lab_id.replace('-', '_')}"
