"""Answers in the words of a lesson."""

from pathlib import Path

import pytest

from tutor.commands.answers import answers_in_words
from tutor.course import load_course

LESSON = """---
id: 01-one
title: One
order: 1
minutes: 5
objectives: [answer]
requires: []
---
# One

## Step

```quiz
id: one
kind: choice
question: Which?
options:
  - text: the reward
    why: no
  - text: the *return* $G_t$ (`G`)
    why: yes
    correct: true
```

```quiz
id: some
kind: multiple
question: Which ones?
options:
  - text: a
    why: yes
    correct: true
  - text: b
    why: no
  - text: c
    why: yes
    correct: true
```

```quiz
id: number
kind: numeric
question: How many?
answer: 2
tolerance: 0
```
"""


@pytest.mark.parametrize(
    ("question", "response", "words"),
    [
        ("one", 1, "the return Gₜ (G)"),
        ("some", [0, 2], "a; c"),
        ("number", "1+1", "1+1"),
        ("one", 7, "7"),  # the lesson has been changed since
        ("gone", [1, 0], "[1, 0]"),
        ("one", True, "true"),
    ],
)
def test_what_was_chosen_is_told_in_the_words_of_the_lesson(
    tmp_path: Path, question: str, response: object, words: str
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "01-one.md").write_text(LESSON, encoding="utf-8")
    assert answers_in_words(load_course(tmp_path / "en"))("01-one", question, response) == words
