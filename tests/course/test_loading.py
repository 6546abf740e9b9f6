"""Loading lessons: structure, lines, ids, and that nothing bad in one place costs anything elsewhere."""

import re
from pathlib import Path

import pytest

from tutor.course import LessonError, load_course, load_lesson
from tutor.course.loading import parse_lesson, slug
from tutor.course.outline import markdown_parser
from tutor.course.types import ChartBlock, LabBlock, Lesson, Option, Prose, Question, Step

WHOLE = """---
id: 03-returns
title: Returns
order: 3
minutes: 15
objectives: [one, two]
requires: [02-agents]
---
# Returns and more

Before the first step.

## The *first*, `one`

Text,
two lines.

```quiz
id: gamma-zero
kind: choice
question: What?
options:
  - {text: One, correct: true, why: because}
  - {text: Two, why: because not}
hints: [look]
```

```lab
name: gridworld
set: {grid: mouse, gamma: 0.9}
```
```lab
name: gridworld
```

## Second

```python
## no step
```

$$
## no step
$$

```chart
experiment: episode
metric: objective/episode_return
```

After.
"""


def parse(source: str) -> Lesson:
    return parse_lesson(source, Path("lesson.md"), "lesson.md").lesson


def test_a_whole_lesson() -> None:
    lesson = parse(WHOLE)
    info = lesson.info
    assert (info.id, info.title, info.order, info.minutes) == ("03-returns", "Returns", 3, 15)
    assert (info.objectives, info.requires, info.fault) == (("one", "two"), ("02-agents",), "")
    assert info.step_ids == ("the-first-one", "second")
    assert info.question_ids == ("gamma-zero",)
    first, second = lesson.steps
    assert first == Step(
        "the-first-one",
        "The *first*, `one`",
        13,
        (
            Prose("Before the first step.", 11),
            Prose("Text,\ntwo lines.", 15),
            Question(
                "gamma-zero",
                "choice",
                "What?",
                18,
                options=(Option("One", "because", correct=True), Option("Two", "because not")),
                hints=("look",),
            ),
            LabBlock("the-first-one/gridworld-1", "gridworld", {"grid": "mouse", "gamma": 0.9}, 28),
            LabBlock("the-first-one/gridworld-2", "gridworld", {}, 32),
        ),
    )
    assert second.blocks == (
        Prose("```python\n## no step\n```\n\n$$\n## no step\n$$", 38),
        ChartBlock("second/episode-chart-1", "episode", {}, "objective/episode_return", 46),
        Prose("After.", 51),
    )


@pytest.mark.parametrize(
    ("source", "title", "steps"),
    [
        ("", "lesson", ["lesson"]),
        ("just text", "lesson", ["lesson"]),
        ("# Read me\n\ntext", "Read me", ["Read me"]),
        ("Title\n=====\n\nOne\n---\n\nx\n\nTwo\n---\n", "Title", ["One", "Two"]),
        ("# A\n\n## B\n\n# C\n\n## D", "A", ["B", "D"]),
        ("---\nlayout: post\ntitle: Jekyll\n---\n## One\n", "Jekyll", ["One"]),
        ("---\n\nA rule first.\n\n---\n\n## One\n", "lesson", ["One"]),
        ("import X from 'x'\n\n# MDX\n\n<X>\n\n## One\n\n</X>\n", "MDX", ["One"]),
        ("# **Bold** `x`\n\n- a\n\n  ## in a list\n\n> ## quoted\n", "Bold x", ["**Bold** `x`"]),
        ("\ufeff# Mark\n", "Mark", ["Mark"]),
    ],
)
def test_anybodys_markdown_opens(source: str, title: str, steps: list[str], tmp_path: Path) -> None:
    (tmp_path / "lesson.md").write_text(source, encoding="utf-8")
    (info,) = load_course(tmp_path).lessons
    lesson = load_lesson(info)
    assert (lesson.info.id, lesson.info.title, lesson.info.fault) == ("lesson", title, "")
    assert [step.title for step in lesson.steps] == steps


def test_steps_and_questions_of_one_name_get_different_ids() -> None:
    quiz = "```quiz\nid: q\nkind: text\nquestion: What?\naccept: [a]\n```\n"
    lesson = parse(f"## Recap\n{quiz}\n## Recap\n{quiz}\n## ?!\n")
    assert lesson.info.step_ids == ("recap", "recap-2", "step")
    assert lesson.info.question_ids == ("q", "q-2")


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("The further, the fainter", "the-further-the-fainter"),
        ("What $\\gamma$ does", "what-gamma-does"),
        ("Возврат и скидка", "возврат-и-скидка"),
        ("***", "step"),
        ("x" * 200, "x" * 60),
    ],
)
def test_slugs(title: str, wanted: str) -> None:
    assert slug(title) == wanted


@pytest.mark.parametrize(
    "block",
    [
        "```quiz\nkind: choice\n```",
        "```quiz\n- a\n```",
        "```quiz\n{\n```",
        "```quiz\n```",
        "```lab\nset: {a: b}\n```",
        "```chart\nexperiment: x\n```",
        "```quiz\nid: q\nkind: numeric\nquestion: x\nanswer: 1/0\n```",
        '```quiz\nid: q\nkind: text\nquestion: "\\e[2J"\n```',
    ],
)
def test_a_broken_block_becomes_one_line_and_costs_nothing_else(block: str) -> None:
    (step,) = parse(f"## Step\n\nBefore.\n\n{block}\n\nAfter {{{{ 1 }}}}.\n").steps
    before, broken, after = step.blocks
    assert before == Prose("Before.", 3)
    assert isinstance(broken, Prose)
    assert broken.line == 5
    assert "cannot be shown" in broken.text
    assert "line " in broken.text
    assert "\n" not in broken.text
    assert isinstance(after, Prose)
    assert after.text == "After {{ 1 }}."


def one_question(yaml: str) -> Question:
    (step,) = parse(f"## S\n\n```quiz\n{yaml}\n```\n").steps
    (question,) = step.questions
    return question


def test_small_faults_leave_a_question_that_works() -> None:
    options = "options:\n  - {text: a, correct: yes}\n  - {text: b}"
    question = one_question(f"kind: choice\nquestion: What?\nnonsense: 1\n{options}")
    assert question.id == "s-question"
    assert question.options == (Option("a", "", correct=True), Option("b", ""))


def test_words_of_yaml_stay_words() -> None:
    items = "[yes, no, true, 0.50, 2024-01-01, 1:30, ~x]"
    question = one_question(f"id: q\nkind: order\nquestion: Yes?\nitems: {items}")
    assert question.items == ("yes", "no", "true", "0.50", "2024-01-01", "1:30", "~x")


def test_line_ends_and_control_characters_never_reach_a_screen() -> None:
    source = WHOLE.replace("\n", "\r\n").replace("Before the first", "Before\x1b[31m the\x07\u202e first")
    lesson = parse(source)
    assert lesson.steps[0].blocks[0] == Prose("Before�[31m the�� first step.", 11)
    assert [step.line for step in lesson.steps] == [13, 36]
    escaped = parse('---\nid: a\ntitle: "x\\e[2J\\x07"\norder: 1\n---\n## S\n')
    assert escaped.info.title == "x�[2J�"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"# caf\xe9\n", "not UTF-8 (line 1)"),
        (b"\xff\xfe#\x00", "not UTF-8"),
        (b"# big\n" + b"x" * 2_000_001, "larger than 1 MB"),
        (None, "not a regular file"),
    ],
    ids=["latin-1", "utf-16", "huge", "pipe"],
)
def test_a_file_that_cannot_be_opened_hides_no_other(
    content: bytes | None, words: str, tmp_path: Path
) -> None:
    bad = tmp_path / "01-bad.md"
    if content is None:
        import os

        os.mkfifo(bad)
    else:
        bad.write_bytes(content)
    (tmp_path / "02-good.md").write_text("# Good\n\n## Step\n\ntext\n", encoding="utf-8")
    first, second = load_course(tmp_path).lessons
    assert (first.id, second.title, second.fault) == ("01-bad", "Good", "")
    assert words in first.fault
    assert "\n" not in first.fault
    with pytest.raises(LessonError, match=r"01-bad\.md"):
        load_lesson(first)
    assert load_lesson(second).steps[0].title == "Step"


def test_a_lesson_that_went_away(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n", encoding="utf-8")
    (tmp_path / "dangling.md").symlink_to(tmp_path / "nowhere.md")
    good, dangling = load_course(tmp_path).lessons
    assert "cannot be read: No such file" in dangling.fault
    good.path.unlink()
    with pytest.raises(LessonError, match="cannot be read"):
        load_lesson(good)


@pytest.mark.parametrize(
    "source",
    [
        "> " * 3000 + "x",
        "- " * 3000 + "x",
        "[" * 5000,
        "```quiz\n" + "[" * 5000 + "\n```",
        "#" * 9000,
        "`" * 9000,
    ],
)
def test_the_deepest_nesting_still_opens(source: str) -> None:
    assert parse(source).steps


@pytest.mark.parametrize("text", ["$x$ is 5", "$x$ 5", "5 is $x$", "$x$", "a $x$ and $y$ 7"])
def test_a_formula_at_the_beginning_is_one_whatever_the_end_is(text: str) -> None:
    inside = markdown_parser().parseInline(text)[0].children or []
    assert [token.content for token in inside if token.type == "math_inline"] == re.findall(r"\$(.)\$", text)


def test_money_is_no_formula() -> None:
    inside = markdown_parser().parseInline("$5 or $6")[0].children or []
    assert [token.type for token in inside] == ["text"]
