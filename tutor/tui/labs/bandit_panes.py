"""What the bandit lab draws: the arms, what happened, the regret. Beside each other where there is room."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.charts.chart import Chart
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts

ARMS_LEAST = 45  # columns of the table of arms
PLOT_LEAST = 24
TOLD = 4  # rows: what happened, and a note


@dataclass(frozen=True)
class Layout:
    """Sizes in cells: the table's columns, its rows, the rows below it; whether there is a plot."""

    arms_width: int = 50
    arms_height: int = 11
    told: int = TOLD
    plot: bool = True


def layout(width: int, height: int) -> Layout:
    """The table takes what the plot and the words below leave."""
    plot = width >= ARMS_LEAST + PLOT_LEAST + 3
    arms_width = max(ARMS_LEAST, width * 3 // 5) if plot else width - 2
    told = min(TOLD, max(1, height - 4))
    return Layout(arms_width, max(1, height - told), told, plot)


class BanditPanes(Vertical):
    """It is told when to draw what."""

    DEFAULT_CSS = """
    BanditPanes { height: 1fr; }
    BanditPanes #arms { margin: 0 2 0 1; height: 1fr; }
    BanditPanes #told { margin: 0 1; height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan = Layout()
        self._arms, self._chart, self._told = Facts(id="arms"), ChartView(), Facts(id="told")
        self._above = Horizontal(self._arms, self._chart)
        self._room = 78

    def compose(self) -> ComposeResult:
        yield self._above
        yield self._told

    def place(self, width: int, height: int) -> None:
        self.plan, self._room = layout(width, height), width - 2
        self._above.styles.height = self.plan.arms_height
        self._arms.styles.width = self.plan.arms_width
        self._chart.display = self.plan.plot
        for widget in (self._arms, self._told):
            widget.refresh()

    def show(self, arms: Sequence[Line], told: Sequence[Line]) -> None:
        self._arms.show(arms)
        self._told.show(told[: self.plan.told])

    def show_plot(self, chart: Chart) -> None:
        self._chart.show(chart)

    def plots_in_words(self) -> str:
        return self._chart.summary()
