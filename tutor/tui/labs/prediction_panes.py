"""What the prediction lab draws: two maps of values beside each other, numbers, the errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.charts.chart import Chart
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.map_panes import INKS
from tutor.tui.labs.value_map import Ink
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import WIDE, Cell, GridPane, cell_size, map_size

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

TOLD = 5  # rows: the step, both updates, the errors, a note
LOW = 20  # rows of the lab below which a note takes the place of the errors, and the plot a row more
PLOT_LEAST = 4  # rows; below that the maps take the room
PLOT_SHARE = 0.4  # of the rows that maps and plot have together


@dataclass(frozen=True)
class Layout:
    """Sizes in cells. cell: (columns, rows) of one cell of a map; half: columns of one map and the gap beside it."""

    cell: tuple[int, int] = (1, 1)
    half: int = 38
    map_height: int = 6
    told: int = TOLD
    plot: bool = True


def layout(rows: int, cols: int, width: int, height: int) -> Layout:
    """Maps as large as leaves the numbers their rows and, where possible, a plot its own."""
    half = max(4, (width - 2) // 2)
    told = min(TOLD - (height < LOW), max(1, height - rows - 2))
    room = height - 1 - told
    plot = max(PLOT_LEAST + 2, round(PLOT_SHARE * room))
    cell = cell_size(rows, cols, half - 1, max(rows + 1, room - plot), WIDE)
    map_height = min(map_size(rows, cols, cell)[1], max(1, room))
    return Layout(cell, half, map_height, told, room - map_height >= PLOT_LEAST)


class PredictionPanes(Vertical):
    """It is told when to draw what."""

    DEFAULT_CSS = """
    PredictionPanes { height: 1fr; }
    PredictionPanes #names { height: 1; }
    PredictionPanes #told { margin: 0 1; }
    PredictionPanes ChartView { margin: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan, self._room = Layout(), (80, 17)
        self._names, self._told = Facts(id="names"), Facts(id="told")
        self._left, self._right, self._chart = GridPane(WIDE), GridPane(WIDE), ChartView()
        self._maps = Horizontal(self._left, self._right)

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    @property
    def width(self) -> int:
        """Columns of a line of numbers."""
        return max(1, self._room[0] - 2)

    def compose(self) -> ComposeResult:
        yield self._names
        yield self._maps
        yield self._told
        yield self._chart

    def place(self, width: int, height: int) -> None:
        """The room there is; `lay_out` and `show` are to follow."""
        self._room = width, height
        for widget in (self._names, self._told):
            widget.refresh()

    def lay_out(self, rows: int, cols: int) -> None:
        plan = layout(rows, cols, *self._room)
        if plan == self.plan:
            return
        self.plan = plan
        self._maps.styles.height = plan.map_height
        for pane in (self._left, self._right):
            pane.styles.width = plan.half
        self._told.styles.height = plan.told
        self._chart.display = plan.plot

    def show(
        self,
        names: Line,
        left: Sequence[Sequence[Cell]],
        right: Sequence[Sequence[Cell]],
        lines: Sequence[Line],
    ) -> None:
        muted = self.app.theme_variables["muted"]
        self._names.show([names])
        self._left.show(left, muted)
        self._right.show(right, muted)
        self._told.show(lines)

    def show_plot(self, chart: Chart) -> None:
        self._chart.show(chart)

    def plots_in_words(self) -> str:
        return self._chart.summary()

    @property
    def ink(self) -> Ink:
        """Colours of the present theme, for the maps."""
        theme = self.app.theme_variables
        inks = {name: theme[variable] for name, variable in INKS.items()}
        return lambda name: inks.get(name) or self.tutor.colour(name)
