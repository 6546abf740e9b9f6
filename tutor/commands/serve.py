"""`rl-tutor serve`: this machine becomes a classroom."""

import argparse
import asyncio
import sys
from importlib.util import find_spec
from typing import Any

NEEDS = "serving a class needs the extra `classroom`: pip install 'rl-tutor[classroom]'"


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "serve", help="for teachers: a class over SSH; learners install nothing", allow_abbrev=False
    )
    parser.add_argument("--host", default="0.0.0.0", help="the address to listen on (all of this machine's)")  # noqa: S104
    parser.add_argument(
        "--port", type=_port, default=2222, help="2222, unless you say otherwise; 0 takes a free one"
    )
    add_class(parser)
    parser.add_argument(
        "--roster", metavar="CSV", help="only these may come: columns name, email, key (optional)"
    )
    parser.set_defaults(run=run)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; it is a whole number from 0 to 65535")
    return int(text)


def add_class(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--class", dest="class_name", default="rl", metavar="NAME", help="which class (rl)")


def missing() -> bool:
    """Whether the extra is not installed."""
    return any(find_spec(module) is None for module in ("asyncssh", "argon2"))


def run(args: argparse.Namespace) -> int:
    """Serve until ctrl+c or SIGTERM; status 1, with one line, when it cannot."""
    if missing():
        return _fail(NEEDS)
    from tutor.classroom.errors import ClassError
    from tutor.classroom.folder import class_folder
    from tutor.classroom.serving import ask, serve
    from tutor.commands.open import course_folder
    from tutor.progress import ProgressError

    try:
        folder = class_folder(args.class_name)
        folder.make()
        if ask(folder, {"do": "list"}) is not None:
            return _fail(f"class {folder.path.name} is being served already; a second class: --class NAME")
        course = course_folder(args).absolute()
        code = _prepare(folder, args.roster)
        asyncio.run(
            serve(folder, course, args.host, args.port, lambda port: _welcome(folder, args.host, port, code))
        )
    except (ClassError, ProgressError, FileNotFoundError) as error:
        return _fail(str(error))
    return 0


def _prepare(folder: Any, roster: str | None) -> str:
    """Make what the first start makes; the join code, when it has just been drawn."""
    from pathlib import Path

    from tutor.classroom import limits
    from tutor.classroom.codes import JOIN_SIGNS, hashed, new_code
    from tutor.classroom.people import People

    if not folder.limits.exists():
        folder.limits.write_text(limits.explained(), encoding="utf-8")
    people = People(folder.database)
    try:
        if roster:
            listed, new = people.take_roster(Path(roster).expanduser())
            print(f"roster: {listed} people may come, {new} of them new")
        if people.join_code():
            return ""
        code = new_code(JOIN_SIGNS)
        people.set_join_code(hashed(code))
        return code
    finally:
        people.close()


def _welcome(folder: Any, host: str, port: int, code: str) -> None:
    from tutor.classroom.serving import host_key

    shown = _own_address() if host in ("0.0.0.0", "::", "") else host  # noqa: S104
    print(f"Class {folder.path.name} is open. Learners type:")
    print(f"    ssh -p {port} NAME@{shown}")
    if code:
        print(f"Join code, for everybody's first visit:  {code}")
        print(f"It is shown this once; another: rl-tutor class code --class {folder.path.name}")
    print(
        f"Key of this machine, which their ssh will ask about:  {host_key(folder.host_key).get_fingerprint()}"
    )
    print(f"Limits: {folder.limits}   log: {folder.audit}   ctrl+c closes the class.", flush=True)


def _own_address() -> str:
    """This machine's address towards others; no packet is sent for it."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _fail(message: str) -> int:
    from tutor.course import clean_line

    print(f"rl-tutor: {clean_line(message)}", file=sys.stderr)
    return 1
