"""Checking what people read: `{{ }}`, formulas and links, in prose and in every text of a block."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tutor.course.expansion import Slot, check_format, code_ranges, fill, slots
from tutor.course.expressions import ExpressionError, MetricSource
from tutor.course.fields import Fields, Report
from tutor.course.names import NameCheck, unknown
from tutor.course.outline import markdown_parser
from tutor.course.splits import split_formulas
from tutor.course.types import LessonInfo
from tutor.course.yamltree import YamlList, YamlMap, YamlNode, YamlScalar


@dataclass(frozen=True)
class TextAt:
    """One text and where it begins. own_run: it is shown after the run of its block, so the short metric() is known.

    by_line: its lines are lines of the file. column: where a text that is one line of the file begins there.
    """

    text: str
    line: int
    what: str
    by_line: bool = True
    own_run: bool = False
    column: int = 1

    def line_at(self, offset: int) -> int:
        """The line of the file on which character `offset` stands."""
        return self.line + self.text.count("\n", 0, offset) if self.by_line else self.line


def scalar_text(node: YamlScalar, what: str, own_run: bool = False) -> TextAt:
    """The text of a value, for the check."""
    return TextAt(node.text, node.first_line, what, node.literal, own_run, 1 if node.literal else node.column)


_TEXT_KEYS = ("question", "hints", "why", "accept", "items", "options")
_AFTER_THE_RUN = ("why",)
# A `$` left in the text where mathematics follows: a LaTeX command, a letter that stands alone or has an index or
# a power, or numbers with one of these. Not so `$5`, `$PATH`, `${name}`, `$(ls)`, `$1`, nor a prompt `$ make`.
_LOST = re.compile(
    r"""(?<![\w$]) \$\$? (?: [ ]*\\[A-Za-z] | [A-Za-z](?![\w-]) | [A-Za-z]_[{\w](?!\w) | [A-Za-z]\^
    | [-+\d.|(\[]+ [ ]* (?: \\[A-Za-z] | \^ ) ) .*""",
    re.VERBOSE,
)
_MARKED = re.compile(
    r"\$|(?:lesson|term)\\?:"
)  # a text without has no formula, and no link that could lead nowhere


def block_texts(fields: Fields) -> Iterator[TextAt]:
    """Every text of a quiz."""
    predict = getattr(fields.node.entries.get("kind"), "text", "") == "predict"
    for key in _TEXT_KEYS:
        node = fields.node.entries.get(key)
        if node is not None:
            yield from _texts(node, fields.what, predict and key in _AFTER_THE_RUN, predict)


def _texts(node: YamlNode, what: str, own_run: bool, predict: bool) -> Iterator[TextAt]:
    if isinstance(node, YamlScalar):
        yield scalar_text(node, what, own_run)
    elif isinstance(node, YamlList):
        for item in node.items:
            yield from _texts(item, what, own_run, predict)
    elif isinstance(node, YamlMap):
        for key in ("text", "why"):
            if key in node.entries:
                yield from _texts(node.entries[key], "option", predict and key in _AFTER_THE_RUN, predict)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return markdown_parser()


class TextCheck:
    """Reports what would not be shown as meant. lessons: by id, for links."""

    def __init__(self, report: Report, names: NameCheck, lessons: Mapping[str, LessonInfo]) -> None:
        self.report = report
        self.names = names
        self.lessons = lessons
        self.formula_problem: Callable[[str], str | None] = names.names.formula_problem

    def check(self, text: TextAt, own: Any = None, metric: MetricSource | None = None) -> None:
        """own: the experiment of the block. metric: computes `metric(…)`; without it only its names are looked at."""
        for offset in _unclosed(text.text):
            self._add(text, offset, "'{{' without '}}'; close it, or write '{ {' if it is LaTeX")
        filled = fill(text.text, lambda slot: self._slot(text, slot, own, metric))
        if not _MARKED.search(filled):
            return
        splits = list(split_formulas(filled, _parser()))
        torn = {line for line, _ in splits}
        for token, line in _inline_tokens(filled):
            for words, message in self._faults(token):
                self._add_line(text, line, words, message)
            if token.type == "text" and line not in torn:
                self._lost(text, line, token.content)
        for line, formula in splits:
            before_bar = f"${formula.partition('|')[0]}"
            message = f"a bar inside the formula {_short(f'${formula}$')} splits the table's cell; write \\mid for it"
            self._add_line(text, line, before_bar, message, len(before_bar))

    def _add(self, text: TextAt, offset: int, message: str) -> None:
        line, column = self._place(text, offset)
        self.report.add(line, f"{text.what}: {message}", column)

    def _place(self, text: TextAt, offset: int) -> tuple[int, int]:
        """The line and column of what stands at `offset`, which is not broken over lines."""
        words = text.text[offset:].split("\n", 1)[0].rstrip()
        before = text.text[:offset].rpartition("\n")[2] if text.by_line else ""
        line, column = text.line_at(offset), text.column + len(before)
        return line, self.report.find(words, line, column) or column

    def _add_line(self, text: TextAt, line: int, words: str, message: str, further: int = 0) -> None:
        """A fault at `words` on line `line` of a text (from 0), or so many characters after they begin."""
        number = text.line + line if text.by_line else text.line
        found = self.report.find(words, number, text.column)
        self.report.add(number, f"{text.what}: {message}", found + further if found else text.column)

    def _lost(self, text: TextAt, line: int, shown: str) -> None:
        """A formula that begins in what is shown as text, unless its `$` is written as a sign, `\\$`."""
        number = text.line + line if text.by_line else text.line
        for match in _LOST.finditer(shown):
            words = match[0].rstrip()
            if self.report.find(words, number, text.column) and not self.report.find(f"\\{words}", number):
                what = f"a formula begins at {words[:30]!r} and ends nowhere"
                self._add_line(text, line, words, f"{what}; close it with $, or write \\$ for the sign")

    def _slot(self, text: TextAt, slot: Slot, own: Any, metric: MetricSource | None) -> str:
        """The value to read on with, on as many lines as were written."""
        written = text.text[slot.start : slot.end]
        lines = "\n" * written.count("\n")
        try:
            check_format(slot.format)
            expression = slot.expression()
            if not expression.metrics:
                return slot.filled() + lines
            before = len(self.report.findings)
            self.names.expression(expression, self._place(text, slot.start), text.what, text.own_run, own)
            if metric is not None and len(self.report.findings) == before:
                return slot.filled(metric) + lines
        except ExpressionError as error:
            latex = "" if written[2].isspace() else "; if it is LaTeX, write '{ {'"
            shown = " ".join(written.split())[:60]
            self._add(text, slot.start, f"{shown!r} cannot be computed: {error}{latex}")
        return "0" + lines

    def _faults(self, token: Token) -> Iterator[tuple[str, str]]:
        """What is wrong with a formula or a link: the words it begins with, and the message."""
        if token.type.startswith("math"):
            if reason := self.formula_problem(token.content):
                formula = f"{token.markup}{token.content}".split("\n")[0]
                yield formula, f"the formula ${_short(token.content)}$ cannot be drawn: {reason}"
        elif token.type == "link_open":
            target = unquote(str(token.attrGet("href") or ""))  # the parser has quoted what is not ASCII
            for message in self._link(target):
                yield target, message

    def _link(self, target: str) -> Iterator[str]:
        scheme, _, rest = target.partition(":")
        if scheme == "term":
            yield f"there is no glossary yet for {target[:40]!r}; leave the link out"
        if scheme != "lesson":
            return
        name, _, step = rest.partition("#")
        lesson = self.lessons.get(name)
        if lesson is None:
            yield unknown("lesson", name, self.lessons)
        elif step and step not in lesson.step_ids:
            yield unknown(f"step of {name}", step, lesson.step_ids)


def _short(text: str) -> str:
    return " ".join(text.split())[:60]


def _unclosed(text: str) -> Iterator[int]:
    """Where `{{` outside of code begins nothing."""
    taken = [(slot.start, slot.end) for slot in slots(text)] + code_ranges(text)
    for match in re.finditer(r"\{\{", text):
        if not any(start <= match.start() < end for start, end in taken):
            yield match.start()


def _inline_tokens(text: str) -> Iterator[tuple[Token, int]]:
    """Formulas and links, each with the line of `text` it stands on, from 0."""
    block_line = 0
    for token in _parser().parse(text):
        if token.map:
            block_line = token.map[0]
        if token.type.startswith("math"):
            yield token, block_line
        place = 0
        for child in token.children or ():
            found = token.content.find(child.content, place) if child.content else -1
            place = found if found >= 0 else place
            yield child, block_line + token.content.count("\n", 0, place)
