"""What a class did, as one table: collects exports, by lesson (nbgrader's columns) or by question and attempt.

A row counts what the learner has not reset. `raw_score` is the number of questions answered right, at whichever
attempt; `max_score` the number of questions that the lesson has in the course given (empty when it is not in it).
The files of one learner count as one; two learners of the same name do not.
"""

import csv
import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tutor.progress.errors import ProgressError
from tutor.progress.events import Event, check_same
from tutor.progress.exchange import Export, read_export
from tutor.progress.state import LONGEST_GAP, LessonProgress, derive, milliseconds, ordered, surviving

LESSON_COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
QUESTION_COLUMNS = (
    "learner",
    "name",
    "email",
    "lesson",
    "question",
    "attempt",
    "at",
    "response",
    "right",
    "hints",
    "seconds",
    "revealed",
)

Row = dict[str, object]
Answer = Callable[[str, str, Any], str]  # (lesson, question, response as it was kept) -> its words


def collect(paths: Iterable[Path]) -> tuple[list[Export], list[str]]:
    """The exports in `paths`, one a learner, by name; and one line for each file that could not be used."""
    merged: dict[str, Export] = {}
    faults: list[str] = []
    for path in paths:
        try:
            export = read_export(path)
            merged[export.learner] = _union(merged.get(export.learner), export, str(path))
        except ProgressError as error:
            faults.append(str(error))
    return sorted(merged.values(), key=lambda export: (export.name.casefold(), export.learner)), faults


def lesson_rows(
    exports: Iterable[Export], questions: Mapping[str, Collection[str]], *, every: bool = False
) -> Iterator[Row]:
    """One row per learner and lesson that they worked in. questions: the ids of each lesson's questions. every: also of
    each lesson in `questions` that they did not work in, with score 0."""
    for export in exports:
        lessons = {
            **(dict.fromkeys(questions, LessonProgress()) if every else {}),
            **derive(export.events).lessons,
        }
        for lesson, done in sorted(lessons.items()):
            if lesson:
                yield _lesson_row(export, lesson, done, questions.get(lesson))


def question_rows(exports: Iterable[Export], answer: Answer | None = None) -> Iterator[Row]:
    """One row per learner, question and attempt; one more, without an attempt, where the answer was shown on request.

    seconds: since what the learner did before it in the lesson (hints and half-typed answers apart), 300 at most.
    answer: what a response says in words.
    """
    answer = answer or _as_it_is
    for export in exports:
        attempts: dict[tuple[str, str], int] = {}
        before: dict[str, int] = {}
        for event in surviving(export.events):
            now = milliseconds(event.at)
            if event.kind == "attempt":
                number = attempts[event.lesson, event.question] = (
                    attempts.get((event.lesson, event.question), 0) + 1
                )
                waited = min(max(now - before.get(event.lesson, now), 0), LONGEST_GAP) / 1000
                response = answer(event.lesson, event.question, event.data["response"])
                yield _question_row(export, event, attempt=number, response=response, seconds=waited)
            if event.kind == "skip" and event.data.get("given_up") is True:
                yield _question_row(export, event, revealed=1)
            if event.kind not in ("hint", "draft"):
                before[event.lesson] = now


def to_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """The table as CSV; a cell that a spreadsheet would take for a formula starts with an apostrophe."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return stream.getvalue()


def _union(old: Export | None, new: Export, where: str) -> Export:
    if old is None:
        return new
    check_same({event.id: event for event in old.events}, new.events, where)
    events = tuple(ordered((*old.events, *new.events)))
    return Export(new.learner, new.name or old.name, new.email or old.email, events)


def _lesson_row(export: Export, lesson: str, done: LessonProgress, questions: Collection[str] | None) -> Row:
    first_name, _, last_name = export.name.rpartition(" ")
    score = sum(own.right for id, own in done.questions.items() if questions is None or id in questions)
    return {
        "assignment": lesson,
        "duedate": "",
        "timestamp": done.last_at,
        "student_id": export.learner,
        "last_name": last_name,
        "first_name": first_name,
        "email": export.email,
        "raw_score": score,
        "late_submission_penalty": 0,
        "score": score,
        "max_score": "" if questions is None else len(questions),
    }


def _question_row(export: Export, event: Event, **values: object) -> Row:
    return {
        "learner": export.learner,
        "name": export.name,
        "email": export.email,
        "lesson": event.lesson,
        "question": event.question,
        "attempt": "",
        "at": event.at,
        "response": "",
        "right": int(event.data.get("right", False)),
        "hints": event.data.get("hints", ""),
        "seconds": "",
        "revealed": 0,
        **values,
    }


def _as_it_is(_lesson: str, _question: str, response: Any) -> str:
    return response if isinstance(response, str) else json.dumps(response, ensure_ascii=False)


def _cell(value: object) -> object:
    if isinstance(value, str) and value[:1] in tuple("=+-@\t\r\n") and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
