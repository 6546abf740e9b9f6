"""A map with values, a plot beside it, lines of numbers below: what the labs on values share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.charts.chart import Chart
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.value_map import Ink
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import WIDE, Cell, GridPane, cell_size, map_size

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

PLOT_LEAST = 24  # columns for the plot; the map leaves so many
MAP_LEAST = 5  # rows that a map is given before the numbers are
GAP = 2
INKS = {"ground": "background", "tile": "panel", "wall": "secondary", "muted": "muted", "text": "foreground"}


@dataclass(frozen=True)
class Layout:
    """Sizes in cells. cell: (columns, rows) of one cell of the map. facts: rows for the numbers below."""

    cell: tuple[int, int] = (1, 1)
    map_width: int = 30
    map_height: int = 10
    plot: bool = True
    facts: int = 7


def layout(rows: int, cols: int, width: int, height: int, facts: int) -> Layout:
    """The map as large as leaves `facts` rows below it and a plot beside it."""
    room = max(min(rows + 1, height), height - facts, MAP_LEAST)
    cell = cell_size(rows, cols, width - PLOT_LEAST - GAP, room, WIDE)
    if cell[0] < 4:  # the numbers in the cells are worth more than the plot
        wide = cell_size(rows, cols, width - GAP, room, WIDE)
        cell = wide if wide[0] >= 4 > cell[0] else cell
    map_width = map_size(rows, cols, cell)[0]
    plot = width - map_width - 2 * GAP >= PLOT_LEAST
    return Layout(cell, map_width, room, plot, max(1, height - room))


class MapPanes(Vertical):
    """It is told when to draw what. facts: rows that the numbers would like."""

    DEFAULT_CSS = """
    MapPanes { height: 1fr; }
    MapPanes #above { width: 1fr; }
    MapPanes GridPane { margin: 0 2 0 1; }
    MapPanes #below { margin: 0 1; height: 1fr; }
    """

    def __init__(self, facts: int) -> None:
        super().__init__()
        self._wanted = facts
        self.plan, self._room = Layout(), (80, 17)
        self._grid, self._chart, self._facts = GridPane(WIDE), ChartView(), Facts(id="below")
        self._above = Horizontal(self._grid, self._chart, id="above")

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    @property
    def width(self) -> int:
        """Columns of a line of numbers."""
        return max(1, self._room[0] - 2)

    def compose(self) -> ComposeResult:
        yield self._above
        yield self._facts

    def place(self, width: int, height: int) -> None:
        """The room there is; `lay_out` and `show` are to follow."""
        self._room = width, height
        self._facts.refresh()

    def lay_out(self, rows: int, cols: int) -> None:
        """Give every part its place for a map of rows x cols."""
        plan = layout(rows, cols, *self._room, self._wanted)
        if plan == self.plan:
            return
        self.plan = plan
        self._above.styles.height = plan.map_height
        self._grid.styles.width = plan.map_width
        self._chart.display = plan.plot

    def show(self, cells: Sequence[Sequence[Cell]], lines: Sequence[Line]) -> None:
        """The map and the numbers; each redraws only what changed in it."""
        self._grid.show(cells, self.app.theme_variables["muted"])
        self._facts.show(lines)

    def show_plot(self, chart: Chart) -> None:
        """An unchanged one costs a comparison."""
        self._chart.show(chart)

    def plots_in_words(self) -> str:
        return self._chart.summary()

    @property
    def plain(self) -> str:
        """The words and numbers below the map."""
        return self._facts.plain

    @property
    def ink(self) -> Ink:
        """Colours of the present theme, for the map."""
        theme = self.app.theme_variables
        inks = {name: theme[variable] for name, variable in INKS.items()}
        return lambda name: inks.get(name) or self.tutor.colour(name)
