"""Opens the tutor on Home, a lesson or a lab."""

import argparse
import gc
import os
import sys
from pathlib import Path
from time import monotonic
from typing import Any

from tutor import paths, settings
from tutor.commands.waiting import keys_unseen
from tutor.course import CourseError, clean_line, load_course
from tutor.course.types import Course
from tutor.progress import open_patiently


def open_tutor(args: argparse.Namespace, open_first: tuple[Any, ...] = ()) -> int:
    """Run the tutor until the learner leaves; 2 when this is no terminal that it can be drawn on."""
    if problem := no_terminal():
        print(f"rl-tutor: {problem}", file=sys.stderr)
        return 2
    gc.disable()  # a tenth of the start is collecting what start-up will keep anyway
    try:
        course_path = course_folder(args)
        reading = _Reading()
        with keys_unseen():
            course = load_course(course_path, index=paths.cache_dir() / "lessons.json", reading=reading.tell)
        reading.done()
    except (FileNotFoundError, CourseError) as error:
        print(f"rl-tutor: {clean_line(str(error))}", file=sys.stderr)
        return 2
    chosen, notices = settings.load(paths.settings_file())
    if open_first[:1] == ("lesson",):
        try:
            open_first = ("lesson", find_lesson(course, open_first[1]))
        except LookupError as error:
            print(f"rl-tutor: {clean_line(error.args[0])}", file=sys.stderr)
            return 2
    store, told = open_patiently(paths.progress_file())
    from tutor.tui.app import TutorApp

    app = TutorApp(course, store, chosen, notices=(*notices, *filter(None, [told])), open_first=open_first)
    from tutor.tui.running import run_until_left

    return run_until_left(app)


class _Reading:
    """Says how far a large course has been read the first time, once that takes longer than people wait in silence."""

    PATIENCE = 0.5  # seconds

    def __init__(self) -> None:
        self._first = self._next = monotonic() + self.PATIENCE

    def tell(self, done: int, count: int) -> None:
        """On a line of its own that `done` wipes away; nothing where that is no terminal."""
        if not sys.stderr.isatty() or monotonic() <= self._next:
            return
        self._next = monotonic() + self.PATIENCE
        line = f"reading the course: {done} of {count} lessons"
        print(f"\r{line:<60}\r{line}", end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        """Leave no half a line behind."""
        if self._next > self._first:
            print(f"\r{'':<60}\r", end="", file=sys.stderr, flush=True)


def course_folder(args: argparse.Namespace) -> Path:
    """The course of `--course`, or the shipped one; raises FileNotFoundError with one line."""
    if not args.course:
        return paths.lessons_dir()
    folder = Path(args.course).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"--course {args.course}: there is no such folder")
    return folder


def no_terminal() -> str:
    """Why the tutor cannot be drawn here, in one line; empty when it can."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return "needs a terminal to draw on; run it in one, without a pipe or redirection"
    if os.environ.get("TERM", "") in ("", "dumb"):
        return f"TERM is {os.environ.get('TERM', '')!r}; set it to what your terminal is, such as TERM=xterm-256color"
    return ""


def find_lesson(course: Course, word: str) -> str:
    """The id that `word` means: an id, its beginning, or its number. Raises LookupError that names the lessons."""
    ids = [lesson.id for lesson in course.lessons]
    if word in ids:
        return word
    if word.isdigit():
        found = [i for i in ids if (number := i.partition("-")[0]).isdigit() and int(number) == int(word)]
    else:
        found = [lesson_id for lesson_id in ids if lesson_id.startswith(word)]
    if len(found) == 1:
        return found[0]
    raise LookupError(f"there is no lesson {word!r}; there are: {', '.join(ids) or 'none'}")
