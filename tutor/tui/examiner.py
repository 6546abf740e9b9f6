"""Grades answers: runs what must be run, saves the attempt, and only then says what it was worth."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any

from tutor.course.types import Question, Verdict
from tutor.tui.lesson_state import LessonState
from tutor.tui.mistakes import write_down
from tutor.tui.question_state import QuestionState, Response, as_json, needs_run
from tutor.tui.recorder import Recorder
from tutor.tui.runs import frames_of, metric_of, reason, told_how_far

NOT_SAVED = "This answer could not be saved; it counts until you leave."
RUNNING = "running the experiment; esc stops it"


class Examiner:
    """One for an open lesson. `changed` is called with a question whenever there is something new to show."""

    def __init__(
        self, lesson: LessonState, recorder: Recorder, changed: Callable[[QuestionState], None]
    ) -> None:
        self._lesson = lesson
        self._recorder = recorder
        self._changed = changed
        self._stops: dict[str, Event] = {}

    async def answer(self, state: QuestionState, response: Response) -> None:
        """Grade the answer, keep it, show the verdict."""
        if state.busy:
            return
        state.note = ""
        graded = await self._grade(state, response)
        if graded is None:
            return
        verdict, right = graded
        if not verdict.counts:
            state.note = verdict.message
        else:
            saved = await self._record(
                "attempt", state, response=as_json(response), right=verdict.right, hints=state.hints
            )
            state.judge(response, verdict, right)
            state.kept_draft = None
            state.note = "" if saved else NOT_SAVED
            await self._close(state)
        self._changed(state)

    async def show_again(self, state: QuestionState) -> None:
        """What was said in an earlier session and needs a run: the verdict, or the answer that was asked for."""
        if state.busy:
            return
        if state.asked_before:
            await self._show_answer(state)
            return
        if state.answered is None:
            state.to_run_again = False
            return
        graded = await self._grade(state, state.answered)
        if graded is not None and graded[0].counts:
            state.show_verdict(state.answered, *graded)
            await self._close(state)
        self._changed(state)

    async def hint(self, state: QuestionState) -> None:
        """Show the next hint, if there is one."""
        if state.hints >= len(state.question.hints):
            return
        state.hints += 1
        state.note = ""
        self._changed(state)
        await self._record("hint", state, count=state.hints)

    async def give_up(self, state: QuestionState) -> None:
        """Show the answer; it is kept that the learner asked for it."""
        if state.finished or state.busy:
            return
        if await self._show_answer(state):
            state.put_off = True
            await self._record("skip", state, given_up=True)

    async def _close(self, state: QuestionState) -> None:
        """Keep that the run has told the answer of a prediction: there is nothing more to guess."""
        if state.outcome_shown and state.open:
            state.put_off = True
            await self._record("skip", state, outcome=True)

    async def _show_answer(self, state: QuestionState) -> bool:
        """False when the run that it needs was stopped or failed (the note says so)."""
        from tutor.course import solution

        question = state.question
        metric = await self._metric(state)
        if metric is None and question.experiment:
            return False
        await asyncio.to_thread(self._lesson.texts.tell, question, metric)
        text = await asyncio.to_thread(solution, question, metric)
        state.give_up(text, await asyncio.to_thread(right_option, question, metric))
        self._changed(state)
        return True

    def stop(self, state: QuestionState) -> bool:
        """Stop the run that a question waits for; whether there was one."""
        stop = self._stops.get(state.question.id)
        if stop is not None:
            stop.set()
        return stop is not None

    def stop_all(self) -> None:
        for stop in self._stops.values():
            stop.set()

    async def _grade(self, state: QuestionState, response: Response) -> tuple[Verdict, int] | None:
        """The verdict and, of a prediction among options, the right one (else -1).

        None when a run was stopped or failed (the note says so).
        """
        if not needs_run(state.question):
            return _graded(state.question, response, None)
        metric = await self._metric(state)
        if metric is None and state.question.experiment:
            return None
        state.busy = RUNNING
        try:
            with told_how_far(lambda where: self._tell(state, where)):
                await asyncio.to_thread(self._lesson.texts.tell, state.question, metric)
                return await asyncio.to_thread(_graded, state.question, response, metric)
        finally:
            state.busy = ""

    async def _metric(self, state: QuestionState) -> Callable[..., float] | None:
        """What the question's own run gives; None when it has none, was stopped or failed."""
        question = state.question
        if not question.experiment:
            return None
        if question.id not in self._lesson.runs:
            frames = await self._run(state, question)
            if frames is None:
                return None
            self._lesson.runs[question.id] = frames
        return metric_of(self._lesson.runs[question.id])

    async def _run(self, state: QuestionState, question: Question) -> tuple[Any, ...] | None:
        stop = self._stops[question.id] = Event()
        state.busy = RUNNING
        self._changed(state)
        try:
            with told_how_far(lambda where: self._tell(state, where)):
                frames = await asyncio.to_thread(frames_of, question.experiment, question.set, stop)
            if frames is None:
                state.note = "Stopped; enter runs it again."
            return frames
        except (LookupError, ValueError, ArithmeticError) as error:
            logged = f" {write_down(error)}." if hasattr(error, "__notes__") else ""
            state.note = f"The experiment could not run: {reason(error)}{logged}"
            return None
        finally:
            state.busy = ""
            self._stops.pop(question.id, None)
            stop.set()
            self._changed(state)

    def _tell(self, state: QuestionState, where: str) -> None:
        """Say how far the run is that an answer waits for."""
        if state.busy:
            state.busy = f"running the experiment: {where}; esc stops it"
            self._changed(state)

    async def _record(self, kind: str, state: QuestionState, **data: Any) -> bool:
        try:
            return await self._recorder.record(
                kind, self._lesson.info.id, state.step_id, state.question.id, **data
            )
        except ValueError:  # no sound event (an id of a strange length): the lesson goes on unsaved
            return False


def _graded(
    question: Question, response: Response, metric: Callable[..., float] | None
) -> tuple[Verdict, int]:
    from tutor.course import grade

    return grade(question, response, metric), right_option(question, metric)


def right_option(question: Question, metric: Callable[..., float] | None) -> int:
    """The option of a prediction that its run decides for; -1 when there is none. May make the run."""
    if question.kind != "predict" or not question.options:
        return -1
    from tutor.course import ExpressionError, decided
    from tutor.course.metrics import question_metrics

    try:
        return decided(question, question_metrics(question, metric))
    except ExpressionError:
        return -1
