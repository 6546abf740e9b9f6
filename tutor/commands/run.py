"""`rl-tutor run EXPERIMENT`: an experiment without the tutor: progress, chart, table, files."""

import argparse
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.experiments import Experiment, Frame, Parameter, Value


def add(subparsers: Any) -> None:
    """Put the command into the parser: every experiment is a command of its own, its parameters are options."""
    from tutor.experiments import catalogue

    parser = subparsers.add_parser(
        "run",
        help="run an experiment: progress, chart, table; without a name: list them",
        epilog="Example: rl-tutor run policy-return --grid cliff --policy random --gamma 0.9",
        allow_abbrev=False,
    )
    parser.set_defaults(run=_list)
    experiments = parser.add_subparsers(title="experiments", metavar="EXPERIMENT")
    for experiment in catalogue().values():
        _add(experiments, experiment)


def _add(experiments: Any, experiment: "Experiment") -> None:
    sentence = experiment.sentence.replace("%", "%%")
    parser = experiments.add_parser(
        experiment.id, help=sentence, description=experiment.sentence, allow_abbrev=False
    )
    parameters = parser.add_argument_group("parameters")
    for parameter in experiment.parameters:
        if parameter.name != "seeds":
            _add_parameter(parameters, parameter)
    parser.add_argument(
        "--seeds", metavar="N", help="how many seeds: 20 is 0 to 19; or which: 5-9, or 3,7 (default 1)"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter, as in lessons"
    )
    parser.add_argument(
        "--series", metavar="A,B,C", help="which curves to draw (all are run); at most three fit into a plot"
    )
    metrics = ", ".join(experiment.metrics)
    parser.add_argument("--metric", metavar="NAME", help=f"what to draw: {metrics} ({experiment.plotted})")
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON; - is the standard output")
    parser.add_argument("--csv", metavar="FILE", help="write the frames as a table; - is the standard output")
    parser.add_argument(
        "--plain", action="store_true", help="for scripts: the table alone, tabs between, no colours"
    )
    parser.set_defaults(run=run, experiment=experiment.id)


def _add_parameter(group: Any, parameter: "Parameter") -> None:
    from tutor.experiments.export import option

    default = "none" if parameter.default == "" else parameter.default
    text = f"{parameter.sentence} ({parameter.allowed()}; {default})".replace("%", "%%")
    names = dict.fromkeys((option(parameter.name), f"--{parameter.name}"))
    group.add_argument(*names, dest=f"parameter_{parameter.name}", metavar="X", help=text)


def _list(_args: argparse.Namespace) -> int:
    from tutor.experiments import catalogue

    for experiment in catalogue().values():
        print(f"{experiment.id:<20} {experiment.sentence}")
    print("\nrl-tutor run EXPERIMENT --help says what may be set.")
    return 0


def run(args: argparse.Namespace) -> int:
    """Exit status 0 done, 1 a run that failed or a file that could not be written, 2 wrong usage, 130 stopped."""
    from tutor.commands.run_report import report, wrong_choice
    from tutor.experiments import ParameterError, find_experiment

    experiment = find_experiment(args.experiment)
    try:
        values, seeds = _asked(args, experiment)
    except ValueError as error:
        return _fail(f"run {experiment.id}: {error}", 2)
    if problem := wrong_choice(experiment, args) or _unwritable(args):
        return _fail(f"run {experiment.id}: {problem}", 2)
    frames: list[Frame] = []
    diverged: tuple[str, str] | None = None
    try:
        with _terminated_as_stopped():
            complete = _frames(experiment, values, seeds, frames, quiet=args.plain)
    except ParameterError as error:  # each in its range, but not together
        return _fail(f"run {experiment.id}: {error}", 2)
    except ValueError as error:
        from tutor.rl.divergence import DivergedError

        diverged = (error.series, error.what) if isinstance(error, DivergedError) else None
        problem, complete = str(error), None
        _fail(f"run {experiment.id}: {error}")
    except Exception as error:  # a mistake of the program: one line, and the traceback into the log
        from tutor.tui.mistakes import write_down

        problem, complete = " ".join(f"{type(error).__name__}: {error}".split()), None
        _fail(f"run {experiment.id}: a mistake of the program, {problem}. {write_down(error)}.")
        return 1
    if complete is False and not frames:
        return _fail(f"run {experiment.id}: stopped before its first frame", 130)
    if frames and (problem == "" or frames[-1].update):
        try:
            done = bool(complete)
            report(experiment, values, seeds, frames, args, complete=done, problem=problem, diverged=diverged)
        except OSError as error:
            return _fail(f"{error.filename}: cannot be written ({error.strerror})")
    return 1 if complete is None else 0 if complete else 130


@contextmanager
def _terminated_as_stopped() -> Iterator[None]:
    """SIGTERM, as a batch system sends it, ends a run as ctrl+c does: what was done is reported."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _asked(args: argparse.Namespace, experiment: "Experiment") -> "tuple[dict[str, Value], tuple[int, ...]]":
    """Every parameter's value, and the seeds. Raises ValueError with one line."""
    from tutor.commands.lab import pairs

    given = pairs(args.set)
    for parameter in experiment.parameters:
        value = getattr(args, f"parameter_{parameter.name}", None)
        if value is not None:
            if parameter.name in given:
                raise ValueError(f"{parameter.name} is given twice, by --set, too; give it once")
            given[parameter.name] = value
    if args.seeds is None:
        values = experiment.values(given)
        return values, tuple(range(int(values["seeds"])))
    if "seeds" in given:
        raise ValueError("seeds is given twice, by --set, too; give it once")
    seeds = parse_seeds(args.seeds)
    return experiment.values({**given, "seeds": len(seeds)}), seeds


def parse_seeds(text: str) -> tuple[int, ...]:
    """`20` -> 0 … 19, `5-9` -> 5 … 9, `3,7` -> 3 and 7. Raises ValueError."""
    wrong = ValueError(
        f"seeds is {text[:60]!r}; it must be a number of seeds from 1 to 1000, or seeds by name: 5-9, or 3,7"
    )
    try:
        if "," in text:
            seeds: Sequence[int] = [int(word) for word in text.split(",")]
        elif "-" in text.strip()[1:]:
            first, last = map(int, text.split("-"))
            seeds = range(first, last + 1)
        else:
            seeds = range(int(text))
    except ValueError:
        raise wrong from None
    if not 1 <= len(seeds) <= 1000 or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise wrong
    return tuple(seeds)


def _frames(
    experiment: "Experiment",
    values: "Mapping[str, Value]",
    seeds: Sequence[int],
    frames: "list[Frame]",
    *,
    quiet: bool,
) -> bool:
    """Run into `frames`, with a progress bar; False when ctrl+c stopped it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from tutor.experiments import run as run_experiment

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    updates = experiment.updates(values)
    total = None if updates is None else max(1, updates) * len(experiment.series)
    reached: dict[str, int] = {}
    console = Console(stderr=True)
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(experiment.id, total=total, done="")
        try:
            for frame in run_experiment(experiment.id, values, seeds):
                frames.append(frame)
                reached[frame.series] = frame.update
                done = f"update {frame.update}" + ("" if updates is None else f" of {updates}")
                series = f"{frame.series}: " if len(experiment.series) > 1 else ""
                bar.update(task, completed=sum(reached.values()), done=series + done)
        except KeyboardInterrupt:
            return False
    return True


def _unwritable(args: argparse.Namespace) -> str:
    """Why a file cannot be written, before anything has run."""
    import os

    for name in filter(None, (args.json, args.csv)):
        path = Path(name).expanduser()
        if name == "-":
            continue
        if path.is_dir():
            return f"{name} is a folder; name a file"
        if not path.parent.is_dir():
            return f"{name}: there is no folder {path.parent}"
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            return f"{name} cannot be written to"
    return ""


def _fail(message: str, status: int = 1) -> int:
    print(f"rl-tutor: {message}", file=sys.stderr)
    return status
