"""The tutor in a real PTY, on a small course, in this test's home."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tests.tui.harness import ONE, TWO, write_course

TUTOR = [sys.executable, "-m", "tutor"]
Launch = Callable[..., Terminal]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course", one=ONE, two=TWO)


@pytest.fixture
def launch(home: Path, course: Path) -> Iterator[Launch]:
    """Starts the tutor in a PTY with this test's home; closes it afterwards."""
    opened: list[Terminal] = []

    def start(
        *words: str, columns: int = 80, rows: int = 24, command: list[str] | None = None, **environment: str
    ) -> Terminal:
        line = command or [*TUTOR, "--course", str(course), *words]
        opened.append(Terminal(line, {"RL_TUTOR_HOME": str(home), **environment}, columns, rows))
        return opened[-1]

    yield start
    for terminal in opened:
        if not terminal.ended:
            terminal.close()
