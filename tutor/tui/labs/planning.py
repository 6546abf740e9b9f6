"""The planning lab: sweep a known grid, and see every number of one cell's backup."""

from textual.binding import Binding

from tutor.tui.labs import planning_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import arrows, gamma, key, keys
from tutor.tui.labs.map_panes import MapPanes
from tutor.tui.labs.planning_picture import chart
from tutor.tui.labs.planning_session import PlanningSession
from tutor.tui.labs.tabular_lab import CursorLab
from tutor.tui.labs.value_map import value_cells

FACTS = 7  # rows: where it stands, the formula, four actions, a note
DONE: Line = [("Nothing changes any more", "error"), (": the values are found. 0 starts again.", "")]


class Lab(CursorLab[PlanningSession, MapPanes]):
    """The arrows move the cursor, space sweeps, enter backs up one state."""

    BINDINGS = [
        *arrows("look", "look", "look at another cell"),
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
    session_class = PlanningSession
    words = words

    def new_panes(self) -> MapPanes:
        return MapPanes(FACTS)

    def where(self) -> str:
        unit = "step" if self.session.algorithm == "policy-iteration" else self.unit
        return f"{unit} {self.session.t}"

    def draw(self) -> None:
        session, panes, glyphs = self.session, self._panes, self.tutor.glyphs
        panes.lay_out(session.env.rows, session.env.cols)
        cell = panes.plan.cell[0]
        policy, changed = session.policy, session.changed()
        cells = value_cells(
            session.env, session.values, policy, session.cursor, cell, glyphs, panes.ink, changed
        )
        lines = [
            *words.status_lines(session, panes.width, glyphs),
            words.heading(session, glyphs),
            *words.backup_lines(session, panes.width, glyphs),
            words.remark(session),
        ]
        panes.show(cells, self.noted(lines, panes.plan.facts))

    def draw_plots(self) -> None:
        self._panes.show_plot(chart(self.session, self.tutor.glyphs))

    # Acting

    def action_state(self) -> None:
        self.pause()
        self.act(self.session.step_state)

    def over_note(self) -> Line:
        return [(self.session.problem, "error")] if self.session.problem else DONE

    def action_algorithm(self) -> None:
        self.cycle("algorithm")

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import planning_pages as pages

        self.pause()
        question = pages.question(self.session)
        if question is None:
            self.changed(self.over_note())
            return
        asked, states = question
        self.ask(asked, lambda choice: pages.judged(self.session, states, choice))
