"""What the lab inside PPO draws: stages, the table of samples, the chosen number's formula; map and plots beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container, Vertical

from tutor.charts.chart import Chart
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.map_panes import INKS
from tutor.tui.labs.value_map import Ink
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import Cell, GridPane, cell_size, map_size
from tutor.tui.widgets.sample_table import SampleTable, Table

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

BESIDE = 112  # columns from which on map and plots stand beside the table
TABLE = 78  # columns of the table then
LEAST_TABLE = 4  # rows, the headers included
PLOT = (24, 4)  # columns and rows below which there is none


@dataclass(frozen=True)
class Layout:
    """Sizes in cells. table, formula: rows. width: columns of both. side: columns of map and plots. air: an empty row
    above the formula. said: a row for notes; without it a note takes the place of the line above the table."""

    table: int = 12
    formula: int = 5
    width: int = 78
    side: int = 0
    air: bool = True
    said: bool = True


def layout(samples: int, width: int, height: int) -> Layout:
    """The formula gets its rows, the table what is left, up to all samples."""
    left = height - 2
    formula = 5 if left >= LEAST_TABLE + 5 else max(2, left - LEAST_TABLE)
    left -= formula
    said, air = left >= LEAST_TABLE + 3, left >= LEAST_TABLE + 6
    table = max(1, min(samples + 1, left - said - air))
    beside = width >= BESIDE
    return Layout(
        table, formula, TABLE if beside else width - 2, width - TABLE - 2 if beside else 0, air, said
    )


class PpoInsidePanes(Vertical):
    """It is told when to draw what. plots: map and plots take the place of table and formula where they do not fit
    beside them."""

    DEFAULT_CSS = """
    PpoInsidePanes { height: 1fr; }
    PpoInsidePanes > Facts { margin: 0 1; }
    PpoInsidePanes > #stages { margin: 0; }
    PpoInsidePanes #both { height: 1fr; layout: horizontal; }
    PpoInsidePanes #numbers { margin: 0 1; }
    PpoInsidePanes #side { layout: vertical; }
    PpoInsidePanes #side.wide { layout: horizontal; margin: 0 1; }
    PpoInsidePanes #plots { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan, self._room, self.plots = Layout(), (80, 21), False
        self._stages, self._where, self._said = Facts("stages"), Facts("where"), Facts("said")
        self._table, self._formula = SampleTable("table"), Facts("formula")
        self._numbers = Vertical(self._table, self._formula, id="numbers")
        self._grid, self._ratios, self._epochs = GridPane(), ChartView(), ChartView()
        self._plots = Vertical(self._ratios, self._epochs, id="plots")
        self._side = Container(self._grid, self._plots, id="side")
        self._both = Container(self._numbers, self._side, id="both")

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        yield self._stages
        yield self._where
        yield self._both
        yield self._said

    def place(self, width: int, height: int) -> None:
        """The room there is; `lay_out` and `show` are to follow."""
        self._room = width, height
        for widget in (self._stages, self._where, self._said, self._table, self._formula):
            widget.refresh()

    @property
    def line_width(self) -> int:
        """Columns of a line across the lab."""
        return max(1, self._room[0] - 2)

    @property
    def beside(self) -> bool:
        """Whether the table, the map and the plots are all in sight."""
        return self.plan.side > 0

    def lay_out(self, samples: int, rows: int, cols: int) -> None:
        """Give every part its place, for so many samples and a map of rows x cols."""
        self.plan = plan = layout(samples, *self._room)
        alone = self.plots and not self.beside
        self._numbers.display = not alone
        self._side.display = alone or self.beside
        self._both.styles.width = self._room[0]  # the margins of the lines above are not its own
        self._numbers.styles.width = plan.width
        self._table.styles.height, self._formula.styles.height = plan.table, plan.formula
        self._formula.styles.margin = (int(plan.air), 0, 0, 0)
        self._said.display = plan.said
        for line in (self._stages, self._where, self._said):
            line.styles.height = 1
        self._place_side(rows, cols, alone)

    def _place_side(self, rows: int, cols: int, alone: bool) -> None:
        """The map above the plots in a column of its own, else on their left."""
        width, height = self.plan.side or self._room[0] - 2, self._room[1] - 3
        self._side.set_class(alone, "wide")
        self._side.styles.width = width
        if alone:
            room = max(width // 2, width - PLOT[0] - 2)
            size = map_size(rows, cols, cell_size(rows, cols, min(room, width // 2), height))
            self._grid.styles.width, self._grid.styles.height = max(size[0], 8) + 2, height
            self.cell = cell_size(rows, cols, size[0], height)
        else:
            self.cell = cell_size(rows, cols, width, height // 2)
            self._grid.styles.width, self._grid.styles.height = width, map_size(rows, cols, self.cell)[1] + 1
        left = height if alone else height - map_size(rows, cols, self.cell)[1] - 1
        self._epochs.display = left >= 2 * PLOT[1] + 2

    def wait(self, line: Line) -> None:
        """This line alone."""
        self._both.visible = False
        self._stages.show([line])
        self._where.show([])
        self._said.show([])

    def show(
        self,
        lines: tuple[Line, Line, Line],
        table: Table,
        at: tuple[int, int],
        formula: Sequence[Line],
    ) -> None:
        """lines: the stages, where it stands, what was said. at: row and column that are chosen."""
        stages, where, said = lines
        self._both.visible = True
        self._stages.show([stages])
        self._where.show([where if self.plan.said or not said else said])
        self._said.show([said])
        self._table.show_table(table, *at, self.plan.width, self.plan.table)
        self._formula.show(formula)

    @property
    def map_in_sight(self) -> bool:
        return self.plots or self.beside

    def show_map(self, cells: Sequence[Sequence[Cell]]) -> None:
        self._grid.show(cells, self.app.theme_variables["muted"])

    def show_plots(self, ratios: Chart, epochs: Chart) -> None:
        """An unchanged one costs a comparison."""
        self._ratios.show(ratios)
        self._epochs.show(epochs)

    def plots_in_words(self) -> list[str]:
        return [self._ratios.summary(), self._epochs.summary()]

    @property
    def ink(self) -> Ink:
        """Colours of the present theme, for the map."""
        theme = self.app.theme_variables
        inks = {name: theme[variable] for name, variable in INKS.items()}
        return lambda name: inks.get(name) or self.tutor.colour(name)
