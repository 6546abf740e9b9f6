"""Bars inside formulas that split the cells of a table: Markdown divides a row at every bar before it looks for `$`."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from tutor.course.expansion import code_ranges

_RULE = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")


def split_formulas(text: str, parser: MarkdownIt) -> Iterator[tuple[int, str]]:
    """(line of `text` from 0, formula) of each formula that a bar of its own tears apart."""
    if "|" not in text or "$" not in text:
        return
    lines = text.split("\n")
    for number in _rows(lines, _code_lines(text)):
        for token in parser.parseInline(lines[number])[0].children or ():
            if token.type.startswith("math") and _BAR.search(token.content):
                yield number, token.content


def _rows(lines: list[str], code: set[int]) -> Iterator[int]:
    """The rows of tables: the line above a rule such as `|---|---|`, and those below it down to an empty line.

    A head whose cells are split is no table to Markdown, which wants as many cells as the rule has; here it is one.
    """
    for rule, line in enumerate(lines):
        if not rule or rule in code or "|" not in line or not _RULE.fullmatch(line):
            continue
        yield rule - 1
        for number in range(rule + 1, len(lines)):
            if not lines[number].strip():
                break
            yield number


def _code_lines(text: str) -> set[int]:
    inside: set[int] = set()
    for start, end in code_ranges(text):
        first = text.count("\n", 0, start)
        inside.update(
            range(first, first + text.count("\n", start, end) + 1) if "\n" in text[start:end] else ()
        )
    return inside
