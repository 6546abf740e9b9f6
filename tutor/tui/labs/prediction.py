"""The prediction lab: Monte Carlo and TD learn the same policy's values from the same episodes, side by side."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from textual.binding import Binding
from textual.screen import Screen

from tutor.tui.labs import prediction_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, keys, main
from tutor.tui.labs.prediction_panes import PredictionPanes
from tutor.tui.labs.prediction_picture import chart
from tutor.tui.labs.prediction_session import PredictionSession
from tutor.tui.labs.step_lab import DiceLab, next_of
from tutor.tui.labs.value_map import value_cells

NARROW = 70  # columns below which the title drops a word
ALPHAS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
MANY = 10  # episodes of one key
MOVE = "a step of your own; the policy's values are learned from it all the same"


class Lab(DiceLab[PredictionSession]):
    """The arrows act, space lets the policy act, enter walks the episode to its end."""

    BINDINGS = [
        key("step", "step", "one step of the policy"),
        Binding(
            "enter", "finish", "episode", tooltip="the rest of this episode, or a whole one, by the policy"
        ),
        Binding("f", "many", f"{MANY} more", tooltip=f"{MANY} episodes of the policy"),
        key("run", tooltip="episodes by themselves, or pause"),
        key("undo", tooltip="take the last step back, and what was learned from it"),
        Binding("up", "act(0)", "go", key_display="arrows", tooltip=MOVE),
        Binding("right", "act(1)", "go", show=False, tooltip=MOVE),
        Binding("down", "act(2)", "go", show=False, tooltip=MOVE),
        Binding("left", "act(3)", "go", show=False, tooltip=MOVE),
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

    def begin(self) -> PredictionSession:
        self._panes = PredictionPanes()
        if self.saved_state is None:
            return PredictionSession(self.parameters)
        return PredictionSession.from_state(self.saved_state, self.parameters)

    def title(self) -> str:
        return words.title(self.session, self.tutor.glyphs, narrow=self.app.size.width < NARROW)

    def status(self) -> str:
        session = self.session
        where = f"episode {session.t + (not session.ended)}  step {len(session.known.steps)}"
        return f"{self.speed}/s  {where}" if self.running else where

    def panes(self) -> PredictionPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

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
        note = [self._note] if self._note else []
        lines = words.lines(session, glyphs)[: panes.plan.told - len(note)]
        panes.show(words.headings(session, panes.plan.half, glyphs), left, right, [*lines, *note])

    def draw_plots(self) -> None:
        self._panes.show_plot(chart(self.session, self.tutor.glyphs))

    # Acting

    def action_act(self, action: int) -> None:
        self.pause()
        self.act(lambda: self.session.act(action))

    def action_step(self) -> None:
        self.pause()
        self.act(self.session.step)

    def step(self) -> bool:
        """What running does: an episode a tick."""
        return self.session.finish()

    def action_finish(self) -> None:
        self.pause()
        self.act(self.session.finish)

    async def action_many(self) -> None:
        """One by one, so that the screen is never kept waiting for more than an episode."""
        self.pause()
        walked = 0
        while walked < MANY and self.session.finish():
            walked += 1
            await asyncio.sleep(0)
        self.act(lambda: walked > 0)

    def over_note(self) -> Line:
        if self.session.problem:
            return [("Nothing to learn here: ", "error"), ("try another policy or gamma below 1 (o).", "")]
        return [("2000 episodes are the most", "error"), (": 0 starts again.", "")]

    def action_alpha(self, by: int) -> None:
        chosen = next_of(ALPHAS, self.session.alpha, by)
        if chosen is not None:
            self.session.set_parameters({"alpha": chosen})
        self.changed([(f"alpha {self.session.alpha:g} from the next step on", "muted")])

    def action_method(self) -> None:
        following = words.METHODS[(words.METHODS.index(self.session.method) + 1) % len(words.METHODS)]
        self.start_again(lambda: self.session.set_parameters({"method": following}))

    def next_preset(self) -> None:
        grids = [str(preset["grid"]) for preset in self.description.presets]
        now = str(self.session.parameters["grid"])
        at = grids.index(now) if now in grids else -1
        self.session.set_parameters({"grid": grids[(at + 1) % len(grids)]})

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import prediction_pages as pages

        self.pause()
        question = pages.question(self.session)
        if question is None:
            self.changed([("The episode is over: space begins the next, then p.", "muted")])
            return

        def answered(choice: int | None) -> None:
            if choice is not None:
                self.changed(pages.judged(self.session, choice, self.tutor.glyphs))

        self.app.push_screen(question, answered)

    def explanation(self) -> Screen[None]:
        from tutor.tui.labs import prediction_pages as pages

        return pages.explanation(self.session, self.tutor.glyphs, self._panes.plot_in_words())

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.tui.labs.prediction_pages import CODE

        return CODE

    def export(self) -> list[Path]:
        from tutor.tui.labs.prediction_export import export_session

        return export_session(self.session)
