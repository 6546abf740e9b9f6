"""The words of a lesson without its Markdown: what can be searched for, line by line, in the order of reading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tutor.course.expansion import expand, fill, needs_run
from tutor.course.outline import markdown_parser
from tutor.course.types import Prose, Question, Step
from tutor.maths import render_inline

_MATHS = ("math_inline", "math_inline_double", "math_block", "math_block_label")
_WORDS = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True)
class Formula:
    """Where a formula stands in its line, and its LaTeX."""

    start: int
    end: int
    latex: str

    @property
    def words(self) -> str:
        """The words of the LaTeX: `gamma`, `frac`."""
        return " ".join(_WORDS.findall(self.latex))


@dataclass(frozen=True)
class Line:
    """A paragraph, a table's cell, an option. after: the question that must be finished before this may be seen."""

    text: str
    formulas: tuple[Formula, ...] = ()
    heading: bool = False
    after: str = ""


def step_lines(step: Step) -> Iterator[Line]:
    """Everything to read on a step but its title. Hints and answers are left out; reasons wait for their question."""
    for block in step.blocks:
        if isinstance(block, Prose):
            yield from markdown_lines(block.text)
        elif isinstance(block, Question):
            shown = (block.question, *(option.text for option in block.options), *block.items)
            reasons = (block.why, *(option.why for option in block.options))
            for text in shown:
                yield from markdown_lines(text)
            for text in reasons:
                yield from markdown_lines(text, after=block.id)


def markdown_lines(source: str, *, after: str = "") -> Iterator[Line]:
    """The lines of a text. What only a run could compute stands as `…`."""
    text = fill(source, lambda _slot: "…") if needs_run(source) else expand(source)
    heading = False
    for token in _parser().parse(text):
        if token.type in ("heading_open", "heading_close"):
            heading = token.type == "heading_open"
        elif token.type == "inline" and (line := _line(token.children or [], heading, after)).text:
            yield line
        elif token.type in _MATHS:
            yield _line([token], heading, after)
        elif token.type in ("fence", "code_block", "html_block"):
            yield from (Line(row.strip(), after=after) for row in token.content.splitlines() if row.strip())


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return markdown_parser()


def _line(tokens: list[Token], heading: bool, after: str) -> Line:
    text, formulas = "", []
    for token in tokens:
        if token.type in _MATHS:
            shown = " ".join(render_inline(token.content.strip()).split())
            formulas.append(Formula(len(text), len(text) + len(shown), token.content.strip()))
            text += shown
        elif token.type in ("softbreak", "hardbreak"):
            text += " "
        elif token.type != "html_inline":
            text += token.content  # text, code, a picture's words; empty for what only opens or closes
    return Line(text.rstrip(), tuple(formulas), heading, after)
