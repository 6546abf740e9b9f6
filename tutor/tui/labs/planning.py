"""The planning lab: sweep a known grid, and see every number of one cell's backup."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from tutor.tui.labs import planning_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import gamma, key, keys
from tutor.tui.labs.map_panes import MapPanes
from tutor.tui.labs.planning_picture import chart
from tutor.tui.labs.planning_session import ALGORITHMS, PlanningSession
from tutor.tui.labs.step_lab import StepLab
from tutor.tui.labs.value_map import value_cells
from tutor.tui.widgets.grid import GridPane

NARROW = 70  # columns below which the title drops a word
FACTS = 7  # rows: where it stands, the formula, four actions, a note
LOOK = "look at another cell"
DONE: Line = [("Nothing changes any more", "error"), (": the values are found. 0 starts again.", "")]


class Lab(StepLab[PlanningSession]):
    """The arrows move the cursor, space sweeps, enter backs up one state."""

    BINDINGS = [
        Binding("up", "look(0)", "look", key_display="arrows", tooltip=LOOK),
        Binding("right", "look(1)", "look", show=False, tooltip=LOOK),
        Binding("down", "look(2)", "look", show=False, tooltip=LOOK),
        Binding("left", "look(3)", "look", show=False, tooltip=LOOK),
        key("step", "sweep", "the next sweep, or the rest of this one"),
        Binding("enter", "state", "one state", tooltip="back up one state only, in their order"),
        key("run", tooltip="sweep by itself, or pause"),
        key("undo", tooltip="take the last sweep, or state, back"),
        *gamma(),
        key("reset", tooltip="back to values of 0", display="0"),
        Binding("a", "algorithm", "method", tooltip="value iteration, policy iteration, policy evaluation"),
        key("options", tooltip="set all options: grid, gamma, slip, algorithm, in place, policy"),
        key("draw"),
        key("explain"),
        key("preset", "next grid", "the next grid"),
        key("predict", tooltip="predict which cell the next sweep changes most, then see"),
        *keys("faster", "slower", "code", "export"),
    ]
    lab_id = "planning"
    unit = "sweep"
    gammas = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

    def begin(self) -> PlanningSession:
        self._panes = MapPanes(FACTS)
        if self.saved_state is None:
            return PlanningSession(self.parameters)
        return PlanningSession.from_state(self.saved_state, self.parameters)

    def title(self) -> str:
        return words.title(self.session, self.tutor.glyphs, short=self.app.size.width < NARROW)

    def status(self) -> str:
        unit = "step" if self.session.algorithm == "policy-iteration" else self.unit
        sweeps = f"{unit} {self.session.t}"
        return f"{self.speed}/s  {sweeps}" if self.running else sweeps

    def panes(self) -> MapPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def draw(self) -> None:
        session, panes, glyphs = self.session, self._panes, self.tutor.glyphs
        panes.lay_out(session.env.rows, session.env.cols)
        cell = panes.plan.cell[0]
        policy, changed = session.policy, session.changed()
        cells = value_cells(
            session.env, session.values, policy, session.cursor, cell, glyphs, panes.ink, changed
        )
        lines = [
            *words.status_lines(session, glyphs),
            words.heading(session, glyphs),
            *words.backup_lines(session, panes.width, glyphs),
        ]
        room = panes.plan.facts
        note = [self._note] if self._note else []
        panes.show(cells, [*lines[: room - len(note)], *note])

    def draw_plots(self) -> None:
        self._panes.show_plot(chart(self.session, self.tutor.glyphs))

    # Acting

    def action_look(self, action: int) -> None:
        self.session.move(action)
        self.changed([], plots=False)

    def step(self) -> bool:
        return self.session.step()

    def action_state(self) -> None:
        self.pause()
        self.act(self.session.step_state)

    def over_note(self) -> Line:
        return [(self.session.problem, "error")] if self.session.problem else DONE

    def action_algorithm(self) -> None:
        following = ALGORITHMS[(ALGORITHMS.index(self.session.algorithm) + 1) % len(ALGORITHMS)]
        self.start_again(lambda: self.session.set_parameters({"algorithm": following}))

    def next_preset(self) -> None:
        grids = [str(preset["grid"]) for preset in self.description.presets]
        now = str(self.session.parameters["grid"])
        at = grids.index(now) if now in grids else -1
        self.session.set_parameters({"grid": grids[(at + 1) % len(grids)]})

    def on_grid_pane_clicked(self, event: GridPane.Clicked) -> None:
        """A click on a cell looks at it."""
        state = self.session.env.state_at(event.row, event.col)
        if state is not None:
            self.session.cursor = state
            self.changed([], plots=False)

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import planning_pages as pages

        self.pause()
        question = pages.question(self.session)
        if question is None:
            self.changed(self.over_note())
            return
        asked, states = question

        def answered(choice: int | None) -> None:
            if choice is not None:
                self.changed(pages.judged(self.session, states, choice))

        self.app.push_screen(asked, answered)

    def explanation(self) -> Screen[None]:
        from tutor.tui.labs import planning_pages as pages

        return pages.explanation(self.session, self.tutor.glyphs, self._panes.plot_in_words())

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.tui.labs.planning_pages import CODE

        return CODE

    def export(self) -> list[Path]:
        from tutor.tui.labs.planning_export import export_session

        return export_session(self.session)
