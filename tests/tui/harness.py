"""Opens the tutor on a course and a home of the test's own."""

from functools import cache
from pathlib import Path
from typing import Any

from tutor import paths
from tutor.course import load_course
from tutor.course.types import Course
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp

SMALL = (80, 24)
LARGE = (120, 40)

ONE = """---
id: 01-first
title: The first lesson
order: 1
minutes: 5
objectives: [add two numbers, say why]
---
# The first lesson

## Adding

Two and two.

```quiz
id: sum
kind: numeric
question: What is $2 + 2$?
answer: 2 + 2
tolerance: 0
hints: ["Count on your fingers."]
why: "$2 + 2 = 4$."
```

## Afterwards

That was all.
"""

TWO = """---
id: 02-second
title: The second lesson
order: 2
minutes: 10
objectives: [read]
requires: [01-first]
---
# The second lesson

## Only text

Nothing to answer here.
"""


def write_course(folder: Path, **lessons: str) -> Path:
    """A flat course of `name -> text`; the two small lessons above unless told otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (lessons or {"one": ONE, "two": TWO}).items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


apps: list[TutorApp] = []  # that this test has made


def close_stores() -> None:
    """After the test. An app that was frozen out of the garbage collection would keep its files open for good."""
    while apps:
        apps.pop().close_store()


@cache
def shipped_course() -> Course:
    """The lessons of this repository, read once a process: a quarter of a second of CPU. Nothing of it changes."""
    return load_course(paths.lessons_dir())


def make_app(course: Path | Course, settings: Settings | None = None, **options: Any) -> TutorApp:
    """An app with the progress file of this test's home, on a course or what is read in a folder."""
    store = open_store(paths.progress_file())
    found = course if isinstance(course, Course) else load_course(course)
    app = TutorApp(found, store, settings or Settings(motion=False, symbols="unicode"), **options)
    apps.append(app)
    return app


def screen_text(app: TutorApp) -> str:
    """What stands on the screen, as text."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
