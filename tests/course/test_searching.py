"""Searching a course: every word in one step, titles first, accents folded, formulas by sign and by name."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor import paths
from tutor.course import load_course
from tutor.course.plaintext import Line, markdown_lines
from tutor.course.searching import SearchIndex, fold, marks, query_words

LESSON = r"""---
id: 01-first
title: The first lesson
order: 1
---
# The first lesson

## Walking about

A **policy** walks; the [agent](lesson:02-second) is at $\gamma^k R_{t+1}$ now. Ёлка and élan.

| left | right |
|---|---|
| cell | `code_here` |

```python
walk_on(slip)
```

$$
G_t = \sum_{k} \gamma^k R_{t+k+1}
$$

```quiz
id: q
kind: choice
question: What is a saddle?
options:
  - {text: A zebra, correct: true, why: The giraffe says so.}
  - {text: A lion, why: Because of the hippo.}
hints: [Think of the ostrich.]
```

## A policy at rest

Nothing moves here. {{ 2 + 3 }} stones.

### The crooked heading

```quiz
id: n
kind: numeric
question: How many?
answer: 40 + 2
tolerance: 0
why: There are {{ 40 + 2 }} pelicans.
```
"""


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    (tmp_path / "01-first.md").write_text(LESSON, encoding="utf-8")
    found = SearchIndex()
    found.update(load_course(tmp_path).lessons)
    return found


def titles(index: SearchIndex, query: str, *known: str) -> list[str]:
    hits, total = index.search(query, lambda _lesson, question: question in known)
    assert total == len(hits)
    return [hit.step.title for hit in hits]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("walks", ["Walking about"]),
        ("WALKING", ["Walking about"]),
        ("policy", ["A policy at rest", "Walking about"]),  # the title counts more than the text
        ("policy agent", ["Walking about"]),
        ("agent stones", []),  # both words, but in no one step
        ("елка ELAN", ["Walking about"]),
        ("ЁЛКА élan", ["Walking about"]),
        ("γᵏ", ["Walking about"]),
        ("gamma", ["Walking about"]),
        ("sum", ["Walking about"]),
        ("code_here", ["Walking about"]),
        ("walk_on", ["Walking about"]),
        ("cell", ["Walking about"]),
        ("saddle", ["Walking about"]),
        ("lion", ["Walking about"]),
        ("5 stones", ["A policy at rest"]),
        ("crooked", ["A policy at rest"]),
        ("first lesson", ["Walking about", "A policy at rest"]),
        ("lesson:02", []),
        ("**policy", []),
        ("", []),
        ("   ", []),
    ],
)
def test_what_is_found(index: SearchIndex, query: str, where: list[str]) -> None:
    assert titles(index, query) == where


def test_nothing_gives_an_answer_away(index: SearchIndex) -> None:
    for word in ("giraffe", "hippo", "ostrich", "pelicans", "42"):
        assert titles(index, word) == []
    assert titles(index, "giraffe", "q") == ["Walking about"]
    assert titles(index, "42 pelicans", "n") == ["A policy at rest"]
    assert titles(index, "ostrich", "q", "n") == []


def test_the_line_that_has_most_words_is_shown_with_them_marked(index: SearchIndex) -> None:
    (hit,), _ = index.search("policy now")
    assert hit.line.text == "A policy walks; the agent is at γᵏRₜ₊₁ now. Ёлка and élan."
    assert [hit.line.text[start:end] for start, end in hit.marks] == ["policy", "now"]
    (hit,), _ = index.search("gamma agent")
    assert [hit.line.text[start:end] for start, end in hit.marks] == ["agent", "γᵏRₜ₊₁"]
    (hit,), _ = index.search("елка")
    assert [hit.line.text[start:end] for start, end in hit.marks] == ["Ёлка"]


def test_files_are_read_again_only_when_they_change(index: SearchIndex, tmp_path: Path) -> None:
    steps = index.steps
    index.update(load_course(tmp_path).lessons)
    assert all(a is b for a, b in zip(index.steps, steps, strict=True))
    (tmp_path / "01-first.md").write_text(LESSON.replace("stones", "boulders"), encoding="utf-8")
    index.update(load_course(tmp_path).lessons)
    assert titles(index, "boulders") == ["A policy at rest"]
    assert titles(index, "stones") == []


def test_a_lesson_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "01-first.md").write_text(LESSON, encoding="utf-8")
    (tmp_path / "02-bad.md").write_bytes(b"\xff\xfe broken")
    course = load_course(tmp_path)
    (tmp_path / "03-gone.md").write_text("# Gone\n\n## Gone\n\nsoon")
    course = load_course(tmp_path)
    (tmp_path / "03-gone.md").unlink()
    index = SearchIndex()
    index.update(course.lessons)
    assert titles(index, "stones") == ["A policy at rest"]


def test_progress_is_told_and_reading_can_be_stopped(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(f"# L{number}\n\n## Step\n\nword{number}")
    told: list[tuple[int, int]] = []
    index = SearchIndex()
    index.update(load_course(tmp_path).lessons, lambda done, of: told.append((done, of)))
    assert told == [(number, 5) for number in range(6)]
    stopped = SearchIndex()
    stopped.update(load_course(tmp_path).lessons, stopped=lambda: True)
    assert stopped.steps == ()


@given(st.text(max_size=30), st.text(max_size=8))
def test_marks_are_where_the_folded_word_is(text: str, word: str) -> None:
    words = query_words(word)
    for start, end in marks(Line(text), words):
        assert 0 <= start < end <= len(text)
        assert any(part in fold(text[start:end]) for part in words)


@given(st.text(max_size=200))
def test_any_markdown_has_lines(text: str) -> None:
    for line in markdown_lines(text):
        assert all(0 <= f.start <= f.end <= len(line.text) for f in line.formulas)


def test_every_title_of_the_shipped_course_finds_its_step() -> None:
    index = SearchIndex()
    index.update(load_course(paths.lessons_dir()).lessons)
    assert len(index.steps) > 40
    for step in index.steps:
        hits, _ = index.search(step.title)
        assert step.step_id in [hit.step.step_id for hit in hits], step.title
