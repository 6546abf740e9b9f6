"""A lab on its own screen: the lab fills it, its state is found again at the next visit."""

from collections.abc import Iterable, Mapping

from textual.binding import Binding
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from tutor.experiments import ParameterError, UnknownLab, find_lab
from tutor.tui.labs.base import LabView, import_lab, lab_class
from tutor.tui.screens.base import TutorScreen

KEEP_AFTER = 3.0  # seconds from a change until the state is written: a run of keys is one event of the log


class LabScreen(TutorScreen):
    """lab_id: which lab. parameters: given ones begin a new lab; None goes on where the learner left it."""

    CSS = "LabScreen #problem { padding: 1 2; height: auto; }"
    AUTO_FOCUS = "LabView"
    BINDINGS = [
        Binding("escape,q", "back", "back"),
        Binding("escape,q", "home", "home", tooltip="leave the lab, to the lessons"),
        Binding("tab,shift+tab", "enter_lab", "", show=False),
    ]

    def __init__(self, lab_id: str, parameters: Mapping[str, object] | None = None) -> None:
        super().__init__()
        self.lab_id = lab_id
        self.given = parameters
        self.lab: LabView | None = None
        self.problem = ""
        self._unsaved: Timer | None = None

    async def _compose(self) -> None:
        """What is typed while the lab is being imported waits for it."""
        await import_lab(self.lab_id)
        await super()._compose()

    def body(self) -> Iterable[Widget]:
        try:
            self.lab = self._make()
        except (ParameterError, UnknownLab) as error:
            self.problem = str(error)
        except ModuleNotFoundError as error:
            self.problem = f"The lab {self.lab_id!r} cannot be opened: {error}"
        if self.lab is not None:
            yield self.lab
        else:
            lines = [Content(self.problem).stylize("$error"), Content(""), Content("esc or q goes back.")]
            yield Static(Content("\n").join(lines), id="problem", markup=False)

    def _make(self) -> LabView:
        description = find_lab(self.lab_id)
        values = description.values(self.given if self.given is not None else description.presets[0])
        kind, state = lab_class(self.lab_id), self.tutor.progress.lesson("").labs.get(self.lab_id)
        return kind(values, state if self.given is None else kind.carried(state))

    def update_title(self) -> None:
        if self.lab is not None:
            self.title_line.show(self.lab.title(), self.lab.status())
        else:
            self.title_line.show(f"Lab {self.lab_id[:40]}")

    def on_resize(self) -> None:
        """A lab may say less where there is less room."""
        self.update_title()

    def progress_changed(self) -> None:
        """Nothing here shows progress (and the lab's own writing comes back this way)."""

    def on_screen_resume(self) -> None:
        """Coming back from the settings: other signs, perhaps."""
        if self.lab is not None and self.lab.is_mounted:
            self.lab.redraw()
            self.update_title()
            self.on_descendant_blur()

    def on_descendant_blur(self) -> None:
        """Whatever took the focus away (a click beside the lab): here nothing else has a use for the keys."""
        if self.focused is None:
            self.action_enter_lab()

    def on_lab_view_changed(self, event: LabView.Changed) -> None:
        """The lab has set the title line already, with what it shows (see `SessionLab.show`)."""
        event.stop()
        if self._unsaved is None:
            self._unsaved = self.set_timer(KEEP_AFTER, self._keep)

    def on_unmount(self) -> None:
        if self._unsaved is not None:
            self._keep()

    def _keep(self) -> None:
        if self._unsaved is not None:
            self._unsaved.stop()
            self._unsaved = None
        if self.lab is not None:
            self.tutor.recorder.post("lab", lab=self.lab_id, state=self.lab.lab_state())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The way out is named after where it leads: a lab that the shell opened has the first screen below it."""
        if action in ("back", "home"):
            closes = self.lab is not None and self.lab.has_opened  # something in the lab first
            leads_home = self.app.screen_stack[1:2] == [self] and not closes
            return leads_home == (action == "home")
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        if self.lab is not None and self.lab.has_opened:
            self.lab.close_opened()
        else:
            super().action_back()

    def action_home(self) -> None:
        self.action_back()

    def action_enter_lab(self) -> None:
        if self.lab is not None:
            self.lab.focus()
