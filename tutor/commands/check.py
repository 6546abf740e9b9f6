"""`rl-tutor check [PATH]`: every fault of a course or a lesson, with file and line."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "check", help="for authors: find every fault of a course", allow_abbrev=False
    )
    parser.add_argument("path", nargs="?", help="a course or one lesson; without it, the tutor's own course")
    parser.add_argument(
        "--run", action="store_true", dest="run_experiments", help="also run what the lessons predict"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print `file:line: …` for each fault; exit status 1 when there is any, 2 when there is nothing to check."""
    from tutor import paths
    from tutor.course import check_course

    path = Path(args.path or args.course).expanduser() if args.path or args.course else paths.lessons_dir()
    if not path.exists():
        print(f"rl-tutor: {path}: there is no such file or folder", file=sys.stderr)
        return 2
    findings = check_course(path, run=args.run_experiments)
    for finding in findings:
        print(finding)
    if findings:
        count = f"{len(findings)} fault{'s' if len(findings) > 1 else ''}"
        print(f"rl-tutor: {count} found in {path}", file=sys.stderr)
        return 1
    print(f"{path}: no faults found")
    return 0
