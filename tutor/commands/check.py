"""`rl-tutor check [PATH]`: every fault of a course or a lesson, with its place."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.course import Finding


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "check", help="for authors: find every fault of a course", allow_abbrev=False
    )
    parser.add_argument("path", nargs="?", help="a course or one lesson; without it, the tutor's own course")
    parser.add_argument(
        "--run", action="store_true", dest="run_experiments", help="also run what the lessons predict"
    )
    parser.add_argument(
        "--json", action="store_true", help="print a list of objects with file, line, column, message and fix"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print `file:line:column: …` for each fault; status 1 when there is any, 2 when there is nothing to check."""
    from tutor import paths
    from tutor.commands.waiting import bar
    from tutor.course import Finding, check_course, clean_line
    from tutor.tui.measure import step_rows

    path = Path(args.path or args.course).expanduser() if args.path or args.course else paths.lessons_dir()
    if not path.exists():
        missing = "there is no such file or folder"
        if args.json:
            _print_json([Finding(str(path), 1, missing)])
        print(f"rl-tutor: {clean_line(str(path))}: {missing}", file=sys.stderr)
        return 2
    with bar("checking") as reading:
        findings = check_course(path, run=args.run_experiments, rows_of=step_rows, reading=reading)
    if args.json:
        _print_json(findings)
    for finding in () if args.json else findings:
        print(finding)
    if findings:
        count = f"{len(findings)} fault{'s' if len(findings) > 1 else ''}"
        print(f"rl-tutor: {count} found in {clean_line(str(path))}", file=sys.stderr)
    elif not args.json:
        print(f"{clean_line(str(path))}: no faults found")
    return 1 if findings else 0


def _print_json(findings: Sequence["Finding"]) -> None:
    import json
    from dataclasses import asdict

    print(json.dumps([{**asdict(finding), "fix": finding.fix} for finding in findings], indent=1))
