"""Markdown in a terminal: nothing is cut, nothing moves the cursor, symbols keep their colours."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from tutor.tui.prose import Look, inline_text, lay_out, lesson_links
from tutor.tui.prose.look import clean
from tutor.tui.prose.quantities import quantities
from tutor.tui.prose.wrapping import break_points, wrap

PLAIN = Look()
COLOURED = Look(colours={"state": "#000001", "action": "#000002", "reward": "#000003", "return": "#000004"})

SAMPLE = """### A heading with $\\gamma$

One **bold** word, an *italic* one, `code`, a [link](lesson:07-bellman) and [another](https://example.org/x).

- first item that goes on for quite a while, so that it has to be broken
  - nested
- second

3. three
4. four

> a quotation

| name | value |
|---|---:|
| $\\gamma$ | 0.9 |
| a long cell with many words in it | 10 |

$$G_t = R_{t+1} + \\gamma G_{t+1}$$

```python
def f(x):  # a comment
    return "text"
```

---

![a plot](plot.png) and <b>raw</b> HTML
"""


def text_of(source: str, width: int = 80, look: Look = PLAIN) -> str:
    return "\n".join(line.plain.rstrip() for line in lay_out(source, width, look))


def test_blocks_of_every_kind_are_drawn() -> None:
    text = text_of(SAMPLE)
    assert "A heading with γ" in text
    assert "another (https://example.org/x)" in text
    assert "lesson:07" not in text
    assert "• first item" in text
    assert "  – nested" in text
    assert "3. three\n4. four" in text
    assert "│ a quotation" in text
    assert "[picture: a plot] and <b>raw</b> HTML" in text
    assert "Gₜ = Rₜ₊₁ + γGₜ₊₁" in text.replace("γ G", "γG")
    assert "def f(x):  # a comment" in text


@pytest.mark.parametrize("width", [16, 30, 40, 60, 77, 84])
def test_no_line_is_wider_than_asked(width: int) -> None:
    assert all(line.cell_length <= width for line in lay_out(SAMPLE, width, PLAIN))


@pytest.mark.parametrize("width", [16, 24, 40, 80])
def test_every_word_of_a_table_is_there(width: int) -> None:
    table = (
        "| quantity | meaning |\n|---|---|\n| reward | what one step paid |\n| return | what is to come |\n"
    )
    text = text_of(table, width)
    for word in [
        "quantity",
        "meaning",
        "reward",
        "what",
        "one",
        "step",
        "paid",
        "return",
        "is",
        "to",
        "come",
    ]:
        assert word in text


def test_numbers_of_a_column_stand_below_each_other() -> None:
    lines = text_of("| a | b |\n|---|---:|\n| x | 1 |\n| y | 10 |\n").splitlines()
    assert [line.rstrip()[-1] for line in lines[2:]] == ["1", "0"]
    assert len(lines[2]) == len(lines[3])


def test_items_hang_below_their_text() -> None:
    lines = text_of("- " + "word " * 20, 30).splitlines()
    assert lines[0].startswith("• word")
    assert all(line.startswith("  word") for line in lines[1:])


def test_control_characters_never_arrive() -> None:
    source = "a\x1b[31mb\x07c\x9bd\u202ee\r\nf\x00"
    assert clean(source) == "a[31mbcde\nf"
    assert not any(ord(character) < 32 and character != "\n" for character in text_of(source))


def test_formulas_as_their_source() -> None:
    look = Look(latex=True)
    assert "$\\gamma$" in text_of("A $\\gamma$ here.", look=look)
    assert "G_t = R_{t+1}" in text_of("$$G_t = R_{t+1}$$", look=look)


def test_plain_signs_for_plain_terminals() -> None:
    text = text_of("- π — “quoted” → $\\gamma$\n\n---\n", look=Look(ascii=True))
    assert text.isascii(), text


def test_a_short_formula_is_not_broken_over_two_lines() -> None:
    text = text_of("some words before it " + "$x = 0.99$" + " after", 26)
    assert "x = 0.99" in text


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("Gₜ = Rₜ₊₁ + γGₜ₊₁", [("Gₜ", "return"), ("Rₜ₊₁", "reward"), ("Gₜ₊₁", "return")]),
        ("π_θ(aₜ|sₜ)", [("π_θ", "policy"), ("aₜ", "action"), ("sₜ", "state")]),
        ("Q(Sₜ, Aₜ)", [("Q", "return"), ("Sₜ", "state"), ("Aₜ", "action")]),
        ("min(rₜ(θ)Âₜ)", [("rₜ", "policy"), ("Âₜ", "advantage")]),
        ("D_KL(p‖q)", [("D_KL", "kl"), ("q", "return")]),
        ("argmax", []),
        ("s′", [("s′", "state")]),
    ],
)
def test_symbols_have_the_colour_of_their_quantity(formula: str, found: list[tuple[str, str]]) -> None:
    assert [(formula[start:end], quantity) for start, end, quantity in quantities(formula)] == found


def test_a_bold_word_that_names_a_quantity_has_its_colour() -> None:
    line = lay_out("The **reward** counts, the **number** not.", 80, COLOURED)[0]
    coloured = [line.plain[span.start : span.end] for span in line.spans if span.style == "#000003"]
    assert coloured == ["reward"]


def test_links_to_lessons_are_found() -> None:
    assert lesson_links("[a](lesson:01-x), [b](http://y), [c](lesson:02-z#step)") == ["01-x", "02-z#step"]


def test_one_line_of_markdown() -> None:
    assert inline_text("The *last* step of $\\gamma$", PLAIN).plain == "The last step of γ"


@given(st.text(max_size=300), st.integers(min_value=1, max_value=120))
@settings(max_examples=150, deadline=None)
def test_any_text_is_laid_out(source: str, width: int) -> None:
    lines = lay_out(source, width, PLAIN)
    assert all(line.cell_length <= max(width, 8) for line in lines)


@given(st.text(alphabet="ab \n漢é", max_size=120), st.integers(min_value=2, max_value=40))
@settings(max_examples=150, deadline=None)
def test_wrapping_keeps_every_letter(text: str, width: int) -> None:
    lines: list[Content] = wrap(text, [], width)
    assert all(line.cell_length <= width for line in lines)
    assert "".join("".join(line.plain.split()) for line in lines) == "".join(text.split())
    assert break_points(text, width) == sorted(set(break_points(text, width)))


@given(
    st.lists(st.lists(st.text(alphabet="ab c", max_size=30), min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(min_value=8, max_value=90),
)
@settings(max_examples=80, deadline=None)
def test_tables_fit_and_lose_nothing(rows: list[list[str]], width: int) -> None:
    source = "|x|y|z|\n|---|---|---|\n" + "".join("|" + "|".join(row) + "|\n" for row in rows)
    lines = lay_out(source, width, PLAIN)
    assert all(line.cell_length <= width for line in lines)
    letters = sum(line.plain.count("a") + line.plain.count("b") for line in lines)
    assert letters == sum(cell.count("a") + cell.count("b") for row in rows for cell in row)
