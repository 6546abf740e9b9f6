"""The strict reading of a course: every fault of every lesson, with its place, in one run."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tutor.course.courses import SUFFIXES, course_folders, lesson_files
from tutor.course.expressions import ExpressionError, MetricSource, compile_expression
from tutor.course.fields import Fields, Report
from tutor.course.giveaways import check_hints, check_lengths
from tutor.course.grading import decided
from tutor.course.loading import LessonError, ParsedLesson, ReadBlock, parse_file, slug
from tutor.course.metrics import question_metrics, run_metric
from tutor.course.names import NameCheck, Names, known_names, seeds_of, too_few_seeds
from tutor.course.outline import Section
from tutor.course.prerequisites import check_cycles, check_prerequisites
from tutor.course.texts import TextAt, TextCheck, block_texts, scalar_text
from tutor.course.types import Finding, LessonInfo, Question, Step
from tutor.course.yamltree import YamlScalar

RowsOf = Callable[[Step], int]
Reading = Callable[[float, int], None]
SCREEN = 22  # rows of text on a screen of 80 x 24, between the title and the keys
LONGEST_STEP = 3 * SCREEN
COUNTED = 100  # rows: of a longer step nobody needs the number


def check_course(
    path: Path | str,
    run: bool = False,
    *,
    names: Names | None = None,
    rows_of: RowsOf | None = None,
    reading: Reading | None = None,
) -> list[Finding]:
    """What is wrong with the course at `path` (a folder of languages, a folder of lessons, or one lesson), sorted.

    run: also make the runs that predictions and `metric(…)` ask for. names: what lessons may refer to, for tests.
    rows_of: how many rows a step takes at 80 columns, which only a screen knows; without it no step is too long.
    From COUNTED on any number will do.
    reading: told, before each lesson, how many of a folder's were read and checked, and how many there are.
    Files are named as `path` names them. Never raises for what a lesson holds.
    """
    root = Path(path)
    if root.is_file():
        folders, wanted = [root.parent], {root}
    elif root.is_dir():
        folders, wanted = [root / folder.relative_to(root) for folder in course_folders(root)], None
    else:
        return [
            Finding(str(path), 1, "there is no such file or folder; give a lesson or a folder of lessons")
        ]
    found: list[Finding] = []
    for folder in folders:
        course = _Course(names or known_names(), run, rows_of, reading or (lambda *_: None))
        found += course.check(folder, wanted, folder == root)
    return sorted(set(found))


@dataclass(frozen=True)
class _Course:
    """What all lessons are checked with. lessons: by id, once they are known."""

    names: Names
    run: bool
    rows_of: RowsOf | None
    reading: Reading
    lessons: dict[str, LessonInfo] = field(default_factory=dict)

    def check(self, folder: Path, wanted: set[Path] | None, deep: bool) -> list[Finding]:
        """The findings of the lessons of one language; wanted: of these files only."""
        files = lesson_files(folder, deep)
        files += sorted((wanted or set()) - set(files))
        if not files:
            kinds = " or ".join(SUFFIXES)
            return [
                Finding(str(folder), 1, f"there is no lesson here; a lesson is a file that ends in {kinds}")
            ]
        parsed, findings = self._parse(files)
        self.lessons.update(_by_id(parsed))
        for done, lesson in enumerate(parsed):
            self.reading((len(files) + done) / 2, len(files))  # reading takes about as long as checking
            if wanted is None or Path(lesson.report.file) in wanted:
                _LessonCheck(lesson, self).check()
        check_cycles(parsed)
        findings += [finding for lesson in parsed for finding in lesson.report.findings]
        return [finding for finding in findings if wanted is None or Path(finding.file) in wanted]

    def _parse(self, files: list[Path]) -> tuple[list[ParsedLesson], list[Finding]]:
        """The lessons that can be read, and what is wrong with the others."""
        parsed: list[ParsedLesson] = []
        findings: list[Finding] = []
        for done, file in enumerate(files):
            self.reading(done / 2, len(files))
            try:
                parsed.append(parse_file(file, os.fspath(file)))
            except LessonError as error:
                findings += error.findings
        return parsed, findings


def _by_id(parsed: list[ParsedLesson]) -> dict[str, LessonInfo]:
    """The lessons by id; who takes an id that is taken is told so."""
    lessons: dict[str, LessonInfo] = {}
    for lesson in parsed:
        info = lesson.lesson.info
        first = lessons.setdefault(info.id, info)
        if first is not info and lesson.front is not None:
            lesson.front.wrong("id", f"the id {info.id!r} is that of {first.path.name} already; take another")
    return lessons


class _LessonCheck:
    def __init__(self, parsed: ParsedLesson, course: _Course) -> None:
        self.parsed = parsed
        self.run = course.run
        self.rows_of = course.rows_of
        self.lessons = course.lessons
        self.report: Report = parsed.report
        self.names = NameCheck(course.names, self.report)
        self.texts = TextCheck(self.report, self.names, course.lessons)

    def check(self) -> None:
        self._steps()
        self._lengths()
        self._front()
        check_prerequisites(self.parsed, self.lessons)
        for section in self.parsed.outline.sections:
            for part in section.parts:
                if part.kind == "prose":
                    self._text(TextAt(part.text, part.line, "text"))
        for block in self.parsed.blocks:
            self._block(block)
            check_hints(block)
        check_lengths(self.parsed.blocks)

    def _text(self, text: TextAt) -> None:
        self.texts.check(text, metric=run_metric if self.run else None)

    def _steps(self) -> None:
        sections = self.parsed.outline.sections
        if len(sections) == 1 and not sections[0].title:
            self.report.add(1, "no step; begin each step with a line '## Title'")
            return
        first_of: dict[str, int] = {}
        for section in sections:
            self._text(TextAt(section.title, section.line, "title of a step"))
            if not section.parts:
                self.report.add(section.line, "the step is empty; write what it shows below its title")
            if section.title:
                self._unique(section, first_of)

    def _unique(self, section: Section, first_of: dict[str, int]) -> None:
        """Steps are known by their titles: progress is kept, and links lead there, under them."""
        name = slug(section.title)
        first = first_of.setdefault(name, section.line)
        if first != section.line:
            column = self.report.find(section.title, section.line) or 1
            message = f"the step's id {name!r} is that of the step in line {first} already; change its title"
            self.report.add(section.line, message, column)

    def _lengths(self) -> None:
        for step in self.parsed.lesson.steps if self.rows_of else ():
            rows = self.rows_of(step) if self.rows_of else 0
            if rows > LONGEST_STEP:
                count = str(rows) if rows <= COUNTED else f"over {COUNTED}"
                long = f"the step takes {count} rows at 80x24, more than three screens ({LONGEST_STEP})"
                self.report.add(step.line, f"{long}; split it or shorten it")

    def _front(self) -> None:
        front = self.parsed.front
        if front is None:
            return
        title = front.node.entries.get("title")
        if isinstance(title, YamlScalar):
            self._text(scalar_text(title, front.what))
        for objective in front.scalars("objectives") if "objectives" in front else ():
            self._text(scalar_text(objective, front.what))

    def _block(self, block: ReadBlock) -> None:
        fields = block.fields
        if block.kind == "lab":
            self.names.lab(fields)
            return
        if block.kind == "chart":
            self.names.chart(fields)
            return
        before = len(self.report.findings)
        self.names.quiz(fields)
        sound = block.question is not None and len(self.report.findings) == before
        metric = question_metrics(block.question, None) if self.run and sound and block.question else None
        own = self._own_experiment(fields)
        for text in block_texts(fields):
            self.texts.check(text, own, metric)
        if metric is not None and block.question:
            self._run(block.question, fields, metric)

    def _own_experiment(self, fields: Fields) -> Any:
        node = fields.node.entries.get("experiment")
        return self.names.names.experiments.get(node.text.strip()) if isinstance(node, YamlScalar) else None

    def _run(self, question: Question, fields: Fields, metric: MetricSource) -> None:
        """Makes the run and lets it decide, as it will for the learner."""
        try:
            if question.options and question.kind == "predict":
                decided(question, metric)
            if question.answer:
                compile_expression(question.answer).value(metric)
            if question.kind == "predict" and self._luck_decides(question, fields):
                fields.wrong("set", too_few_seeds(seeds_of(fields)))
        except ExpressionError as error:
            key = "options" if question.options else "answer"
            fields.wrong(key, f"the run does not answer this: {error}")

    def _luck_decides(self, question: Question, fields: Fields) -> bool:
        """Whether what decides differs from seed to seed, and there are few seeds."""
        if seeds_of(fields) >= 20:
            return False
        sources = [option.when for option in question.options] or [question.answer]
        values = [self._decisive_values(question, sources, seeds) for seeds in (1, 2, 3)]
        return any(other != values[0] for other in values[1:])

    def _decisive_values(self, question: Question, sources: list[str], seeds: int) -> list[float]:
        """The metrics behind `sources` as means over so many seeds: the same for any number if nothing is random."""
        run = replace(question, set={**question.set, "seeds": seeds})
        metric = question_metrics(run, None)
        calls = [c for source in sources for c in compile_expression(source, bool(question.options)).metrics]
        return [round(call.value(metric), 9) for call in calls]
