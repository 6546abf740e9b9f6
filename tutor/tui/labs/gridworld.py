"""The gridworld lab: step an agent, slip, take it back, and watch rewards add up to a return."""

import time
from collections.abc import Mapping
from typing import Any

from tutor.experiments import Value, find_lab, following_grid
from tutor.rl.planning import PlanningError
from tutor.tui.labs import gridworld_words as words
from tutor.tui.labs.gridworld_keys import KEYS
from tutor.tui.labs.gridworld_session import DELTAS
from tutor.tui.labs.gridworld_view import GridworldView
from tutor.tui.widgets.grid import GridPane

GAMMAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
SPEEDS = (1, 2, 3, 4, 6, 8, 12, 20, 30)
AT_ONCE = 1000  # steps that `r` takes when nothing may move by itself
OVER: words.Line = [("Nothing happens", "error"), (": no step after the end.", "")]
NO_BEST: words.Line = [("No best policy here at gamma 1: try [", "error")]


class Lab(GridworldView):
    """The keys act on the session; the panes show it; the policy may run by itself."""

    BINDINGS = KEYS

    def on_unmount(self) -> None:
        self._stop()

    # Acting

    def action_act(self, action: int) -> None:
        self._stop()
        if self._predicting and not self.session.over:
            self._ask(action)
            return
        self._note = []
        if self.session.act(action) is None:
            self._note = OVER
        self._changed()

    def action_policy_step(self) -> None:
        self._stop()
        self._policy_step()

    def _policy_step(self, *, plots: bool = True) -> bool:
        """One step of the policy; False when there is none to take."""
        self._note, self._predicting = [], False
        try:
            done = self.session.act(self.session.policy_action()) is not None
        except PlanningError:
            self._note, done = NO_BEST, False
        if not done and not self._note:
            self._note = OVER
        self._changed(plots=plots)
        return done

    def action_undo(self) -> None:
        self._stop()
        self._note = [] if self.session.undo() else [("Nothing to take back.", "muted")]
        self._predicting = False
        self._changed()

    def action_reset(self) -> None:
        self._begin(self.session.reset)

    def action_seed(self) -> None:
        self._begin(self.session.reseed)

    def _begin(self, start: Any) -> None:
        self._stop()
        self._note, self._predicting = [], False
        start()
        self._changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of the two names of gamma in the bottom line the one that can be drawn."""
        if action in ("gamma", "gamma_in_ascii"):
            return self.tutor.ascii == (action == "gamma_in_ascii")
        return super().check_action(action, parameters)

    def action_gamma_in_ascii(self, by: int) -> None:
        self.action_gamma(by)

    def action_gamma(self, by: int) -> None:
        gamma = self.session.gamma
        further = [g for g in GAMMAS if (g > gamma + 1e-9 if by > 0 else g < gamma - 1e-9)]
        if further:
            self.session.set_gamma(further[0] if by > 0 else further[-1])
            self._changed()

    def action_preset(self) -> None:
        following = following_grid(str(self.session.parameters["grid"]))
        self._begin(lambda: self.session.set_parameters({"grid": following}))
        self.redraw()

    def _changed(self, *, plots: bool = True) -> None:
        self._show(plots=plots)
        self.post_message(self.Changed(self))

    # Running by itself

    def action_run(self) -> None:
        if self._timer is not None:
            self._stop()
        elif not self.tutor.settings.motion:
            self._run_to_the_end()
        elif self._policy_step():
            self._timer = self.set_interval(1 / int(self.session.parameters["speed"]), self._tick)
            self._show_head()
            self.post_message(self.Changed(self))

    def _run_to_the_end(self) -> None:
        """With motion switched off: many steps, one picture, which tells of the last of them."""
        self._note, self._predicting = OVER if self.session.over else [], False
        try:
            for _ in range(AT_ONCE):
                if self.session.act(self.session.policy_action()) is None:
                    break
        except PlanningError:
            self._note = NO_BEST
        self._changed()

    def _tick(self) -> None:
        due = time.monotonic() - self._plots_drawn_at >= 1 / self.tutor.settings.plot_rate
        if not self._policy_step(plots=due) or self.session.over:
            self._stop()

    def _stop(self) -> None:
        """Pause the run; its last plots are drawn."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            if self.is_attached:
                self._show_plots()
                self._show_head()
                self.post_message(self.Changed(self))

    def action_speed(self, by: int) -> None:
        speed = int(self.session.parameters["speed"])
        further = [s for s in SPEEDS if (s > speed if by > 0 else s < speed)]
        if further:
            self.session.parameters["speed"] = further[0] if by > 0 else further[-1]
        self._note = [(f"speed {self.session.parameters['speed']} steps a second", "muted")]
        if self._timer is not None:
            self._timer.stop()
            self._timer = self.set_interval(1 / int(self.session.parameters["speed"]), self._tick)
        self._changed()

    def on_grid_pane_clicked(self, event: GridPane.Clicked) -> None:
        """A click beside the agent means going there."""
        row, col = self.session.env.cells[self.session.state]
        step = (event.row - row, event.col - col)
        if step in DELTAS:
            self.action_act(DELTAS.index(step))

    # Pages over the lab

    def action_predict(self) -> None:
        self._stop()
        self._predicting = not self._predicting and not self.session.over
        self._note = [("Predict: press an arrow. (p: stop)", "accent")] if self._predicting else []
        if self.session.over:
            self._note = [("Nothing to predict", "error"), (": no step after the end.", "")]
        self._show(plots=False)

    def _ask(self, action: int) -> None:
        from tutor.tui.labs import gridworld_pages as pages

        outcomes = self.session.imaginable()

        def answered(choice: int | None) -> None:
            self._predicting, self._note = False, []
            if choice is not None:
                self._note = pages.judged(self.session, action, outcomes[choice])
            self._changed()

        self.app.push_screen(pages.question(self.session, action, outcomes, self.tutor.glyphs), answered)

    def action_explain(self) -> None:
        from tutor.tui.labs import gridworld_pages as pages

        self._stop()
        self._show_plots()
        plots = self._panes.plots_in_words()
        self.app.push_screen(pages.explanation(self.session, self.tutor.glyphs, plots))

    def action_code(self) -> None:
        from tutor.tui.labs import gridworld_pages as pages

        self._stop()
        self.app.push_screen(pages.code())

    def action_export(self) -> None:
        from tutor.tui.labs.gridworld_export import export_session

        self._stop()
        try:
            written = export_session(self.session)
        except OSError as error:
            self.notify(f"Nothing was written: {error}", severity="warning", markup=False)
            return
        text = f"{len(written)} files in the new folder {written[0].parent}"
        self.notify(text, title="Exported", markup=False, timeout=10)

    def action_options(self) -> None:
        from tutor.tui.screens.parameters import ParametersScreen

        self._stop()
        description = find_lab("gridworld")

        def chosen(values: Mapping[str, Value] | None) -> None:
            if values is not None:
                self.set_parameters(values)

        self.app.push_screen(
            ParametersScreen("Gridworld: options", description.parameters, self.session.parameters), chosen
        )

    def action_draw(self) -> None:
        from tutor.tui.screens.grid_editor import GridEditorScreen

        self._stop()
        grid = str(self.session.parameters["grid"])
        self.app.push_screen(GridEditorScreen(grid, lambda line: self.set_parameters({"grid": line})))

    def set_parameters(self, values: Mapping[str, Value]) -> None:
        """Use other parameters; see GridworldSession.set_parameters for what that does to the episode."""
        self._note, self._predicting = [], False
        self.session.set_parameters(values)
        self.redraw()
        self._changed()
