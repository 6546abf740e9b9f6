"""A lesson, one step a page: text to read, questions and labs to enter, and the way on."""

import asyncio
from functools import partial

from textual import on

from tutor.tui.labs.base import LabView
from tutor.tui.lesson_state import following_lesson, step_texts
from tutor.tui.question_state import QuestionState
from tutor.tui.runs import told_how_far
from tutor.tui.screens.lesson_keys import KEYS, acts
from tutor.tui.screens.open_lesson import OpenLessonScreen
from tutor.tui.widgets.question import QuestionView
from tutor.tui.widgets.step_list import StepList
from tutor.tui.working import begin

KEEP_AFTER = 3.0  # seconds after a change that drafts and labs are put on disk


class LessonScreen(OpenLessonScreen, inherit_bindings=False):
    """A lesson that is open, and its keys."""

    BINDINGS = KEYS

    # Turning pages

    async def turn_to(self, index: int) -> None:
        """Open step `index`, from 0; beyond the last one, what follows the lesson."""
        state, page = self.state, self.page
        if state is None or page is None or self._turning or index < 0 or index == state.index:
            return
        if index >= len(state.steps):
            self._go_further()
            return
        self._turning = True
        self.work_begins()
        try:
            self._keep()
            page.keep_scroll()
            self.set_focus(None)
            state.index = index
            await page.turn()
            self._opened()
        finally:
            self._turning = False

    def _opened(self) -> None:
        """A step has been opened: say where we are, keep it, start what its texts need."""
        state, page = self.state, self.page
        if state is None or page is None:
            return
        state.seen.add(state.step.id)
        self._visited()
        self.update_title()
        self.query_one(StepList).refresh()
        self.refresh_bindings()
        state.texts.prepare(state.step)
        if state.texts.pending:
            self.update_title()
            begin(self, self._compute_texts, group="texts", exclusive=True)
        for view in page.questions():
            if view.state.to_run_again and self._examiner is not None:
                begin(self, partial(self._examiner.show_again, view.state), group="answers")

    async def _compute_texts(self) -> None:
        state = self.state
        if state is None:
            return
        here = set(step_texts(state.step))
        for source in sorted(state.texts.pending, key=lambda source: (source not in here, source)):
            with told_how_far(self._tell_computed):
                await asyncio.to_thread(state.texts.compute, source)
        self._computed = ""
        self.update_title()
        if self.page is not None:
            self.page.relook()

    def _tell_computed(self, where: str) -> None:
        """Into the title: how far the run is that a number of the page waits for."""
        self._computed = f": {where}"
        self.update_title()

    def _go_further(self) -> None:
        following = following_lesson(self.tutor.course, self.info)
        if following is not None:
            self.tutor.open_lesson(following.id)
        else:
            self.tutor.go_home()

    def what_follows(self) -> str:
        """What `space` does at the end of the lesson."""
        following = following_lesson(self.tutor.course, self.info)
        return f"opens the next lesson: {following.title}" if following else "goes back to Home"

    # Questions and labs

    def _question_changed(self, question: QuestionState) -> None:
        page = self.page
        if page is not None and self.is_attached:
            page.show_question(question)
            self.query_one(StepList).refresh()

    @on(QuestionView.Answered)
    @on(QuestionView.HintAsked)
    @on(QuestionView.GivenUp)
    def ask_examiner(self, event: QuestionView.Asked) -> None:
        """Grading, saving and running take a while: a worker waits for them."""
        self.work_begins()
        if self._examiner is not None:
            if isinstance(event, QuestionView.Answered):
                work = partial(self._examiner.answer, event.state, event.response)
            elif isinstance(event, QuestionView.HintAsked):
                work = partial(self._examiner.hint, event.state)
            else:
                work = partial(self._examiner.give_up, event.state)
            begin(self, work, group="answers")

    def on_question_view_touched(self) -> None:
        self.work_begins()
        self._keep_soon()

    def on_lab_view_changed(self, event: LabView.Changed) -> None:
        if event.lab.block_id and self._keeper is not None:
            self.work_begins()
            self._keeper.touch(event.lab)
            self._keep_soon()

    def on_step_list_chosen(self, event: StepList.Chosen) -> None:
        begin(self, partial(self.turn_to, event.index), group="turn", exclusive=True)

    def _keep_soon(self) -> None:
        if not self._keeping:
            self._keeping = True
            self.set_timer(KEEP_AFTER, self._keep)

    def _keep(self) -> None:
        """Put drafts and labs that have changed on disk."""
        self._keeping = False
        if self._keeper is not None:
            self._keeper.keep()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        state, page = self.state, self.page
        if state is None or page is None:
            return action in ("back",) or super().check_action(action, parameters)
        return acts(state, page, action, parameters)

    async def action_on(self) -> None:
        """A page further down, or the next step."""
        page = self.page
        if page is not None and page.has_more:
            page.page(1)
        else:
            await self.action_turn(1)

    async def action_turn(self, by: int) -> None:
        """The next step, or the one before."""
        if self.state is not None:
            await self.turn_to(self.state.index + by)

    def action_part_before(self) -> None:
        self._enter_part(-1)

    def action_go_in(self, kind: str) -> None:  # noqa: ARG002  (the kind is what `acts` asks for)
        self._enter_part(1)

    def _enter_part(self, by: int) -> None:
        page = self.page
        part = page.next_part(by) if page is not None else None
        if page is not None and part is not None:
            page.enter(part)

    async def action_enter(self) -> None:
        """Into the first question or lab that can be seen; at the end of the lesson, on."""
        page = self.page
        if page is None or self.state is None:
            return
        if self.state.is_last and not page.has_more:
            await self.action_turn(1)
        elif self.focused is None:
            self._enter_part(1)

    async def action_open_question(self) -> None:
        """From the end of the lesson to the first question that was not answered right yet."""
        page = self.page
        first = self.state.first_open_question() if self.state is not None else None
        if page is None or first is None:
            return
        index, question_id = first
        await self.turn_to(index)
        for view in page.questions():
            if view.state.question.id == question_id:
                self.app.call_later(page.call_after_refresh, page.enter, view)  # once it is laid out

    def action_hint(self) -> None:
        """The next hint of the question with the keys, or of the first that can be seen and has one left."""
        view = self.page.question_for("hint") if self.page is not None else None
        if view is not None:
            view.action_hint()

    def action_give_up(self) -> None:
        """The answer of the first question that can be seen, was tried and is not done."""
        view = self.page.question_for("give_up") if self.page is not None else None
        if view is not None:
            view.action_give_up()

    def action_latex(self) -> None:
        """Formulas as their LaTeX source, or drawn again."""
        if self.state is not None and self.page is not None:
            self.state.latex = not self.state.latex
            self.page.relook()

    def action_back(self) -> None:
        """From a question or lab to the text, from the text Home, or to where it was looked up from; a run that is
        waited for is stopped."""
        page = self.page
        here = page.part_of(self.focused) if page is not None else None
        if isinstance(here, QuestionView) and self._examiner is not None and self._examiner.stop(here.state):
            return
        if self.focused is not None:
            self.set_focus(None)
        else:
            self.app.pop_screen()

    def action_scroll(self, lines: int) -> None:
        if self.page is not None:
            self.page.scroll_relative(y=lines, animate=False)

    def action_page(self, by: int) -> None:
        if self.page is not None:
            self.page.page(by)

    def action_open_link(self, target: str) -> None:
        """A link `lesson:ID` or `lesson:ID#step` was clicked."""
        lesson_id, _, step_id = target.partition("#")
        try:
            info = self.tutor.course.info(lesson_id)
        except KeyError:
            self.notify(f"There is no lesson {lesson_id!r} in this course.", markup=False)
            return
        if info.fault:
            self.notify(info.fault, title="This lesson cannot be opened", severity="warning", markup=False)
        else:
            self.tutor.open_lesson(lesson_id, step_id)
