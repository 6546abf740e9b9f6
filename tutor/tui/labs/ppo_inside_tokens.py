"""The lab inside PPO over tokens: one update of RLHF taken apart, token by token and epoch by epoch."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

from textual.binding import Binding
from textual.content import Content

from tutor.charts.chart import Chart
from tutor.tui.labs import ppo_inside_tokens_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, keys, main
from tutor.tui.labs.ppo_inside_signs import num
from tutor.tui.labs.ppo_inside_tokens_batch import STAGES, TokenTable, columns
from tutor.tui.labs.ppo_inside_tokens_panes import TokenPanes
from tutor.tui.labs.ppo_inside_tokens_session import TokenSession
from tutor.tui.labs.ppo_inside_words import fitted, stage_line
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab
from tutor.tui.labs.run_pages import of_recording
from tutor.tui.labs.trained import torch_worker
from tutor.tui.widgets.sample_table import SampleTable

NARROW = 70  # columns below which the title drops the lab's name
FIRST: Line = [("That is the first update, before its first epoch.", "muted")]


def _stage_keys() -> list[Binding]:
    """`1` to `9`: straight to a stage."""
    return [
        Binding(str(number + 1), f"stage({number})", name, show=False, tooltip=f"the stage: {name}")
        for number, name in enumerate(STAGES)
    ]


class Lab(RunLab):
    """Left and right go through the numbers of a token, up and down through the tokens, page keys through answers."""

    BINDINGS = [
        Binding("left", "column(-1)", "look", key_display="arrows", tooltip="the number before"),
        Binding("right", "column(1)", "look", show=False, tooltip="the next number"),
        Binding("up", "row(-1)", "look", show=False, tooltip="the token before"),
        Binding("down", "row(1)", "look", show=False, tooltip="the next token"),
        Binding("pageup", "answer(-1)", "answer", show=False, tooltip="the answer before"),
        Binding(
            "pagedown", "answer(1)", "answer", key_display="pgdn", tooltip="the next answer of the batch"
        ),
        Binding("home", "row(-1000000)", "the first token", show=False),
        Binding("end", "row(1000000)", "the last token", show=False),
        key("step", "epoch", "the next epoch; after the last one the next update", "space"),
        key("undo", tooltip="one epoch back"),
        key("predict", tooltip="predict whether the next epoch clips this token, then see"),
        *main("main", "clip", "the clip range epsilon down or up: the run anew up to this update"),
        Binding("v", "view", "plots", tooltip="the plots, or the table"),
        key("explain", tooltip="what this update does with this answer, and the plots in words"),
        key("options", tooltip="set all options: update, epsilon, learning rate, epochs, beta, lambda, seed"),
        *keys("reset", "seed"),
        key("run", tooltip="update by update, or pause"),
        key("preset", tooltip="the next example: the first update, a late one, many epochs"),
        Binding("k", "clipped", "next clipped", show=False, tooltip="the next token that is clipped"),
        *_stage_keys(),
        *keys("faster", "slower", "code", "export"),
    ]
    lab_id = "ppo-inside-tokens"
    experiment_id = "rlhf"
    metric = "objective/scores"
    plots = (Plot("val/ratio", "ratio"), Plot("policy/clipfrac_avg", "clipping"))
    worker = staticmethod(torch_worker)
    session_class = TokenSession
    session: TokenSession
    _panes: TokenPanes

    def new_panes(self) -> TokenPanes:
        return TokenPanes()

    def begin(self) -> TokenSession:
        session = super().begin()
        assert isinstance(session, TokenSession)  # noqa: S101  (it is of `session_class`)
        update = int(session.parameters["update"])
        if update > session.last:
            session.parameters["update"] = update = session.last
            self._note = words.last(session, NARROW)
        if self.saved_state is None:
            session.visit(update)
        session.restore_place(self.saved_state)
        return session

    @property
    def total(self) -> int:
        return self.session.last

    def over(self) -> None:
        if self.session.state == "done" and not self._note:
            self._note = self._ended()

    # What is drawn

    @property
    def table(self) -> TokenTable | None:
        """The answer that is looked at; None while no update is there."""
        session = self.session
        if not session.settle_place() or session.inside is None:
            return None
        return TokenTable(session.inside, session.answer, session.epoch, self.tutor.glyphs)

    @property
    def _column(self) -> int:
        names = [column.name for column in columns(self.tutor.glyphs)]
        return names.index(self.session.column) if self.session.column in names else 0

    def title(self) -> str:
        short = self.embedded or self.app.size.width < NARROW
        return words.title(self.session, self.seeds_told(), self.tutor.glyphs, short=short)

    def status(self) -> str:
        session = self.session
        if session.waits_for_key and session.inside is None:
            return f"update {max(1, session.goal)} is not made yet"
        if session.state == "returning":
            return f"on its way: update {session.reached} of {session.goal}"
        if session.state in ("running", "failed", "dead", "left", "new"):
            return super().status()
        return f"update {session.shown}  epoch {session.epoch}/{session.epochs}"

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def draw(self) -> None:
        table, panes, glyphs = self.table, self._panes, self.tutor.glyphs
        width, session = panes.columns, self.session
        if table is None:
            why = wrap(session.problem, max(20, width))
            lines: list[Line] = [[(line, "error")] for line in why] or [words.waiting(session, glyphs)]
            panes.show_waiting(lines)
            return
        at = session.row, self._column
        problem: Line = [(session.problem, "error")] if session.problem else []
        told = (
            stage_line(STAGES, table.columns[at[1]].stage, width + 1, glyphs),
            words.answer(session, table, width, glyphs),
            words.where(session, table.inside, width, glyphs),
            problem or self.said,
        )
        formula = fitted(table.formula(*at, width), width, panes.formula_rows)
        urgent = (
            bool(problem or self._note) or not session.epoch
        )  # before an epoch the batch has nothing to tell
        panes.show_token(told, table, at, formula, urgent=urgent)

    def charts(self) -> list[Chart]:
        table = self.table
        if table is None:
            empty = words.nothing_yet(self.session)
            return [Chart(title="ratio", empty=empty), Chart(title="clipping", empty=empty)]
        return [
            words.ratios(self.session, table, self.tutor.glyphs),
            words.epochs(self.session, table.inside),
        ]

    # Looking

    def action_row(self, by: int) -> None:
        self.session.row = max(0, self.session.row + by)
        self.changed([])

    def action_answer(self, by: int) -> None:
        inside = self.session.inside
        if inside is not None:
            self.session.answer = (self.session.answer + by) % len(inside.batch.prompts)
        self.changed([])

    def action_column(self, by: int) -> None:
        self._choose(max(0, min(self._column + by, len(columns(self.tutor.glyphs)) - 1)))

    def action_stage(self, stage: int) -> None:
        """The last number of a stage is what it is for."""
        every = columns(self.tutor.glyphs)
        self._choose(max(place for place, column in enumerate(every) if column.stage == stage))

    def _choose(self, column: int) -> None:
        self.session.column = columns(self.tutor.glyphs)[column].name
        self.changed([], plots=False)

    def action_clipped(self) -> None:
        """The next in this answer or those after it, round the batch."""
        inside, session = self.session.inside, self.session
        if inside is None:
            return
        clipped = [
            (int(a), int(t)) for a, t in zip(*inside.epochs[session.epoch].clipped.nonzero(), strict=True)
        ]
        if not clipped:
            self.changed([("No token is clipped now: space makes the next epoch.", "muted")])
            return
        later = [place for place in clipped if place > (session.answer, session.row)]
        session.answer, session.row = (later or clipped)[0]
        self.changed([])

    def action_view(self) -> None:
        self._panes.on_plots = not self._panes.on_plots
        self.changed([])

    def on_sample_table_chosen(self, event: SampleTable.Chosen) -> None:
        """A click on a number looks at it."""
        self.session.row = event.row
        self._choose(event.column)

    # Acting

    def action_step(self) -> None:
        self.pause()
        self.changed([] if self.session.further() else self._ended())

    def _ended(self) -> Line:
        return super()._ended() if self.session.faulty else words.last(self.session, self._panes.columns)

    def action_undo(self) -> None:
        self.pause()
        self.changed([] if self.session.back() else FIRST)

    def action_predict(self) -> None:
        from tutor.tui.labs.predict import PredictScreen

        self.pause()
        table, session = self.table, self.session
        if table is None or session.epoch == session.epochs:
            self.changed([("This update is over: space begins the next one, then p.", "muted")])
            return
        weight, glyphs = float(table.numbers["weight"][session.row]), self.tutor.glyphs
        edge = num(1 + table.inside.config.epsilon * (1 if weight > 0 else -1), glyphs)
        asked = (
            f'Token {session.row}, "{table.words[session.row]}": whitened A {num(float(f"{weight:.3g}"), glyphs)}, '
            f"ratio now {num(float(table.numbers['ratio'][session.row]), glyphs)}. Is it clipped after the next epoch?"
        )
        side = "above" if weight > 0 else "below"
        self.app.push_screen(
            PredictScreen(asked, [f"Yes: its ratio will be {side} {edge}", "No: it still pushes"]),
            self._judge,
        )

    def _judge(self, choice: int | None) -> None:
        """Make the epoch, and say what came."""
        if choice is None:
            return
        self.session.further()
        table = self.table
        if table is None:
            return
        clipped = table.clipped[self.session.row]
        ratio = num(float(table.numbers["ratio"][self.session.row]), self.tutor.glyphs)
        came = "clipped, it pushes no more" if clipped else "it pushes on"
        right = "As predicted" if (choice == 0) == clipped else "No"
        self.changed([(f"{right}: ", "strong"), (f"ratio {ratio}", "policy"), (f", {came}.", "")])

    # Pages over the lab

    async def _explain(self) -> None:
        from tutor.tui.labs.reader import ReaderScreen

        table = self.table
        if table is None:
            told = [self.session.problem or words.nothing_yet(self.session)]
        else:
            self._panes.show_plots(self.charts())
            plots = [f"The plot: {text}" for text in self._panes.plots_in_words()]
            told = [*words.explained(self.session, table, self.tutor.glyphs), *plots]
        texts = [*of_recording(self.session), *map(Content, told)]
        self.app.push_screen(ReaderScreen("Inside this update", texts))

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.experiments.llm_training import rlhf
        from tutor.rl.returns import gae_advantages
        from tutor.rl.surrogate import clip_is_active, clipped_surrogate

        return rlhf, gae_advantages, clipped_surrogate, clip_is_active

    async def _export(self) -> None:
        from tutor.tui.labs.ppo_inside_tokens_export import written

        inside, session = self.session.inside, self.session
        if inside is None:
            self.changed([(f"There is nothing to write yet: {words.nothing_yet(session)}", "muted")])
            return
        charts = {"ratios": self.charts()[0]}
        found: list[Path] | OSError = await asyncio.to_thread(
            written, inside, session.shown, session.seeds[0], charts
        )
        self.tell_export(found)
