"""The command line: parses; imports the rest only when a command needs it."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from tutor import __version__

COMMANDS = (
    "lesson",
    "lab",
    "run",
    "check",
    "new_lesson",
    "progress",
    "toy_llm",
    "serve",
    "classroom",
    "doctor",
)  # each a module of tutor.commands


class OneLineParser(argparse.ArgumentParser):
    """Wrong usage is said in one line, with the way to the help."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"rl-tutor: {message}; see {self.prog} --help\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The same; a command itself says which of its words it does not know, and what was probably meant."""
        parsed, rest = super().parse_known_args(args, namespace)
        if rest and self._subparsers is None:
            self.error(
                f"unknown: {' '.join(rest)}{_meant(rest[0].partition('=')[0], self._option_string_actions)}"
            )
        return parsed, rest

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = list(map(str, action.choices))
            words = f"there is no {value!r}; there are: {', '.join(known)}{_meant(str(value), known)}"
            raise argparse.ArgumentError(action, words)


def _meant(given: str, known: Iterable[str]) -> str:
    from tutor.experiments.parameters import did_you_mean

    return did_you_mean(given, known)


def _escape_where_ascii() -> None:
    """Where the locale has ASCII alone, so have messages: other signs of what was typed come as \\xe9."""
    from tutor.tui.glyphs import reason_for_ascii

    if sys.stderr is not None and sys.stderr is sys.__stderr__ and reason_for_ascii():
        sys.stderr = open(2, "w", encoding="ascii", errors="backslashreplace", closefd=False)  # noqa: SIM115


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 done, 1 something was found or failed (one line says what), 2 wrong usage."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: a second thread only costs
    _escape_where_ascii()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        args = _parser(words).parse_args(words)
        status = int(args.run(args))
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a pipe that nobody reads any more can be told from a mistake
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="rl-tutor",
        description="Reinforcement learning, from a reward to PPO and RLHF, by doing, in this terminal.",
        epilog="Without a command the tutor opens where you were.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rl-tutor {__version__}")
    parser.add_argument(
        "--course", metavar="DIR", help="a course of your own: a folder of lessons in Markdown"
    )
    parser.set_defaults(run=_open_home)
    if not _plain_start(words):
        subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
        for name in COMMANDS:
            _module(name).add(subparsers)
        for command in subparsers.choices.values():  # before or after the command: both are what people type
            if "--course" not in command._option_string_actions:
                command.add_argument(
                    "--course", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS
                )
    return parser


def _plain_start(words: Sequence[str]) -> bool:
    """`rl-tutor` alone: the commonest call spares the parsers of the commands."""
    return not words


def _module(name: str) -> Any:
    return import_module(f"tutor.commands.{name}")


def _open_home(args: argparse.Namespace) -> int:
    from tutor.commands.open import open_tutor

    return open_tutor(args)


if __name__ == "__main__":
    raise SystemExit(main())
