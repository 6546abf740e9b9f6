"""Any end: what was done is kept, the terminal is as before, nothing goes on running; in a real PTY."""

import os
import signal
import termios
from pathlib import Path
from time import monotonic

import pytest

from tests.terminal import Terminal
from tests.terminals.conftest import TUTOR, Launch
from tutor import paths


def as_before(terminal: Terminal, before: list[object]) -> None:
    """The terminal is as the tutor found it."""
    raw = terminal.raw
    for on, off in [
        (b"\x1b[?1049h", b"\x1b[?1049l"),  # the alternate screen is left
        (b"\x1b[?25l", b"\x1b[?25h"),  # the cursor is shown
        (b"\x1b[?1000h", b"\x1b[?1000l"),  # the mouse is off
        (b"\x1b[?1003h", b"\x1b[?1003l"),
        (b"\x1b[?1006h", b"\x1b[?1006l"),
        (b"\x1b[?2004h", b"\x1b[?2004l"),  # pasting is plain
        (b"\x1b[?1004h", b"\x1b[?1004l"),  # focus is not told
        (b"\x1b[?7l", b"\x1b[?7h"),  # lines wrap
        (b"\x1b[>", b"\x1b[<u"),  # keys come as they did
    ]:
        assert raw.rfind(off) > raw.rfind(on) >= 0, (on, off)
    assert termios.tcgetattr(terminal.child.child_fd) == before
    assert b"Traceback" not in raw


def settled(launch: Launch, command: str) -> tuple[Terminal, list[object]]:
    """A shell that runs the tutor and stays, so that the terminal can be looked at afterwards."""
    terminal = launch(command=["sh", "-c", f"echo ready; read line; {command}; echo status $?; read line"])
    terminal.until("ready")
    before = termios.tcgetattr(terminal.child.child_fd)
    terminal.press("enter")
    return terminal, before


def child_of(pid: int) -> int:
    """The one child of a process."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks /proc")


@linux
@pytest.mark.parametrize("end", ["SIGTERM", "SIGHUP", "SIGINT", "ctrl+q"])
def test_however_it_ends_the_terminal_is_as_before(launch: Launch, course: Path, end: str) -> None:
    terminal, before = settled(launch, " ".join([*TUTOR, "--course", str(course), "lesson", "1"]))
    terminal.until("Two and two")
    terminal.press("right")
    terminal.until("That was all")
    start = monotonic()
    if end == "ctrl+q":
        terminal.press(end)
    else:
        os.kill(child_of(terminal.child.pid), getattr(signal, end))
    terminal.until("status 0")
    assert monotonic() - start < 2 * SLOWNESS
    as_before(terminal, before)
    again = launch("lesson", "1")
    again.until("That was all")


SLOWNESS = 5.0  # how many times slower a loaded machine may be than the two seconds that are promised


@linux
def test_ctrl_c_says_how_to_leave_and_stays(launch: Launch) -> None:
    terminal = launch()
    terminal.until("go on")
    terminal.press("\x03")
    terminal.until("ctrl.q leaves the tutor")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0


@linux
@pytest.mark.parametrize("when", ["home", "lesson", "lab that runs"])
def test_a_closed_terminal_ends_it_and_what_was_done_is_kept(launch: Launch, when: str) -> None:
    terminal = launch(
        *([] if when == "home" else ["lesson", "1"] if when == "lesson" else ["lab", "gridworld"])
    )
    terminal.until({"home": "go on", "lesson": "Two and two", "lab that runs": "step 0"}[when])
    if when == "lesson":
        terminal.press("right")
        terminal.until("That was all")
    elif when == "lab that runs":
        terminal.press("r")
        terminal.until("step [1-9]")
    os.close(terminal.child.child_fd)
    gone(terminal)
    assert not paths.log_file().exists()
    if when == "lesson":
        again = launch("lesson", "1")
        again.until("That was all")


def gone(terminal: Terminal) -> None:
    """Wait until our child has ended, at most 2 s on a quiet machine."""
    end = monotonic() + 2 * SLOWNESS
    while monotonic() < end:
        if os.waitpid(terminal.child.pid, os.WNOHANG)[0]:
            terminal.ended = True
            return
        os.sched_yield()
    raise AssertionError("still running")


@linux
def test_a_terminal_that_takes_nothing_more_does_not_hold_it(launch: Launch) -> None:
    """Nobody reads the PTY: its buffer fills, the tutor's writer waits, and still it ends when told."""
    terminal = launch("lab", "gridworld", columns=200, rows=60)
    terminal.until("step 0")
    for _ in range(60):  # more than the PTY's buffer takes
        terminal.press("up", "u", "\x0c")
    os.kill(terminal.child.pid, signal.SIGTERM)
    gone(terminal)


@linux
def test_it_can_be_suspended_and_goes_on(launch: Launch, course: Path) -> None:
    terminal, before = settled(launch, " ".join([*TUTOR, "--course", str(course), "lesson", "1"]))
    terminal.until("Two and two")
    tutor = child_of(terminal.child.pid)
    os.kill(tutor, signal.SIGTSTP)
    state = Path(f"/proc/{tutor}/stat")
    end = monotonic() + 20
    while state.read_text().rsplit(")", 1)[1].split()[0] != "T":
        assert monotonic() < end
        terminal.read(0.05)
    while terminal.raw.rfind(b"\x1b[?1049l") < terminal.raw.rfind(b"\x1b[?1049h"):
        assert terminal.read(1)
    as_before(terminal, before)
    terminal.emulator.reset()  # the shell's own screen
    os.kill(tutor, signal.SIGCONT)
    terminal.until("Two and two")
    terminal.press("right")
    terminal.until("That was all")
    terminal.press("ctrl+q")
    terminal.until("status 0")
    as_before(terminal, before)


def test_bytes_that_are_no_utf_8_are_no_end(launch: Launch) -> None:
    terminal = launch("lesson", "1")
    terminal.until("Two and two")
    terminal.child.send(b"\xe9\xff\xc3(\x80\x00\x1b[\xff;M\x1b]9999\x07\x1bP\xfe\x1b\\")
    terminal.press("esc", "tab")
    terminal.until("enter")
    terminal.press("4")
    terminal.until("> 4|4")
    terminal.press("enter")
    terminal.until("Right")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0


def test_a_long_run_of_a_lesson_does_not_hold_it(launch: Launch, course: Path) -> None:
    """A text that waits for minutes of training: the keys act meanwhile, and leaving waits for nothing."""
    value = 'metric("sarsa", {"episodes": 100000, "seeds": 400}, "sarsa", "objective/return", "last")'
    text = (course / "two.md").read_text(encoding="utf-8")
    long = text.replace("Nothing to answer here.", "It is {{ " + value + " | .2f }}.")
    (course / "two.md").write_text(long, encoding="utf-8")
    terminal = launch("lesson", "02-second")
    terminal.until("It is")
    terminal.press("?")
    terminal.until("Keys that act")
    terminal.press("esc", "ctrl+q")
    assert terminal.ends() == 0
