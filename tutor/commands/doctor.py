"""`rl-tutor doctor`: what this terminal and machine can do, and what to change."""

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple


class Line(NamedTuple):
    """One finding. word: ok, note (works, could be better) or bad (something will not work)."""

    word: str
    about: str
    fact: str
    advice: str = ""


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "doctor", help="what this terminal and machine can do, and what to change", allow_abbrev=False
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when something will not work."""
    from tutor.course import clean_line

    lines = [*_machine(), *_terminal(), *_files(args)]
    for line in lines:
        print(f"{line.word:<5} {line.about:<11} {clean_line(line.fact)}")
        if line.advice:
            print(f"{'':<17} {clean_line(line.advice)}")
    return 1 if any(line.word == "bad" for line in lines) else 0


def _machine() -> Iterator[Line]:
    from tutor import __version__

    yield Line("ok", "rl-tutor", f"{__version__}, Python {platform.python_version()}, {platform.system()}")
    if find_spec("torch"):
        yield Line("ok", "torch", "installed")
    else:
        yield Line("note", "torch", "not installed", "Only training the toy language model needs it.")


def _terminal() -> Iterator[Line]:
    from tutor.commands.open import no_terminal
    from tutor.tui.widgets.title import ROOM

    term = os.environ.get("TERM", "")
    if problem := no_terminal():
        piped = term not in ("", "dumb")
        yield Line("note" if piped else "bad", "terminal", "the tutor cannot be drawn here", f"It {problem}.")
    columns, rows = shutil.get_terminal_size()
    if not sys.stdout.isatty():
        yield Line("note", "size", "unknown: the output goes to a pipe or a file")
    elif columns < ROOM.width or rows < ROOM.height:
        yield Line("note", "size", f"{columns}x{rows}", "Some things do not fit: 80x24 is better.")
    elif columns < 80 or rows < 24:
        yield Line("note", "size", f"{columns}x{rows}", "Everything fits from 80x24 on: enlarge the window.")
    else:
        yield Line("ok", "size", f"{columns}x{rows}")
    if term:
        yield Line("ok", "TERM", term)
    yield _colours()
    yield _symbols()
    yield _wire()


def _colours() -> Line:
    from tutor.tui.colours import SYSTEMS, colour_system, wants_no_colour

    if wants_no_colour():
        return Line(
            "note", "colours", "none: NO_COLOR is set", "Nothing is lost; every colour has its letter."
        )
    system = colour_system()
    advice = {
        "truecolor": "",
        "256": "If your terminal can do more: COLORTERM=truecolor.",
        "standard": "If your terminal can do more: TERM=xterm-256color.",
    }[system]
    return Line("note" if system == "standard" else "ok", "colours", SYSTEMS[system], advice)


def _symbols() -> Line:
    from tutor import paths, settings
    from tutor.tui.glyphs import reason_for_ascii, wants_ascii

    chosen = settings.load(paths.settings_file())[0].symbols
    if chosen != "auto":
        word = "ASCII" if wants_ascii(chosen) else "Unicode: γᵏ Gₜ ─│ ▰▱ ⣀⣤⣶"
        return Line("ok", "symbols", f"{word}, as set in Settings")
    if reason := reason_for_ascii():
        advice = (
            "For γ, ─ and plots in fine dots set a UTF-8 locale, such as LANG=C.UTF-8, or Settings, symbols."
        )
        return Line("note", "symbols", f"ASCII ({reason})", advice)
    return Line("ok", "symbols", "Unicode: γᵏ Gₜ ─│ ▰▱ ⣀⣤⣶ (if you see boxes: Settings, symbols, ascii)")


def _wire() -> Line:
    from tutor.tui.wire import SWITCH, sends_full_frames

    if sends_full_frames():
        return Line(
            "note", "sending", f"whole parts of the screen: {SWITCH} is set", "Slower on a slow link."
        )
    return Line(
        "ok", "sending", f"only what changed ({SWITCH}=1 if the screen looks wrong; ctrl+l draws it anew)"
    )


def _files(args: argparse.Namespace) -> Iterator[Line]:
    from tutor import paths, settings
    from tutor.commands.open import course_folder
    from tutor.course import CourseError, load_course

    try:
        course = load_course(course_folder(args), index=paths.cache_dir() / "lessons.json")
    except (FileNotFoundError, CourseError) as error:
        yield Line("bad", "lessons", str(error))
    else:
        faults = [lesson for lesson in course.lessons if lesson.fault]
        yield Line("bad" if faults else "ok", "lessons", f"{len(course.lessons)} in {course.path}")
        yield from (Line("bad", "lesson", lesson.id, lesson.fault) for lesson in faults)
    _, problems = settings.load(paths.settings_file())
    yield Line("ok", "settings", str(paths.settings_file()))
    yield from (Line("note", "settings", problem) for problem in problems)
    yield _progress()
    yield _log()


def _progress() -> Line:
    """Whether the file can be read and written: nothing is written but the tables of a new one."""
    from tutor import paths
    from tutor.progress import ProgressError, open_store

    path = paths.progress_file()
    try:
        with open_store(path) as store:
            store.progress()
            store.prepare()
    except ProgressError as error:
        keeps_aside = error.reason == "damaged"
        aside = "The tutor will keep it aside under another name and begin a new one."
        return Line(
            "bad", "progress", str(error), aside if keeps_aside else "The tutor works, but saves nothing."
        )
    damaged = list(path.parent.glob(f"{path.name}.damaged-*[0-9]"))
    kept = f"Kept beside it, damaged: {', '.join(sorted(file.name for file in damaged))}." if damaged else ""
    return Line("ok", "progress", str(path), kept)


def _log() -> Line:
    from tutor import paths

    log = paths.log_file()
    if log.is_file() and log.stat().st_size:
        return Line("note", "log", f"{log} has mistakes of the tutor in it", "Send it to whoever mends them.")
    return Line("ok", "log", f"{log} (empty)")
