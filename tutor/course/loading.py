"""From a folder to a course and from a file to a lesson: tolerant, so that one bad lesson never hides another."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from tutor.course.blocks import block_fields, is_id, read_chart, read_lab, read_question
from tutor.course.fields import Fields, Report
from tutor.course.outline import Outline, Part, PartKind, Section, meant_block, outline
from tutor.course.source import CONTROL, SourceError, clean, read_source
from tutor.course.types import Block, ChartBlock, Finding, LabBlock, Lesson, LessonInfo, Prose, Question, Step
from tutor.course.yamltree import YamlError, YamlMap, parse_yaml

FRONT_KEYS = ("id", "title", "order", "minutes", "objectives", "requires")
LAST = 9999  # the place of a lesson that names none
MOST_PARTS = 200  # of a step: a page of more would not open in time


class LessonError(Exception):
    """The file cannot be opened as a lesson; `findings` say where."""

    def __init__(self, message: str, findings: list[Finding] | None = None) -> None:
        super().__init__(message)
        self.findings = findings or []


@dataclass(frozen=True)
class ReadBlock:
    """A block whose YAML could be read. question: what it became, if it is a quiz without a grave fault."""

    kind: PartKind
    fields: Fields
    question: Question | None


@dataclass
class ParsedLesson:
    """A lesson and all that is needed to check it. front, blocks: the YAML behind it, with lines."""

    lesson: Lesson
    outline: Outline
    report: Report
    front: Fields | None = None
    blocks: list[ReadBlock] = field(default_factory=list)


def load_lesson(info: LessonInfo) -> Lesson:
    """The lesson behind `info`, read now; raises LessonError when the file cannot be read at all."""
    lesson = parse_file(info.path, info.path.name).lesson
    return replace(lesson, info=replace(lesson.info, id=info.id))


def parse_file(path: Path, name: str) -> ParsedLesson:
    """Reads a lesson file, calling it `name` in findings; raises LessonError."""
    try:
        source = read_source(path)
    except SourceError as error:
        finding = Finding(name, error.line, f"the lesson cannot be opened: {error}", error.column)
        raise LessonError(f"{name}: {error}", [finding]) from None
    try:
        return parse_lesson(source, path, name)
    except RecursionError:
        message = "it is nested too deep"
        raise LessonError(
            f"{name}: {message}", [Finding(name, 1, f"the lesson cannot be opened: {message}")]
        ) from None


def parse_lesson(source: str, path: Path, name: str) -> ParsedLesson:
    """Parses a lesson's text. Faults are in the report of what comes back."""
    report = Report(name, clean(source))
    _report_controls(source, report)
    structure = outline(clean(source))
    for line, kind in structure.misplaced:
        report.add(
            line, f"a {kind} block inside a list or quotation is shown as code; move it to the left margin"
        )
    for line, word in structure.fences:
        if meant := meant_block(word):
            report.add(line, f"a block {word!r} is shown as code; for a {meant} write {meant}")
    before = len(report.findings)
    front = _front_fields(structure, report)
    unread = front is None and (structure.front is not None or structure.unclosed)
    remark = report.findings[before].message if unread else ""
    reader = _StepReader(report)
    steps = tuple(reader.step(section, structure.title or path.stem) for section in structure.sections)
    info = _info(front, structure, path, steps, remark)
    return ParsedLesson(Lesson(info, steps), structure, report, front, reader.read)


def _report_controls(source: str, report: Report) -> None:
    for number, line in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
        if found := CONTROL.search(line):
            message = f"the control character U+{ord(found[0]):04X} would garble a terminal; take it out"
            report.add(number, message, found.start() + 1)


def _front_fields(structure: Outline, report: Report) -> Fields | None:
    if structure.other_front:
        report.add(1, "the front matter is TOML; write it in YAML, 'id: 01-my-lesson', between lines of ---")
        return None
    if structure.unclosed:
        report.add(1, "front matter: it is never closed; put a line of --- after its last key")
        return None
    if structure.front is None:
        report.add(1, "no front matter; begin the file with ---, lines such as 'id: 01-my-lesson', and ---")
        return None
    try:
        tree = parse_yaml(structure.front, 2)
    except YamlError as fault:
        report.add(fault.line, f"front matter: {fault}", fault.column)
        return None
    if not isinstance(tree, YamlMap):
        report.add(1, "front matter: it holds no keys; write lines such as 'id: 01-my-lesson'")
        return None
    return Fields(tree, "front matter", 1, report)


def _info(
    front: Fields | None, structure: Outline, path: Path, steps: tuple[Step, ...], remark: str
) -> LessonInfo:
    stem = clean(path.stem)
    title = _plain_title(structure.title) or stem
    questions = tuple(question.id for step in steps for question in step.questions)
    info = LessonInfo(
        stem, title, _order_of(stem), 0, (), (), path, tuple(step.id for step in steps), questions
    )
    if front is None:
        return replace(info, remark=remark)
    front.refuse_unknown(FRONT_KEYS)
    given_id, order = front.text("id", required=True), front.whole("order", required=True)
    if given_id and not is_id(given_id):
        front.wrong("id", f"the id {given_id[:40]!r} must be letters, digits and hyphens, such as 03-returns")
    return replace(
        info,
        id=given_id or stem,
        title=front.text("title", required=True) or title,
        order=info.order if order is None else order,
        minutes=front.whole("minutes") or 0,
        objectives=front.texts("objectives"),
        requires=front.texts("requires"),
    )


def _plain_title(title: str) -> str:
    return re.sub(r"[*_`]|<[^>]*>", "", title).strip()


def _order_of(stem: str) -> int:
    digits = re.match(r"[0-9]{1,4}", stem)
    return int(digits[0]) if digits else LAST


def slug(title: str) -> str:
    """A title as an id: lower case, words joined by hyphens."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return re.sub(r"[\W_]+", "-", folded).strip("-")[:60].strip("-") or "step"


class _Names:
    """Makes ids unique within a lesson."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.asked = Counter[str]()

    def unique(self, wanted: str) -> str:
        self.asked[wanted] += 1
        name = wanted if wanted not in self.taken else f"{wanted}-{self.asked[wanted]}"
        while name in self.taken:
            self.asked[wanted] += 1
            name = f"{wanted}-{self.asked[wanted]}"
        self.taken.add(name)
        return name


class _StepReader:
    """Turns sections into steps, keeping the YAML of each block for the check."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.read: list[ReadBlock] = []
        self.steps, self.questions = _Names(), _Names()
        self.given_ids = set[str]()
        self.widgets = Counter[tuple[str, str]]()

    def step(self, section: Section, spare_title: str) -> Step:
        title = section.title or spare_title
        step_id = self.steps.unique(slug(title))
        blocks = [self._block(part, step_id) for part in section.parts[:MOST_PARTS]]
        if left_out := section.parts[MOST_PARTS:]:
            line = left_out[0].line
            message = f"the step has more than {MOST_PARTS} parts, the rest is not shown; split it"
            self.report.add(line, message)
            text = f"**The rest cannot be shown.** {escape_markdown(message)}"
            blocks.append(Prose(text, line, f"line {line}: {message}"))
        return Step(step_id, title, section.line, tuple(blocks))

    def _block(self, part: Part, step_id: str) -> Block:
        if part.kind == "prose":
            return Prose(part.text, part.line)
        before = len(self.report.findings)
        fields = block_fields(part, self.report)
        block = self._widget(part, fields, step_id) if fields else None
        if fields:
            self.read.append(ReadBlock(part.kind, fields, block if isinstance(block, Question) else None))
        return block or self._broken(part, before)

    def _widget(self, part: Part, fields: Fields, step_id: str) -> Question | LabBlock | ChartBlock | None:
        if part.kind == "quiz":
            return self._question(fields, step_id)
        block = read_lab(fields) if part.kind == "lab" else read_chart(fields)
        if block is None:
            return None
        name = block.name if isinstance(block, LabBlock) else f"{block.experiment}-chart"
        self.widgets[step_id, name] += 1
        return replace(block, id=f"{step_id}/{name}-{self.widgets[step_id, name]}")

    def _question(self, fields: Fields, step_id: str) -> Question | None:
        question = read_question(fields, f"{step_id}-question")
        given_id = getattr(fields.node.entries.get("id"), "text", "").strip()
        if given_id and given_id in self.given_ids:
            fields.wrong("id", f"the id {given_id[:40]!r} stands here twice in this lesson; take another")
        self.given_ids.add(given_id)
        return replace(question, id=self.questions.unique(question.id)) if question else None

    def _broken(self, part: Part, before: int) -> Prose:
        found = self.report.findings[before:]
        where = f"line {found[0].line}: {found[0].message}" if found else f"line {part.line}"
        text = f"**This {part.kind} cannot be shown.** {escape_markdown(where)}"
        return Prose(text, part.line, " ".join(where.split()))


def escape_markdown(text: str) -> str:
    """`text` so that Markdown, formulas and `{{ }}` show it as it is."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$&:-])", r"\\\1", " ".join(text.split()))
