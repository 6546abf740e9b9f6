"""Lessons that are broken or mean harm, in a real PTY: the rest of the course works, nothing is sent raw."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tests.tui.harness import ONE, write_course

Launch = Callable[[Path], Terminal]

# What a terminal would obey: a title, a clipboard, a cleared screen, a bell, C1 controls, text turned round.
EVIL = (
    "\x1b]0;PWNED\x07\x1b]52;c;UFdORUQ=\x1b\\\x1b[2J\x1b[31;5mEVIL"
    "\x9b2J\x9d0;PWNED\x9c\x00\x7f\x07\u202eDLROW\u2066\u200f"
)
RAW = [
    b"\x1b]0;", b"\x1b]52", b"\x1b[2J", b"\x1b[31;5m", b"\x07", b"\x00", b"\x7f", b"\x9b2J",
    b"\xc2\x9b", b"\xc2\x9d", b"\xc2\x9c",
    "\u202e".encode(), "\u2066".encode(), "\u200f".encode(),
]  # fmt: skip
IN_YAML = (
    r"\e]0;PWNED\a\e[2J\e[31;5mEVIL\x9b2J\0\x7f\a\u202eDLROW\u2066\u200f"  # the same, by YAML's own escapes
)

LESSON = f"""---
id: 00-evil
title: "Title {IN_YAML}"
order: 0
objectives: ["an objective {IN_YAML}"]
---
# Heading {EVIL}

## Step {EVIL}

Text {EVIL} and `code {EVIL}` and **bold {EVIL}** and &#27;]0;PWNED&#7; and &#x9b;2J and &#8238;DLROW.

A [link {EVIL}](https://example.org/{EVIL}), a [link](<https://example.org/&#27;[2J>), ![picture {EVIL}](x{EVIL}.png),
<b {EVIL}>html</b>, a formula $x{EVIL}$, and [a lesson](lesson:%1b]0;PWNED%07).

| head {EVIL} | b |
|---|---|
| {EVIL} | c |

```python {EVIL}
code = "{EVIL}"
```

$$
\\text{{{EVIL}}} + \\nosuch{EVIL}
$$

{{{{ 1 / "{EVIL}" }}}}

## Questions {EVIL}

```quiz
id: pick
kind: choice
question: "Which {IN_YAML}?"
options:
  - {{text: "this {IN_YAML}", correct: true, why: "yes {IN_YAML}"}}
  - {{text: "that {IN_YAML}", why: "no {IN_YAML}"}}
hints: ["a hint {IN_YAML}"]
```

```quiz
id: word
kind: text
question: "What {IN_YAML}?"
accept: ["word {IN_YAML}"]
why: "because {IN_YAML}"
```

```lab
name: "lab {IN_YAML}"
```

```quiz
id: "bad {IN_YAML}"
kind: "kind {IN_YAML}"
```
"""


@pytest.fixture
def launch(home: Path) -> Iterator[Launch]:
    """Opens a course in a PTY of 80x24; closes it afterwards."""
    opened: list[Terminal] = []

    def start(course: Path) -> Terminal:
        command = [sys.executable, "-m", "tutor", "--course", str(course)]
        opened.append(Terminal(command, {"RL_TUTOR_HOME": str(home)}))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def nothing_raw(raw: bytes) -> list[bytes]:
    """What of it stands in the output, with what is around it. (The mouse pointer's shape is Textual's own doing.)"""
    raw = re.sub(rb"\x1b\]22;[a-z-]*\x07", b"", raw)
    return [raw[max(0, at - 40) : at + 20] for sequence in RAW if (at := raw.find(sequence)) >= 0]


def test_nothing_of_a_lesson_reaches_the_terminal_raw(launch: Launch, tmp_path: Path) -> None:
    course = write_course(tmp_path / "course", one=ONE)
    (course / "evil.md").write_text(LESSON, encoding="utf-8")
    terminal = launch(course)
    terminal.until("an objective")
    terminal.press("enter")
    terminal.until("step 1 of 2")
    terminal.until("Text .*EVIL")
    terminal.press("end", "m")
    terminal.until("nosuch")
    terminal.press("m", "right")
    terminal.until("step 2 of 2")
    terminal.press("tab", "h", "1", "enter")
    terminal.until("Right|Not yet")
    terminal.press("2", "enter")
    terminal.until("yes .*EVIL")
    terminal.press("tab", "x", "enter")
    terminal.until("Not yet")
    terminal.press("\x07")  # ctrl+g shows the answer
    terminal.until("because .*EVIL")
    terminal.press("esc")
    terminal.until("space on")  # the keys are the text's again (esc and what follows it would be one key)
    terminal.press("end")
    terminal.until("cannot be shown")
    terminal.press("esc")
    terminal.until("The first lesson  ")
    terminal.press("/")
    terminal.until("Search the lessons")
    terminal.press("q", "u", "e", "s")
    terminal.until("Which .*EVIL")
    terminal.press("esc")
    terminal.gone("Search the lessons")
    terminal.press("ctrl+p")
    terminal.until("Search")
    terminal.press("q", "u", "e", "s")
    terminal.until("step: questions")
    terminal.press("esc")
    terminal.gone("step: questions")
    terminal.press("p")
    terminal.until("Progress")
    terminal.press("esc")
    terminal.until("labs")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0
    assert b"EVIL" in terminal.raw  # the letters are there, the commands are not
    assert nothing_raw(terminal.raw) == []
    assert b"Traceback" not in terminal.raw


def bad_files(course: Path) -> None:
    """Beside a good lesson: not UTF-8, 10 MB, a folder's name, a dead link, a device, and names that mean harm."""
    write_course(course, one=ONE)
    (course / "02-latin.md").write_bytes(b"# A\n\n## caf\xe9\n")
    (course / "03-huge.md").write_bytes(b"# Huge\n\n" + b"word " * 2_000_000)
    (course / "04-binary.md").write_bytes(bytes(range(256)) * 40)
    (course / "05-dead.md").symlink_to(course / "nowhere")
    (course / "06-zero.md").symlink_to("/dev/zero")
    os.mkfifo(course / "07-pipe.md")
    (course / f"08-{EVIL.replace(chr(0), '')}.md").write_bytes(b"\xff\xfe\x00")
    (course / f"09-{EVIL.replace(chr(0), '')}.md").write_text("Only text.\n")
    os.close(os.open(os.fsencode(course) + b"/10-\xff\xfe\x1b[2J.md", os.O_CREAT | os.O_WRONLY))


def test_broken_files_hide_no_other_lesson_and_home_says_what_is_wrong(
    launch: Launch, tmp_path: Path
) -> None:
    course = tmp_path / f"course {EVIL.replace(chr(0), '')}"
    bad_files(course)
    terminal = launch(course)
    terminal.until("begin: The first lesson")
    for says in (
        "not UTF-8 .line 3.",
        "larger than 1 MB",
        "not UTF-8",
        "cannot be read",
        "not a regular",
        "not a regular",
    ):
        terminal.press("down")
        terminal.until(says)
    terminal.press("down")
    terminal.until(r"08-[\s\S]*not UTF-8")
    terminal.press("enter")
    terminal.until("This lesson cannot be opened")
    terminal.press("down", "enter")
    terminal.until("Only text")
    terminal.press("esc")
    terminal.until("10 lessons")
    terminal.press("home", "enter")
    terminal.until("Two and two")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0
    assert nothing_raw(terminal.raw) == []
    assert b"Traceback" not in terminal.raw


def test_an_empty_course_of_a_hostile_name(launch: Launch, tmp_path: Path) -> None:
    course = tmp_path / f"course {EVIL.replace(chr(0), '')}"
    course.mkdir()
    terminal = launch(course)
    terminal.until("No lessons in")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0
    assert nothing_raw(terminal.raw) == []


def test_a_course_that_is_not_there(launch: Launch, tmp_path: Path) -> None:
    terminal = launch(tmp_path / f"course {EVIL.replace(chr(0), '')}")
    terminal.until("there is no such folder")
    assert terminal.ends() == 2
    assert nothing_raw(terminal.raw) == []


def test_the_check_names_each_with_file_and_line(launch: Launch, home: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    bad_files(course)
    (course / "evil.md").write_text(LESSON, encoding="utf-8")
    command = [sys.executable, "-m", "tutor", "check", str(course)]
    terminal = Terminal(command, {"RL_TUTOR_HOME": str(home)}, columns=400, rows=200)
    terminal.until("faults found in")
    assert terminal.ends() == 1
    assert nothing_raw(terminal.raw) == []
    for says in (
        r"02-latin.md:3:7: .*not UTF-8",
        "03-huge.md:1:1: .*larger than 1 MB",
        r"04-binary.md:\d+:\d+: .*not UTF-8",
        "05-dead.md:1:1: .*cannot be read: No such file",
        "06-zero.md:1:1: .*not a regular file",
        "07-pipe.md:1:1: .*not a regular file",
        r"08-.*\.md:1:1: .*not UTF-8",
        "09-.*.md:1:1: no front matter",
        "evil.md:7:11: the control character U\\+001B would garble a terminal",
    ):
        assert re.search(says, terminal.text), says
