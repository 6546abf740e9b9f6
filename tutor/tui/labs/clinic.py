"""The clinic: runs with something built wrong, of which the learner names the fault, and then sees them mended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from tutor.charts.chart import Chart, Style
from tutor.experiments.explain import Finding
from tutor.tui.labs import clinic_pages as pages
from tutor.tui.labs import clinic_words as words
from tutor.tui.labs.clinic_session import BROKEN, MENDED, ClinicSession
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.run_curves import Plot, named
from tutor.tui.labs.run_lab import RunLab, run_keys

HIGH = 20  # rows of the lab from which it shows four samples, not two
NARROW = 100  # columns below which the title is short: beside it stands how far the run is
STYLES: Mapping[str, Style] = {BROKEN: "line", MENDED: "dashed"}
LOGARITHMIC = {"loss/value_avg": 1e-3, "policy/approxkl_avg": 1e-4, "policy/kl": 1e-4}  # metric -> least
CLIPPED = "What is below {least:g}, 0 too, is drawn as {least:g}; the table has the number."
SECRET: Line = [("The code would tell: name the fault first (p).", "muted")]
AGAIN: Line = [("v once more shows the answer; p names it.", "strong")]
WHICH = "which metrics are plotted: those before, or after, in the table"


class Lab(RunLab):
    """`[ ]` and `n` choose the case, up and down the plots, `p` names the fault, `v` shows it."""

    BINDINGS = run_keys(
        key("predict", "diagnose", "name the fault, from a list"),
        Binding("enter", "predict", "diagnose", show=False, tooltip="name the fault, from a list"),
        later=[
            Binding("up", "metric(-1)", "plots", key_display="up down", tooltip=WHICH),
            Binding("down", "metric(1)", "plots", show=False, tooltip=WHICH),
            *main("main", "case", "the case before, or after"),
            Binding("a", "answers", "samples", tooltip="other samples of this update"),
            Binding("v", "give_up", "answer", tooltip="show the answer"),
        ],
    )
    lab_id = "clinic"
    experiment_id = "clinic"
    session_class = ClinicSession
    session: ClinicSession
    places = 3
    _rows = 4  # samples that are shown
    _from = 0  # the first of them
    _asked = False  # whether the last key asked for the answer

    @classmethod
    def carried(cls, state: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """The answers outlast the run that was left."""
        return None if not state else {"diagnoses": state.get("diagnoses")}

    # What is drawn

    @property
    def plots(self) -> tuple[Plot, ...]:  # type: ignore[override]
        return tuple(_plot(metric) for metric in self._metrics())

    def _metrics(self) -> list[str]:
        """Those that are plotted, the chosen one first."""
        names = words.metrics(self.session)
        place = int(self.session.parameters["first"]) - 1
        return [names[(place + further) % len(names)] for further in range(self.places)]

    def compared(self) -> tuple[str, ...]:
        return words.runs(self.session)

    @property
    def total(self) -> int:
        return self.session.total

    def charts(self) -> list[Chart]:
        """The mended run dashed over the broken one."""
        return [
            replace(chart, series=[named(s, s.name, STYLES[s.name]) for s in chart.series])
            for chart in super().charts()
        ]

    def title(self) -> str:
        kind = words.SHORT_KINDS if self.app.size.width < NARROW else words.KINDS
        parts = [f"Clinic, case {self.session.case}", kind[self.session.kind], self.seeds_told()]
        return self.tutor.glyphs.between.join(parts)

    def status(self) -> str:
        session = self.session
        if session.known and session.cursor is None and session.state in ("running", "paused"):
            last = session.at(MENDED)
            if last is not None:
                return f"mended: update {last.update} of {self.total}  {session.state}"
        return super().status()

    def place(self, width: int, height: int) -> None:
        self._rows = 4 if height >= HIGH else 2
        rows = words.rows(self.session, max(20, width - 2)) + 1 + self._rows
        self._panes.place(width, height, above=0, rows=rows)

    def draw(self) -> None:
        width, session, glyphs = self._panes.columns, self.session, self.tutor.glyphs
        seen = [view.display for view in self._panes.views].count(True)
        lines = words.table(session, self._metrics()[:seen], width, glyphs)
        lines += self._failure(width) or words.samples(session, self._from, self._rows, width, glyphs)
        self._panes.show(lines, self.said or words.invitation(session, width))

    def _failure(self, width: int) -> list[Line]:
        """Why there is no run: the whole sentence, where the samples would be."""
        return [[(f"  {line}", "error")] for line in wrap(self.session.problem, max(20, width - 2))]

    def over(self) -> None:
        if not self.session.known:
            self._note = [("The run is over: ", "strong"), ("p names the fault, e says what to see.", "")]

    # Acting

    def moved(self) -> None:
        """Another case may have another table."""
        self._from = 0
        self.place(self.size.width, self.size.height - int(self.embedded))

    def next_preset(self) -> None:
        self.session.next_case()

    def action_main(self, by: int) -> None:
        self.started_again(lambda: self.session.next_case(by))

    def action_metric(self, by: int) -> None:
        count = len(words.metrics(self.session))
        first = (int(self.session.parameters["first"]) - 1 + by) % count + 1
        self.session.set_parameters({"first": first})
        self.changed()

    def action_answers(self) -> None:
        each = self._rows // len(words.runs(self.session))
        self._from = (self._from + each) % max(1, words.samples_of(self.session))
        self.changed()

    def action_predict(self) -> None:
        from tutor.tui.labs.clinic_answers import AnswersScreen

        session = self.session
        if session.known:
            self.changed(words.invitation(session, self._panes.columns))
            return
        question = f"What is wrong with case {session.case} ({words.KINDS[session.kind]})?"
        self.app.push_screen(AnswersScreen(question, self._judge, session.diagnosis.tried), self._answered)

    def _judge(self, fault: str) -> str:
        if self.session.answer(fault):
            return ""
        self.changed([])
        return words.against(self.session, fault)

    def _answered(self, fault: str | None) -> None:
        if fault is not None:
            self._reveal(words.right(self.session.fault, self._panes.columns))

    def action_give_up(self) -> None:
        if not self.session.known and self._note is not AGAIN:
            self.changed(AGAIN)
            return
        self.session.show_answer()
        self._reveal(words.invitation(self.session, self._panes.columns))

    def _reveal(self, note: Line) -> None:
        """The fault is known: the mended run comes."""
        self.moved()
        self.changed(note)
        self.post_message(self.Arrived())  # its frames may be there already

    # Pages over the lab

    def findings(self) -> list[Finding]:
        """The rules of training would name the fault."""
        return []

    def explanation_of(self, findings: Sequence[Finding]) -> Screen[None]:  # noqa: ARG002  (there are none)
        from tutor.tui.labs.reader import ReaderScreen

        session, glyphs = self.session, self.tutor.glyphs
        plots = self.told_plots()
        if session.known:
            return ReaderScreen(f"Case {session.case}: what was wrong", pages.after(session, plots, glyphs))
        return ReaderScreen(f"Case {session.case}: what to look at", pages.before(session, plots, glyphs))

    def action_code(self) -> None:
        from tutor.tui.labs.reader import ReaderScreen

        if not self.session.known:
            self.changed(SECRET)
            return
        self.pause()
        self.app.push_screen(
            ReaderScreen("The code with the fault", pages.code(self.session), spaced=False, wide=True)
        )


def _plot(metric: str) -> Plot:
    least = LOGARITHMIC.get(metric)
    if least is None:
        return Plot(metric, words.PLOTTED[metric])
    return Plot(metric, words.PLOTTED[metric], log_y=True, least=least, note=CLIPPED.format(least=least))
