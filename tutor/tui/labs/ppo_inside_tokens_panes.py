"""What the lab inside PPO over tokens draws: stages, the answer, the table of its tokens, a formula; or the plots."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_panes import layout
from tutor.tui.labs.run_panes import RunPanes
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.sample_table import SampleTable, Table

LEAST_PLOTS = 12  # rows that are left under the formula from which the plots stand there
AIR = 2  # lines above the table of which `layout` counts one


class TokenPanes(RunPanes):
    """on_plots: they take the place of table and formula where there is no room under them."""

    DEFAULT_CSS = """
    TokenPanes { padding: 0; }
    TokenPanes > Facts { margin: 0 1; height: 1; }
    TokenPanes > #stages { margin: 0; }
    TokenPanes > SampleTable, TokenPanes > #formula { margin: 0 1; }
    TokenPanes #plots { height: 1fr; margin: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(2)
        self.on_plots = False
        self._stages, self._answer, self._where = Facts("stages"), Facts("answer"), Facts("where")
        self._tokens, self._formula = SampleTable("tokens"), Facts("formula")
        self._room = 80, 21
        self.formula_rows = 5

    def compose(self) -> ComposeResult:
        yield self._stages
        yield self._answer
        yield self._where
        yield self._tokens
        yield self._formula
        self._plots = Horizontal(*self.views, id="plots")
        yield self._plots
        yield self._said

    def place(self, width: int, height: int, *, above: int = 0, rows: int = 0) -> None:  # noqa: ARG002
        """The room there is; `show_token` follows."""
        self._room, self.columns = (width, height), max(20, width - 2)
        for place, view in enumerate(self.views):
            view.display = isinstance(view, ChartView) and (not place or self.columns >= 60)
        for widget in (self._stages, self._answer, self._where, self._tokens, self._formula, self._said):
            widget.refresh()

    def show_token(
        self,
        lines: tuple[Line, Line, Line, Line],
        table: Table,
        at: tuple[int, int],
        formula: Sequence[Line],
        *,
        urgent: bool,
    ) -> None:
        """lines: the stages, the answer, where it stands, what was said. at: row and column that are chosen. urgent:
        what was said takes the place of where it stands, if it has no line of its own."""
        width, height = self._room
        plan = layout(len(table), min(width, 100), height - AIR + 1)
        self._tokens.display = self._formula.display = not self.on_plots
        left = height - AIR - plan.table - plan.formula - plan.air - plan.said
        self._plots.display = self.on_plots or left >= LEAST_PLOTS
        self._tokens.styles.height, self._formula.styles.height = plan.table, plan.formula
        self._formula.styles.margin = (int(plan.air), 1, 0, 1)
        self._said.display = plan.said
        stages, answer, where, said = lines
        self._stages.show([stages])
        self._answer.show([answer])
        self._where.show([said if said and urgent and not plan.said else where])
        self._said.show([said])
        self._tokens.show_table(table, *at, self.columns, plan.table)
        self.formula_rows = plan.formula
        self._formula.show(formula)

    def show_waiting(self, lines: Sequence[Line]) -> None:
        """While there is no update to take apart."""
        self._plots.display = self._tokens.display = False
        self._formula.display = True
        self._formula.styles.height = max(2, len(lines))
        for empty in (self._stages, self._answer, self._where, self._said):
            empty.show([[]])
        self._formula.show(lines)

    @property
    def plain(self) -> str:
        """The words and numbers that are shown, without the plots."""
        parts = (self._stages, self._answer, self._where, self._tokens, self._formula, self._said)
        return "\n".join(part.plain for part in parts)
