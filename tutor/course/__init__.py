"""A lesson as data: loading, checking, expanding and grading.

Names are imported when they are first asked for, so that a course whose index is up to date is opened without
Markdown, YAML or numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.course.checking import check_course
    from tutor.course.courses import CourseError, load_course
    from tutor.course.expansion import expand, needs_run
    from tutor.course.expressions import ExpressionError, evaluate, holds
    from tutor.course.grading import decided, grade, presented, shuffled, solution
    from tutor.course.loading import LessonError, load_lesson
    from tutor.course.metrics import run_metric
    from tutor.course.numbers import parse_number
    from tutor.course.outline import markdown_parser
    from tutor.course.source import clean_line
    from tutor.course.types import (
        QUESTION_KINDS,
        Block,
        ChartBlock,
        Course,
        Finding,
        LabBlock,
        Lesson,
        LessonInfo,
        Option,
        Prose,
        Question,
        QuestionKind,
        Step,
        Verdict,
    )

_TYPES = (
    "QUESTION_KINDS Block ChartBlock Course Finding LabBlock Lesson LessonInfo Option Prose Question "
    "QuestionKind Step Verdict"
)
_HOMES = {
    "checking": "check_course",
    "courses": "CourseError load_course",
    "expansion": "expand needs_run",
    "expressions": "ExpressionError evaluate holds",
    "grading": "decided grade presented shuffled solution",
    "loading": "LessonError load_lesson",
    "metrics": "run_metric",
    "numbers": "parse_number",
    "outline": "markdown_parser",
    "source": "clean_line",
    "types": _TYPES,
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "QUESTION_KINDS",
    "Block",
    "ChartBlock",
    "Course",
    "CourseError",
    "ExpressionError",
    "Finding",
    "LabBlock",
    "Lesson",
    "LessonError",
    "LessonInfo",
    "Option",
    "Prose",
    "Question",
    "QuestionKind",
    "Step",
    "Verdict",
    "check_course",
    "clean_line",
    "decided",
    "evaluate",
    "expand",
    "grade",
    "holds",
    "load_course",
    "load_lesson",
    "markdown_parser",
    "needs_run",
    "parse_number",
    "presented",
    "run_metric",
    "shuffled",
    "solution",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value
