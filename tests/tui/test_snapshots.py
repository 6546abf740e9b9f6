"""Pictures of the screens at 80x24 and 120x40. After a wanted change: look at the report, then `--snapshot-update`.

The course is this file's own, so that editing a lesson changes no picture; the learner is always the same, so that the
options stand in the same order.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.harness import LARGE, SMALL, TWO, write_course
from tutor import paths
from tutor.course import load_course
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp

LESSON = r"""---
id: 01-pictures
title: A lesson for pictures
order: 1
minutes: 12
objectives: [read a formula, answer a question, step a lab]
---
# A lesson for pictures

## Text and a formula

The **return** adds up what is still to come, with $\gamma \in [0, 1]$:

$$G_t = \sum_{k=0}^{\infty} \gamma^k R_{t+k+1}$$

- With $\gamma = 0.9$ a reward of 10 five steps away is worth {{ 10 * 0.9 ** 5 | .2f }} now.
- A list item that is long enough to be wrapped at eighty columns, so that its second line shows the hanging indent.

| quantity | sign |
|---|---|
| state | $S_t$ |
| action | $A_t$ |

> A quotation, and `code` in it.

## A choice

```quiz
id: far
kind: choice
question: What does $\gamma = 0$ make of an agent?
options:
  - {text: It sees the next reward only, correct: true, why: "Every later reward counts $0^k = 0$ times."}
  - {text: It cares about the far future, why: "That is a $\\gamma$ near 1."}
  - {text: Nothing, why: "It changes what is best."}
hints: ["What is $0^2$?"]
```

```quiz
id: worth
kind: numeric
question: And 10, one step away, with $\gamma = 0.5$?
answer: 10 * 0.5
tolerance: 0.01
why: "Half of it."
```

## A lab

Walk.

```lab
name: gridworld
set: {grid: mouse, slip: 0}
```
"""

Act = Callable[[Pilot[None]], Any]


def presses(*keys: str) -> Act:
    async def act(pilot: Pilot[None]) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()

    return act


STATES: dict[str, tuple[Settings, Act]] = {
    "greeting": (Settings(), presses()),
    "home": (Settings(), presses("enter", "right", "escape", "down")),
    "text": (Settings(), presses("enter")),
    "latex": (Settings(), presses("enter", "m")),
    "question": (Settings(), presses("enter", "right", "tab", "down", "h")),
    "answered": (Settings(theme="light"), presses("enter", "right", "tab", "1", "enter", "2", "enter")),
    "lab-in-lesson": (Settings(), presses("enter", "right", "right", "tab", "right", "right")),
    "gridworld": (Settings(), presses("t", "up", "up", "right", "right", "u", "right")),
    "gridworld-ascii": (Settings(symbols="ascii"), presses("t", "up", "right", "space")),
    "gridworld-options": (Settings(), presses("t", "o", "down")),
    "explain": (Settings(), presses("t", "up", "e")),
    "labs": (Settings(), presses("l")),
    "progress": (Settings(), presses("enter", "right", "escape", "p")),
    "settings": (Settings(theme="light"), presses("s", "down")),
    "help": (Settings(), presses("question_mark")),
}  # fmt: skip

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)  # no time passes, however slow the machine


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("state", STATES)
def test_screen(snap_compare: Any, tmp_path: Path, state: str, size: tuple[int, int]) -> None:
    settings, act = STATES[state]
    course = write_course(tmp_path / "course", one=LESSON, two=TWO)
    store = open_store(paths.progress_file(), learner_hint="0123456789abcdef" * 2, clock=lambda: NOON)
    app = TutorApp(load_course(course), store, settings)
    app.settings = settings
    app.animation_level = "none"
    assert snap_compare(app, terminal_size=size, run_before=act)
