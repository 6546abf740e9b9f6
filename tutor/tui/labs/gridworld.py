"""The gridworld lab: step an agent, slip, take it back, and watch rewards add up to a return."""

from tutor.experiments import following_grid
from tutor.rl.planning import PlanningError
from tutor.tui.labs import gridworld_words as words
from tutor.tui.labs.gridworld_panes import GridworldPanes
from tutor.tui.labs.gridworld_session import DELTAS, GridworldSession
from tutor.tui.labs.lab_keys import arrows, gamma, key, keys
from tutor.tui.labs.tabular_lab import TabularLab
from tutor.tui.widgets.grid import GridPane

OVER: words.Line = [("Nothing happens", "error"), (": no step after the end.", "")]
NO_BEST: words.Line = [("No best policy here at gamma 1: try [", "error")]
MOVE = "act: the agent means to go there"
OPTIONS = "set all options: grid, slip, step reward, gamma, seed, policy, speed"


class Lab(TabularLab[GridworldSession, GridworldPanes]):
    """The arrows act, the policy may act by itself, and what comes of an action can be predicted."""

    BINDINGS = [
        *arrows("act", "go", MOVE),
        key("step", "step", show=False),
        key("run", show=True),
        key("undo"),
        *gamma(),
        key("reset", display="0"),
        key("seed"),
        key("options", tooltip=OPTIONS),
        key("draw"),
        key("explain"),
        key("preset", "next grid", "the next grid"),
        key("predict", tooltip="predict what comes of the next action, then see"),
        *keys("faster", "slower", "code"),
        key("export", tooltip="save steps and plots (CSV, text, SVG) in a new folder here"),
    ]
    lab_id = "gridworld"
    session_class = GridworldSession
    words = words
    _predicting = False

    def new_panes(self) -> GridworldPanes:
        return GridworldPanes()

    def status(self) -> str:
        """While it runs the policy's name, too, where the title leaves room for it."""
        status = super().status()
        full = f"{self.session.policy_name} {status}"
        fits = len(self.title()) + len(full) + 4 <= self.size.width
        return full if self.running and fits else status

    def draw(self) -> None:
        self._panes.show(self.session, self._note)

    def draw_plots(self) -> None:
        self._panes.show_plots(self.session)

    # Acting

    def action_act(self, action: int) -> None:
        self.pause()
        if self._predicting and not self.session.over:
            self._ask(action)
        else:
            self.act(lambda: self.session.act(action) is not None)

    def step(self) -> bool:
        """The policy's."""
        try:
            return self.session.act(self.session.policy_action()) is not None
        except PlanningError:
            return False

    def over_note(self) -> words.Line:
        return OVER if self.session.over else NO_BEST

    def moved(self) -> None:
        self._predicting = False

    def next_preset(self) -> None:
        self.session.set_parameters({"grid": following_grid(str(self.session.parameters["grid"]))})

    def on_grid_pane_clicked(self, event: GridPane.Clicked) -> None:
        """A click beside the agent means going there."""
        row, col = self.session.env.cells[self.session.state]
        step = (event.row - row, event.col - col)
        if step in DELTAS:
            self.action_act(DELTAS.index(step))

    # Pages over the lab

    def action_predict(self) -> None:
        self.pause()
        self._predicting = not self._predicting and not self.session.over
        self._note = [("Predict: press an arrow. (p: stop)", "accent")] if self._predicting else []
        if self.session.over:
            self._note = [("Nothing to predict", "error"), (": no step after the end.", "")]
        self.show(plots=False)

    def _ask(self, action: int) -> None:
        from tutor.tui.labs import gridworld_pages as pages

        outcomes = self.session.imaginable()

        def answered(choice: int | None) -> None:
            self._predicting, note = False, []
            if choice is not None:
                note = pages.judged(self.session, action, outcomes[choice])
            self.changed(note)

        self.app.push_screen(pages.question(self.session, action, outcomes, self.tutor.glyphs), answered)
