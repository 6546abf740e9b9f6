"""What the events add up to: a pure function of their set, whatever their order and however often each comes.

Time in a lesson is the sum of the gaps between its successive events (by their time of day), each gap counted
as five minutes at most, and not at all after the lesson was left. It needs no ticking clock, it survives
kill -9, and a lunch break or a clock set back costs or gives five minutes at most.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from tutor.progress.events import Event

LONGEST_GAP = 300_000  # milliseconds
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class QuestionProgress(NamedTuple):
    """What was done about one question since it was last reset."""

    attempts: int = 0
    right: bool = False  # some attempt was
    first_try: bool | None = None  # whether the first attempt was right; None before it
    last_response: Any = None
    hints: int = 0  # how many have been shown
    skipped: bool = False  # put off, and not attempted since
    draft: Any = None  # half-typed, since the last attempt
    told: bool = False  # a run has told the answer of a prediction: nothing is left to find out


class LessonProgress(NamedTuple):
    """What was done in one lesson since it was last reset."""

    steps_read: frozenset[str] = frozenset()
    position: str = ""  # the step last opened
    questions: Mapping[str, QuestionProgress] = _NOTHING
    labs: Mapping[str, Any] = _NOTHING  # id of the lab -> its state
    seconds: float = 0.0
    last_at: str = ""  # UTC, ISO 8601; empty before the first event
    scroll: int = 0  # rows that `position` was scrolled down when the lesson was left

    def question(self, question_id: str) -> QuestionProgress:
        return self.questions.get(question_id, _NO_QUESTION)


_NO_QUESTION = QuestionProgress()
_NO_LESSON = LessonProgress()


class Progress(NamedTuple):
    """All that a learner did; never changes: a later state is another object."""

    lessons: Mapping[str, LessonProgress] = _NOTHING
    last_lesson: str = ""  # where the learner was last; empty before the first lesson
    last_lab: str = ""  # the lab outside lessons where they were since; empty when they were in a lesson last

    def lesson(self, lesson_id: str) -> LessonProgress:
        """What was done in a lesson, empty when nothing was. Labs outside lessons are under ""."""
        return self.lessons.get(lesson_id, _NO_LESSON)


def derive(events: Iterable[Event]) -> Progress:
    """What `events`, a set given in any order, add up to."""
    fold = Fold()
    for event in ordered(events):
        fold.apply(event)
    return fold.progress()


def ordered(events: Iterable[Event]) -> list[Event]:
    """Each event once, in the order that counts."""
    return sorted({event.id: event for event in events}.values(), key=_order)


def surviving(events: Iterable[Event]) -> list[Event]:
    """The events, in order, that no later reset voids; the resets themselves left out."""
    lessons: set[str] = set()
    questions: set[tuple[str, str]] = set()
    kept: list[Event] = []
    for event in reversed(ordered(events)):
        if event.kind != "reset":
            if event.lesson not in lessons and (event.lesson, event.question) not in questions:
                kept.append(event)
        elif event.question:
            questions.add((event.lesson, event.question))
        elif event.lesson:
            lessons.add(event.lesson)
        else:
            break
    return kept[::-1]


def milliseconds(at: str) -> int:
    """Since 1970, of an Event's `at`."""
    return round(datetime.fromisoformat(at).timestamp() * 1000)


def _order(event: Event) -> tuple[int, str]:
    return event.clock, event.id


class _LessonFold:
    """One lesson, while events are being added to it."""

    def __init__(self) -> None:
        self.steps: set[str] = set()
        self.position = ""
        self.questions: dict[str, QuestionProgress] = {}
        self.labs: dict[str, Any] = {}
        self.moments: list[
            tuple[int, bool]
        ] = []  # (milliseconds, False when the lesson was left then), sorted
        self.milliseconds = 0
        self.last_at = ""
        self.scroll = 0

    def spend(self, at: str, stays: bool) -> None:
        """Count the time around a moment: its gaps come in, the gap that it splits goes out."""
        moment = (milliseconds(at), stays)
        place = bisect_left(self.moments, moment)
        before = self.moments[place - 1] if place else None
        after = self.moments[place] if place < len(self.moments) else None
        self.milliseconds += _gap(before, moment) + _gap(moment, after) - _gap(before, after)
        self.moments.insert(place, moment)
        self.last_at = max(self.last_at, at)

    def snapshot(self) -> LessonProgress:
        return LessonProgress(
            steps_read=frozenset(self.steps),
            position=self.position,
            questions=MappingProxyType(dict(self.questions)),
            labs=MappingProxyType(dict(self.labs)),
            seconds=self.milliseconds / 1000,
            last_at=self.last_at,
            scroll=self.scroll,
        )


def _gap(before: tuple[int, bool] | None, after: tuple[int, bool] | None) -> int:
    if before is None or after is None or not before[1]:
        return 0
    return min(after[0] - before[0], LONGEST_GAP)


class Fold:
    """Adds events up, each once and in order; `progress` may be taken at any moment."""

    def __init__(self) -> None:
        self.last: tuple[int, str] = (0, "")  # order of the last event applied
        self._lessons: dict[str, _LessonFold] = {}
        self._recent: dict[
            str, str
        ] = {}  # lessons, the one last worked in at the end; under "" a lab outside them
        self._snapshots: dict[str, LessonProgress] = {}

    def apply(self, event: Event) -> None:
        self.last = event.clock, event.id
        if event.kind == "reset":
            self._reset(event.lesson, event.question)
        elif (apply := _APPLY.get(event.kind)) is not None:
            lesson = self._lessons.get(event.lesson)
            if lesson is None:
                lesson = self._lessons[event.lesson] = _LessonFold()
            self._snapshots.pop(event.lesson, None)
            lesson.spend(event.at, event.kind != "leave")
            apply(lesson, event)
            if event.kind != "leave":
                self._recent.pop(event.lesson, None)
                self._recent[event.lesson] = event.data.get("lab", "")

    def progress(self) -> Progress:
        for name, lesson in self._lessons.items():
            if name not in self._snapshots:
                self._snapshots[name] = lesson.snapshot()
        last_lesson = next((lesson for lesson in reversed(self._recent) if lesson), "")
        last_lab = "" if next(reversed(self._recent), "") else self._recent.get("", "")
        return Progress(MappingProxyType(dict(self._snapshots)), last_lesson, last_lab)

    def _reset(self, lesson: str, question: str) -> None:
        """A lesson loses everything; a question what was done about it, while the time spent stays spent."""
        if question:
            self._snapshots.pop(lesson, None)
            if lesson in self._lessons:
                self._lessons[lesson].questions.pop(question, None)
        elif lesson:
            for table in (self._lessons, self._snapshots, self._recent):
                table.pop(lesson, None)
        else:
            for table in (self._lessons, self._snapshots, self._recent):
                table.clear()


LONGEST_SCROLL = 100_000


def _visit(lesson: _LessonFold, event: Event) -> None:
    lesson.steps.add(event.step)
    lesson.position, lesson.scroll = event.step, 0


def _leave(lesson: _LessonFold, event: Event) -> None:
    """Counts for the time, and says how far the open step was scrolled."""
    scroll = event.data.get("scroll", 0)
    lesson.scroll = scroll if type(scroll) is int and 0 <= scroll < LONGEST_SCROLL else 0


def _attempt(lesson: _LessonFold, event: Event) -> None:
    old = lesson.questions.get(event.question, _NO_QUESTION)
    right: bool = event.data["right"]
    lesson.questions[event.question] = QuestionProgress(
        attempts=old.attempts + 1,
        right=old.right or right,
        first_try=right if old.first_try is None else old.first_try,
        last_response=event.data["response"],
        hints=max(old.hints, event.data["hints"]),
        told=old.told,
    )


def _hint(lesson: _LessonFold, event: Event) -> None:
    old = lesson.questions.get(event.question, _NO_QUESTION)
    lesson.questions[event.question] = old._replace(hints=max(old.hints, event.data["count"]))


def _skip(lesson: _LessonFold, event: Event) -> None:
    old = lesson.questions.get(event.question, _NO_QUESTION)
    lesson.questions[event.question] = old._replace(
        skipped=True, told=old.told or event.data.get("outcome") is True
    )


def _draft(lesson: _LessonFold, event: Event) -> None:
    old = lesson.questions.get(event.question, _NO_QUESTION)
    lesson.questions[event.question] = old._replace(draft=event.data["response"])


def _lab(lesson: _LessonFold, event: Event) -> None:
    lesson.labs[event.data["lab"]] = event.data["state"]


_APPLY = {
    "visit": _visit,
    "leave": _leave,
    "attempt": _attempt,
    "hint": _hint,
    "skip": _skip,
    "draft": _draft,
    "lab": _lab,
}
