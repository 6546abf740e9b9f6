"""Waiting for a command in a real PTY: how far it is, and what is typed meanwhile."""

import sys
import termios
from pathlib import Path

import pytest

from tests.terminals.conftest import Launch

BUSY = """
import sys
from tutor.commands.waiting import keys_unseen
with keys_unseen():
    print("busy")
    while not __import__("os").path.exists({file!r}):
        pass
print("read", ascii(sys.stdin.readline()))
"""
SLOW = """
import sys, time
from tutor.commands import waiting
from tutor.course import checking
waiting.PATIENCE = 0.0
parse = checking.parse_file
def wait(path, name):
    while not __import__("os").path.exists({file!r}):
        time.sleep(0.01)
    return parse(path, name)
checking.parse_file = wait
from tutor.cli import main
raise SystemExit(main(["check", {course!r}]))
"""


def test_keys_are_not_echoed_and_not_lost(launch: Launch, tmp_path: Path) -> None:
    terminal = launch(command=[sys.executable, "-c", BUSY.format(file=str(tmp_path / "go"))])
    terminal.until("busy")
    terminal.press("k", "j")
    terminal.read(0.1)
    (tmp_path / "go").touch()
    terminal.press("enter")
    terminal.until("read 'kj")
    assert terminal.raw.count(b"kj") == 1


def test_a_signal_gives_the_echo_back(launch: Launch, tmp_path: Path) -> None:
    terminal = launch(command=[sys.executable, "-c", BUSY.format(file=str(tmp_path / "go"))])
    terminal.until("busy")
    fd = terminal.child.child_fd
    assert not termios.tcgetattr(fd)[3] & termios.ECHO
    terminal.child.kill(15)
    while terminal.child.isalive():
        terminal.read(0.05)
    assert termios.tcgetattr(fd)[3] & termios.ECHO
    assert terminal.child.exitstatus == 128 + 15


@pytest.mark.parametrize("redirected", [False, True])
def test_a_long_check_shows_how_far_it_is_at_a_terminal_only(
    launch: Launch, course: Path, tmp_path: Path, redirected: bool
) -> None:
    program = SLOW.format(file=str(tmp_path / "go"), course=str(course))
    (tmp_path / "slow.py").write_text(program, encoding="utf-8")
    words = f"{sys.executable} {tmp_path / 'slow.py'}"
    error = tmp_path / "error"
    terminal = launch(command=["sh", "-c", f"{words} 2>{error}" if redirected else words])
    if not redirected:
        terminal.until(r"checking .*0/2")
    (tmp_path / "go").touch()
    terminal.until("no faults found")
    assert "checking" not in terminal.text
    if redirected:
        terminal.ends()
        assert error.read_bytes() == b""
