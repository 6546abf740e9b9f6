"""What the learner did: per lesson steps read, questions right at first try, time; what to do next."""

from collections.abc import Iterable

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tutor.course.types import LessonInfo
from tutor.tui.glyphs import cut
from tutor.tui.lesson_status import lesson_status, next_lesson
from tutor.tui.screens.base import TutorScreen
from tutor.tui.screens.confirm import ConfirmScreen
from tutor.tui.widgets.rows import RowList


def spent(seconds: float) -> str:
    """`45 s`, `12 min`, `1 h 05`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


class ProgressScreen(TutorScreen):
    """A table of the lessons; enter opens one, `x` writes an export, `0` forgets one after asking."""

    AUTO_FOCUS = "RowList"
    BINDINGS = [
        Binding("x", "export", "export"),
        Binding("0", "reset", "reset a lesson"),
    ]

    def body(self) -> Iterable[Widget]:
        yield Static(id="head", markup=False)
        yield RowList()
        yield Static(id="next", markup=False)

    def update_title(self) -> None:
        width = self._width()
        self.query_one("#head", Static).update(
            Content(f"{'lesson':<{width + 2}} {'read':>6} {'right':>6} {'1st try':>8} {'time':>8}")
        )
        rows = self.query_one(RowList)
        rows.show([self._row(lesson) for lesson in self.tutor.course.lessons])
        lessons = self.tutor.course.lessons
        total = sum(lesson_status(lesson, self.tutor.progress).seconds for lesson in lessons)
        self.title_line.show("Progress", f"{spent(total)} in all")
        self.query_one("#next", Static).update(self._next())

    def on_resize(self) -> None:
        if self.is_mounted:
            self.update_title()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        lesson = self.tutor.course.lessons[event.index]
        if not lesson.fault:
            self.tutor.open_lesson(lesson.id)

    def action_export(self) -> None:
        from tutor import paths
        from tutor.progress import ProgressError, export_file

        try:
            path = export_file(self.tutor.store, paths.export_dir())
        except (OSError, ProgressError) as error:
            said = paths.reason(error) if isinstance(error, OSError) else error
            self.notify(f"Not exported: {said}", severity="error", markup=False)
            return
        if paths.hosted():
            from tutor.tui.exported import ExportedScreen

            self.app.push_screen(ExportedScreen([path]))
        else:
            self.notify(f"Your progress is in {path}", markup=False)

    def action_reset(self) -> None:
        if not self.tutor.course.lessons:
            return
        lesson = self.tutor.course.lessons[self.query_one(RowList).cursor]

        def answered(yes: bool | None) -> None:
            if yes:
                self.tutor.recorder.post("reset", lesson.id)

        question = (
            f'Forget what you did in "{lesson.title}": steps read, answers, labs? No import brings it back.'
        )
        self.app.push_screen(
            ConfirmScreen(question),
            answered,
        )

    def _width(self) -> int:
        return max(20, min(60, self.app.size.width - 40))

    def _row(self, lesson: LessonInfo) -> Content:
        status, glyphs, width = lesson_status(lesson, self.tutor.progress), self.tutor.glyphs, self._width()
        name = cut(Content(lesson.title), width, glyphs)
        sign = {"done": glyphs.done, "started": glyphs.current, "broken": glyphs.broken, "new": glyphs.todo}[
            status.word
        ]
        if status.word in ("new", "broken"):
            return Content.assemble(f"{sign} ", name)
        gap = " " * (width - name.cell_length)
        read, right = f"{status.steps_read}/{status.steps}", f"{status.right}/{status.questions}"
        first = f"{status.first_try}/{status.questions}"
        return Content.assemble(
            f"{sign} ", name, gap, f" {read:>6} {right:>6} {first:>8} {spent(status.seconds):>8}"
        )

    def _next(self) -> Content:
        following = next_lesson(self.tutor.course, self.tutor.progress)
        if following is None:
            return Content("There is no lesson that can be opened.")
        status = lesson_status(following, self.tutor.progress)
        if status.word == "done":
            return Content("Everything here is done. A lab is a good place to play: l on Home.")
        if status.word == "new":
            return Content(f'Next: begin "{following.title}".')
        missing = status.questions - status.right
        left = (
            f"{missing} question{'s' if missing != 1 else ''} to get right"
            if missing
            else "its last steps to read"
        )
        return Content(f'Next: "{following.title}", at step {status.at_step} of {status.steps}; {left}.')
