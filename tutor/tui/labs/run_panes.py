"""What a lab of runs draws: something of its own above, plots side by side, a table, a line for what was said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tutor.charts.chart import Chart
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

LEAST_PLOT = (30, 4)  # columns and rows below which there is none


class RunPanes(Vertical):
    """It is told when to draw what. above: a widget of the lab's own, over the plots."""

    DEFAULT_CSS = """
    RunPanes { height: 1fr; padding: 0 1; }
    RunPanes #plots { height: 1fr; }
    RunPanes .further { margin: 0 0 0 2; }
    RunPanes #said { height: 1; }
    """

    def __init__(self, plots: int, above: Widget | None = None) -> None:
        super().__init__()
        self._above = above
        self.views = [ChartView(classes="further" if place else "") for place in range(plots)]
        self._plots = Horizontal(*self.views, id="plots")
        self._table, self._said = Facts("table"), Facts("said")
        self.columns = 78  # of the table

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        if self._above is not None:
            yield self._above
        yield self._plots
        yield self._table
        yield self._said

    def place(self, width: int, height: int, *, above: int, rows: int) -> None:
        """above, rows: what the lab's own widget and the table need; the plots take what is left."""
        self.columns = max(20, width - 2)
        left = height - 1 - rows
        if self._above is not None:
            self._above.styles.height = max(1, min(above, left))
            left -= above
        self._table.styles.height = rows
        self._plots.display = left >= LEAST_PLOT[1]
        for place, view in enumerate(self.views):
            view.display = not place or self.columns // (place + 1) >= LEAST_PLOT[0]
        for widget in (self._table, self._said):
            widget.refresh()

    def hide_plots(self) -> None:
        """Until the next `place`."""
        self._plots.display = False

    def show(self, table: Sequence[Line], note: Line) -> None:
        """Both redraw only the rows that changed."""
        self._table.show(table)
        self._said.show([note])

    def show_plots(self, charts: Sequence[Chart]) -> None:
        """An unchanged one costs a comparison."""
        for view, chart in zip(self.views, charts, strict=True):
            view.show(chart)

    def plots_in_words(self) -> list[str]:
        """The text equivalent of each plot."""
        return [view.summary() for view in self.views]

    @property
    def plain(self) -> str:
        """The words and numbers that are shown, without the plots."""
        return f"{self._table.plain}\n{self._said.plain}"
