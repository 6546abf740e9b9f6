"""A lab whose experiment runs in a process of its own: run, pause, one update, look back, predict, explain."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.binding import BindingType
from textual.screen import Screen

from tutor.charts.chart import Chart
from tutor.charts.text import clean
from tutor.experiments import ParameterError, Value
from tutor.experiments.explain import Finding
from tutor.experiments.recordings import INSTALL
from tutor.tui.labs import run_pages as pages
from tutor.tui.labs import run_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, keys, looking, running
from tutor.tui.labs.run_view import RunView
from tutor.tui.labs.step_lab import next_of
from tutor.tui.working import begin

SPEEDS = (1, 2, 5, 10, 20, 50, 100)  # updates a second; above them 0, as fast as it can
OVER: Line = [("The run is over", "error"), (": 0 runs it again, s with new random numbers.", "")]
FAILED: Line = [("The run failed", "error"), (": 0 runs it again, e says why.", "")]
SEEN: Line = [
    (f"another run needs torch: {INSTALL}", "error"),
    ("; 0, then p: the recorded one", "muted"),
]
NEW_DICE = "Of another run, with new dice:"
LEFT_OUT: Line = [("Examples that are not recorded are left out: they need torch.", "muted")]
FIRST: Line = [("That is the beginning.", "muted")]
OWN = ("seed", "seeds", "speed")  # parameters that another example leaves as they are


def run_keys(*own: BindingType, later: Sequence[BindingType] = (), unit: str = "update") -> list[BindingType]:
    """The keys of such a lab; its own stand after those that run and `e`, or, `later`, after those that look."""
    return [
        *running(unit),
        key("explain"),
        *own,
        *looking(unit),
        *later,
        key("undo", "look back", f"look at the {unit} before"),
        *keys("options", "reset", "seed", "preset"),
        *keys("faster", "slower", "code", "export"),
    ]


class RunLab(RunView):
    """The keys steer the run.

    A subclass gives, besides what `RunView` asks for: what runs (`code`), the metric that the rules speak of where
    that is not the return (`metric`), and a question that the run decides, if it has one (`question`, `verdict`).
    """

    metric = ""
    _returning = False  # whether the note tells of a run that comes again
    _left_out = False  # whether the last key passed over examples that need torch
    _live = ""  # the parameter that was changed in the run by the last key
    _said: int | None = None  # the answer that waits for the end of the run

    def question(self) -> tuple[str, Sequence[str]] | None:
        """What to predict of the run that is to come: a question and its answers."""
        return None

    def verdict(self) -> int | None:
        """Which of the answers the run gave, now that it is over; None: neither."""
        return None

    @property
    def resting(self) -> frozenset[str]:
        ended = self.problem is None and self.session.state in ("done", "failed")
        return frozenset({"run", "step"} if ended else ())

    # Acting

    def action_run(self) -> None:
        if self.session.state == "running":
            self.pause()
            self.changed([])
        elif self.session.state in ("done", "failed"):
            self.session.look(len(self.session.updates))
            self.changed(self._ended())
        else:
            self.session.go()
            self.changed([])

    def action_step(self) -> None:
        self._live = ""
        if self.session.state == "running":
            self.pause()
            self.changed([])
        else:
            self.changed([] if self.session.step() else self._ended())

    def _ended(self) -> Line:
        return FAILED if self.session.faulty else OVER

    def action_undo(self) -> None:
        if self._live and self.session.take_back():
            self.changed([(f"{self._live} is taken back", "strong"), (f": {self._value(self._live)}.", "")])
            self._live = ""
            return
        self.pause()
        self.action_look(-1)

    def action_look(self, by: int) -> None:
        self._live = ""
        moved = self.session.look(by)
        self.changed([] if moved or by > 0 else FIRST)

    def set_session(self, values: Mapping[str, Value]) -> None:
        generation = self.session.generation
        super().set_session(values)
        live = [name for name in self.session.changes.live if name in values]
        self._live = live[-1] if live and self.session.generation == generation else ""

    def action_seed(self) -> None:
        self.started_again(self.session.reseed)

    def action_preset(self) -> None:
        self._left_out = False
        if self.started_again(self.next_preset) and self._left_out:
            self.changed(LEFT_OUT)

    def started_again(self, start: Callable[[], object]) -> bool:
        """False where that run cannot be had, which is said; everything is as it was then."""
        try:
            self.start_again(start)
        except ParameterError as error:
            self.changed([(str(error), "error")])
            return False
        return True

    def next_preset(self) -> None:
        """The next example; where torch is missing, the next one that is recorded. Raises ParameterError where no
        other is."""
        refused: ParameterError | None = None
        for following in self.description.presets_after(self.session.parameters):
            if refused is not None and following.items() <= self.session.parameters.items():
                break  # once round
            try:
                self.take_preset(following)
            except ParameterError as error:
                refused, self._left_out = refused or error, True
            else:
                return
        if refused is not None:
            raise refused

    def take_preset(self, following: Mapping[str, Value]) -> None:
        """Raises ParameterError, and changes nothing then."""
        now = self.session.parameters
        kept = {name: now[name] for name in OWN if name in now and name not in following}
        self.session.set_parameters(self.description.values({**kept, **following}))

    def action_speed(self, by: int) -> None:
        last = len(SPEEDS) + 1
        now = int(self.session.parameters["speed"]) or last + SPEEDS[-1]
        speed = next_of((*SPEEDS, last + SPEEDS[-1]), now, by)
        if speed is not None:
            self.session.set_parameters({"speed": 0 if speed > SPEEDS[-1] else int(speed)})
        self._pace.clear()
        now = int(self.session.parameters["speed"])
        self.changed([(f"speed: {now} updates a second" if now else "speed: as fast as it can", "muted")])

    def action_main(self, by: int) -> None:
        """`[` and `]`: the lab's main parameter."""
        self.change(self.description.main, by)

    def change(self, name: str, by: int) -> None:
        """A parameter by one of its steps; the run comes again with it, up to where it was."""
        from tutor.tui.screens.parameters import stepped, written

        parameter = next(p for p in self.description.parameters if p.name == name)
        now, generation = self.session.changes.now(name), self.session.generation
        value, self._returning = stepped(parameter, now, by), self.session.reached > 0
        try:
            self.session.set_parameters({name: value})
        except ParameterError as error:
            self._returning = False
            self.changed([(str(error), "error")])
            return
        if self.session.generation == generation and value != now:
            self._live, self._returning = name, False
            self.changed(self._change_note())
            return
        self._returning = self._returning and self.session.generation != generation
        again: Line = [(f": run anew up to this {self.unit}", "muted")] if self._returning else []
        self.changed([(f"{name} {written(value)}", "strong"), *again])

    def _value(self, name: str) -> str:
        from tutor.tui.screens.parameters import written

        return written(self.session.changes.now(name))

    def _change_note(self) -> Line:
        """What was changed in the run that goes on, and from where on."""
        name = self._live
        changes = self.session.changes
        where = [change.episode for change in changes.made if change.name == name]
        since = f"{self.unit} {where[-1]}" if where and name not in changes.asked else f"the next {self.unit}"
        return [(f"{name} {self._value(name)}", "strong"), (f" from {since} on: u takes it back", "muted")]

    def arrived(self) -> None:
        """What was said of a run that comes again is dropped once it is there."""
        if self._returning and self.session.state != "returning":
            self._returning, self._note = False, self._note[:1]
        if self._live:
            self._note = self._change_note()

    def action_predict(self) -> None:
        from tutor.tui.labs.predict import PredictScreen

        asked = self.question()
        if asked is None:
            return
        if self.session.faulty:
            self.changed(FAILED)
            return

        def answered(choice: int | None) -> None:
            if choice is not None:
                fresh = self.session.reached > 0
                if fresh and not self.started_again(self.session.reseed):
                    return
                self._said = choice
                self.session.go()
                seeds = f" with new dice, {self.seeds_told()}," if fresh else ""
                self.changed([(f"You said: {asked[1][choice]}. It runs{seeds} to see.", "accent")])

        self.pause()
        question, answers = asked
        if self.session.reached > 0:
            if self.session.recorded is not None:
                self.changed(SEEN)
                return
            question = f"{NEW_DICE} {question}"
        self.app.push_screen(PredictScreen(question, answers), answered)

    def over(self) -> None:
        """The run is over: was it as predicted?"""
        said, self._said, asked = self._said, None, self.question()
        if said is None or asked is None:
            return
        self._note = words.verdict(asked[1], said, self.verdict())

    # Pages over the lab: what they need is computed in a thread

    def action_explain(self) -> None:
        begin(self, self._explain, exclusive=True, group="page")

    async def _explain(self) -> None:
        self._show_plots()
        self.app.push_screen(self.explanation_of(await asyncio.to_thread(self.findings)))

    def findings(self) -> list[Finding]:
        """What the rules see in the frames so far; nothing in those of a run that failed by itself."""
        return [] if self.session.faulty else pages.findings(self.session, self.metric)

    def explanation_of(self, findings: Sequence[Finding]) -> Screen[None]:
        from tutor.tui.labs.reader import ReaderScreen

        plots, session = self.told_plots(), self.session
        if session.faulty:
            logged = self._logged[1] if session.run.traceback else ""
            texts = words.failure(session.problem, plots, self.tutor.glyphs, logged)
        else:
            texts = [*pages.of_recording(session), *words.paragraphs(findings, plots, self.tutor.glyphs)]
        return ReaderScreen(f"What the curves say, up to {self.unit} {self.session.reached}", texts)

    def told_plots(self) -> list[str]:
        """In words, with their notes, those that have something drawn."""
        ascii = not self.tutor.glyphs.sub_digits
        told = zip(self._panes.views, self._panes.plots_in_words(), self.plots, strict=True)
        drawn = [(text, plot) for view, text, plot in told if view.chart.has_data]
        return [f"{text}\n{clean(plot.note, ascii)}".rstrip() for text, plot in drawn]

    def action_export(self) -> None:
        if self.session.faulty and not self.session.frames:
            self.changed(
                [("There is nothing to save", "error"), (": the run failed before its first frame.", "")]
            )
            return
        begin(self, self._export, exclusive=True, group="page")

    async def _export(self) -> None:
        self._add_frames()
        charts = {words.short(p.metric): c for p, c in zip(self.plots, self.charts(), strict=True)}
        self.tell_export(await asyncio.to_thread(self._written, charts))

    def _written(self, charts: Mapping[str, Chart]) -> list[Path] | OSError:
        from tutor.tui.labs.run_export import written

        return written(self.lab_id, self.session, charts, self.findings())

    def code(self) -> Sequence[Callable[..., Any]]:
        return (self.experiment.runner,)
