"""Sources that are no formula: shown as they are, with a reason, safely."""

from __future__ import annotations

import pytest

from tutor.maths import falls_back, problem, render_display, render_inline

MALFORMED = {
    "": "empty",
    "   ": "empty",
    "{a": "closing brace is missing",
    "a}": "closing brace without",
    r"\frac{a}": "too early",
    r"{\frac{a}}": "argument is missing",
    r"\left(": "no \\right",
    r"\left": "bracket",
    r"\right)": "no \\left",
    r"\left(a": "no \\right",
    "x^": "nothing follows ^",
    "x_{a}_b": "two subscripts",
    "x^a^b": "two superscripts",
    "a & b": "&",
    "50% of": "%",
    "$x$": "$",
    r"\(x\)": "$",
    r"\begin{cases} a": "missing",
    r"\end{cases}": "does not match",
    r"\begin{cases} a \end{matrix}": "does not match",
    r"\begin{tikzpicture} a \end{tikzpicture}": "unknown environment tikzpicture",
    r"\unknowncommand{x}": r"unknown command \unknowncommand",
    "\\": "backslash",
    "a\x1b[31m": "unprintable",
    "{" * 1000 + "}" * 1000: "deeper",
    "x" * 10_000: "longer",
    r"\left(" * 500: "deep",
    r"\sqrt[" * 900: "deep",
    r"\limits": "nothing before",
}


@pytest.mark.parametrize("latex", MALFORMED, ids=lambda latex: repr(latex[:20]))
def test_malformed_source_is_shown_with_a_reason(latex: str) -> None:
    assert falls_back(latex)
    assert MALFORMED[latex] in str(problem(latex))
    assert render_inline(latex) == " ".join(latex.replace("\x1b", "\N{REPLACEMENT CHARACTER}").split())


def test_source_is_broken_to_the_width() -> None:
    lines = render_display(r"\unknowncommand{x} + \unknowncommand{y}", 25)
    assert lines == [r"\unknowncommand{x} +", r"  \unknowncommand{y}"]


def test_source_in_several_lines_comes_as_one_line() -> None:
    assert render_inline("\\foo{\n  a\t b}\r\n") == r"\foo{ a b}"


def test_control_characters_never_pass() -> None:
    for char in "\x00\x07\x08\x1b\x7f\x9b\u200e\u202e\u2066\ufeff":
        for latex in (f"x{char}y", f"\\text{{x{char}y}}", f"\\foo{char}", f"{char}[31m"):
            shown = render_inline(latex) + "".join(render_display(latex, 20)) + str(problem(latex))
            assert char not in shown


def test_ascii_of_a_source_in_another_alphabet() -> None:
    assert render_inline(r"\foo{Награда}", ascii=True) == r"\foo{Nagrada}"
    assert render_inline(r"\text{награда } r", ascii=True) == "nagrada r"


def test_no_lines_fit_no_width() -> None:
    assert render_display("x", 0) == []
    assert render_display("x", -3) == []


def test_the_list_that_is_returned_may_be_changed() -> None:
    render_display("x", 10).clear()
    assert render_display("x", 10) == ["x"]
