"""What holds for every formula of the course, at every width, in both forms."""

from __future__ import annotations

import re
import unicodedata

import pytest
from wcwidth import wcswidth

from tests.maths.corpus import FORMULAS
from tutor.maths import falls_back, problem, render_display, render_inline
from tutor.maths.letters import SUBSCRIPTS, SUPERSCRIPTS

WIDTHS = (30, 31, 40, 60, 76, 100, 200)
NAMES = sorted(FORMULAS)

# Commands that shape a formula and leave no letters, and what the signs of others are called in ASCII.
_SHAPE = re.compile(
    r"\\(?:begin|end)\{\w+\}|\\(?:frac|sqrt|left|right|middle|text|math\w+|operatorname\*?|mid|d?frac|binom|substack"
    r"|under\w+|overset|[bB]igg?[lrm]?|q?quad|tag|cdot|times|l?dots|cdots|Vert|[lr]Vert|arg|max|min"
    r"|leftarrow|to|sim|leq?|geq?|neq?|approx|succ|implies|infty|in|star|top|prime)(?![A-Za-z])"
)


def test_the_corpus_is_large_enough() -> None:
    assert len(FORMULAS) >= 80


@pytest.mark.parametrize("name", NAMES)
def test_no_formula_falls_back(name: str) -> None:
    assert problem(FORMULAS[name]) is None
    assert not falls_back(FORMULAS[name])


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_never_wider_than_asked(name: str, ascii: bool) -> None:
    for width in WIDTHS:
        lines = render_display(FORMULAS[name], width, ascii)
        assert lines
        assert all(0 <= wcswidth(line) <= width for line in lines)
        assert all(line == line.rstrip() for line in lines)
        assert lines[0]
        assert lines[-1]


@pytest.mark.parametrize("name", NAMES)
def test_inline_is_one_line(name: str) -> None:
    for ascii in (False, True):
        text = render_inline(FORMULAS[name], ascii)
        assert text
        assert len(text.splitlines()) == 1


@pytest.mark.parametrize("name", NAMES)
def test_ascii_is_seven_bits(name: str) -> None:
    assert render_inline(FORMULAS[name], ascii=True).isascii()
    for width in WIDTHS:
        assert "".join(render_display(FORMULAS[name], width, ascii=True)).isascii()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost(name: str) -> None:
    """Every number, letter and word of the source is in every form, as often as in the source or more."""
    wanted = _words(_SHAPE.sub(" ", FORMULAS[name]).replace("varepsilon", "epsilon"))
    forms = [render_inline(FORMULAS[name], True)]
    forms += ["\n".join(render_display(FORMULAS[name], width, True)) for width in (40, 76, 200)]
    for form in forms:
        shown = _words(form.replace("grad", "nabla"))
        for word in set(wanted):
            assert shown.count(word) >= wanted.count(word), (word, form)


def _words(text: str) -> list[str]:
    """Words and numbers; letters that stand together count one by one, for `x^\top F x` is `x^T Fx`."""
    words = re.findall(r"[A-Za-z]+|\d+(?:\.\d+)?", text)
    return [part for word in words for part in ([word] if len(word) > 2 else list(word))]


@pytest.mark.parametrize("name", NAMES)
def test_unicode_holds_the_same_letters_as_ascii(name: str) -> None:
    """Latin letters and digits agree between the two forms once small and styled ones are read as plain."""
    plain = _latin(render_inline(FORMULAS[name], True))
    fancy = _latin(render_inline(FORMULAS[name]))
    assert [char for char in fancy if plain.count(char) < fancy.count(char)] == []


_PLAIN = {small: plain for table in (SUBSCRIPTS, SUPERSCRIPTS) for plain, small in table.items()}


def _latin(text: str) -> str:
    text = unicodedata.normalize("NFKD", "".join(_PLAIN.get(char, char) for char in text))
    return "".join(char for char in text if char.isascii() and char.isalnum())


@pytest.mark.parametrize("name", NAMES)
def test_a_wide_display_is_not_the_one_line_form_of_something_tall(name: str) -> None:
    latex = FORMULAS[name]
    tall = (r"\frac", r"\sum", r"\prod", r"\begin", r"\max_", r"\underset")
    if any(sign in latex for sign in tall) and name != "boltzmann":
        assert len(render_display(latex, 200)) > 1
