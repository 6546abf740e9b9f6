"""Any terminal: the colours and signs that it has, any size, files that cannot be used; in a real PTY."""

import re
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tests.terminals.conftest import TUTOR, Launch
from tutor import paths

COLOURS = re.compile(rb"\x1b\[([0-9;:]*)m")
FULL = re.compile(rb"(?:^|;)[34]8;2;")
INDEXED = re.compile(rb"(?:^|;)[34]8;5;")
BASIC = re.compile(rb"(?:^|;)(?:[34][0-7]|9[0-7]|10[0-7])(?=;|$)")


def styles(terminal: Terminal) -> list[bytes]:
    """The parameters of every change of style that was written."""
    return COLOURS.findall(terminal.raw)


def look_around(terminal: Terminal) -> None:
    """Home, a lesson with a question, the gridworld with its plots, a pop-up, and out."""
    terminal.until("The first lesson")
    terminal.until("go on")  # the key bar is drawn once the keys act
    terminal.press("enter")
    terminal.until("Two and two")
    terminal.until("tab question")
    terminal.press("tab", "5", "enter")
    terminal.until("Not yet")
    terminal.press("esc")
    terminal.until("tab question")  # before it, the next esc would be one key with this one
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
        ({"TERM": "unknown"}, False, False, True),
        ({"TERM": "no-such-terminal"}, False, False, True),
        ({"TERM": "unknown", "COLORTERM": "truecolor"}, True, False, False),
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
    terminal.gone("wants 60x18")
    terminal.resize(40, 12)
    terminal.until("wants 60x18|Keys that act|Search|options")
    terminal.resize(80, 24)
    terminal.gone("wants 60x18")
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
