"""How far a learner is in a lesson: derived from the lesson's index entry and their progress."""

from dataclasses import dataclass
from typing import Literal

from tutor.course.types import Course, LessonInfo
from tutor.progress import Progress

Word = Literal["broken", "done", "started", "new"]


@dataclass(frozen=True)
class LessonStatus:
    """steps and questions count those that the lesson has today; answers to questions it no longer has do not."""

    word: Word
    steps: int
    steps_read: int
    questions: int
    right: int
    first_try: int
    answered: int
    at_step: int  # 1-based; 0 when never opened
    seconds: float

    @property
    def done(self) -> bool:
        return self.word == "done"

    def summary(self, dot: str = "·") -> str:
        """`step 4 of 9 · 3/8 right`, `9/9 right`, or nothing for a new lesson."""
        score = f"{self.right}/{self.questions} right" if self.questions else ""
        if self.word == "done":
            return score or "read"
        if self.word == "started":
            return f" {dot} ".join(filter(None, [f"step {self.at_step} of {self.steps}", score]))
        return "cannot be opened" if self.word == "broken" else ""


def lesson_status(lesson: LessonInfo, progress: Progress) -> LessonStatus:
    """Done means every step read and every question answered right at some time, or told by the run of a prediction."""
    own = progress.lesson(lesson.id)
    read = sum(step in own.steps_read for step in lesson.step_ids)
    answers = [own.questions[q] for q in lesson.question_ids if q in own.questions]
    right = sum(answer.right for answer in answers)
    at = lesson.step_ids.index(own.position) + 1 if own.position in lesson.step_ids else min(1, read)
    closed = sum(answer.right or answer.told for answer in answers)
    complete = read == len(lesson.step_ids) and closed == len(lesson.question_ids)
    word: Word = "broken" if lesson.fault else "new" if not read else "done" if complete else "started"
    return LessonStatus(
        word, len(lesson.step_ids), read, len(lesson.question_ids), right,
        sum(bool(answer.first_try) for answer in answers), sum(answer.attempts > 0 for answer in answers),
        at, own.seconds,
    )  # fmt: skip


def next_lesson(course: Course, progress: Progress) -> LessonInfo | None:
    """Where to go on: the last opened lesson if it is not done, else the first after it that is not, else the last."""
    usable = [lesson for lesson in course.lessons if not lesson.fault]
    if not usable:
        return None
    ids = [lesson.id for lesson in usable]
    start = ids.index(progress.last_lesson) if progress.last_lesson in ids else 0
    for lesson in usable[start:] + usable[:start]:
        if not lesson_status(lesson, progress).done:
            return lesson
    return usable[start]
