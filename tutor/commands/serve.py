"""`rl-tutor serve`: this machine becomes a classroom."""

import argparse
import asyncio
import sys
from importlib.util import find_spec
from typing import Any

USUAL = "rl"  # the class that is meant when none is named
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
    parser.add_argument("--course", metavar="DIR", default=argparse.SUPPRESS, help="a course of your own")
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--roster",
        metavar="CSV",
        help="only these may come, now and later: columns name, email, key (the last two optional)",
    )
    who.add_argument("--open", action="store_true", help="let everybody come again whom a roster kept out")
    parser.set_defaults(run=run)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; it is a whole number from 0 to 65535")
    return int(text)


def add_class(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--class", dest="class_name", default=USUAL, metavar="NAME", help="which class (rl)")


def missing() -> bool:
    """Whether the extra is not installed."""
    return any(find_spec(module) is None for module in ("asyncssh", "argon2"))


def run(args: argparse.Namespace) -> int:
    """Serve until ctrl+c or SIGTERM; status 1, with one line, when it cannot."""
    if missing():
        return _fail(NEEDS)
    from tutor.classroom.errors import ClassError
    from tutor.classroom.folder import class_folder
    from tutor.classroom.serving import serve
    from tutor.commands.open import course_folder
    from tutor.progress import ProgressError

    try:
        folder = class_folder(args.class_name)
        folder.make()
        course = course_folder(args).absolute()
        _prepare(folder)
        with folder.held():
            _settle_roster(folder, args)
            print(f"Starting class {folder.path.name}: some seconds.", flush=True)
            told = asyncio.run(
                serve(folder, course, args.host, args.port, lambda *it: _welcome(folder, args.host, *it))
            )
    except (ClassError, ProgressError, OSError) as error:
        return _fail(str(error))
    words = (
        "nobody was there" if not told else f"{count(told, 'learner')} {'was' if told == 1 else 'were'} told"
    )
    print(f"Class {folder.path.name} is closed; {words}.")
    return 0


def count(number: int, what: str) -> str:
    """`1 learner`, `2 learners`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _prepare(folder: Any) -> None:
    """What may be done while another serves this class."""
    from tutor.classroom import limits
    from tutor.classroom.people import People
    from tutor.classroom.removal import finish

    if not folder.limits.exists():
        folder.limits.write_text(limits.explained(), encoding="utf-8")
    limits.load(folder.limits)
    people = People(folder.database)
    try:
        for name in finish(folder, people):
            print(f"The removal of {name}, which was cut short, is finished.")
    finally:
        people.close()


def _first_join_code(people: Any) -> str:
    """The join code, drawn now; empty when there is one already."""
    from tutor.classroom.codes import JOIN_SIGNS, hashed, new_code

    if people.join_code():
        return ""
    code = new_code(JOIN_SIGNS)
    people.set_join_code(hashed(code))
    return code


def _settle_roster(folder: Any, args: argparse.Namespace) -> None:
    """Take the roster given or lift the one there is, and say which is in force; nothing has changed if it raises."""
    from tutor.classroom.people import People

    people = People(folder.database)
    try:
        new = _taken(people, args.roster) if args.roster else None
        if args.open:
            print("roster: lifted, everybody may come" if people.roster() else "roster: there was none")
            people.lift_roster()
        elif called := people.roster():
            listed = sum(each.listed for each in people.everybody())
            them = f"the {listed} people" if listed != 1 else "the 1 person"
            fresh = "" if new is None else f", {new} of them new"
            print(f"roster: {them} of {called}{fresh}; --open lets everybody in")
    finally:
        people.close()


def _taken(people: Any, roster: str) -> int:
    """How many of the list are new."""
    from pathlib import Path

    from tutor.classroom.roster import read_roster

    path = Path(roster).expanduser()
    return int(people.take_roster(read_roster(path), path.name))


def _welcome(folder: Any, host: str, port: int, people: Any) -> None:
    """Say how learners come; the class is open now, so that a code that is drawn is also seen."""
    from tutor.classroom.serving import host_key

    code = _first_join_code(people)
    shown = _own_address() if host in ("0.0.0.0", "::", "") else host  # noqa: S104
    print(f"Class {folder.path.name} is open. Learners type:")
    print(f"    ssh -p {port} NAME@{shown}")
    new_code = f"rl-tutor class code{option(folder)}"
    if code:
        print(f"Join code, for everybody's first visit:  {code}")
        print(f"It is shown this once; another: {new_code}")
    else:
        print(f"Join code: as before; a new one: {new_code}")
    print("Key of this machine, which their ssh will ask about:")
    print(f"    {host_key(folder.host_key).get_fingerprint()}")
    print(f"Folder of the class (limits in class.toml, audit.log): {folder.path}")
    print("ctrl+c closes the class.", flush=True)


def option(folder: Any) -> str:
    """How commands name this class, where they must."""
    return "" if folder.path.name == USUAL else f" --class {folder.path.name}"


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
