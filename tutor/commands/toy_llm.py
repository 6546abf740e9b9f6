"""`rl-tutor toy-llm build`: the toy language model that comes with the tutor, made anew."""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.toy_llm.build import Built

STEPS = 1500


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "toy-llm", help="the toy language model: make the shipped one anew", allow_abbrev=False
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    build = actions.add_parser(
        "build",
        help="train the model from nothing (about a minute) and write it",
        description="Trains the toy language model from nothing and writes it. On the same machine with the same "
        "torch the file is the same to the last bit.",
        allow_abbrev=False,
    )
    build.add_argument(
        "--output", metavar="FILE", type=Path, help="where to; without it, in place of the shipped model"
    )
    build.add_argument(
        "--steps", metavar="N", type=_steps, default=STEPS, help=f"updates to train for (default {STEPS})"
    )
    build.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit status 0 written, 1 not (one line says why), 2 a shorter training without --output, 130 stopped."""
    if args.output is None and args.steps != STEPS:
        return _fail("--steps makes another model than the shipped one: say where to with --output FILE", 2)
    if find_spec("torch") is None:
        return _fail("training needs torch, which is not installed: pip install torch==2.13.0")
    from tutor.toy_llm.checkpoint import shipped_path

    path = args.output.expanduser() if args.output else shipped_path()
    if path.is_dir():
        return _fail(f"{path} is a folder; --output wants the name of a file")
    try:
        built = _train(path, args.steps)
    except KeyboardInterrupt:
        return _fail(f"stopped; {path} is as it was", 130)
    except OSError as error:
        return _fail(f"{path} cannot be written ({error.strerror}); choose another place with --output")
    _say(built)
    return 0


def _train(path: Path, steps: int) -> "Built":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("loading torch", total=steps, loss="")
        from tutor.toy_llm.build import build
        from tutor.toy_llm.sft import SFTConfig, SFTFrame

        def report(frame: SFTFrame) -> None:
            loss = f"{frame.loss:.3f} nats/token"
            bar.update(task, completed=frame.update, loss=loss, description="training")

        return build(path, SFTConfig(steps=steps), report)


def _say(built: "Built") -> None:
    figures = built.figures
    print(f"{built.path}: written, {built.path.stat().st_size / 1000:.0f} kB, sha256 {built.sha256[:12]}…")
    for number, meaning in (
        (f"{figures.nats_per_token:.3f}", "nats per token, on answers it never saw"),
        (f"{figures.sunny:.3f}", 'P(sunny | "The weather today is")'),
        (f"{figures.understand:.3f}", 'P(understand | "I"), answering "I don\'t like your answer"'),
        (f"{figures.sampled:.1%}", "of sums right, sampled"),
        (f"{figures.greedy:.1%}", "of sums right, greedy"),
        (f"{figures.malformed:.1%}", "of sampled answers malformed"),
    ):
        print(f"{number:>8}  {meaning}")


def _steps(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of updates; it must be 1 to 100000")
    return int(text)


def _fail(message: str, status: int = 1) -> int:
    print(f"rl-tutor: {message}", file=sys.stderr)
    return status
