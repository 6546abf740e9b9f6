"""The values lab: any policy's V and Q on a grid; edit the policy and see."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from textual.binding import Binding
from textual.screen import Screen

from tutor.experiments.grids import POLICIES
from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.labs import values_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import gamma, key, keys
from tutor.tui.labs.map_panes import MapPanes
from tutor.tui.labs.step_lab import DiceLab
from tutor.tui.labs.value_map import value_cells
from tutor.tui.labs.values_picture import chart
from tutor.tui.labs.values_session import RANDOM, ValuesSession
from tutor.tui.widgets.grid import GridPane

NARROW = 90  # columns below which the title drops a word
FACTS = 8  # rows: the value, a heading, four actions, the sum, a note
LOOK = "look at another cell"


class Lab(DiceLab[ValuesSession]):
    """The arrows move the cursor, enter turns the policy's arrow there, space samples an episode from there."""

    BINDINGS = [
        Binding("up", "look(0)", "look", key_display="arrows", tooltip=LOOK),
        Binding("right", "look(1)", "look", show=False, tooltip=LOOK),
        Binding("down", "look(2)", "look", show=False, tooltip=LOOK),
        Binding("left", "look(3)", "look", show=False, tooltip=LOOK),
        Binding("enter", "turn", "turn", tooltip="the policy's next action here: up, right, down, left, any"),
        Binding(
            "i", "improve", "improve", tooltip="take every action that is better under the policy's own Q"
        ),
        key("step", "sample", "walk one episode from this cell under the policy"),
        key("run", tooltip="sample by itself, or pause"),
        key("undo", tooltip="take the last episode, or change of the policy, back"),
        *gamma(),
        key("reset", tooltip="the policy without your changes"),
        key("seed", tooltip="other dice"),
        Binding("a", "policy", "policy", tooltip="another policy: random, optimal, up, right, down, left"),
        *(
            Binding(str(n + 1), f"set({n})", show=False, tooltip=f"the policy goes {name} here")
            for n, name in enumerate(ACTIONS)
        ),
        Binding("5", f"set({RANDOM})", show=False, tooltip="the policy takes any action here"),
        key("options", tooltip="set all options: grid, gamma, slip, policy, seed"),
        key("draw"),
        key("explain", tooltip="what the values say, and the plot in words"),
        key("preset", "next grid", "the next grid"),
        key("predict", tooltip="predict what another action does to the value, then see"),
        *keys("faster", "slower", "code", "export"),
    ]
    lab_id = "values"
    unit = "episode"
    gammas = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

    def begin(self) -> ValuesSession:
        self._panes = MapPanes(FACTS)
        if self.saved_state is None:
            return ValuesSession(self.parameters)
        return ValuesSession.from_state(self.saved_state, self.parameters)

    def title(self) -> str:
        return words.title(self.session, self.tutor.glyphs, short=self.app.size.width < NARROW)

    def status(self) -> str:
        many = f"{self.session.t} sampled" if self.session.t else ""
        return f"{self.speed}/s  {many}" if self.running else many

    def panes(self) -> MapPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def draw(self) -> None:
        session, panes, glyphs = self.session, self._panes, self.tutor.glyphs
        panes.lay_out(session.env.rows, session.env.cols)
        V = np.zeros(session.env.n_states) if session.V is None else session.V
        cell = panes.plan.cell[0]
        cells = value_cells(
            session.env, V, session.policy, session.cursor, cell, glyphs, panes.ink, session.edits
        )
        last = self._note or words.samples(session, glyphs)
        lines = words.lines(session, panes.width, glyphs)
        room = panes.plan.facts - bool(last)
        panes.show(cells, [*lines[:room], *([last] if last else [])])

    def draw_plots(self) -> None:
        self._panes.show_plot(chart(self.session))

    # Acting

    def action_look(self, action: int) -> None:
        self.pause()
        self.session.move(action)
        self.changed([])

    def _edited(self, done: bool, why_not: str) -> None:
        self.pause()
        self.changed([] if done else [(why_not, "muted")])

    def action_turn(self) -> None:
        self._edited(self.session.cycle(), "Nothing is done in a cell that ends the episode.")

    def action_set(self, action: int) -> None:
        self._edited(self.session.edit(action), "The policy does that here already.")

    def action_improve(self) -> None:
        self._edited(self.session.improve(), "No action is better anywhere: the policy is best.")

    def action_policy(self) -> None:
        following = POLICIES[(POLICIES.index(str(self.session.parameters["policy"])) + 1) % len(POLICIES)]
        self.start_again(lambda: self.session.set_parameters({"policy": following}))

    def step(self) -> bool:
        return self.session.step()

    def over_note(self) -> Line:
        if self.session.problem:
            return [("No finite value, so nothing to sample: try [", "error")]
        return [("Nothing to sample", "error"), (" from a cell that ends the episode, or after 2000.", "")]

    def next_preset(self) -> None:
        grids = [str(preset["grid"]) for preset in self.description.presets]
        now = str(self.session.parameters["grid"])
        at = grids.index(now) if now in grids else -1
        self.session.set_parameters({"grid": grids[(at + 1) % len(grids)]})

    def on_grid_pane_clicked(self, event: GridPane.Clicked) -> None:
        """A click on a cell looks at it."""
        state = self.session.env.state_at(event.row, event.col)
        if state is not None:
            self.pause()
            self.session.look(state)
            self.changed([])

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import values_pages as pages

        self.pause()
        action = pages.proposed(self.session)
        if action is None:
            self.changed([("Nothing to predict here: choose another cell.", "muted")])
            return

        def answered(choice: int | None) -> None:
            if choice is not None:
                self.changed(pages.judged(self.session, action, choice, self.tutor.glyphs))

        self.app.push_screen(pages.question(self.session, action), answered)

    def explanation(self) -> Screen[None]:
        from tutor.tui.labs import values_pages as pages

        return pages.explanation(self.session, self.tutor.glyphs, self._panes.plot_in_words())

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.tui.labs.values_pages import CODE

        return CODE

    def export(self) -> list[Path]:
        from tutor.tui.labs.values_export import export_session

        return export_session(self.session)
