"""Whatever stands in a file or is typed: lessons open, expressions have a value or a reason, and soon."""

import math
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.course.test_readme import EXAMPLES, FIRST
from tutor.course import (
    ExpressionError,
    check_course,
    evaluate,
    expand,
    load_course,
    load_lesson,
    parse_number,
)
from tutor.course.expressions import compile_expression
from tutor.course.loading import parse_lesson
from tutor.course.source import CONTROL
from tutor.course.types import Finding, Prose

FAULTY = Path(__file__).parent / "faulty"
SEEDS_OF_TEXT = [
    *EXAMPLES,
    FIRST,
    *(file.read_text(encoding="utf-8") for file in sorted(FAULTY.glob("en/*.md"))),
]
SHARP = [
    "```",
    "````",
    "---",
    "$$",
    "$",
    "{{",
    "}}",
    "|",
    "## ",
    "# ",
    "- ",
    "> ",
    ": ",
    "\t",
    '"',
    "'",
    "{",
    "[",
    "&a ",
    "*a",
]
SHARP += [
    "!!python/object:x ",
    "\x1b[2J",
    "\u2028",
    "\r",
    "\x00",
    "\ud7ff",
    "\U0001f600",
    "\\",
    "`",
    "<!--",
    "%",
    "\n\n",
    "~~~",
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A lesson in which a few things were cut out, doubled, moved or replaced."""
    text: str = draw(st.sampled_from(SEEDS_OF_TEXT))
    dice = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(1, 8))):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice([0, 0, 1, 3, 40]))
        piece = dice.choice(
            [*SHARP, text[start:end] * 2, "", "\n".join(reversed(text[start:end].split("\n")))]
        )
        text = text[:start] + piece + text[end:]
    return text


def shown(source: str) -> list[str]:
    lesson = parse_lesson(source, Path("lesson.md"), "lesson.md").lesson
    assert lesson.steps
    assert len(set(lesson.info.step_ids)) == len(lesson.steps)
    assert len(set(lesson.info.question_ids)) == len(lesson.info.question_ids)
    texts: list[str] = [lesson.info.id, lesson.info.title, *(step.title for step in lesson.steps)]
    for step in lesson.steps:
        texts += [block.text for block in step.blocks if isinstance(block, Prose)]
        for question in step.questions:
            texts += [question.question, question.why, *question.hints, *question.accept, *question.items]
            texts += [text for option in question.options for text in (option.text, option.why)]
    return texts


@given(mutated())
@settings(max_examples=300, deadline=None)
def test_a_mutated_lesson_opens_and_holds_nothing_a_terminal_obeys(source: str) -> None:
    assert not [text for text in shown(source) if CONTROL.search(text)]


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_opens(source: str) -> None:
    shown(source)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_yaml_in_a_block_keeps_the_rest(yaml: str) -> None:
    body = yaml.replace("`", "'").replace("~", "-")
    texts = shown(f"## One\n\nBefore.\n\n```quiz\n{body}\n```\n\nAfter.\n")
    assert "Before." in texts
    assert "After." in texts


@given(sources=st.lists(mutated(), min_size=1, max_size=2))
@settings(max_examples=60, deadline=None)
def test_the_check_of_a_mutated_course_ends_in_findings(
    sources: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("course")
    for number, source in enumerate(sources):
        (folder / f"{number}.md").write_text(source, encoding="utf-8", newline="")
    (folder / "good.md").write_text(FIRST, encoding="utf-8")
    lines = {
        str(folder / f"{number}.md"): source.count("\n") + source.count("\r") + 1
        for number, source in enumerate(sources)
    }
    for finding in check_course(folder):
        assert isinstance(finding, Finding)
        assert 1 <= finding.line <= lines.get(finding.file, 99)
        assert not CONTROL.search(finding.message)
        assert "\n" not in finding.message
    assert any(load_lesson(info).steps[0].title == "A step" for info in load_course(folder).lessons)


@given(content=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_hide_no_other_lesson(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("course")
    (folder / "0.md").write_bytes(content)
    (folder / "good.md").write_text(FIRST, encoding="utf-8")
    lessons = load_course(folder).lessons
    assert len(lessons) == 2
    assert [info.id for info in lessons if not info.fault][-1:]
    assert any(info.id == "02-agent-environment" for info in lessons)


FORMULA_LIKE = st.lists(
    st.sampled_from(
        [
            *"0123456789.+-*/()^,% ",
            "**",
            "e",
            "min(",
            "exp(",
            "log(",
            "clip(",
            "metric(",
            '"a"',
            "{",
            "}",
            ":",
            "<",
            "x",
        ]
    ),
    max_size=60,
).map("".join)


def reason_or_value(read: Callable[[], object]) -> object:
    """The value, or the reason why there is none; anything but an ExpressionError goes through."""
    try:
        return read()
    except ExpressionError as error:
        return str(error)


@given(st.one_of(st.text(max_size=700), FORMULA_LIKE))
@example("9**9**9")
@example("2**-99999")
@example("exp(exp(exp(9)))")
@settings(max_examples=400, deadline=None)
def test_an_expression_has_a_finite_value_or_a_reason_and_soon(source: str) -> None:
    begin = time.process_time()
    answer = reason_or_value(lambda: evaluate(source, lambda *arguments: 1.0))
    assert (isinstance(answer, float) and math.isfinite(answer)) or (
        isinstance(answer, str) and 0 < len(answer) < 300
    )
    assert time.process_time() - begin < 0.5


@given(st.one_of(st.text(max_size=100), FORMULA_LIKE))
@settings(max_examples=300, deadline=None)
def test_comparisons_too(source: str) -> None:
    assert reason_or_value(lambda: compile_expression(source, comparison=True))


@given(st.one_of(st.text(max_size=100), FORMULA_LIKE))
@settings(max_examples=300, deadline=None)
def test_a_typed_number_is_finite_or_refused_kindly(text: str) -> None:
    answer = reason_or_value(lambda: parse_number(text))
    assert (isinstance(answer, float) and math.isfinite(answer)) or str(answer).endswith(".")


@given(st.floats(-1e6, 1e6, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-6))
def test_a_number_is_read_in_every_way_it_is_written(value: float) -> None:
    for text in (repr(value), repr(value).replace(".", ","), repr(value).replace("-", "−"), f" {value!r} "):
        assert parse_number(text) == value


@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "`", "``", "```", "~~~", "\n", "\n\n", " 1 ", "x", "|", ".2f", "> ", "$", "- "]
        ),
        max_size=40,
    )
)
@settings(max_examples=300, deadline=None)
def test_expanding_never_raises_and_leaves_texts_without_braces(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert isinstance(expand(text), str)
    if "{{" not in text:
        assert expand(text) == text


def test_long_texts_are_expanded_soon() -> None:
    worst = [
        "{{ " * 60_000,
        "` `` " * 40_000,
        "".join("`" * (n % 300 + 1) + " " for n in range(3_000)),
        "{{ 1 }} " * 5_000,
    ]
    for text in worst:
        begin = time.process_time()
        expand(text + "{{ 1 }}")
        assert time.process_time() - begin < 5
