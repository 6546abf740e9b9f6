"""Blocks of code: their own lines, folded where too long, with the lightest of colouring."""

import re

from textual.content import Content, Span

_PYTHON = re.compile(
    r"""(?P<comment>\#[^\n]*)
    | (?P<text>"(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*')
    | \b(?P<word>False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for
        |from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)\b""",
    re.VERBOSE,
)
_STYLES = {"comment": "$muted italic", "text": "$success", "word": "bold"}


def code_lines(source: str, language: str, width: int) -> list[Content]:
    """Lines on a ground of their own, as wide as the text; a long line goes on below, indented."""
    inner = max(1, width - 2)
    lines: list[Content] = []
    for line in source.split("\n"):
        spans = python_spans(line) if language in ("python", "py") else []
        for piece in Content(line, spans, strip_control_codes=False).fold(inner):
            gap = max(0, inner + 1 - piece.cell_length)
            lines.append(Content.assemble(" ", piece, " " * gap).stylize_before("on $panel"))
    return lines


def python_spans(line: str) -> list[Span]:
    """Comments, strings and keywords of a line of Python."""
    return [
        Span(*match.span(), _STYLES[match.lastgroup]) for match in _PYTHON.finditer(line) if match.lastgroup
    ]
