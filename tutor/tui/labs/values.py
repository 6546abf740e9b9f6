"""The values lab: any policy's V and Q on a grid; edit the policy and see."""

import numpy as np
from textual.binding import Binding

from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.labs import values_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import arrows, gamma, key, keys
from tutor.tui.labs.map_panes import MapPanes
from tutor.tui.labs.tabular_lab import CursorLab
from tutor.tui.labs.value_map import untold, value_cells
from tutor.tui.labs.values_picture import chart
from tutor.tui.labs.values_session import RANDOM, ValuesSession

TOO_NARROW: Line = [("The values do not fit into cells so narrow: the cursor's is told above.", "muted")]
FACTS = 8  # rows: the value, a heading, four actions, the sum, a note


class Lab(CursorLab[ValuesSession, MapPanes]):
    """The arrows move the cursor, enter turns the policy's arrow there, space samples an episode from there."""

    BINDINGS = [
        *arrows("look", "look", "look at another cell"),
        Binding("enter", "turn", "turn", tooltip="the policy's next action here: up, right, down, left, any"),
        Binding(
            "i", "improve", "improve", tooltip="take every action that is better under the policy's own Q"
        ),
        Binding("a", "policy", "policy", tooltip="another policy: random, optimal, up, right, down, left"),
        key("step", "sample", "walk one episode from this cell under the policy"),
        key("run", tooltip="sample by itself, or pause"),
        key("undo", tooltip="take the last episode, or change of the policy, back"),
        *gamma(),
        key("reset", tooltip="the policy without your changes"),
        key("seed", tooltip="new random numbers"),
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
    session_class = ValuesSession
    words = words
    narrow = 90
    plot_follows = True

    def new_panes(self) -> MapPanes:
        return MapPanes(FACTS)

    def where(self) -> str:
        return f"{self.session.t} sampled" if self.session.t else ""

    def draw(self) -> None:
        session, panes, glyphs = self.session, self._panes, self.tutor.glyphs
        panes.lay_out(session.env.rows, session.env.cols)
        V = np.zeros(session.env.n_states) if session.V is None else session.V
        cell = panes.plan.cell[0]
        cells = value_cells(
            session.env, V, session.policy, session.cursor, cell, glyphs, panes.ink, session.edits
        )
        last = (
            self._note or words.samples(session, glyphs) or (TOO_NARROW if untold(session.env, cells) else [])
        )
        lines = words.lines(session, panes.width, glyphs)
        room = panes.plan.facts - bool(last)
        panes.show(cells, [*lines[:room], *([last] if last else [])])

    def draw_plots(self) -> None:
        self._panes.show_plot(chart(self.session))

    # Acting

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
        self.cycle("policy")

    def over_note(self) -> Line:
        if self.session.problem:
            return [("No finite value, so nothing to sample: try [", "error")]
        return [("Nothing to sample", "error"), (" from a cell that ends the episode, or after 2000.", "")]

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import values_pages as pages

        self.pause()
        action = pages.proposed(self.session)
        if action is None:
            self.changed([("Nothing to predict here: choose another cell.", "muted")])
            return
        question = pages.question(self.session, action)
        self.ask(question, lambda choice: pages.judged(self.session, action, choice, self.tutor.glyphs))
