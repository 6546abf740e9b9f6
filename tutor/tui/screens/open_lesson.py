"""What a lesson's screen does with its file: opens it, shows why it cannot, takes over what an author saves."""

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tutor.course.types import Lesson, LessonInfo
from tutor.tui.examiner import Examiner
from tutor.tui.keeper import Keeper
from tutor.tui.lesson_file import LessonFile
from tutor.tui.lesson_state import LessonState, lesson_title
from tutor.tui.prose.look import clean
from tutor.tui.question_state import QuestionState
from tutor.tui.screens.base import TutorScreen
from tutor.tui.widgets.faults import Faults
from tutor.tui.widgets.lesson_page import LessonPage
from tutor.tui.widgets.step_list import StepList, how_far
from tutor.tui.working import begin

WIDE = 112  # columns from which on the steps stand beside the text


class OpenLessonScreen(TutorScreen, inherit_bindings=False):
    """info: the lesson. step_id: where to open it; empty: where the learner was. looked_up: the step was searched for:
    the learner's place in the course is kept until they do something here (see `work_begins`)."""

    def __init__(self, info: LessonInfo, step_id: str = "", *, looked_up: bool = False) -> None:
        super().__init__()
        self.info = info
        self.looked_up = looked_up
        self._first_step = step_id
        self.state: LessonState | None = None
        self._page: LessonPage | None = None
        self._examiner: Examiner | None = None
        self._computed = ""  # how far the run is that a number of the page waits for
        self._keeper: Keeper | None = None
        self._keeping = False
        self._turning = False
        self._file = LessonFile(info, self._file_changed)

    # Opening

    def body(self) -> Iterable[Widget]:
        """A short lesson is there at once; a long one is read while the screen says so."""
        if self._file.is_small:
            yield Horizontal(*self._widgets(*self._file.read_now()), id="lesson")
        else:
            yield Horizontal(Static("reading the lesson", classes="waiting"), id="lesson")
        yield Static("", id="fault", markup=False)

    def _widgets(self, lesson: Lesson | None, faults: list[str]) -> list[Widget]:
        if lesson is None:
            return [Faults(faults)]
        kept = self.tutor.progress.lesson(self.info.id)
        state = self.state = LessonState(lesson, self.tutor.store.learner, kept)
        at_step = self._first_step and state.go_to(self._first_step)
        if not at_step and state.go_to(kept.position):
            state.scroll[kept.position] = kept.scroll
        self._keeper = Keeper(state, self.tutor.recorder)
        self._examiner = Examiner(state, self.tutor.recorder, self._question_changed)
        self._page = LessonPage(state)
        return [StepList(state, self._has_room), self._page]

    @property
    def _has_room(self) -> bool:
        """Whether the steps fit beside the text."""
        return self.app.size.width >= WIDE

    def on_resize(self) -> None:
        for steps in self.query(StepList):
            steps.display = self._has_room

    def on_mount(self) -> None:
        self._file.watch()
        if self.info.remark and not self.info.fault:  # Home marks it, too
            self._say(f"{self.info.path.name} has something for its author to mend: {self.info.remark}")
            self.query_one("#fault").add_class("dim")
        if self.query(".waiting"):
            begin(self, self._open, group="file", exclusive=True)
        else:
            self._opened()

    async def _open(self) -> None:
        """Read the lesson, and show it in place of what is there."""
        widgets = self._widgets(*await self._file.read())
        if not self.is_attached:  # the lesson was left meanwhile
            return
        place = self.query_one("#lesson", Horizontal)
        async with self.batch():
            await place.remove_children()
            await place.mount_all(widgets)
        self._opened()

    def on_unmount(self) -> None:
        self._file.stop()
        if self.state is not None and self._examiner is not None:
            self._examiner.stop_all()
            self._keep()
            if not self.looked_up:
                scroll = self.page.scroll_offset.y if self.page is not None else 0
                self.tutor.recorder.post("leave", self.info.id, scroll=scroll)

    def on_screen_suspend(self) -> None:
        self._file.stop()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self._file.look()
            self._file.watch()

    def update_title(self) -> None:
        title = lesson_title(self.info)
        if self.state is None:
            self.title_line.show(title)
        else:
            glyphs = self.tutor.glyphs
            waits = f"computing{self._computed or glyphs.ellipsis}  " if self.state.texts.pending else ""
            self.title_line.show(title, waits + how_far(self.state.index + 1, len(self.state.steps), glyphs))

    def progress_changed(self) -> None:
        """The lesson keeps its own state; what it shows of progress changes by its own doing."""

    @property
    def latex(self) -> bool:
        """Whether formulas are shown as their source."""
        return self.state is not None and self.state.latex

    @property
    def page(self) -> LessonPage | None:
        """The page, if the lesson could be opened."""
        return self._page if self._page is not None and self._page.is_attached else None

    # The file has changed

    def _file_changed(self) -> None:
        begin(self, self._reopen if self.state is not None else self._open, group="file", exclusive=True)

    async def _reopen(self) -> None:
        """Go on with what the file says now; with a fault in the open step, stay and say what is wrong."""
        lesson, faults = await self._file.read()
        state = self.state
        if state is None or not self.is_attached:  # the lesson was left meanwhile
            return
        fault = faults[0] if faults else ""
        if lesson is not None:
            fault = self._fault_of(lesson, state)
        self.query_one("#fault").remove_class("dim")
        self._say(fault)
        if lesson is not None and not self._is_worse(lesson, state):
            await self._adopt(lesson, state)

    def _fault_of(self, lesson: Lesson, state: LessonState) -> str:
        """The fault to name: that of the open step, else the first of the lesson."""
        steps = sorted(lesson.steps, key=lambda step: step.id != state.step.id)
        fault = next((step.fault for step in steps if step.fault), "")
        fault = fault or lesson.info.remark
        return f"{self.info.path.name}: {fault}" if fault else ""

    def _is_worse(self, lesson: Lesson, state: LessonState) -> bool:
        """Whether a block of the open step could be shown, and can no more."""
        if lesson.info.remark and not self.info.remark:
            return True  # without its front matter it would be another lesson
        now = next((step for step in lesson.steps if step.id == state.step.id), None)
        return now is not None and bool(now.fault) and not state.step.fault

    def _say(self, fault: str) -> None:
        line = self.query_one("#fault", Static)
        line.display = bool(fault)
        line.update(Content(clean(f"! {fault}")))

    async def _adopt(self, lesson: Lesson, state: LessonState) -> None:
        page = self.page
        if page is None:
            return
        self._keep()
        page.keep_scroll()
        scroll, focused = page.scroll_offset.y, _focus_of(page)
        self.info = lesson.info
        self.tutor.lesson_changed(lesson.info)
        if state.adopt(lesson, self.tutor.progress.lesson(self.info.id)):
            state.scroll[state.step.id] = scroll
            self.set_focus(None)
            await page.turn()
            self._opened()
            self.call_after_refresh(_focus_again, page, focused)
        else:
            page.relook()
            self.update_title()
        self.query_one(StepList).refresh(layout=True)

    # What else the lesson's screen does

    def work_begins(self) -> None:
        """The learner turns a page, answers or uses a lab: a step that was looked up is now where they are."""
        if self.looked_up:
            self.looked_up = False
            self._visited()

    def _visited(self) -> None:
        """The open step is where the learner is in the course."""
        if self.state is not None and not self.looked_up:
            self.tutor.recorder.post("visit", self.info.id, self.state.step.id)

    def _opened(self) -> None:
        raise NotImplementedError

    def _keep(self) -> None:
        raise NotImplementedError

    def _question_changed(self, question: QuestionState) -> None:
        raise NotImplementedError


Focus = tuple[str, int]  # the id of a question, lab or chart, and where in its line of text the cursor is


def _focus_of(page: LessonPage) -> Focus:
    focused = page.screen.focused
    return page.id_of(page.part_of(focused)), focused.cursor_position if isinstance(focused, Input) else 0


def _focus_again(page: LessonPage, focus: Focus) -> None:
    """Give the keys back to what had them, if it is still there."""
    for part in page.parts():
        if focus[0] and page.id_of(part) == focus[0]:
            page.enter(part)
            if isinstance(focused := page.screen.focused, Input):
                focused.cursor_position = focus[1]
