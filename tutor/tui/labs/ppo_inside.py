"""The lab inside PPO: one update taken apart, sample by sample and epoch by epoch."""

import asyncio
from collections.abc import Callable

from textual import events
from textual.binding import Binding, BindingType

from tutor.tui.labs import ppo_inside_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, keys, main
from tutor.tui.labs.ppo_inside_batch import STAGES, GridBatch
from tutor.tui.labs.ppo_inside_formulas import GridTable
from tutor.tui.labs.ppo_inside_panes import PpoInsidePanes
from tutor.tui.labs.ppo_inside_picture import epochs, ratios
from tutor.tui.labs.ppo_inside_session import MOST_UPDATES, PatientSession, PpoInsideSession
from tutor.tui.labs.step_lab import next_of
from tutor.tui.labs.tabular_lab import TabularLab
from tutor.tui.labs.value_map import value_cells
from tutor.tui.widgets.grid import GridPane
from tutor.tui.widgets.sample_table import SampleTable
from tutor.tui.working import begin

EPSILONS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 0.9)
PAGE = 10  # samples of one page key
CLIP_RANGE = "the clip range epsilon down or up: the same samples, this update anew"


def _stage_keys() -> list[BindingType]:
    """`1` to `9`: straight to a stage."""
    return [
        Binding(str(number + 1), f"stage({number})", name, show=False, tooltip=f"the stage: {name}")
        for number, name in enumerate(STAGES)
    ]


class Lab(TabularLab[PpoInsideSession, PpoInsidePanes]):
    """Left and right go through the numbers of a sample, and so through the stages; up and down through the samples."""

    BINDINGS = [
        Binding(
            "left", "column(-1)", "look", key_display="arrows", tooltip="the number before: the stage before"
        ),
        Binding("right", "column(1)", "look", show=False, tooltip="the next number: the next stage"),
        Binding("up", "row(-1)", "look", show=False, tooltip="the sample before"),
        Binding("down", "row(1)", "look", show=False, tooltip="the next sample"),
        Binding("pageup", f"row(-{PAGE})", f"{PAGE} samples back", show=False),
        Binding("pagedown", f"row({PAGE})", f"{PAGE} samples on", show=False),
        Binding("home", "row(-1000000)", "the first sample", show=False),
        Binding("end", "row(1000000)", "the last sample", show=False),
        key("step", "epoch", "the next epoch; after the last one the next update", "space"),
        key("undo", tooltip="one epoch back"),
        key("predict", tooltip="predict whether the next epoch clips this sample, then see"),
        *main("epsilon", "clip", CLIP_RANGE),
        Binding("v", "view", "plots", tooltip="the map and the plots, or the table"),
        key("explain", tooltip="what this update does and why, and the plots in words"),
        key(
            "options", tooltip="set all options: grid, epsilon, learning rate, epochs, samples, which update"
        ),
        *keys("reset", "seed"),
        key("run", tooltip="epochs by themselves, or pause"),
        key("preset", tooltip="the next example: an early update, a late one, a network, another grid"),
        key("draw"),
        Binding("k", "clipped", "next clipped", show=False, tooltip="the next sample that is clipped"),
        *_stage_keys(),
        *keys("faster", "slower", "code", "export"),
    ]
    lab_id = "ppo-inside"
    unit = "epoch"
    at_once = 40
    session_class = PatientSession
    _making = False  # whether a thread is at what is lacking
    words = words

    def new_panes(self) -> PpoInsidePanes:
        return PpoInsidePanes()

    def where(self) -> str:
        if self._waits:
            return "computing"
        session = self.session
        return f"update {session.update}  epoch {session.epoch}/{session.epochs}"

    # Waiting for what is computed in a thread

    @property
    def _waits(self) -> bool:
        """Whether there is no update to look at yet."""
        return self.problem is None and (self.session.lacking > 0 or not self.session.settings)

    def show(self, *, plots: bool = True) -> None:
        if not self._waits:
            super().show(plots=plots)
            return
        self._show_head()
        self._panes.wait(words.computing(self.session))
        if not self._making and self.session.lacking:
            self._making = True
            self.refresh_bindings()
            begin(self, self._made, group="updates")

    async def _made(self) -> None:
        """Make what is lacking, one update after another; leaving the lab ends it with the present one."""
        session = self.session
        while session.lacking:
            await asyncio.to_thread(session.make_one)
            if session.lacking:
                self.show(plots=False)
        self._making = False
        self.refresh_bindings()
        self.changed([(session.problem, "error")] if session.problem else [])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While it computes only leaving is possible."""
        if self._waits and action != "leave_lab":
            return False
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """A key of the lab that has to wait turns no page behind it."""
        bindings = self._bindings.key_to_bindings.get(event.key, [])
        if self._waits and bindings and all(binding.action != "leave_lab" for binding in bindings):
            event.stop()
            event.prevent_default()

    def act(self, step: Callable[[], bool], *, plots: bool = True) -> bool:
        """A run that goes on by itself waits, too."""
        return self._waits or super().act(step, plots=plots)

    # What is drawn

    def draw(self) -> None:
        session, panes, glyphs = self.session, self._panes, self.tutor.glyphs
        panes.lay_out(len(session.samples), session.env.rows, session.env.cols)
        table = GridTable(session, glyphs)
        width, plan, at = panes.line_width, panes.plan, (session.row, table.column_index)
        lines = (
            words.stage_line(table.stages, table.columns[at[1]].stage, width + 1, glyphs),
            words.where(session, width, glyphs),
            self._note,
        )
        panes.show(lines, table, at, words.fitted(table.formula(*at, plan.width), plan.width, plan.formula))
        if panes.map_in_sight:
            self._draw_map()

    def _draw_map(self) -> None:
        """The policy of the epoch and the critic's values, the cursor on the sample's state."""
        session, panes = self.session, self._panes
        state = int(session.samples.state[session.row])
        values = session.inside.new_values if session.finished else session.inside.old_values
        cells = value_cells(
            session.env, values, session.now.policy, state, panes.cell[0], self.tutor.glyphs, panes.ink
        )
        panes.show_map(cells)

    def draw_plots(self) -> None:
        self._panes.show_plots(ratios(self.session, self.tutor.glyphs), epochs(self.session))

    # Looking

    def action_row(self, by: int) -> None:
        self.session.look(self.session.row + by)
        self.changed([])

    def action_column(self, by: int) -> None:
        batch = GridBatch(self.session, self.tutor.glyphs)
        self._choose(max(0, min(batch.column_index + by, len(batch.columns) - 1)))

    def action_stage(self, stage: int) -> None:
        """The last number of a stage is what it is for."""
        batch = GridBatch(self.session, self.tutor.glyphs)
        self._choose(max(place for place, column in enumerate(batch.columns) if column.stage == stage))

    def _choose(self, column: int) -> None:
        batch = GridBatch(self.session, self.tutor.glyphs)
        self.session.column = batch.columns[column].name
        self.changed([], plots=False)

    def action_clipped(self) -> None:
        clipped = [i for i, on in enumerate(self.session.now.clipped) if on]
        if not clipped:
            self.changed([("No sample is clipped now: space makes the next epoch.", "muted")])
            return
        later = [i for i in clipped if i > self.session.row]
        self.session.look(later[0] if later else clipped[0])
        self.changed([])

    def action_view(self) -> None:
        self._panes.plots = not self._panes.plots
        beside: Line = [("Table, map and plots are all in sight already.", "muted")]
        self.changed(beside if self._panes.beside else [])

    def on_sample_table_chosen(self, event: SampleTable.Chosen) -> None:
        """A click on a number looks at it."""
        if self._waits:
            return
        self.session.look(event.row)
        self._choose(event.column)

    def on_grid_pane_clicked(self, event: GridPane.Clicked) -> None:
        """A click on a cell looks at the next sample that was taken there."""
        if self._waits:
            return
        state = self.session.env.state_at(event.row, event.col)
        there = [i for i, s in enumerate(self.session.samples.state) if s == state]
        if there:
            later = [i for i in there if i > self.session.row]
            self.session.look(later[0] if later else there[0])
            self.changed([])

    # Acting

    def over_note(self) -> Line:
        if self.session.problem:
            return [(self.session.problem, "error")]
        return [(f"{MOST_UPDATES} updates are the most", "error"), (": 0 starts again.", "")]

    def action_epsilon(self, by: int) -> None:
        chosen = next_of(EPSILONS, float(self.session.parameters["epsilon"]), by)
        if chosen is not None:
            self.set_parameters({"epsilon": chosen})
        if chosen in (None, self.session.epsilon):
            now = f"epsilon {self.session.epsilon:g}: the same samples, update {self.session.update} anew"
            self.changed([(now, "muted")])

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import ppo_inside_pages as pages

        self.pause()
        question = pages.question(self.session, self.tutor.glyphs)
        if question is None:
            self.changed([("This update is over: space begins the next one, then p.", "muted")])
            return
        self.ask(question, lambda choice: pages.judged(self.session, choice, self.tutor.glyphs))
