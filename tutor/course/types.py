"""A lesson as data. Nothing here knows a screen or a file system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tutor.course.source import clean_line

QuestionKind = Literal["choice", "multiple", "numeric", "text", "order", "predict"]
QUESTION_KINDS: tuple[QuestionKind, ...] = ("choice", "multiple", "numeric", "text", "order", "predict")


@dataclass(frozen=True)
class Finding:
    """One fault of a lesson: where it is, what is wrong, what would be right. Lines and columns count from 1.

    column: in characters; 1 where only the line is known.
    """

    file: str
    line: int
    message: str
    column: int = 1

    def __lt__(self, other: "Finding") -> bool:
        return self._place() < other._place()

    def _place(self) -> tuple[str, int, int, str]:
        return self.file, self.line, self.column, self.message

    def __str__(self) -> str:
        return f"{clean_line(self.file)}:{self.line}:{self.column}: {self.message}"

    @property
    def fix(self) -> str:
        """What would be right: the last part of the message; "" where there is nothing to add."""
        return self.message.rpartition("; ")[2] if "; " in self.message else ""


@dataclass(frozen=True)
class Option:
    """An answer to choose. `when` (predict only) is a comparison over the run's metrics."""

    text: str
    why: str
    correct: bool = False
    when: str = ""


@dataclass(frozen=True)
class Question:
    """One question; which fields are filled depends on `kind`. `answer` and `tolerance` are expressions' source."""

    id: str
    kind: QuestionKind
    question: str
    line: int
    options: tuple[Option, ...] = ()
    answer: str = ""
    tolerance: float = 0.0
    accept: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    why: str = ""
    experiment: str = ""
    set: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Prose:
    """A run of Markdown, its `{{ }}` not yet replaced (see `tutor.course.expand`).

    fault: why the block that stands here cannot be shown (the text says so too); else empty.
    """

    text: str
    line: int
    fault: str = ""


@dataclass(frozen=True)
class LabBlock:
    """A lab in the text. `id` is stable within the lesson: `<step id>/<lab name>-<n>`."""

    id: str
    name: str
    set: Mapping[str, object]
    line: int


@dataclass(frozen=True)
class ChartBlock:
    """A run shown as a chart. title: above it. series: the curves that are drawn; empty: all that there are. means: of
    the seeds their mean alone, without the band from lowest to highest."""

    id: str
    experiment: str
    set: Mapping[str, object]
    metric: str
    line: int
    title: str = ""
    series: tuple[str, ...] = ()
    means: bool = False


Block = Prose | Question | LabBlock | ChartBlock


@dataclass(frozen=True)
class Step:
    """What one page shows. `id` is a slug of the title, unique in the lesson."""

    id: str
    title: str
    line: int
    blocks: tuple[Block, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Question))

    @property
    def fault(self) -> str:
        """Why the first block that cannot be shown cannot; empty when all can."""
        return next((block.fault for block in self.blocks if isinstance(block, Prose) and block.fault), "")


@dataclass(frozen=True)
class LessonInfo:
    """What Home needs of a lesson; kept in the index so that opening the tutor parses no lesson."""

    id: str
    title: str
    order: int
    minutes: int
    objectives: tuple[str, ...]
    requires: tuple[str, ...]
    path: Path
    step_ids: tuple[str, ...]
    question_ids: tuple[str, ...]
    fault: str = ""  # why it cannot be opened; empty when it can
    remark: str = ""  # what is wrong with its front matter; it opens all the same


@dataclass(frozen=True)
class Lesson:
    """A whole lesson. `intro` (text between the title and the first step) belongs to the first step."""

    info: LessonInfo
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Course:
    """The lessons of one language, in order; broken ones are there too, with their fault."""

    path: Path
    language: str
    lessons: tuple[LessonInfo, ...]

    def info(self, lesson_id: str) -> LessonInfo:
        """Raises KeyError when there is no such lesson."""
        for lesson in self.lessons:
            if lesson.id == lesson_id:
                return lesson
        raise KeyError(lesson_id)


@dataclass(frozen=True)
class Verdict:
    """What grading says: `message` is plain text, the others are Markdown with their numbers already in place.

    why: explains the answer given. solution: shown once it is right or given up. counts: false when the answer could
    not be read (no attempt: ask again, record nothing).
    """

    right: bool
    message: str
    why: str = ""
    solution: str = ""
    counts: bool = True
