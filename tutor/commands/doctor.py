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
    columns, rows = shutil.get_terminal_size()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Line("note", "terminal", "this is none (a pipe or a file)", "The tutor itself needs one.")
    elif columns < 80 or rows < 24:
        yield Line("note", "size", f"{columns}x{rows}", "Everything fits from 80x24 on: enlarge the window.")
    else:
        yield Line("ok", "size", f"{columns}x{rows}")
    term = os.environ.get("TERM", "")
    if term in ("", "dumb"):
        yield Line("bad", "TERM", repr(term), "Set it to what your terminal is, such as TERM=xterm-256color.")
    else:
        yield Line("ok", "TERM", term)
    yield _colours(term)
    yield _symbols()
    yield _wire()


def _colours(term: str) -> Line:
    if "NO_COLOR" in os.environ:
        return Line(
            "note", "colours", "off: NO_COLOR is set", "Nothing is lost; every colour has its letter."
        )
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return Line("ok", "colours", "16 million")
    if "256color" in term:
        return Line("ok", "colours", "256", "If your terminal can do more: COLORTERM=truecolor.")
    return Line("note", "colours", "16", "If your terminal can do more: TERM=xterm-256color.")


def _symbols() -> Line:
    from tutor.tui.glyphs import wants_ascii

    if wants_ascii("auto"):
        advice = "For γ, ─ and plots in fine dots set a UTF-8 locale, such as LANG=C.UTF-8."
        return Line("note", "symbols", "ASCII (the locale is not UTF-8)", advice)
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
    from tutor.progress import ProgressError, open_store

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
    try:
        with open_store(paths.progress_file()) as store:
            store.progress()
    except ProgressError as error:
        yield Line("bad", "progress", str(error), "The tutor works, but nothing is saved.")
    else:
        yield Line("ok", "progress", str(paths.progress_file()))
    yield Line("ok", "log", str(paths.log_file()))
