"""A lab of a session of steps, as small as it can be made: its session, its panes, its words, its pages."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

from rich.cells import cell_len
from textual.screen import Screen
from textual.widget import Widget

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.step_lab import StepLab
from tutor.tui.labs.step_session import CursorSession, StepSession
from tutor.tui.widgets.grid import GridPane

AROUND = 4  # columns at the ends of the title line and between its parts
GAMMAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


class Words(Protocol):
    """The module of a lab's words."""

    def title(self, session: Any, glyphs: Glyphs, *, short: bool = False) -> str:
        """short: where the screen is narrow."""
        ...


class Pages(Protocol):
    """The module `LAB_pages`."""

    CODE: Sequence[Callable[..., Any]]

    def explanation(self, session: Any, glyphs: Glyphs, plots: Any) -> Screen[None]:
        """plots: in words, as the panes tell them."""
        ...


class Exporting(Protocol):
    """The module `LAB_export`."""

    def export_session(self, session: Any) -> list[Path]:
        """Raises OSError."""
        ...


class Panes(Protocol):
    def place(self, width: int, height: int) -> None: ...
    def plots_in_words(self) -> Any: ...


T = TypeVar("T", bound=StepSession)
P = TypeVar("P", bound=Panes)
C = TypeVar("C", bound=CursorSession)


class TabularLab(StepLab[T], Generic[T, P]):
    """A subclass gives `lab_id`, its keys, `session_class`, `words`, its panes (`new_panes`), `draw`, `draw_plots`,
    `over_note`, and what its own keys do. Pages and export stand in the modules `LAB_pages` and `LAB_export`, which
    are imported when they are first asked for. narrow: columns below which the title is a short one, as it is where
    it does not fit beside the status."""

    session_class: type[T]
    words: Words
    narrow = 70
    gammas = GAMMAS
    _panes: P

    def new_panes(self) -> P:
        raise NotImplementedError

    def begin(self) -> T:
        self._panes = self.new_panes()
        if self.saved_state is None:
            return self.session_class(self.parameters)
        return self.session_class.from_state(self.saved_state, self.parameters)

    def title(self) -> str:
        width, glyphs = self.app.size.width, self.tutor.glyphs
        # a subclass's own status may depend on the title
        long = self.words.title(self.session, glyphs)
        room = (self.size.width if self.embedded else width) - cell_len(StepLab.status(self)) - AROUND
        if width >= self.narrow and cell_len(long) <= room:
            return long
        return self.words.title(self.session, glyphs, short=True)

    def panes(self) -> Widget:
        return cast(Widget, self._panes)

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def noted(self, lines: Sequence[Line], room: int) -> list[Line]:
        """At most `room` lines, of which the note, if there is one, is the last."""
        note = [self._note] if self._note else []
        return [*lines[: max(0, room - len(note))], *note]

    # Acting

    def step(self) -> bool:
        return self.session.step()

    def action_seed(self) -> None:
        self.start_again(self.session.reseed)

    def next_preset(self) -> None:
        self.set_session(self.description.presets_after(self.session.parameters)[0])

    def cycle(self, name: str) -> None:
        """The next choice of a parameter."""
        parameter = next(p for p in self.description.parameters if p.name == name)
        choices = parameter.choices
        following = choices[(choices.index(str(self.session.parameters[name])) + 1) % len(choices)]
        self.set_parameters({name: following})

    def ask(self, question: PredictScreen, judged: Callable[[int], Line]) -> None:
        """Ask, and say of the answer what `judged`, which lets it happen, says."""

        def answered(choice: int | None) -> None:
            if choice is not None:
                self.changed(judged(choice))

        self.app.push_screen(question, answered)

    # Pages over the lab

    def _own_module(self, name: str) -> Any:
        return import_module(f"tutor.tui.labs.{self.lab_id.replace('-', '_')}_{name}")

    @property
    def pages(self) -> Pages:
        return cast(Pages, self._own_module("pages"))

    def explanation(self) -> Screen[None]:
        return self.pages.explanation(self.session, self.tutor.glyphs, self._panes.plots_in_words())

    def code(self) -> Sequence[Callable[..., Any]]:
        return self.pages.CODE

    def export(self) -> list[Path]:
        return cast(Exporting, self._own_module("export")).export_session(self.session)


class CursorLab(TabularLab[C, P]):
    """A lab on a grid with a cursor, which the arrows and a click move. plot_follows: whether the plot, and what
    runs, are about its cell."""

    plot_follows = False

    def action_look(self, action: int) -> None:
        self._looked(lambda: self.session.move(action))

    def on_grid_pane_clicked(self, event: GridPane.Clicked) -> None:
        """A click on a cell looks at it."""
        state = self.session.env.state_at(event.row, event.col)
        if state is not None:
            self._looked(lambda: self.session.look(state))

    def _looked(self, look: Callable[[], None]) -> None:
        if self.plot_follows:
            self.pause()  # what runs is about the cell that was looked at
        look()
        self.changed([], plots=self.plot_follows)
