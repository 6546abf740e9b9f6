"""The whole way from LaTeX to text, with the source as the last resort."""

from __future__ import annotations

from tutor.maths.breaking import wrap
from tutor.maths.display import display
from tutor.maths.inline import Style, inline
from tutor.maths.nodes import MathsError, Node
from tutor.maths.parse import parse
from tutor.maths.width import clean, to_ascii, width

UNEXPECTED = "the formula cannot be laid out (please report it)"


def tree(latex: str) -> Node | str:
    """The tree of a formula, or why there is none."""
    try:
        return parse(latex)
    except MathsError as error:
        return clean(str(error))
    except RecursionError:
        return "the formula is nested too deeply"
    except (
        Exception
    ):  # a learner's screen must not fail for a formula; tests require that this is never reached
        return UNEXPECTED


def problem(latex: str) -> str | None:
    """Why the formula cannot be drawn; None when it can."""
    found = tree(latex)
    if isinstance(found, str):
        return found
    drawn = _one_line(found, False) is not None and _boxes(found, 80, False) is not None
    return None if drawn else UNEXPECTED


def source(latex: str, ascii: bool) -> str:
    """The source on one line, safe to print."""
    text = " ".join(clean(latex).split())
    return to_ascii(text) if ascii else text


def inline_text(latex: str, ascii: bool) -> str:
    """The formula on one line."""
    found = tree(latex)
    text = None if isinstance(found, str) else _one_line(found, ascii)
    return source(latex, ascii) if text is None else text


def display_lines(latex: str, limit: int, ascii: bool) -> list[str]:
    """The formula in two dimensions within `limit` cells."""
    found = tree(latex)
    lines = [] if isinstance(found, str) else _boxes(found, limit, ascii)
    if lines and all(width(line) <= limit for line in lines):
        return lines
    return wrap(inline_text(latex, ascii), limit)


def _one_line(node: Node, ascii: bool) -> str | None:
    try:
        return inline(node, Style(ascii)).strip()
    except Exception:  # as in `tree`
        return None


def _boxes(node: Node, limit: int, ascii: bool) -> list[str] | None:
    """The lines of a display; empty where nothing fits, None where drawing failed."""
    try:
        return display(node, limit, ascii) or []
    except Exception:  # as in `tree`
        return None
