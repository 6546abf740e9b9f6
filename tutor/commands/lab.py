"""`rl-tutor lab ID --set name=value`: open one lab."""

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.experiments import LabDescription


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "lab",
        help="open one lab; without an id: list the labs, and the grids you have saved",
        epilog="Example: rl-tutor lab gridworld --set grid=cliff --set gamma=1",
        allow_abbrev=False,
    )
    parser.add_argument(
        "id",
        nargs="?",
        help="which lab; it opens as you left it, its run made again from its seed; with --set it begins anew",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the lab; those that are not given begin with what --parameters says last",
    )
    parser.add_argument(
        "--parameters", action="store_true", help="list what may be set, of this lab or of all, and open none"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit status 2 for an unknown lab, parameter or value, each said in one line."""
    from tutor.experiments import ParameterError, labs
    from tutor.experiments.parameters import did_you_mean

    known = labs()
    if args.id is None:
        _list(known.values(), parameters=args.parameters)
        _list_saved_grids()
        return 0
    if args.id not in known:
        return _wrong(
            f"there is no lab {args.id!r}; there are: {', '.join(known)}{did_you_mean(args.id, known)}"
        )
    if args.parameters:
        _list([known[args.id]], parameters=True)
        return 0
    try:
        given = pairs(args.set)
        known[args.id].values(given)
    except (ParameterError, ValueError) as error:
        return _wrong(f"lab {args.id}: {error}")
    from tutor.commands.open import open_tutor

    return open_tutor(args, ("lab", args.id, given or None))


def _list(labs: "Iterable[LabDescription]", *, parameters: bool) -> None:
    """A line a lab: its id, its title, what it is for; under it what may be set, where asked for."""
    for lab in labs:
        print(f"{lab.id:<16} {lab.title}: {lab.sentence}")
        for p in lab.parameters if parameters else ():
            default = "none" if p.default == "" else p.default
            print(f"    {p.name:<20} {p.sentence} ({p.allowed()}; {default})")


def _list_saved_grids() -> None:
    """Their names, for `--set grid=NAME`, and their lines, which open on any computer."""
    from tutor.experiments.saved_grids import GridFileError, saved_line, saved_names

    names = saved_names()
    print(f"\ngrids that you have saved, for --set grid=NAME: {'' if names else 'none yet'}")
    for name in names:
        try:
            print(f"    {name:<12} {saved_line(name)}")
        except GridFileError as error:
            print(f"    {name:<12} {error}")


def pairs(words: Iterable[str]) -> dict[str, object]:
    """`["gamma=.9"]` -> `{"gamma": ".9"}`; raises ValueError for a word without `=`."""
    given: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ValueError(f"--set {word}: write NAME=VALUE, such as --set gamma=0.9")
        given[name.strip()] = value.strip()
    return given


def _wrong(message: str) -> int:
    print(f"rl-tutor: {message}", file=sys.stderr)
    return 2
