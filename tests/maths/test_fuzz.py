"""Anything at all, at any width: no exception, never wider than asked, one line inline, nothing unprintable."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from tests.maths.corpus import FORMULAS
from tutor.maths import problem, render_display, render_inline
from tutor.maths.commands import COMMANDS
from tutor.maths.reader import MAX_DEPTH
from tutor.maths.render import UNEXPECTED
from tutor.maths.symbols import MACROS

NAMES = (
    sorted(MACROS)
    + sorted(COMMANDS)
    + ["begin{cases}", "end{cases}", "begin{aligned}", "end{aligned}", "foo"]
)
BITS = [
    *(f"\\{name}" for name in NAMES),
    *"{}[]()^_&|'.,+-*/=<>!~%$ \n0aZθ漢é",
    "{x}",
    "{{",
    "}}",
    "\\\\",
    "\u0301",
    "\x1b",
]
WIDTHS = st.integers(1, 120)


def check(latex: str, width: int, ascii: bool) -> None:
    assert problem(latex) != UNEXPECTED
    line = render_inline(latex, ascii)
    lines = render_display(latex, width, ascii)
    for text in (line, *lines):
        assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text)
        assert text.isascii() or not ascii
    assert all(wcswidth(text) <= width for text in lines)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(BITS), max_size=40).map("".join), WIDTHS, st.booleans())
def test_latex_at_random(latex: str, width: int, ascii: bool) -> None:
    check(latex, width, ascii)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), WIDTHS, st.booleans())
def test_text_at_random(latex: str, width: int, ascii: bool) -> None:
    check(latex, width, ascii)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30), WIDTHS, st.booleans())
def test_words_at_random(text: str, width: int, ascii: bool) -> None:
    check(rf"\text{{{text}}} + \frac{{\text{{{text}}}}}{{2}}", width, ascii)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FORMULAS)), st.data(), WIDTHS, st.booleans())
def test_a_formula_with_a_fault(name: str, data: st.DataObject, width: int, ascii: bool) -> None:
    latex = FORMULAS[name]
    start = data.draw(st.integers(0, len(latex)))
    end = data.draw(st.integers(start, min(len(latex), start + 10)))
    check(latex[:start] + data.draw(st.sampled_from(["", *BITS])) + latex[end:], width, ascii)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(FORMULAS)), WIDTHS, st.booleans())
def test_a_whole_formula_at_any_width(name: str, width: int, ascii: bool) -> None:
    check(FORMULAS[name], width, ascii)


NESTED = (
    (r"\frac{1}{", "x", "}"),
    (r"\hat{", "x", "}"),
    (r"\sqrt{", "x", "}"),
    ("x^{", "x", "}"),
    (r"\sum_{", "x", "}"),
    (r"\overline{", "xy", "}"),
    (r"\left(", r"\frac{1}{2}", r"\right)"),
    (r"\text{", "x", "}"),
    (r"\underbrace{", "x", "}_{y}"),
    (r"\begin{cases}", "x", r"\end{cases}"),
)


def test_the_deepest_nesting_is_cheap() -> None:
    """A cost that doubled with every level would not end here."""
    for before, inside, after in NESTED:
        for depth in (5, MAX_DEPTH - 2, MAX_DEPTH, 1000):
            check(before * depth + inside + after * depth, 60, False)


def test_huge_sources_end_soon() -> None:
    for piece in (
        "x+",
        "(",
        "|",
        r"\alpha ",
        "x_1^2",
        r"\frac12",
        "'",
        "^",
        "{}",
        r"\begin{cases}",
        "$",
        r"\(",
        "\\",
    ):
        for size in (5_900, 10_000):
            check((piece * size)[:size], 40, False)
