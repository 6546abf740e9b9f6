"""What the policy-gradient lab draws: the map, the episode beside it, one step's push below, and the curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.charts.chart import Chart
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.map_panes import GAP, INKS
from tutor.tui.labs.value_map import Ink
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import Cell, GridPane, cell_size, map_size

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

TOLD = 10  # rows: the update, two formulas, five rows of four actions, heads, a note
TOLD_LEAST = 5
TABLE_LEAST = ((74, 34), (56, 30), (0, 22))  # (columns of the lab, columns that its table has at least)
TABLE_MOST = 62
CURVES_LEAST = 8  # rows of a plot below the map


@dataclass(frozen=True)
class Layout:
    """Sizes in cells. cell: (columns, rows) of one cell of the map. left: columns of the map and what is below it.
    above: rows of the map and the table; told: rows below them. curves: whether a plot stands below the map."""

    cell: tuple[int, int] = (1, 1)
    left: int = 40
    map_height: int = 10
    above: int = 10
    told: int = TOLD
    curves: bool = False


def layout(rows: int, cols: int, width: int, height: int) -> Layout:
    """The map as large as leaves the table and the numbers their room."""
    told = min(TOLD, max(TOLD_LEAST, height - max(rows + 1, 6)))
    above = max(1, height - told)
    table = next(least for from_, least in TABLE_LEAST if width >= from_)
    tall = above - CURVES_LEAST
    cell = cell_size(rows, cols, width - table - GAP, max(rows + 1, tall if tall >= 10 else above))
    map_width, map_height = map_size(rows, cols, cell)
    curves = above - map_height >= CURVES_LEAST
    left = max(map_width, width - TABLE_MOST - GAP) if curves else map_width
    return Layout(cell, left, min(map_height, above), above, told, curves)


class PolicyGradientPanes(Vertical):
    """It is told when to draw what. below: whether the curves are to stand in
    place of the numbers below, where they do not stand beside them."""

    DEFAULT_CSS = """
    PolicyGradientPanes { height: 1fr; }
    PolicyGradientPanes #left { margin: 0 2 0 1; }
    PolicyGradientPanes #told { margin: 0 1; }
    PolicyGradientPanes #steps { width: 1fr; height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan, self.room, self.below = Layout(), (80, 20), False
        self._grid, self._beside = GridPane(), ChartView(id="beside")
        self._left = Vertical(self._grid, self._beside, id="left")
        self._steps, self._told = Facts(id="steps"), Facts(id="told")
        self._above = Horizontal(self._left, self._steps)
        self._curves = ChartView(id="curves")

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    @property
    def table_width(self) -> int:
        return self.room[0] - self.plan.left - 3

    def compose(self) -> ComposeResult:
        yield self._above
        yield self._told
        yield self._curves

    def place(self, width: int, height: int) -> None:
        """The room there is; `lay_out` and `show` are to follow."""
        self.room = width, height
        for widget in (self._steps, self._told):
            widget.refresh()

    def lay_out(self, rows: int, cols: int) -> None:
        """Give every part its place for a map of rows x cols."""
        self.plan = plan = layout(rows, cols, *self.room)
        self._above.styles.height = plan.above
        self._left.styles.width, self._grid.styles.height = plan.left, plan.map_height
        self._beside.display = plan.curves
        below = self.below and not plan.curves
        self._told.display, self._told.styles.height, self._curves.display = not below, plan.told, below

    def show(self, cells: Sequence[Sequence[Cell]], steps: Sequence[Line], told: Sequence[Line]) -> None:
        """Each part redraws only what changed in it."""
        self._grid.show(cells, self.app.theme_variables["muted"])
        self._steps.show(steps)
        self._told.show(told)

    def show_plot(self, chart: Chart) -> None:
        self._beside.show(chart)
        self._curves.show(chart)

    def plots_in_words(self) -> str:
        return self._curves.summary()

    @property
    def ink(self) -> Ink:
        """Colours of the present theme, for the map."""
        theme = self.app.theme_variables
        inks = {name: theme[variable] for name, variable in INKS.items()}
        return lambda name: inks.get(name) or self.tutor.colour(name)
