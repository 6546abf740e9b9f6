"""What the gridworld lab draws: the map and its legend, what happened, the return, two plots."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical

from tutor.tui.labs import gridworld_picture as picture
from tutor.tui.labs import gridworld_words as words
from tutor.tui.labs.gridworld_layout import Layout, layout
from tutor.tui.labs.gridworld_session import GridworldSession
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import GridPane

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

INKS = {"ground": "background", "tile": "panel", "wall": "secondary", "muted": "muted", "text": "foreground"}


class GridworldPanes(Horizontal):
    """World on the left, numbers on the right, both plots below them. It is told when to draw what."""

    DEFAULT_CSS = """
    GridworldPanes { height: 1fr; }
    GridworldPanes #world { width: 30; height: 1fr; margin: 0 2 0 1; }
    GridworldPanes #numbers, GridworldPanes #plots { width: 1fr; height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._plan, self._room = Layout(), (80, 17)
        self._grid, self._legend, self._facts = GridPane(), Facts(), Facts()
        self._rewards, self._returns = ChartView(), ChartView()
        self._world = Vertical(self._grid, self._legend, id="world")
        self._plots = Container(self._rewards, self._returns, id="plots")

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        yield self._world
        yield Vertical(self._facts, self._plots, id="numbers")

    def place(self, width: int, height: int) -> None:
        """The room there is; `show` is to follow."""
        self._room = width, height
        for widget in (self._legend, self._facts):
            widget.refresh()

    def _lay_out(self, rows: int, cols: int) -> None:
        """Give every part its place for a map of rows x cols."""
        plan = layout(rows, cols, *self._room)
        if plan == self._plan:
            return
        self._plan = plan
        self._world.styles.width = plan.world_width
        self._grid.styles.height = plan.map_height
        self._legend.styles.height = plan.legend_height
        self._facts.styles.height = plan.facts_height
        self._plots.styles.layout = "horizontal" if plan.beside else "vertical"
        self._returns.styles.margin = (0, 0, 0, 2 if plan.beside else 0)
        self._plots.display = plan.plots

    def show(self, session: GridworldSession, note: words.Line) -> None:
        """All but the plots; each part redraws only what changed in it."""
        self._lay_out(session.env.rows, session.env.cols)
        inks = self._inks()
        cells = picture.cells(session, self._plan.cell[0], self.tutor.glyphs, inks.__getitem__)
        self._grid.show(cells, inks["muted"])
        self._legend.show(self._signs(session))
        self._facts.show(self._fact_lines(session, note))

    def show_plots(self, session: GridworldSession) -> None:
        """Both plots; an unchanged one costs a comparison."""
        self._rewards.show(picture.reward_chart(session))
        self._returns.show(picture.return_chart(session, self.tutor.glyphs))

    def plots_in_words(self) -> list[str]:
        """The text equivalent of each plot."""
        return [self._rewards.summary(), self._returns.summary()]

    @property
    def plain(self) -> str:
        """The words and numbers that are shown, without the map and the plots."""
        return f"{self._facts.plain}\n{self._legend.plain}"

    def _signs(self, session: GridworldSession) -> list[words.Line]:
        """Most important first, an empty line above where there is room."""
        plan, glyphs = self._plan, self.tutor.glyphs
        signs, *pays = picture.legend(session, plan.cell[0], glyphs)
        lines = [words.chances(session, glyphs), *pays, signs]
        return [[], *lines] if plan.legend_height > len(lines) else lines[: plan.legend_height]

    def _fact_lines(self, session: GridworldSession, note: words.Line) -> list[words.Line]:
        plan, glyphs = self._plan, self.tutor.glyphs
        happened = words.told(session, note, plan.numbers_width, plan.happened_height, glyphs)
        total = words.return_sum(session, plan.numbers_width, glyphs)
        return [*words.transition(session, glyphs), *happened, *total]

    def _inks(self) -> dict[str, str]:
        """Colours of the present theme, for the map."""
        theme = self.app.theme_variables
        inks = {name: theme[variable] for name, variable in INKS.items()}
        return inks | {quantity: self.tutor.colour(quantity) for quantity in ("state", "action", "reward")}
