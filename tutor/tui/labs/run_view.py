"""A lab whose experiment runs in a process of its own, as it is drawn; what keys do is in `run_lab`.

Nothing is computed on the screen's thread: frames arrive from the process, and what is shown is drawn at most
`plot_rate` times a second.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from tutor.charts.chart import Chart, Mark
from tutor.experiments import Experiment, Value, find_experiment
from tutor.experiments.worker import Worker
from tutor.tui.labs import run_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.run_curves import Plot, PlotCurves
from tutor.tui.labs.run_kept import Runs
from tutor.tui.labs.run_panes import RunPanes
from tutor.tui.labs.run_session import RunSession
from tutor.tui.labs.session_lab import SessionLab
from tutor.tui.widgets.chart import ChartView

ROOMY = 20  # rows of the lab from which the table has all series, not only those in the plots
PACE_OVER = 5.0  # seconds over which updates a second are counted


class RunView(SessionLab[RunSession]):
    """A session and its panes.

    A subclass gives lab_id, experiment_id, plots, `length` (the parameter that says how many updates there are), what
    an update is called (`unit`), and a widget of its own above the plots where it has one (`above`, `draw_above`).
    """

    experiment_id = ""
    length = "updates"
    unit = "update"
    plots: Sequence[Plot] = ()
    places = 0  # for plots, where which ones stand there depends on the session
    above_rows = 0
    worker: Callable[[], Runs] = Worker
    session_class: type[RunSession] = RunSession

    class Arrived(Message, bubble=False):
        """Frames have come, or the run has another state. Posted by the worker's thread."""

        def can_replace(self, message: Message) -> bool:
            """One for all that came meanwhile."""
            return isinstance(message, RunView.Arrived)

    # What a subclass gives

    def new_panes(self) -> RunPanes:
        return RunPanes(self.places or len(self.plots), self.above())

    def above(self) -> Widget | None:
        """A widget of its own, `above_rows` high."""
        return None

    def draw_above(self) -> None:
        """Show in it the update that is looked at."""

    def compared(self) -> tuple[str, ...]:
        """The series that the plots show, three at most; the table has all where there is room."""
        return self.experiment.series[:3]

    def arrived(self) -> None:
        """Something has come."""

    def over(self) -> None:
        """The run is done, or has failed."""

    # The session

    @property
    def experiment(self) -> Experiment:
        return find_experiment(self.experiment_id)

    def begin(self) -> RunSession:
        self._panes = self.new_panes()
        self._roomy = True
        self._curves: list[PlotCurves] = []
        self._drawn: tuple[object, int] = (None, 0)  # which frames are in the curves, and how many
        self._due: Timer | None = None
        self._plots_wait = False  # for the words
        self._pace: deque[tuple[float, int]] = deque()
        self._end_told = False  # whether the end of the run has been told
        self._logged = "", ""  # the traceback that was last written into the log, and where that is, in words
        return self.new_session()

    def new_session(self) -> RunSession:
        """That of the lab's parameters, or of the state that was kept."""
        given = self.experiment, self.description, self.parameters
        return self.session_class(*given, type(self).worker, self._heard, self.saved_state)

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

    def leave(self) -> None:
        """The keys go back to the text, and the process ends; what it made stays."""
        super().leave()
        self.session.close()
        self.changed()

    def pause(self) -> None:
        self.session.pause()

    def set_session(self, values: Mapping[str, Value]) -> None:
        self.session.set_parameters(values)

    def present_values(self) -> Mapping[str, Value]:
        changes = self.session.changes
        return {**self.session.parameters, **{name: changes.now(name) for name in changes.live}}

    # What is drawn

    def title(self) -> str:
        return self.tutor.glyphs.between.join([self.description.title, self.seeds_told()])

    def seeds_told(self) -> str:
        """`seed 3`, `seeds 0-9`: every lab's title has it."""
        first, last = self.session.seeds[0], self.session.seeds[-1]
        recorded = ", recorded" if self.session.recorded is not None else ""
        return (f"seed {first}" if first == last else f"seeds {first}-{last}") + recorded

    def status(self) -> str:
        return words.status(self.session, self.total, self.unit, self._updates_a_second())

    @property
    def total(self) -> int:
        """How many updates the whole run has."""
        return int(self.session.parameters[self.length])

    def panes(self) -> RunPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._roomy = height >= ROOMY
        self._panes.place(width, height, above=self.above_rows, rows=1 + len(self.listed()))

    def listed(self) -> tuple[str, ...]:
        """The series in the table."""
        return self.experiment.series if self._roomy else self.compared()

    def draw(self) -> None:
        metrics = {plot.metric: plot.column or plot.title for plot in self.plots}
        lines = words.table(self.session, self.listed(), metrics, self._panes.columns, self.tutor.glyphs)
        self._panes.show(lines, self._problem() or self.said)
        self.draw_above()

    def _problem(self) -> Line:
        """Why the run failed, or what is wrong with it; of a mistake of the program, too, what to do."""
        told, width, glyphs = self.session.problem, self._panes.columns, self.tutor.glyphs
        if told and self.session.run.traceback:
            return words.mistaken(told, width, glyphs)
        return [(words.problem(self.session, width, glyphs), "error")] if told else []

    @property
    def said(self) -> Line:
        """The last line: the note, or else that the run is made again, or that it is a recorded one."""
        if self._note:
            return self._note
        if self.session.state == "returning" and self.session.goal:
            return words.again(self.session, self.unit)
        recorded = self.session.recorded
        return [] if recorded is None else words.recorded(recorded, self._panes.columns)

    def draw_plots(self) -> None:
        self._add_frames()
        self._panes.show_plots(self.charts())

    def charts(self) -> list[Chart]:
        """The plots, the update that is looked at marked."""
        marks = () if self.session.cursor is None else (Mark(float(self.session.shown)),)
        whole = 0.0, float(max(1, self.total))
        return [
            replace(curves.chart(), marks=marks, x_range=whole, y_range=plot.y_range)
            for plot, curves in zip(self.plots, self._curves, strict=True)
        ]

    def _add_frames(self) -> None:
        names = self.compared()
        frames = self.session.sound_frames
        which = (self.session.generation, names, self.session.run.diverged, tuple(self.plots))
        count = self._drawn[1]
        if which != self._drawn[0]:
            count = 0
            self._curves = [PlotCurves(plot, self.unit) for plot in self.plots]
            self._pace.clear()
        fresh = frames[count:]
        shown = [frame for frame in fresh if frame.series in names]
        for curves in self._curves:
            curves.add(shown)
        self._drawn = which, count + len(fresh)

    # What comes

    def _log_mistake(self) -> None:
        """The traceback of a run that failed by a mistake of the program goes where others go, once."""
        from tutor.tui.mistakes import write_down

        found = self.session.run.traceback
        if found and found != self._logged[0]:
            self._logged = found, write_down(found)
            self._note = words.MISTAKE

    @property
    def plots_due(self) -> bool:
        return self._rest() <= 0

    def _rest(self) -> float:
        """Seconds until something may be drawn again."""
        rate = self.tutor.settings.plot_rate if self.tutor.settings.motion else 1
        return self._plots_drawn_at + 1 / rate - time.monotonic()

    def on_run_view_arrived(self) -> None:
        self.session.take()
        if self.session.reached >= self.total:
            self.session.finish()
        self._count()
        self.arrived()
        self._log_mistake()
        told, self._end_told = self._end_told, self.session.state in ("done", "failed")
        if self._end_told and not told:  # what is kept back of it may still come
            self.over()
        if self.session.state not in ("running", "returning") or self.plots_due:
            self._draw_now()
        else:
            self._draw_later()

    def show(self, *, plots: bool = True) -> None:
        """The words at once; the plots when they are due, and the words are on the screen."""
        due = self.plots_due
        super().show(plots=False)
        if plots and due:
            self._plots_after_words()
        elif plots:
            self._draw_later()

    def _plots_after_words(self) -> None:
        if not self._plots_wait:
            self._plots_wait = True
            self.call_after_refresh(self._draw_plots)

    def _draw_plots(self) -> None:
        self._plots_wait = False
        self._plots_drawn_at = time.monotonic()
        self._add_frames()
        self._draw_each(list(zip(self._panes.views, self.charts(), strict=True)))

    def _draw_each(self, plots: Sequence[tuple[ChartView, Chart]]) -> None:
        """One after the other, each painted before the next: keys that come meanwhile are answered in between."""
        for view, chart in plots[:1]:
            view.show(chart)
        if plots[1:]:
            self.call_after_refresh(self._draw_each, plots[1:])

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
