"""`rl-tutor new-lesson ID`: a lesson to begin from, which passes the check."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "new-lesson", help="for authors: a new lesson to begin from", allow_abbrev=False
    )
    parser.add_argument("id", metavar="ID", help="such as 03-returns-and-discounting")
    parser.add_argument(
        "--language",
        metavar="L",
        default="",
        help="its folder in the course (en, unless the course has none)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say where the lesson is and what to do next; status 1 when it cannot be written."""
    from tutor import paths
    from tutor.course import clean_line
    from tutor.course.scaffold import ScaffoldError, new_lesson

    if not args.course and paths.lessons_are_installed():
        message = "the course that came with the tutor is no place for your own: say where with --course DIR"
        print(f"rl-tutor: {message}", file=sys.stderr)
        return 1
    course = Path(args.course).expanduser() if args.course else _shown(paths.lessons_dir())
    try:
        file, order = new_lesson(course, args.id, args.language)
    except ScaffoldError as error:
        print(f"rl-tutor: {clean_line(str(error))}", file=sys.stderr)
        return 1
    opened = str(file.parent) if args.language not in ("", "en") else args.course or ""
    option = f" --course {clean_line(opened)}" if opened else ""
    print(
        f"{clean_line(str(file))}: a new lesson, number {order} of the course, with one of each kind of block"
    )
    print(f"write it, saving reloads the step that is open:   rl-tutor{option} lesson {args.id}")
    print(f"and see what is wrong with it:                    rl-tutor check {clean_line(str(file))}")
    print(f"the format is explained in {paths.lessons_dir() / 'README.md'}")
    return 0


def _shown(folder: Path) -> Path:
    """The shipped course as a path from here, where that is shorter."""
    near = Path(os.path.relpath(folder))
    return folder if near.parts[:1] == ("..",) else near
