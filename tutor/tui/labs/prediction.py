"""The prediction lab: Monte Carlo and TD learn the same policy's values from the same episodes, side by side."""

import asyncio
import time
from functools import partial

import numpy as np
from textual.binding import Binding
from textual.worker import Worker

from tutor.experiments import find_lab
from tutor.tui.labs import prediction_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import arrows, key, keys, main
from tutor.tui.labs.prediction_panes import PredictionPanes
from tutor.tui.labs.prediction_picture import chart
from tutor.tui.labs.prediction_session import MOST_EPISODES, PredictionSession
from tutor.tui.labs.step_lab import AT_ONCE, next_of
from tutor.tui.labs.tabular_lab import TabularLab
from tutor.tui.labs.value_map import value_cells
from tutor.tui.working import begin

ALPHAS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
MANY = 10  # episodes of one key
MOVE = "a step of your own; the policy's values are learned from it all the same"


class Lab(TabularLab[PredictionSession, PredictionPanes]):
    """The arrows act, space lets the policy act, enter walks the episode to its end."""

    BINDINGS = [
        key("step", "step", "one step of the policy"),
        Binding(
            "enter", "finish", "episode", tooltip="the rest of this episode, or a whole one, by the policy"
        ),
        Binding("f", "many", f"{MANY} more", tooltip=f"{MANY} episodes of the policy"),
        key("run", tooltip="episodes by themselves, or pause"),
        Binding(
            "t",
            "train",
            "train",
            tooltip="many episodes and seeds: how both errors fall, in a run of its own",
        ),
        key("undo", tooltip="take the last step back, and what was learned from it"),
        *arrows("act", "go", MOVE),
        Binding("m", "mc(1)", "Monte Carlo", tooltip="the next of what Monte Carlo learned of this episode"),
        Binding("M", "mc(-1)", "Monte Carlo", show=False, tooltip="the one before"),
        *main("alpha", "alpha", "the step size alpha down or up, from now on"),
        *keys("reset", "seed"),
        Binding(
            "a", "method", "method", tooltip="what learns beside Monte Carlo: TD(0), n-step TD, TD(lambda)"
        ),
        key("options", tooltip="set all options: grid, policy, alpha, gamma, method, n, lambda, seed"),
        key("draw"),
        key("explain", tooltip="what was learned and why, and the plot in words"),
        key("preset", "next grid", "the next grid"),
        key("predict", tooltip="predict what TD makes of the next step, then see"),
        *keys("faster", "slower", "code", "export"),
    ]
    lab_id = "prediction"
    unit = "episode"
    session_class = PredictionSession
    _walker: Worker[None] | None = None
    _paced = False  # whether episodes are walked at the speed that is set, and shown
    words = words
    _mc_at = 0  # which of Monte Carlo's updates is told

    def new_panes(self) -> PredictionPanes:
        return PredictionPanes()

    def where(self) -> str:
        session = self.session
        return f"episode {session.t + (not session.ended)}  step {len(session.known.steps)}"

    def draw(self) -> None:
        session, panes, glyphs = self.session, self._panes, self.tutor.glyphs
        env, known = session.env, session.known
        panes.lay_out(env.rows, env.cols)
        cell = panes.plan.cell[0]
        both = np.concatenate([known.mc[session.live], known.td[session.live]])
        scale = float(both.min()), float(both.max())  # one for both: the same warmth is the same value
        left, right = (
            value_cells(
                env,
                values,
                None,
                session.state,
                cell,
                glyphs,
                panes.ink,
                {update.state for update in updates},
                scale,
            )
            for values, updates in ((known.mc, known.mc_updates), (known.td, known.td_updates[-1:]))
        )
        lines = self.noted(words.lines(session, panes.width, glyphs, self._mc_at), panes.plan.told)
        panes.show(words.headings(session, panes.plan.half, glyphs), left, right, lines)

    def draw_plots(self) -> None:
        self._panes.show_plot(chart(self.session, self.tutor.glyphs))

    # Acting

    def moved(self) -> None:
        self._mc_at = 0

    def action_mc(self, by: int) -> None:
        """Another of Monte Carlo's updates."""
        self.pause()
        many = len(self.session.known.mc_updates)
        if many:
            self._mc_at = (self._mc_at + by) % many
            self.changed([], plots=False)
        else:
            self.changed([("Monte Carlo waits for the end of the episode: enter walks there.", "muted")])

    def action_act(self, action: int) -> None:
        self.pause()
        self.act(lambda: self.session.act(action))

    def action_step(self) -> None:
        self.pause()
        self.act(self.session.step)

    def action_finish(self) -> None:
        self._walk(1)

    def action_many(self) -> None:
        self._walk(MANY)

    def action_run(self) -> None:
        if self.running:
            self.pause()
        else:
            self._walk(MOST_EPISODES if self.tutor.settings.motion else AT_ONCE, paced=True)

    # Episodes take turns with the screen: one may be hundreds of steps long

    def _walk(self, episodes: int, *, paced: bool = False) -> None:
        """So many episodes, unless another key comes. paced: at the speed that is set, and shown."""
        self.pause()
        self.moved()
        self._paced = paced
        self._walker = begin(self, partial(self._walked, episodes), group="walk", exclusive=True)
        self._show_head()

    async def _walked(self, episodes: int) -> None:
        for _ in range(episodes):
            begun = time.monotonic()
            for _ in self.session.finishing():
                await asyncio.sleep(0)
            if self.session.over:
                break
            if self._paced and self.tutor.settings.motion:
                self.changed([], plots=self.plots_due)
                await asyncio.sleep(max(0.0, begun + 1 / self.speed - time.monotonic()))
        self._walker, self._paced = None, False
        self.act(lambda: not self.session.over)

    @property
    def running(self) -> bool:
        return self._paced

    def pause(self) -> None:
        """Whatever is being walked is dropped where it is; what is complete stays."""
        if self._walker is None:
            return
        self._walker.cancel()
        self._walker, self._paced = None, False
        if self.is_attached:
            self._show_plots()
            self._show_head()
            self.tell_changed()

    def action_train(self) -> None:
        """The lab of many episodes, with what is set here."""
        self.pause()
        there = {parameter.name for parameter in find_lab("prediction-runs").parameters} - {"speed"}
        given = {name: value for name, value in self.session.parameters.items() if name in there}
        self.tutor.open_lab("prediction-runs", given)

    def over_note(self) -> Line:
        if self.session.problem:
            return [("Nothing to learn here: ", "error"), ("try another policy or gamma below 1 (o).", "")]
        if self.session.diverged:
            return [("Stopped: e says why.", "error")]
        return [(f"{MOST_EPISODES} episodes are the most", "error"), (": 0 starts again.", "")]

    def action_alpha(self, by: int) -> None:
        chosen = next_of(ALPHAS, self.session.alpha, by)
        if chosen is not None:
            self.session.set_parameters({"alpha": chosen})
        self.changed([(f"alpha {self.session.alpha:g} from the next step on", "muted")])

    def action_method(self) -> None:
        self.cycle("method")

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import prediction_pages as pages

        self.pause()
        question = pages.question(self.session)
        if question is None:
            self.changed([("The episode is over: space begins the next, then p.", "muted")])
            return
        self.ask(question, lambda choice: pages.judged(self.session, choice, self.tutor.glyphs))
