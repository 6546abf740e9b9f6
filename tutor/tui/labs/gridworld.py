"""The gridworld lab: step an agent, slip, take it back, and watch rewards add up to a return."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.timer import Timer

from tutor.experiments import Value, find_lab
from tutor.rl.planning import PlanningError
from tutor.tui.labs import gridworld_words as words
from tutor.tui.labs.base import LabView
from tutor.tui.labs.gridworld_keys import KEYS
from tutor.tui.labs.gridworld_panes import GridworldPanes
from tutor.tui.labs.gridworld_session import DELTAS, GridworldSession
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import GridPane

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

GAMMAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
SPEEDS = (1, 2, 3, 4, 6, 8, 12, 20, 30)
AT_ONCE = 1000  # steps that `r` takes when nothing may move by itself
OVER: words.Line = [("Nothing happens", "error"), (": no step after the end.", "")]


class Lab(LabView):
    """The keys act on the session; the panes show it; the policy may run by itself."""

    DEFAULT_CSS = """
    Lab #head { height: 1; background: $panel; }
    """
    BINDINGS = KEYS

    def __init__(
        self,
        parameters: Mapping[str, Value],
        state: Mapping[str, Any] | None = None,
        *,
        embedded: bool = False,
    ) -> None:
        super().__init__(parameters, state, embedded=embedded)
        self.session = (
            GridworldSession(parameters) if state is None else GridworldSession.from_state(state, parameters)
        )
        self._note: words.Line = []
        self._predicting = False
        self._timer: Timer | None = None
        self._plots_drawn_at = 0.0
        self._head, self._panes = Facts(id="head"), GridworldPanes()

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    @property
    def running(self) -> bool:
        """Whether the policy walks by itself."""
        return self._timer is not None

    def lab_state(self) -> dict[str, Any]:
        return self.session.to_state()

    def title(self) -> str:
        return words.title(self.session, self.tutor.glyphs)

    def status(self) -> str:
        steps = f"step {self.session.t}"
        if self._timer is None:
            return steps
        return f"{self.session.policy_name} policy, {self.session.parameters['speed']}/s  {steps}"

    # What is drawn

    def compose(self) -> ComposeResult:
        if self.embedded:
            yield self._head
        yield self._panes

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.redraw())

    def on_unmount(self) -> None:
        self._stop()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Everything anew: another size, grid, theme or set of signs."""
        env = self.session.env
        self._panes.place(env.rows, env.cols, self.size.width, self.size.height - int(self.embedded))
        self._head.refresh()
        self._show()

    def _show(self, *, plots: bool = True) -> None:
        self._panes.show(self.session, self._note)
        self._show_head()
        if plots:
            self._show_plots()

    def _show_head(self) -> None:
        if self.embedded:
            left, right = " " + self.title(), self.status() + " "
            gap = " " * max(1, self.size.width - len(left) - len(right))
            self._head.show([[(left, "strong"), (gap + right, "muted")]])

    def _show_plots(self) -> None:
        self._plots_drawn_at = time.monotonic()
        self._panes.show_plots(self.session)

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
            self._note, done = [("No best policy here at gamma 1: try [", "error")], False
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

    def action_gamma(self, by: int) -> None:
        gamma = self.session.gamma
        further = [g for g in GAMMAS if (g > gamma + 1e-9 if by > 0 else g < gamma - 1e-9)]
        if further:
            self.session.set_gamma(further[0] if by > 0 else further[-1])
            self._changed()

    def action_preset(self) -> None:
        description = find_lab("gridworld")
        grids = [preset.get("grid") for preset in description.presets]
        here = self.session.parameters["grid"]
        following = description.presets[(grids.index(here) + 1) % len(grids) if here in grids else 0]
        self._begin(lambda: self.session.set_parameters(dict(following)))
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
        """With motion switched off: many steps, one picture."""
        for _ in range(AT_ONCE):
            try:
                if self.session.act(self.session.policy_action()) is None:
                    break
            except PlanningError:
                break
        self._policy_step() if self.session.over else self._changed()

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
        text = f"{len(written)} files, {written[0].name} and the plots beside it, in {written[0].parent}"
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

    def set_parameters(self, values: Mapping[str, Value]) -> None:
        """Use other parameters; see GridworldSession.set_parameters for what that does to the episode."""
        self._note, self._predicting = [], False
        self.session.set_parameters(values)
        self.redraw()
        self._changed()
