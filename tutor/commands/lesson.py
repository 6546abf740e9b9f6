"""`rl-tutor lesson ID`: open a lesson where you were in it."""

import argparse
from typing import Any


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser("lesson", help="open a lesson where you were in it", allow_abbrev=False)
    parser.add_argument("id", help="such as 03-returns-and-discounting, or its number: 3")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit status 2 when there is no such lesson."""
    from tutor.commands.open import open_tutor

    return open_tutor(args, ("lesson", args.id))
