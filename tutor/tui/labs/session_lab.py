"""A lab that shows a session: its first line, its panes, the pages over it, and the keys that every lab has."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from tutor import paths
from tutor.experiments import LabDescription, ParameterError, Value, find_lab
from tutor.tui.glyphs import cut
from tutor.tui.labs.base import LabView
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import ABSENT
from tutor.tui.screens.base import TutorScreen
from tutor.tui.widgets.facts import Facts

if TYPE_CHECKING:
    from tutor.tui.screens.parameters import ParametersScreen

NOTHING_BACK: Line = [("Nothing to take back.", "muted")]


class Session(Protocol):
    """What the learner does, as far as every lab knows it. It knows no screen."""

    @property
    def parameters(self) -> Mapping[str, Value]: ...
    def undo(self) -> bool: ...
    def reset(self) -> None: ...
    def to_state(self) -> dict[str, Any]: ...


S = TypeVar("S", bound=Session)


class SessionLab(LabView, Generic[S]):
    """The keys act on the session, the panes show it.

    A subclass gives its id, the session (`begin`), the panes with `place` and `draw`, and what stands on the pages
    (`explanation`, `code`, `export`). problem: what says why there is nothing to play with; it is then shown instead of
    the panes, and no key acts but the one that leaves.
    """

    DEFAULT_CSS = """
    SessionLab #head { height: 1; background: $panel; }
    """

    lab_id = ""
    session: S

    def __init__(
        self,
        parameters: Mapping[str, Value],
        state: Mapping[str, Any] | None = None,
        *,
        embedded: bool = False,
    ) -> None:
        super().__init__(parameters, state, embedded=embedded)
        self._note: Line = []  # said once, about the last key
        self._rested: frozenset[str] = frozenset()  # what rests, as the bottom line was told
        self._head = Facts(id="head")
        self._plots_drawn_at = 0.0
        self.problem = self.missing()
        if self.problem is None:
            self.session = self.begin()

    # What a subclass gives

    def missing(self) -> Widget | None:
        """What says why there can be no session, if there can be none."""
        return None

    def begin(self) -> S:
        """The session of `self.parameters` and `self.saved_state`."""
        raise NotImplementedError

    def panes(self) -> Widget:
        raise NotImplementedError

    def place(self, width: int, height: int) -> None:
        """Give the panes their places; `draw` follows."""
        raise NotImplementedError

    def draw(self) -> None:
        """Show the session and the note; all but the plots."""
        raise NotImplementedError

    def draw_plots(self) -> None:
        """Show the plots, where they are drawn at a limited rate."""

    def moved(self) -> None:
        """The session stands elsewhere."""

    def next_preset(self) -> None:
        """Set the session to the lab's next example."""
        raise NotImplementedError

    def set_session(self, values: Mapping[str, Value]) -> None:
        """Give the session other parameters."""
        raise NotImplementedError

    def explanation(self) -> Screen[None]:
        raise NotImplementedError

    def code(self) -> Sequence[Callable[..., Any]]:
        """The functions that run here."""
        raise NotImplementedError

    def export(self) -> list[Path]:
        """Write everything down; the files. Raises OSError."""
        raise NotImplementedError

    def present_values(self) -> Mapping[str, Value]:
        """The parameters as they are now."""
        return self.session.parameters

    def options(self) -> "type[ParametersScreen]":
        """The form of the options."""
        from tutor.tui.screens.parameters import ParametersScreen

        return ParametersScreen

    def pause(self) -> None:
        """Stop what runs by itself."""

    # What the screens ask

    @property
    def description(self) -> LabDescription:
        return find_lab(self.lab_id)

    def lab_state(self) -> dict[str, Any]:
        return self.session.to_state() if self.problem is None else dict(self.saved_state or {})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a session only leaving is possible."""
        if self.problem is not None and action != "leave_lab":
            return False
        return super().check_action(action, parameters)

    # What is drawn

    def compose(self) -> ComposeResult:
        if self.embedded:
            yield self._head
        yield self.problem or self.panes()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.redraw())

    def on_unmount(self) -> None:
        self.pause()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Everything anew: another size, theme or set of signs."""
        self._head.refresh()
        self.refresh_bindings()
        self._show_head()
        if self.problem is None:
            self.place(self.size.width, self.size.height - int(self.embedded))
            self.show()

    def show(self, *, plots: bool = True) -> None:
        self.draw()
        self._show_head()
        if self.resting != self._rested:
            self._rested = self.resting
            self.refresh_bindings()
        if plots:
            self._show_plots()

    def _show_head(self) -> None:
        """On its own screen at once, not by way of a message: it goes with the frame that answers the key."""
        if isinstance(self.screen, TutorScreen) and not self.embedded:
            self.screen.update_title()
        elif self.embedded:
            width, right = self.size.width, self.status() + " "
            left = cut(Content(" " + self.title()), width - len(right) - 1, self.tutor.glyphs).plain
            gap = " " * max(1, width - cell_len(left) - len(right))
            self._head.show([[(left, "strong"), (gap + right, "muted")]])

    def _show_plots(self) -> None:
        self._plots_drawn_at = time.monotonic()
        self.draw_plots()

    @property
    def plots_due(self) -> bool:
        """Whether the plots may be drawn again, at the rate of the settings."""
        return time.monotonic() - self._plots_drawn_at >= 1 / self.tutor.settings.plot_rate

    def changed(self, note: Line | None = None, *, plots: bool = True) -> None:
        """Draw, and let the screen know. note: what is said from now on; None leaves it as it is."""
        if note is not None:
            self._note = note
        self.show(plots=plots)
        self.tell_changed()

    # Acting

    def on_key(self, event: events.Key) -> None:
        """A key that other labs have and this one lacks says so, and turns no page behind the lab."""
        if self.problem is None and event.key in ABSENT and event.key not in self._bindings.key_to_bindings:
            event.stop()
            event.prevent_default()
            self._note = [(ABSENT[event.key], "muted")]
            self.show(plots=False)

    def action_undo(self) -> None:
        self.pause()
        done = self.session.undo()
        self.moved()
        self.changed([] if done else NOTHING_BACK)

    def action_reset(self) -> None:
        self.start_again(self.session.reset)

    def action_preset(self) -> None:
        self.start_again(self.next_preset)

    def start_again(self, start: Callable[[], object]) -> None:
        self.pause()
        start()
        self.moved()
        self.changed([])

    # Pages over the lab

    def action_explain(self) -> None:
        self.pause()
        self._show_plots()
        self.app.push_screen(self.explanation())

    def action_code(self) -> None:
        from tutor.tui.labs.reader import ReaderScreen
        from tutor.tui.labs.source import source_of

        self.pause()
        self.app.push_screen(
            ReaderScreen("The code that runs", source_of(self.code()), spaced=False, wide=True)
        )

    def action_export(self) -> None:
        self.pause()
        try:
            self.tell_export(self.export())
        except OSError as error:
            self.tell_export(error)

    def tell_export(self, written: list[Path] | OSError) -> None:
        """Where everything is now, or why nothing is."""
        if isinstance(written, OSError):
            self.notify(f"Nothing was written: {paths.reason(written)}", severity="warning", markup=False)
        elif paths.hosted():
            from tutor.tui.exported import ExportedScreen

            self.app.push_screen(ExportedScreen(written))
        else:
            folder = written[0].parent
            where = folder.name if folder.parent == Path.cwd() else str(folder)
            self.changed([(f"{len(written)} files in {where}", "accent")], plots=False)

    def action_options(self) -> None:
        self.pause()
        title = f"{self.description.title}: options"
        form = self.options()(title, self.description.parameters, self.present_values(), self.use)
        self.app.push_screen(form)

    def action_draw(self) -> None:
        """For a lab on a grid: draw another one, beginning with this one."""
        from tutor.tui.screens.grid_editor import GridEditorScreen

        self.pause()
        grid = str(self.session.parameters["grid"])
        self.app.push_screen(GridEditorScreen(grid, lambda line: self.set_parameters({"grid": line})))

    def use(self, values: Mapping[str, Value]) -> None:
        """Use other parameters; what that does to the rest is the session's business. Raises ParameterError, and
        changes nothing, where they cannot be used."""
        self.start_again(lambda: self.set_session(values))

    def set_parameters(self, values: Mapping[str, Value]) -> None:
        """As `use`; what cannot be used is told."""
        try:
            self.use(values)
        except ParameterError as error:
            self.changed([(str(error), "error")])
