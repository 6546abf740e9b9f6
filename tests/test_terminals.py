"""Any terminal and any end: what bytes are written, what is left of the terminal, in a real PTY."""

import os
import re
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.terminal import Terminal
from tests.tui.harness import ONE, TWO, write_course
from tutor import paths

TUTOR = [sys.executable, "-m", "tutor"]
Launch = Callable[..., Terminal]
COLOURS = re.compile(rb"\x1b\[([0-9;:]*)m")
FULL = re.compile(rb"(?:^|;)[34]8;2;")
INDEXED = re.compile(rb"(?:^|;)[34]8;5;")
BASIC = re.compile(rb"(?:^|;)(?:[34][0-7]|9[0-7]|10[0-7])(?=;|$)")


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
        if terminal.child.pid not in ENDED:
            terminal.close()


def styles(terminal: Terminal) -> list[bytes]:
    """The parameters of every change of style that was written."""
    return COLOURS.findall(terminal.raw)


def look_around(terminal: Terminal) -> None:
    """Home, a lesson with a question, the gridworld with its plots, a pop-up, and out."""
    terminal.until("The first lesson")
    terminal.press("enter")
    terminal.until("Two and two")
    terminal.press("tab", "5", "enter")
    terminal.until("Not yet")
    terminal.press("esc")
    terminal.until("tab")
    terminal.press("esc")
    terminal.until("go on")
    terminal.press("t")
    terminal.until("step 0")
    terminal.press("up", "up", "right")
    terminal.until("step 3")
    terminal.press("e")
    terminal.until("What happened")
    terminal.press("esc")
    terminal.gone("What happened")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0


@pytest.mark.parametrize(
    ("environment", "full", "indexed", "basic"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, True, False, False),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, True, False, False),
        ({"TERM": "xterm-256color"}, False, True, False),
        ({"TERM": "screen-256color"}, False, True, False),
        ({"TERM": "tmux-256color"}, False, True, False),
        ({"TERM": "xterm"}, False, False, True),
        ({"TERM": "screen"}, False, False, True),
        ({"TERM": "linux"}, False, False, True),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, False, False, False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, False, True, False),
    ],
)
def test_only_colours_that_the_terminal_has(
    launch: Launch, environment: dict[str, str], full: bool, indexed: bool, basic: bool
) -> None:
    terminal = launch(**environment)
    look_around(terminal)
    codes = styles(terminal)
    assert len(codes) > 50  # bold and reset, at least
    assert any(FULL.search(code) for code in codes) == full
    assert any(INDEXED.search(code) for code in codes) == indexed
    plain = [FULL.sub(b"", INDEXED.sub(b"", code)) for code in codes]
    if not (full or indexed):
        assert any(BASIC.search(code) for code in plain) == basic
    assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"LANG": "POSIX", "LC_ALL": ""},
        {"LANG": "en_US.ISO-8859-1", "LC_ALL": ""},
        {"TERM": "linux"},
    ],
)
def test_ascii_by_itself_where_signs_are_missing(launch: Launch, environment: dict[str, str]) -> None:
    terminal = launch(**environment)
    look_around(terminal)
    assert max(terminal.raw) < 128


def test_ascii_is_switched_on_in_the_settings_and_all_is_drawn_anew(launch: Launch) -> None:
    terminal = launch()
    terminal.until("go on")
    terminal.press("s")
    terminal.until(r"\[auto\]")
    terminal.press("down", "right")
    terminal.until(r"\[unicode\]")
    terminal.press("right")
    terminal.until(r"\[ascii\]")
    terminal.press("esc")
    terminal.until("go on")
    terminal.read(0.2)
    assert terminal.text.isascii()
    before = len(terminal.raw)
    terminal.press("t")
    terminal.until("step 0")
    terminal.press("up")
    terminal.until("step 1")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0
    assert max(terminal.raw[before:]) < 128
    again = launch()
    again.until("go on")
    assert max(again.raw) < 128


@pytest.mark.parametrize(
    "redirection", ["</dev/null", ">/dev/null", "2>/dev/null", "</dev/null >/dev/null 2>&1", "<&-", "2>&-"]
)
def test_a_redirected_tutor_says_so_and_ends(launch: Launch, course: Path, redirection: str) -> None:
    words = " ".join([*TUTOR, "--course", str(course)])
    terminal = launch(command=["sh", "-c", f"{words} {redirection}; echo status $?"])
    terminal.until("status 2")
    if "2>" not in redirection:
        assert "needs a terminal" in " ".join(terminal.text.split())
    assert b"\x1b[?1049h" not in terminal.raw


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


ENDED: set[int] = set()  # children that were waited for here
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
    pid = terminal.child.pid
    os.close(terminal.child.child_fd)
    gone(pid)
    assert not paths.log_file().exists()
    if when == "lesson":
        again = launch("lesson", "1")
        again.until("That was all")


def gone(pid: int) -> None:
    """Wait until our child has ended, at most 2 s on a quiet machine."""
    end = monotonic() + 2 * SLOWNESS
    while monotonic() < end:
        if os.waitpid(pid, os.WNOHANG)[0]:
            ENDED.add(pid)
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
    pid = terminal.child.pid
    os.kill(pid, signal.SIGTERM)
    gone(pid)


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


SIZES = [
    (40, 12),
    (300, 100),
    (59, 17),
    (60, 18),
    (41, 99),
    (300, 12),
    (80, 24),
    (20, 5),
    (1, 1),
    (120, 40),
    (80, 24),
]


@pytest.mark.parametrize("place", ["home", "question", "help", "palette", "running lab", "options"])
def test_resized_anywhere_it_stays_usable(launch: Launch, place: str) -> None:
    words = {
        "question": ["lesson", "1"],
        "running lab": ["lab", "gridworld"],
        "options": ["lab", "gridworld"],
    }
    terminal = launch(*words.get(place, []))
    waits = {"question": "Two and two", "running lab": "step 0", "options": "step 0"}
    terminal.until(waits.get(place, "go on"))
    keys = {
        "question": ["tab", "5"],
        "help": ["?"],
        "palette": ["ctrl+p"],
        "running lab": ["r"],
        "options": ["o"],
    }
    terminal.press(*keys.get(place, []))
    for columns, rows in SIZES:
        terminal.resize(columns, rows)
        terminal.read(0.02)
    after = {
        "home": "go on", "question": "> 5", "help": "Keys that act here", "palette": "Search", "running lab": "step",
        "options": "options",
    }  # fmt: skip
    terminal.until(after[place])
    assert "best from" not in terminal.text
    terminal.resize(40, 12)
    terminal.until("best from 60x18|Keys that act|Search|options")
    terminal.resize(80, 24)
    terminal.gone("best from")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0
    assert not paths.log_file().exists()


def test_resized_while_it_starts(launch: Launch) -> None:
    terminal = launch()
    for columns, rows in SIZES:
        terminal.resize(columns, rows)
        terminal.read(0.05)
    terminal.until("go on")
    terminal.press("ctrl+q")
    assert terminal.ends() == 0


def test_a_damaged_progress_file_is_said_and_kept(launch: Launch) -> None:
    paths.progress_file().write_bytes(b"Dear diary")
    terminal = launch()
    terminal.until("go on")
    text = " ".join(terminal.text.split())
    assert "progress file was damaged" in text
    assert "not saved" not in text
    terminal.press("ctrl+q")
    assert terminal.ends() == 0
    kept = [path for path in paths.data_dir().iterdir() if "damaged" in path.name]
    assert [path.read_bytes() for path in kept] == [b"Dear diary"]


def test_without_saving_it_works_and_says_so_everywhere(launch: Launch) -> None:
    paths.progress_file().mkdir()
    terminal = launch()
    terminal.until("not saved")
    terminal.until("only remembered until you leave")
    terminal.press("enter")
    terminal.until("Two and two")
    assert "not saved" in terminal.lines[0]
    terminal.press("tab", "4", "enter")
    terminal.until("Right")
    terminal.until("could not be saved")
    terminal.press("esc")
    terminal.until("tab")
    terminal.press("esc")
    terminal.until("1/1 right")
    terminal.press("ctrl+q")
    assert terminal.ends() == 1
    assert "not saved" in " ".join(terminal.text.split())
