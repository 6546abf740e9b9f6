"""The policy-gradient lab: an episode, the push of each of its steps, and the policy that comes of them."""

import numpy as np
from textual.binding import Binding

from tutor.rl.divergence import DivergedError
from tutor.tui.labs import policy_gradient_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, keys, main
from tutor.tui.labs.policy_gradient_panes import PolicyGradientPanes
from tutor.tui.labs.policy_gradient_picture import chart
from tutor.tui.labs.policy_gradient_session import MOST_EPISODES, PolicyGradientSession
from tutor.tui.labs.policy_gradient_table import table
from tutor.tui.labs.step_lab import next_of
from tutor.tui.labs.tabular_lab import CursorLab
from tutor.tui.labs.value_map import value_cells
from tutor.tui.widgets.grid import Cell

RATES = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
PAGE = 10  # steps
STEPS, CELLS = "another step of the episode", "another cell, in the order of the map"
METHOD = (
    "the next method from the same seed: REINFORCE, with a baseline, actor-critic; u brings this one back"
)
GAE = "the first four steps as a table of GAE, lambda live; esc comes back"
NO_EPISODE: Line = [("No episode yet: ", "muted"), ("space", "strong"), (" walks one.", "muted")]


class Lab(CursorLab[PolicyGradientSession, PolicyGradientPanes]):
    """Up and down go through the episode, left and right through the cells; space walks an episode and learns."""

    BINDINGS = [
        key("step", "episode", "one episode, and the update that it makes"),
        Binding("up", "row(-1)", "steps", key_display="arrows", tooltip=STEPS),
        Binding("down", "row(1)", "steps", show=False, tooltip=STEPS),
        Binding("left", "cell(-1)", "cells", show=False, tooltip=CELLS),
        Binding("right", "cell(1)", "cells", show=False, tooltip=CELLS),
        Binding("pageup", f"row({-PAGE})", f"{PAGE} steps back", show=False),
        Binding("pagedown", f"row({PAGE})", f"{PAGE} steps on", show=False),
        Binding("home", "row(-1000)", "the first step", show=False),
        Binding("end", "row(1000)", "the last step", show=False),
        key("run", tooltip="episode after episode, or pause"),
        Binding("a", "method", "method", tooltip=METHOD),
        key("predict", tooltip="predict whether an action will become more or less likely, then see"),
        *main("rate", "rate", "the learning rate alpha down or up, from the next update on; u takes it back"),
        key("explain", tooltip="what the update did and why, and the plot in words"),
        Binding("g", "gae", "GAE", tooltip=GAE),
        Binding("v", "curves", "plot", tooltip="J and returns in place of the numbers, and back"),
        key("undo", tooltip="take the last update, or the change of method or rate, back"),
        *keys("reset", "seed"),
        key("options", tooltip="set all options: method, grid, learning rate, gamma, lambda, critic, seed"),
        Binding(
            "w", "values", "map", tooltip="on the map the policy, or the values V that the critic has learned"
        ),
        key("draw"),
        key("preset", "next grid", "the next grid"),
        *keys("faster", "slower", "code", "export"),
    ]
    lab_id = "policy-gradient"
    unit = "episode"
    session_class = PolicyGradientSession
    words = words
    _values = False  # whether the map shows V

    def new_panes(self) -> PolicyGradientPanes:
        return PolicyGradientPanes()

    def where(self) -> str:
        return f"{'map: V  ' if self._values else ''}episode {self.session.t}"

    def draw(self) -> None:
        session, panes, glyphs = self.session, self._panes, self.tutor.glyphs
        panes.lay_out(session.env.rows, session.env.cols)
        plan = panes.plan
        steps = table(session, panes.table_width, plan.above, glyphs)
        width, room = panes.room[0] - 2, plan.told - bool(self._note)
        told = words.lines(session, width, room, glyphs)
        panes.show(self._cells(), steps, self.noted(told, plan.told))

    def _cells(self) -> list[list[Cell]]:
        """The likeliest action and its probability, the warmer the surer; or V. Where the episode went is bold."""
        session, panes = self.session, self._panes
        policy = session.policy
        numbers, scale = (
            (session.values, None) if self._values else (policy.max(axis=1), (1 / policy.shape[1], 1.0))
        )
        visited = np.unique(session.known.samples.state).tolist() if session.known.steps else []
        look = session.env, numbers, policy, session.cursor, panes.plan.cell[0], self.tutor.glyphs, panes.ink
        return value_cells(*look, set(visited), scale)

    def draw_plots(self) -> None:
        self._panes.show_plot(chart(self.session))

    # Acting

    def over_note(self) -> Line:
        if self.session.problem:
            return [(self.session.problem, "error")]
        return [(f"{MOST_EPISODES} episodes are the most", "error"), (": 0 starts again.", "")]

    def action_row(self, by: int) -> None:
        self.pause()
        self.session.move_row(by)
        self.changed([] if self.session.known.steps else NO_EPISODE, plots=False)

    def action_cell(self, by: int) -> None:
        self._looked(lambda: self.session.move_cell(by))

    def action_rate(self, by: int) -> None:
        rate = next_of(RATES, float(self.session.parameters["learning_rate"]), by)
        if rate is not None:
            self.session.set_parameters({"learning_rate": rate})
        now = f"learning rate {float(self.session.parameters['learning_rate']):g} from the next update on"
        self.changed([(now, "muted")], plots=False)

    def action_method(self) -> None:
        self.cycle("method")
        self.changed(
            [(words.NAMES[self.session.method], "strong"), (" from the same seed: space. u goes back.", "")]
        )

    def action_curves(self) -> None:
        self._panes.below = not self._panes.below
        self.changed(
            [("J and the returns are drawn below the map.", "muted")] if self._panes.plan.curves else []
        )

    def action_values(self) -> None:
        self._values = not self._values
        what = (
            "V, as the critic has learned it" if self._values else "the likeliest action and its probability"
        )
        none = " (REINFORCE learns none)" if self._values and not self.session.learns_values else ""
        self.changed([(f"The map shows {what}{none}.", "muted")], plots=False)

    # Pages over the lab

    def action_gae(self) -> None:
        """The lab of GAE with the beginning of this episode."""
        self.pause()
        if self.session.known.steps:
            self.tutor.open_lab("gae", self.session.beginning())
        else:
            self.changed(NO_EPISODE, plots=False)

    def action_predict(self) -> None:
        from tutor.tui.labs import policy_gradient_pages as pages

        self.pause()
        try:
            row = pages.asked(self.session)
        except DivergedError as error:
            self.changed([(str(error), "error")])
            return
        if row is None:
            self.changed(self.over_note())
            return
        question = pages.question(self.session, row, self.tutor.glyphs)
        self.ask(question, lambda choice: pages.judged(self.session, row, choice, self.tutor.glyphs))
