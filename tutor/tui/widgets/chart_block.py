"""A chart in a lesson: its run is made off the screen's thread, then it is drawn."""

from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from tutor.course.types import ChartBlock
from tutor.tui.lesson_state import LessonState
from tutor.tui.runs import frames_of, reason

if TYPE_CHECKING:
    from tutor.charts.chart import Chart
    from tutor.charts.frames import Band
    from tutor.tui.widgets.chart import ChartView


class ChartBlockView(Vertical, can_focus=True):
    """`running…`, then the chart; `e` says in words what it shows, `x` saves it."""

    DEFAULT_CSS = """
    ChartBlockView { height: auto; max-width: 100; margin: 1 0 0 0; border-left: blank; }
    ChartBlockView:focus { border-left: heavy $accent; }
    ChartBlockView.ascii:focus { border-left: ascii $accent; }
    ChartBlockView > #words { height: auto; max-width: 84; color: $muted; }
    ChartBlockView > ChartView { height: 12; }
    """
    BINDINGS = [Binding("e", "explain", "explain"), Binding("x", "export", "export")]

    def __init__(self, block: ChartBlock, state: LessonState) -> None:
        super().__init__()
        self._block = block
        self.block_id = block.id
        self._state = state
        self._stop = Event()
        self._view: ChartView | None = None

    def compose(self) -> ComposeResult:
        yield Static("running the experiment", id="words", markup=False)

    def on_mount(self) -> None:
        self.set_class(bool(getattr(self.app, "ascii", False)), "ascii")
        if self._block.id in self._state.runs:
            self.show_frames(self._state.runs[self._block.id])
        else:
            self._run()

    def on_unmount(self) -> None:
        self._stop.set()

    @work(thread=True, exclusive=True)
    def _run(self) -> None:
        try:
            frames = frames_of(self._block.experiment, self._block.set, self._stop)
        except (LookupError, ValueError, ArithmeticError) as error:
            self.app.call_from_thread(self._say, f"This experiment could not run: {reason(error)}")
            return
        if frames is not None:
            self._state.runs[self._block.id] = frames
            self.app.call_from_thread(self.show_frames, frames)

    def _say(self, text: str) -> None:
        words = self.query_one("#words", Static)
        words.display = bool(text)
        words.update(text)

    def show_frames(self, frames: tuple[Any, ...]) -> None:
        """Draw what the run gave."""
        from tutor.tui.widgets.chart import ChartView

        if not self.is_attached:
            return
        try:
            chart = self._chart(frames)
        except (LookupError, ValueError) as error:
            self._say(f"This chart cannot be drawn: {reason(error)}")
            return
        self._view = ChartView(chart)
        self.mount(self._view, before=0)
        self._say("")

    def _chart(self, frames: tuple[Any, ...]) -> "Chart":
        from tutor.charts.frames import chart_of
        from tutor.experiments import find_experiment
        from tutor.experiments.titles import metric_title, series_title

        block, unit = self._block, find_experiment(self._block.experiment).unit
        band: Band = "none" if block.means else "range"
        shown = [frame for frame in frames if not block.series or frame.series in block.series]
        title = block.title or metric_title(block.metric)
        chart = chart_of(shown, block.metric, title, band=band, x_label=unit)
        return replace(chart, series=[replace(s, name=series_title(s.name)) for s in chart.series])

    def action_explain(self) -> None:
        """Show, or hide again, what the chart says in words."""
        if self._view is not None:
            words = self.query_one("#words", Static)
            self._say("" if words.display else self._view.summary())

    def action_export(self) -> None:
        """Save the chart's data and picture, and say where."""
        if self._view is None:
            return
        from tutor import paths
        from tutor.charts.export import export

        try:
            written = export(self._view.chart, paths.export_dir(), self._block.experiment)
        except OSError as error:
            self.notify(f"Not saved: {paths.reason(error)}", severity="warning", markup=False)
            return
        if paths.hosted():
            from tutor.tui.exported import ExportedScreen

            self.app.push_screen(ExportedScreen(written))
        else:
            self.notify("Saved " + ", ".join(str(path) for path in written), markup=False)
