"""`rl-tutor toy-llm build`, `build-reward-model`, `record`: what comes with the tutor, made anew."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.commands import toy_llm_record

if TYPE_CHECKING:
    from tutor.toy_llm.build import Built
    from tutor.toy_llm.reward_build import BuiltRewardModel

STEPS = 1500
REWARD_MODEL_STEPS = 30


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "toy-llm", help="the toy models and recorded runs: make the shipped ones anew", allow_abbrev=False
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
    reward = actions.add_parser(
        "build-reward-model",
        help="train the frozen reward model (some seconds) and write it",
        description="Samples pairs of answers from the shipped toy language model, labels them, trains the reward "
        "model on them and writes it. On the same machine with the same torch the file is the same to the last bit.",
        allow_abbrev=False,
    )
    reward.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="where to; without it, in place of the shipped reward model",
    )
    reward.set_defaults(run=run_reward_model)
    toy_llm_record.add(actions)


def run(args: argparse.Namespace) -> int:
    """Exit status 0 written, 1 not (one line says why), 2 a shorter training without --output, 130 stopped."""
    if args.output is None and args.steps != STEPS:
        return fail("--steps makes another model than the shipped one: say where to with --output FILE", 2)
    from tutor.toy_llm.checkpoint import shipped_path

    def build(path: Path) -> None:
        _say(_train(path, args.steps))

    return _build(args.output, shipped_path(), build)


def run_reward_model(args: argparse.Namespace) -> int:
    """Exit status 0 written, 1 not (one line says why), 130 stopped."""
    from tutor.toy_llm.checkpoint import shipped_reward_model_path

    def build(path: Path) -> None:
        _say_reward_model(_train_reward_model(path))

    return _build(args.output, shipped_reward_model_path(), build)


def _build(output: Path | None, shipped: Path, build: Callable[[Path], None]) -> int:
    """Train and write; every way in which that fails is one line."""
    if find_spec("torch") is None:
        return fail("training needs torch, which is not installed: pip install torch==2.13.0")
    from tutor.toy_llm.checkpoint import CheckpointError

    path = output.expanduser() if output else shipped
    if path.is_dir():
        return fail(f"{path} is a folder; --output wants the name of a file")
    try:
        build(path)
    except KeyboardInterrupt:
        return fail(f"stopped; {path} is as it was", 130)
    except CheckpointError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{path} cannot be written ({error.strerror}); choose another place with --output")
    return 0


@contextmanager
def progress(total: int) -> Iterator[Callable[[int, str], None]]:
    """A bar on standard error; what is given says how many updates are done, and a number of the latest."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[number]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("loading torch", total=total, number="")

        def report(update: int, number: str) -> None:
            bar.update(task, completed=update, number=number, description="training")

        yield report


def _train(path: Path, steps: int) -> "Built":
    with progress(steps) as report:
        from tutor.toy_llm.build import build
        from tutor.toy_llm.sft import SFTConfig

        return build(
            path, SFTConfig(steps=steps), lambda frame: report(frame.update, f"{frame.loss:.3f} nats/token")
        )


def _train_reward_model(path: Path) -> "BuiltRewardModel":
    with progress(REWARD_MODEL_STEPS) as report:
        from tutor.toy_llm.reward_build import build_reward_model

        return build_reward_model(
            path, lambda frame: report(frame.update, f"{frame.held_out_accuracy:.0%} of unseen pairs right")
        )


def _say(built: "Built") -> None:
    figures = built.figures
    _say_written(built.path, built.sha256)
    for number, meaning in (
        (f"{figures.nats_per_token:.3f}", "nats per token, on answers it never saw"),
        (f"{figures.sunny:.3f}", 'P(sunny | "The weather today is")'),
        (f"{figures.understand:.3f}", 'P(understand | "I"), answering "I don\'t like your answer"'),
        (f"{figures.sampled:.1%}", "of sums right, sampled"),
        (f"{figures.greedy:.1%}", "of sums right, greedy"),
        (f"{figures.malformed:.1%}", "of sampled answers malformed"),
    ):
        print(f"{number:>8}  {meaning}")


def _say_reward_model(built: "BuiltRewardModel") -> None:
    _say_written(built.path, built.sha256)
    for number, meaning in (
        (f"{built.last.held_out_loss:.3f}", "nats per pair, on pairs it never saw"),
        (f"{built.last.held_out_accuracy:.1%}", "of those ranked as the rater did"),
        (f"{built.correlation:.3f}", "correlation of its scores with the true quality"),
    ):
        print(f"{number:>8}  {meaning}")


def _say_written(path: Path, sha256: str) -> None:
    print(f"{path}: written, {path.stat().st_size / 1000:.0f} kB, sha256 {sha256[:12]}…")


def _steps(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of updates; it must be 1 to 100000")
    return int(text)


def fail(message: str, status: int = 1) -> int:
    print(f"rl-tutor: {message}", file=sys.stderr)
    return status
