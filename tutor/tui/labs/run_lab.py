"""A lab whose experiment runs in a process of its own: run, pause, one update, look back, explain.

Nothing is computed on the screen's thread: frames arrive from the process, and what is shown is drawn at most
`plot_rate` times a second.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from tutor.charts.chart import Chart, Mark
from tutor.charts.frames import Curves
from tutor.experiments import Experiment, Frame, Value, find_experiment
from tutor.experiments.explain import Finding, explain, rules_for
from tutor.experiments.worker import Worker
from tutor.tui.labs import run_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import keys, looking
from tutor.tui.labs.run_panes import RunPanes
from tutor.tui.labs.run_session import Runs, RunSession
from tutor.tui.labs.session_lab import SessionLab
from tutor.tui.labs.step_lab import next_of

SPEEDS = (1, 2, 5, 10, 20, 50, 100)  # updates a second; above them 0, as fast as it can
PACE_OVER = 5.0  # seconds over which updates a second are counted
OVER: Line = [("The run is over", "error"), (": 0 runs it again, s with other dice.", "")]
FIRST: Line = [("That is the first update.", "muted")]


@dataclass(frozen=True)
class Plot:
    """One plot: a metric of every series against the update."""

    metric: str
    title: str
    log_y: bool = False


def run_keys(*own: BindingType, unit: str = "update") -> list[BindingType]:
    """The keys of such a lab; its own stand after those that run and look."""
    return [
        *looking(unit),
        *own,
        *keys("explain", "options", "reset", "seed", "preset"),
        *keys("faster", "slower", "code", "export"),
    ]


class RunLab(SessionLab[RunSession]):
    """The keys steer the run, the panes show its frames so far.

    A subclass gives lab_id, experiment_id, plots, `length` (the parameter that says how many updates there are), and
    what runs (`code`); an own widget above the plots where it has one (`above`, `draw_above`), and a question that
    the run decides (`question`, `verdict`).
    """

    experiment_id = ""
    length = "updates"
    plots: Sequence[Plot] = ()
    above_rows = 0
    worker: Callable[[], Runs] = Worker

    class Arrived(Message, bubble=False):
        """Frames have come, or the run has another state. Posted by the worker's thread."""

        def can_replace(self, message: Message) -> bool:
            """One for all that came meanwhile."""
            return isinstance(message, RunLab.Arrived)

    # What a subclass gives

    def above(self) -> Widget | None:
        """A widget of its own, `above_rows` high."""
        return None

    def draw_above(self) -> None:
        """Show in it the update that is looked at."""

    def question(self) -> tuple[str, Sequence[str]] | None:
        """What to predict of the run that is to come: a question and its answers."""
        return None

    def verdict(self) -> int | None:
        """Which of the answers the run gave, now that it is over; None: neither."""
        return None

    # The session

    @property
    def experiment(self) -> Experiment:
        return find_experiment(self.experiment_id)

    def begin(self) -> RunSession:
        self._panes = RunPanes(len(self.plots), self.above())
        self._curves: list[Curves] = []
        self._drawn = (0, 0)  # generation and number of the frames in the curves
        self._due: Timer | None = None
        self._pace: deque[tuple[float, int]] = deque()
        self._said: int | None = None  # the answer that waits for the end of the run
        given = self.experiment, self.description, self.parameters, type(self).worker, self._heard
        if self.saved_state is None:
            return RunSession(*given)
        return RunSession.from_state(self.saved_state, *given)

    def _heard(self) -> None:
        """In the worker's thread."""
        self.post_message(self.Arrived())

    def on_mount(self) -> None:
        if not self.embedded or self.session.state == "left":
            self.session.open()

    def on_focus(self) -> None:
        self.session.open()
        self.changed()

    def on_unmount(self) -> None:
        self.session.close()

    def action_leave_lab(self) -> None:
        """The keys go back to the text, and the process ends; what it made stays."""
        super().action_leave_lab()
        self.session.close()
        self.changed()

    def pause(self) -> None:
        self.session.pause()

    def set_session(self, values: Mapping[str, Value]) -> None:
        self.session.set_parameters(values)

    def next_preset(self) -> None:
        presets = self.description.presets
        now = [all(self.session.parameters[k] == v for k, v in preset.items()) for preset in presets]
        place = now.index(True) + 1 if any(now) else 0
        self.session.set_parameters(self.description.values(presets[place % len(presets)]))

    # What is drawn

    def title(self) -> str:
        session = self.session
        parts = [self.description.title, f"seed {session.seeds[0]}"]
        if len(session.seeds) > 1:
            parts[-1] = f"{len(session.seeds)} seeds from {session.seeds[0]}"
        return (" · " if self.tutor.glyphs.sub_digits else " - ").join(parts)

    def status(self) -> str:
        return words.status(self.session, self.length, self._updates_a_second())

    def panes(self) -> RunPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        rows = 1 + len(self.session.experiment.series)
        self._panes.place(width, height, above=self.above_rows, rows=rows)

    def draw(self) -> None:
        metrics = [plot.metric for plot in self.plots]
        lines = words.table(self.session, metrics, self._panes.columns, self.tutor.glyphs)
        problem: Line = [(self.session.problem, "error")] if self.session.problem else []
        self._panes.show(lines, problem or self._note)
        self.draw_above()

    def draw_plots(self) -> None:
        self._add_frames()
        self._panes.show_plots(self.charts())

    def charts(self) -> list[Chart]:
        """The plots, the update that is looked at marked."""
        marks = () if self.session.cursor is None else (Mark(float(self.session.shown)),)
        charts = [curves.chart() for curves in self._curves]
        return [replace(chart, marks=marks) for chart in charts]

    def _add_frames(self) -> None:
        generation, count = self._drawn
        if generation != self.session.generation:
            count = 0
            self._curves = [Curves(plot.metric, plot.title, log_y=plot.log_y) for plot in self.plots]
            self._pace.clear()
        fresh = self.session.frames[count:]
        for curves in self._curves:
            curves.add(fresh)
        self._drawn = self.session.generation, count + len(fresh)

    # What comes

    @property
    def plots_due(self) -> bool:
        return self._rest() <= 0

    def _rest(self) -> float:
        """Seconds until something may be drawn again."""
        rate = self.tutor.settings.plot_rate if self.tutor.settings.motion else 1
        return self._plots_drawn_at + 1 / rate - time.monotonic()

    def on_run_lab_arrived(self) -> None:
        self.session.take()
        self._count()
        if self.session.state in ("done", "failed"):
            self._judge()
        if self.session.state not in ("running", "returning") or self.plots_due:
            self._draw_now()
        else:
            self._draw_later()

    def show(self, *, plots: bool = True) -> None:
        """The words at once, the plots when they are due."""
        due = self.plots_due
        super().show(plots=plots and due)
        if plots and not due:
            self._draw_later()

    def _draw_later(self) -> None:
        if self._due is None:
            self._due = self.set_timer(max(0.001, self._rest()), self._draw_now)

    def _draw_now(self) -> None:
        if self._due is not None:
            self._due.stop()
            self._due = None
        self.changed()

    def _count(self) -> None:
        """Note how far it is, for the pace."""
        if self.session.state != "running":
            self._pace.clear()
            return
        now = time.monotonic()
        self._pace.append((now, self.session.reached))
        while now - self._pace[0][0] > PACE_OVER:
            self._pace.popleft()

    def _updates_a_second(self) -> float | None:
        if len(self._pace) < 2:
            return None
        (then, before), (now, reached) = self._pace[0], self._pace[-1]
        return (reached - before) / (now - then) if now > then else None

    # Acting

    def action_run(self) -> None:
        if self.session.state == "running":
            self.pause()
            self.changed([])
        elif self.session.state in ("done", "failed"):
            self.session.look(len(self.session.updates))
            self.changed(OVER)
        else:
            self.session.go()
            self.changed([])

    def action_step(self) -> None:
        if self.session.state == "running":
            self.pause()
            self.changed([])
        else:
            self.changed([] if self.session.step() else OVER)

    def action_undo(self) -> None:
        self.pause()
        self.action_look(-1)

    def action_look(self, by: int) -> None:
        moved = self.session.look(by)
        self.changed([] if moved or by > 0 else FIRST)

    def action_seed(self) -> None:
        self.start_again(self.session.reseed)

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
        """`[` and `]`: the lab's main parameter; the run comes again with it, up to where it was."""
        from tutor.tui.screens.parameters import stepped, written

        name = self.description.main
        parameter = next(p for p in self.description.parameters if p.name == name)
        value = stepped(parameter, self.session.parameters[name], by)
        self.session.set_parameters({name: value})
        self.changed([(f"{name} {written(value)}", "strong"), (": run again to the same update", "muted")])

    def action_predict(self) -> None:
        from tutor.tui.labs.predict import PredictScreen

        asked = self.question()
        if asked is None:
            return

        def answered(choice: int | None) -> None:
            self._said = choice
            if choice is not None:
                if self.session.reached:
                    self.session.reseed()
                self.session.go()
                self.changed([(f"You said: {asked[1][choice]}. It runs to see.", "accent")])

        self.pause()
        self.app.push_screen(PredictScreen(*asked), answered)

    def _judge(self) -> None:
        """The run is over: was it as predicted?"""
        said, self._said, asked = self._said, None, self.question()
        if said is None or asked is None:
            return
        came = self.verdict()
        if came is None:
            self._note = [("No answer was right: ", "strong"), ("e explains what the run shows.", "")]
        elif came == said:
            self._note = [("As predicted", "strong"), (f": {asked[1][came]}.", "")]
        else:
            self._note = [(f"You said: {asked[1][said]}. ", "strong"), (f"It was: {asked[1][came]}.", "")]

    # Pages over the lab: what they need is computed in a thread

    def action_explain(self) -> None:
        self.run_worker(self._explain(), exclusive=True, group="page")

    async def _explain(self) -> None:
        self._show_plots()
        self.app.push_screen(self.explanation_of(await asyncio.to_thread(self.findings)))

    def findings(self) -> list[Finding]:
        """What the rules see in the frames so far."""
        frames: tuple[Frame, ...] = tuple(self.session.frames)
        problem = self.session.problem if self.session.state == "failed" else ""
        return explain(frames, rules_for(self.experiment_id), optimum=self.optimum(), problem=problem)

    def optimum(self) -> float | None:
        """The best value of the metric that the rules speak of, where it is known."""
        from tutor.experiments.summary import optimum_of

        return optimum_of(self.session.values())

    def explanation_of(self, findings: Sequence[Finding]) -> Screen[None]:
        from tutor.tui.labs.reader import ReaderScreen

        texts = words.paragraphs(findings, self._panes.plots_in_words(), self.tutor.glyphs)
        return ReaderScreen(f"What the curves say, up to update {self.session.reached}", texts)

    def action_export(self) -> None:
        self.run_worker(self._export(), exclusive=True, group="page")

    async def _export(self) -> None:
        self._add_frames()
        charts = {words.short(p.metric): c for p, c in zip(self.plots, self.charts(), strict=True)}
        self.tell_export(await asyncio.to_thread(self._written, charts))

    def _written(self, charts: Mapping[str, Chart]) -> list[Path] | OSError:
        from tutor.experiments.export import as_csv, command_of
        from tutor.tui.labs.lab_export import export_lab

        session = self.session
        tables = {"frames": as_csv(tuple(session.frames), session.seeds)}
        command = command_of(session.experiment.id, session.values(), session.seeds)
        texts = {"explanation": words.as_text(self.findings(), command)}
        stem = f"{self.lab_id}-seed{session.seeds[0]}"
        try:
            return export_lab(self.lab_id, stem, tables, charts, texts=texts)
        except OSError as error:
            return error

    def code(self) -> Sequence[Callable[..., Any]]:
        return (self.experiment.runner,)
