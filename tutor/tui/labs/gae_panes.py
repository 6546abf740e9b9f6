"""What the GAE lab draws: the table, the curve over lambda beside it, the formulas below."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.tui.labs import gae_words as words
from tutor.tui.labs.gae_picture import chart
from tutor.tui.labs.gae_session import GaeSession
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

FORMULAS = 9  # rows, the note with them
LEAST_PLOT = 22  # columns below which there is none
LEAST_ROWS = 4


def fitted(lines: list[Line], rows: int) -> list[Line]:
    """Without as many of the empty lines as there are too many, the first of them first."""
    for _ in range(len(lines) - rows):
        if [] not in lines:
            break
        at = lines.index([])
        lines = [*lines[:at], *lines[at + 1 :]]
    return lines


class GaePanes(Vertical):
    """The table left, the plot right of it, the formulas with their numbers below both."""

    DEFAULT_CSS = """
    GaePanes { height: 1fr; padding: 0 1; }
    GaePanes #above { height: 1fr; }
    GaePanes #formulas { height: 9; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._table, self._formulas = Facts(id="table"), Facts(id="formulas")
        self._plot = ChartView()
        self._above = Horizontal(self._table, self._plot, id="above")
        self._width, self._rows = 80, FORMULAS

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        yield self._above
        yield self._formulas

    def place(self, width: int, height: int, rows: int) -> None:
        """Give every part its place; `show` is to follow. rows: of the table."""
        self._width = width - 2
        plot = self._width - words.TABLE_WIDTH - 2
        beside = plot >= LEAST_PLOT and height - FORMULAS >= LEAST_ROWS
        self._plot.display = beside
        self._table.styles.width = words.TABLE_WIDTH + 2 if beside else "1fr"
        self._rows = min(FORMULAS, max(3, height - rows))
        self._formulas.styles.height = self._rows
        for widget in (self._table, self._formulas):
            widget.refresh()

    def show(self, session: GaeSession, note: Line, *, hidden: bool = False) -> None:
        """Everything; each part redraws only what changed in it."""
        glyphs = self.tutor.glyphs
        self._table.show(words.table(session, self._width, glyphs, hidden=hidden))
        lines = words.formulas(session, self._width, glyphs, hidden=hidden)
        self._formulas.show(fitted([note, *lines] if note else lines, self._rows))
        if self._plot.display:
            self._plot.show(chart(session, glyphs, hidden=hidden))

    def plot_in_words(self, session: GaeSession) -> str:
        """The text equivalent of the plot, drawn or not."""
        self._plot.show(chart(session, self.tutor.glyphs))
        return self._plot.summary()

    @property
    def plain(self) -> str:
        """The words and numbers that are shown, without the plot."""
        return f"{self._table.plain}\n{self._formulas.plain}"
