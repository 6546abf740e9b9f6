"""What the clip lab draws: the plot, the formulas with their numbers, the six cases, what it means."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.tui.labs import clip_words as words
from tutor.tui.labs.clip_picture import chart
from tutor.tui.labs.clip_session import Point
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

GUTTER = 4  # columns of the plot for its y labels
CASES = 5  # rows: the table 3, what it means 2
WIDE_FROM = 100
LEAST_PLOT = (24, 4)  # columns and rows below which there is none
ROOMY_FROM = 30  # rows of the lab from which empty lines stand around the table


class ClipPanes(Vertical):
    """The plot on the left, the numbers beside it, the cases below both."""

    DEFAULT_CSS = """
    ClipPanes { height: 1fr; }
    ClipPanes #above { height: 1fr; }
    ClipPanes #numbers { height: 1fr; margin: 0 0 0 1; }
    ClipPanes #cases { height: 5; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._plot, self._numbers, self._cases = ChartView(), Facts(id="numbers"), Facts(id="cases")
        self._above = Horizontal(self._plot, self._numbers, id="above")
        self._columns, self._width = 40, 80
        self._roomy = False
        self._facts_width = words.FACTS_WIDTH

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        yield self._above
        yield self._cases

    def place(self, width: int, height: int) -> None:
        """Give every part its place; `show` is to follow."""
        self._facts_width = words.FACTS_WIDTH + (8 if width >= WIDE_FROM else 0)
        plot = width - self._facts_width - 1
        self._roomy = height >= ROOMY_FROM
        self._numbers.styles.width = self._facts_width if plot >= LEAST_PLOT[0] else "1fr"
        self._plot.display = plot >= LEAST_PLOT[0] and height - CASES >= LEAST_PLOT[1]
        self._cases.styles.height = CASES + 3 * self._roomy
        self._columns, self._width = max(2, plot - GUTTER), width
        for widget in (self._numbers, self._cases):
            widget.refresh()

    def show(self, point: Point, note: Line, *, hidden: bool = False) -> None:
        """Everything; each part redraws only what changed in it. note: stands in place of what it means."""
        glyphs = self.tutor.glyphs
        self._plot.show(chart(point, self._columns, glyphs, hidden=hidden))
        facts = words.facts(point, self._facts_width, glyphs, hidden=hidden)
        if self._roomy:
            facts = [[], [], *facts]
        self._numbers.show(facts)
        meaning: list[Line] = [[], []] if hidden else words.meaning(point, glyphs)
        if note:
            meaning = [[(" ", ""), *note], meaning[0]]
        gap: list[Line] = [[]] if self._roomy else []
        self._cases.show([*gap, *words.table(point, self._width, glyphs, hidden=hidden), *gap, *meaning])

    def plot_in_words(self) -> str:
        """The text equivalent of the plot."""
        return self._plot.summary()

    @property
    def plain(self) -> str:
        """The words and numbers that are shown, without the plot."""
        return f"{self._numbers.plain}\n{self._cases.plain}"
