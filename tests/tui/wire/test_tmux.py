"""Inside tmux, which is a terminal of its own: whole frames and only what changed end in the same screen."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.terminal import ENVIRONMENT
from tests.test_terminal import need
from tests.tui.harness import write_course
from tests.tui.wire.emulators import Cell, Pyte
from tutor.tui.wire import SWITCH

BACK = b"\x1b[?1049h"  # to the alternate screen


class Pane:
    """The tutor in a tmux of its own, 80x24."""

    def __init__(self, folder: Path, course: Path, switch: str) -> None:
        self.size = 80, 24
        self.folder = folder
        folder.mkdir()
        settings = [f"RL_TUTOR_HOME={folder}", f"{SWITCH}={switch}", "COLORTERM=truecolor"]
        words = ["env", *settings, sys.executable, "-m", "tutor", "--course", str(course)]
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", *words)
        self.tmux("set", "status", "off")

    def tmux(self, *words: str) -> str:
        command = ["tmux", "-S", str(self.folder / "tmux"), "-f", "/dev/null", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def text(self) -> str:
        return self.tmux("capture-pane", "-p")

    def resize(self, columns: int, rows: int) -> None:
        self.size = columns, rows
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def stop_and_go_on(self) -> None:
        """ctrl+z in a shell and `fg`: the tutor leaves the screen and stops; tmux lets a stopped program go on.

        Waits until it has taken the screen again: a key that comes before is the shell's.
        """
        written = self.folder / "written"
        self.tmux("pipe-pane", f"cat >> {written}")
        os.kill(int(self.tmux("display", "-p", "#{pane_pid}")), signal.SIGTSTP)
        until(lambda: written.exists() and BACK in written.read_bytes(), "it never came back")

    def cells(self) -> list[list[Cell]]:
        emulator = Pyte(*self.size)
        lines = self.tmux("capture-pane", "-e", "-N", "-p").removesuffix("\n").split("\n")
        emulator.feed("\r\n".join(lines))
        return emulator.cells()


def until(holds: Callable[[], bool], complaint: str, seconds: float = 30) -> None:
    end = monotonic() + seconds
    while not holds():
        if monotonic() > end:
            raise AssertionError(complaint)


@pytest.fixture
def panes(tmp_path: Path) -> Iterator[tuple[Pane, Pane]]:
    need("tmux")
    course = write_course(tmp_path / "course")
    both = Pane(tmp_path / "whole", course, "1"), Pane(tmp_path / "changed", course, "")
    yield both
    for pane in both:
        pane.tmux("kill-server")


def test_inside_tmux_both_ways_end_in_the_same_screen(panes: tuple[Pane, Pane]) -> None:
    def both(act: Callable[[Pane], None], wanted: str) -> None:
        for pane in panes:
            act(pane)
        for pane in panes:
            until(lambda pane=pane: wanted in pane.text(), f"{wanted!r} never came:\n{pane.text()}")  # type: ignore[misc]
        until(lambda: panes[0].cells() == panes[1].cells(), f"the screens differ with {wanted!r}")

    both(lambda pane: None, "begin: The first lesson")
    both(lambda pane: pane.press("Enter"), "Two and two")
    both(lambda pane: pane.press("Tab"), "enter answer")
    both(lambda pane: pane.press("5"), "> 5")
    both(lambda pane: pane.press("Enter"), "Not yet")
    both(lambda pane: pane.press("Escape"), "space on")
    both(lambda pane: pane.press("?"), "Keys that act here")
    both(lambda pane: pane.resize(100, 30), "Keys that act here")
    both(lambda pane: pane.resize(60, 20), "Keys that act here")
    both(lambda pane: pane.press("Escape"), "Two and two")
    both(lambda pane: pane.press("C-l"), "Two and two")
    both(Pane.stop_and_go_on, "Two and two")
    both(lambda pane: pane.press("q"), "The second lesson")
