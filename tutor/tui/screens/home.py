"""Home: the course, what is done, where you were; the greeting at the very first start."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tutor.course.source import clean_line
from tutor.course.types import LessonInfo
from tutor.tui.glyphs import cut
from tutor.tui.lesson_status import LessonStatus, lesson_status, next_lesson
from tutor.tui.screens.base import TutorScreen
from tutor.tui.widgets.about import About
from tutor.tui.widgets.rows import RowList
from tutor.tui.widgets.title import ROOM

if TYPE_CHECKING:
    from tutor.experiments import LabDescription

GREETING = (
    "Reinforcement learning, from a reward to PPO and RLHF, by doing: read a step, guess, step the agent, "
    "watch the numbers go into the formula. Your place is kept."
)


class HomeScreen(TutorScreen):
    """The course list, the cursor on where the learner was; what enter opens is described below it."""

    AUTO_FOCUS = "RowList"
    BINDINGS = [
        Binding("l", "labs", "labs"),
        Binding("t", "gridworld", "try", tooltip="try the gridworld"),
        Binding("p", "progress", "progress"),
        Binding("s", "settings", "settings"),
        Binding("q", "app.quit", "leave"),
        Binding("b", "last_lab", "the lab where you were last", show=False),
        Binding("escape", "stay", "", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        yield Static(self._greeting(), id="greeting", markup=False)
        yield RowList(cursor=self._start(), verb="go on")
        yield About()

    def on_mount(self) -> None:
        super().on_mount()
        self.set_class(self._low, "low")
        self._went_on_from = self.tutor.progress.last_lesson
        self._show()

    def on_screen_resume(self) -> None:
        """Coming back from a lesson: the list tells what has changed."""
        self._show()

    def update_title(self) -> None:
        lessons = self.tutor.course.lessons
        done = sum(self._status(lesson).done for lesson in lessons)
        right = f"{done} of {len(lessons)} lessons" if lessons else "no lessons"
        self.title_line.show(
            "rl-tutor · from a reward to RLHF" if not self.tutor.ascii else "rl-tutor", right
        )

    def on_resize(self) -> None:
        if self.is_mounted:
            self.set_class(self._low, "low")
            self._show()

    @property
    def _low(self) -> bool:
        """Whether there are too few rows for the greeting beside the list."""
        return self.app.size.height < ROOM.height

    def progress_changed(self) -> None:
        if (
            self.app.screen is self
        ):  # below another screen it is "current" to Textual, and drawing it repaints both
            self._show()

    def saving_changed(self) -> None:
        super().saving_changed()
        self._show()

    def learner_changed(self) -> None:
        """It is somebody else's: the cursor goes where they were."""
        self.query_one(RowList).cursor = self._start()
        self.saving_changed()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        self._describe(event.index)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        lesson = self.tutor.course.lessons[event.index]
        if lesson.fault:
            self.notify(lesson.fault, title="This lesson cannot be opened", severity="warning", markup=False)
        else:
            self.tutor.open_lesson(lesson.id)

    def action_labs(self) -> None:
        from tutor.tui.screens.labs import LabsScreen

        self.app.push_screen(LabsScreen())

    def action_gridworld(self) -> None:
        self.tutor.open_lab("gridworld")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There may be no lab to go back to."""
        if action == "last_lab":
            return self._last_lab is not None
        return super().check_action(action, parameters)

    def action_last_lab(self) -> None:
        if self._last_lab is not None:
            self.tutor.open_lab(self._last_lab.id)

    @property
    def _last_lab(self) -> "LabDescription | None":
        """Where the learner was last, if that was a lab of its own; None also for one that there is not any more."""
        if not self.tutor.progress.last_lab:
            return None
        from tutor.experiments import labs

        return labs().get(self.tutor.progress.last_lab)

    def action_progress(self) -> None:
        from tutor.tui.screens.progress import ProgressScreen

        self.app.push_screen(ProgressScreen())

    def action_settings(self) -> None:
        from tutor.tui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen())

    def action_stay(self) -> None:
        """esc on Home leaves nothing by accident."""

    # What is drawn

    def _greeting(self) -> Content:
        lines = [Content(clean_line(notice)).stylize("$warning") for notice in self.tutor.warnings()]
        if not self.tutor.course.lessons:
            folder = clean_line(str(self.tutor.course.path))
            lines.append(Content(f"No lessons in {folder}. A lesson is a Markdown file there."))
        elif not self.tutor.progress.last_lesson:
            choose = "up down" if self.tutor.ascii else "↑↓"
            offers = [
                ("enter", f"begin: {self.tutor.course.lessons[0].title}"),
                (choose, "choose a lesson"),
                ("t", "try the gridworld"),
            ]
            lines += [] if self._low else [Content(GREETING), Content("")]
            offers = offers[:1] if self._low else offers
            lines += [_offer(key, words) for key, words in offers]
        if (lab := self._last_lab) is not None:
            lines.append(_offer("b", f"back into the lab where you were: {lab.title}"))
        return Content("\n").join(lines)

    def _start(self) -> int:
        following = next_lesson(self.tutor.course, self.tutor.progress)
        ids = [lesson.id for lesson in self.tutor.course.lessons]
        return ids.index(following.id) if following else 0

    def _status(self, lesson: LessonInfo) -> LessonStatus:
        return lesson_status(lesson, self.tutor.progress)

    def _show(self) -> None:
        greeting = self.query_one("#greeting", Static)
        content = self._greeting()
        greeting.display = bool(content.plain)
        if not (isinstance(greeting.content, Content) and content.is_same(greeting.content)):
            greeting.update(content)
        rows = self.query_one(RowList)
        rows.show([self._row(lesson) for lesson in self.tutor.course.lessons])
        if self._went_on_from != (last := self.tutor.progress.last_lesson):
            self._went_on_from, rows.cursor = last, self._start()
        self._describe(rows.cursor)
        self.update_title()

    def _row(self, lesson: LessonInfo) -> Content:
        glyphs, status = self.tutor.glyphs, self._status(lesson)
        sign, style = {
            "broken": (glyphs.broken, "$error"),
            "done": (glyphs.done, "$success"),
            "started": (glyphs.current, "$accent"),
            "new": (glyphs.todo, "$muted"),
        }[status.word]
        if lesson.remark:
            sign, style = glyphs.broken, "$warning"
        number, title = lesson.id.partition("-")[0], lesson.title
        name = f"{number} {title}" if number.isdigit() else title
        width = max(24, min(58, self.app.size.width - 46))
        cell = cut(Content(name), width, glyphs)
        gap = " " * (width - cell.cell_length + 1)
        minutes = f"{lesson.minutes:>3} min  " if lesson.minutes else " " * 9
        return Content.assemble(
            (f"{sign} ", style), cell, gap, (minutes, "$muted"), (status.summary(), style)
        )

    def _describe(self, index: int) -> None:
        lessons = self.tutor.course.lessons
        if not lessons:
            return
        lesson = lessons[min(index, len(lessons) - 1)]
        if lesson.fault:
            text = Content(lesson.fault).stylize("$error")
        elif lesson.remark:
            text = Content(f"It opens, but {lesson.remark}").stylize("$warning")
        elif lesson.objectives:
            text = Content(f"You will be able to {_join(lesson.objectives)}.")
        else:
            text = Content(lesson.title)
        if note := self._note(lesson):
            text = Content("\n").join([text, Content(note).stylize("$muted")])
        self.query_one(About).show(text)

    def _note(self, lesson: LessonInfo) -> str:
        """What else there is to say of a lesson: what is left to do in it, or what should come before it."""
        status = self._status(lesson)
        if status.word == "started":
            steps, questions = status.steps - status.steps_read, status.questions - status.right
            left = [count(steps, "step") + " to read"] * bool(steps)
            left += [count(questions, "question") + " to get right"] * bool(questions)
            return f"Left to do: {' and '.join(left)}."
        missing = [i for i in lesson.requires if not lesson_status_of(self, i)]
        if status.word == "new" and missing:
            return f"Best after {_join([_title_of(self, i) for i in missing])}."
        return ""


def _offer(key: str, words: str) -> Content:
    return Content.assemble((f"{key:<8}", "$primary bold"), words)


def count(number: int, noun: str) -> str:
    """`1 step`, `3 steps`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _title_of(screen: HomeScreen, lesson_id: str) -> str:
    return screen.tutor.course.info(lesson_id).title


def lesson_status_of(screen: HomeScreen, lesson_id: str) -> bool:
    """Whether a required lesson is done (or not here to be done)."""
    try:
        info = screen.tutor.course.info(lesson_id)
    except KeyError:
        return True
    return lesson_status(info, screen.tutor.progress).done


def _join(words: Iterable[str]) -> str:
    """`a, b and c`; with semicolons where a part has commas of its own."""
    *first, last = words
    between, end = ("; ", "; and ") if any("," in word for word in [*first, last]) else (", ", " and ")
    return f"{between.join(first)}{end}{last}" if first else last
