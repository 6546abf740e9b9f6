"""`rl-tutor toy-llm record`: the runs that are shown where torch is missing, made anew."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def add(actions: Any) -> None:
    """Put the action into the parser of `toy-llm`."""
    parser = actions.add_parser(
        "record",
        help="make the runs anew that labs show without torch (about three minutes)",
        description="Runs what the labs open with and writes down its frames: what those see who have no torch. "
        "Without a name, all of them.",
        allow_abbrev=False,
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="which of them; a wrong name lists them")
    parser.add_argument(
        "--output", metavar="FOLDER", type=Path, help="where to; without it, in place of the shipped ones"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit status 0 written, 1 not (one line says why), 2 an unknown name, 130 stopped."""
    from tutor.commands.toy_llm import fail
    from tutor.experiments.recordings import INSTALL, RECORDED, torch_missing

    known = {recorded.name: recorded for recorded in RECORDED}
    for name in args.names:
        if name not in known:
            return fail(f"there is no recorded run {name[:60]!r}; there are {', '.join(known)}", 2)
    if torch_missing():
        return fail(f"training needs torch, which is not installed: {INSTALL}")
    folder = args.output.expanduser() if args.output else None
    if folder is not None and not folder.is_dir():
        return fail(f"{folder} is no folder; --output wants one that there is")
    return _record([known[name] for name in args.names or known], folder)


def _record(chosen: Sequence[Any], folder: Path | None) -> int:
    """One after the other, each written as soon as it is over."""
    from tutor.commands.toy_llm import fail, progress
    from tutor.experiments import find_experiment

    for recorded in chosen:
        path = recorded.path if folder is None else folder / recorded.path.name
        experiment = find_experiment(recorded.experiment)
        total = (experiment.updates(recorded.values) or 0) * len(experiment.series)
        try:
            with progress(total) as report:
                size = _written(recorded, path, report)
        except KeyboardInterrupt:
            return fail(f"stopped; {path} is as it was", 130)
        except OSError as error:
            return fail(f"{path} cannot be written ({error.strerror}); choose another place with --output")
        print(f"{path}: written, {size / 1000:.0f} kB, {recorded.command}")
    return 0


def _written(recorded: Any, path: Path, report: Any) -> int:
    """Its size, in bytes."""
    from tutor.experiments.recordings import record

    reached: dict[str, int] = {}

    def made(frame: Any) -> None:
        reached[frame.series] = frame.update
        report(sum(reached.values()), frame.series)

    return record(recorded, made, path)
