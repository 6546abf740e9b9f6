"""`rl-tutor class list|show|code|forget-keys|kick|remove-learner|report`: the teacher's side of a class."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.commands.serve import NEEDS, add_class, count, missing, option

if TYPE_CHECKING:
    from tutor.classroom.folder import ClassFolder
    from tutor.classroom.people import Learner, People


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser("class", help="for teachers: who is in a class, codes, reports")
    parser.set_defaults(run=lambda _args: parser.print_help() or 2)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    _add(actions, "list", _list, "everybody of the class, and who is there now")
    _add(actions, "show", _show, "what one learner did", name=True)
    code = _add(actions, "code", _code, "a new join code; with NAME a new personal code for that learner")
    code.add_argument("name", nargs="?", metavar="NAME", help="the learner's name")
    _add(
        actions,
        "forget-keys",
        _forget_keys,
        "unbind a learner's keys: their code is asked for again",
        name=True,
    )
    _add(
        actions,
        "kick",
        _kick,
        "close a learner's sessions; their work is saved, and they may come back",
        name=True,
    )
    remove = _add(
        actions, "remove-learner", _remove, "delete a learner and everything that they did", name=True
    )
    remove.add_argument("--yes", action="store_true", help="do not ask")
    report = _add(actions, "report", _report, "the class as a table, with nbgrader's column names")
    report.add_argument("--csv", required=True, metavar="F", help="where to; - is standard output")
    report.add_argument(
        "--questions", action="store_true", help="one row a question and attempt, not a lesson"
    )


def _add(actions: Any, word: str, action: Callable[..., int], sentence: str, *, name: bool = False) -> Any:
    parser = actions.add_parser(word, help=sentence, description=f"{sentence}.")
    add_class(parser)
    parser.add_argument("--course", metavar="DIR", default=argparse.SUPPRESS, help="a course of your own")
    if name:
        parser.add_argument("name", metavar="NAME", help="the learner's name")
    parser.set_defaults(run=run, action=action)
    return parser


def run(args: argparse.Namespace) -> int:
    """Do what `args.action` says; status 1 with one line when it fails."""
    if missing():
        return _fail(NEEDS)
    from tutor.classroom.errors import ClassError
    from tutor.classroom.folder import class_folder
    from tutor.classroom.people import People
    from tutor.course import CourseError
    from tutor.progress import ProgressError

    try:
        folder = class_folder(args.class_name)
        if not folder.database.exists():
            return _fail(
                f"there is no class {args.class_name!r} yet; rl-tutor serve --class {args.class_name} makes it"
            )
        people = People(folder.database)
        try:
            return int(args.action(args, folder, people))
        finally:
            people.close()
    except BrokenPipeError:
        raise  # whoever read this wants no more
    except OSError as error:
        return _fail(
            f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
        )
    except (ClassError, ProgressError, CourseError) as error:
        return _fail(str(error))


def _list(args: argparse.Namespace, folder: "ClassFolder", people: "People") -> int:
    from rich.console import Console
    from rich.table import Table

    from tutor.classroom.serving import ask

    there = ask(folder, {"do": "list"})
    course, roster, everybody = _course(args), people.roster(), people.everybody()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "first visit", "lessons done", "right", "now"):
        table.add_column(column)
    for learner in everybody:
        done, right = _so_far(folder, learner, course)
        sessions = [entry for entry in there or () if entry["name"] == learner.name]
        state = _state(learner, sessions, bool(roster))
        table.add_row(learner.name, learner.since[:10], str(done), str(right), state)
    Console(highlight=False, markup=False).print(table)
    print(f"class {folder.path.name}: {count(len(everybody), 'learner')}, {_presence(there)}")
    if roster:
        print(
            f"roster: only people of {roster} may come; rl-tutor serve --open{option(folder)} lets everybody in"
        )
    return 0


def _state(learner: "Learner", sessions: list[dict[str, Any]], has_roster: bool) -> str:
    """Whether somebody is there, and whether they may be."""
    words = [] if learner.has_come else ["not yet"]
    if sessions:
        several = f" in {len(sessions)} sessions" if len(sessions) > 1 else ""
        here, idle = (
            pick(entry[what] for entry in sessions) for what, pick in (("seconds", max), ("idle", min))
        )
        words.append(f"here {here // 60} min{several}, idle {idle // 60} min")
    if has_roster and not learner.listed:
        words.append("not on the list")
    return ", ".join(words)


def _presence(there: list[dict[str, Any]] | None) -> str:
    if there is None:
        return "no server is running"
    people = len({entry["name"] for entry in there})
    return f"{people} there now, in {count(len(there), 'session')}" if there else "nobody there now"


def _so_far(folder: "ClassFolder", learner: "Learner", course: Any) -> tuple[int, int]:
    """Lessons worked through, and questions right."""
    from tutor.progress import open_store
    from tutor.tui.lesson_status import lesson_status

    with open_store(folder.database, learner_hint=learner.id) as store:
        progress = store.progress()
    right = sum(own.right for lesson in progress.lessons.values() for own in lesson.questions.values())
    done = sum(lesson_status(info, progress).done for info in course.lessons)
    return done, right


def _show(args: argparse.Namespace, folder: "ClassFolder", people: "People") -> int:
    from rich.console import Console

    from tutor.classroom.people import fingerprint
    from tutor.commands.progress import progress_table
    from tutor.progress import open_store

    learner = _learner(people, args.name)
    with open_store(folder.database, learner_hint=learner.id) as store:
        progress = store.progress()
    mail = f" <{learner.email}>" if learner.email else ""
    since = f"first visit {learner.since[:10]}" if learner.has_come else "has not come yet"
    print(f"{learner.name} ({learner.display}{mail}): {since}")
    for key, whence in [*((key, "bound") for key in learner.keys), (learner.roster_key, "of the roster")]:
        if key:
            print(f"key {fingerprint(key)} ({whence})")
    if any((exports := folder.exports / learner.name).glob("*")):
        print(f"exports: {exports}")
    Console(highlight=False, markup=False).print(progress_table(_course(args), progress))
    return 0


def _code(args: argparse.Namespace, folder: "ClassFolder", people: "People") -> int:  # noqa: ARG001
    from tutor.classroom.codes import JOIN_SIGNS, PERSONAL_SIGNS, hashed, new_code

    if args.name is not None:
        learner = _learner(people, args.name)
        code = new_code(PERSONAL_SIGNS)
        people.set_code(learner, hashed(code))
        print(f"Personal code of {learner.name}:  {code}")
        first = f"With it {learner.name} comes for the first time, without the join code."
        print("The old one lets nobody in any more." if learner.has_come else first)
        if people.roster() and not learner.listed:
            print(
                f"{learner.name} is not on the list in force: serve with one that has the name, or with --open."
            )
    else:
        code = new_code(JOIN_SIGNS)
        people.set_join_code(hashed(code))
        print(f"Join code:  {code}\nThe old one lets nobody in any more; those who have come need none.")
    return 0


def _kick(args: argparse.Namespace, folder: "ClassFolder", people: "People") -> int:
    from tutor.classroom.serving import ask

    learner = _learner(people, args.name)
    closed = ask(folder, {"do": "kick", "name": learner.name})
    if closed is None:
        return _fail("no server of this class is running")
    if not closed:
        return _fail(f"{learner.name} is not there just now")
    print(f"{count(closed, 'session')} of {learner.name} closed; their work is kept, and they may come back.")
    return 0


def _forget_keys(args: argparse.Namespace, folder: "ClassFolder", people: "People") -> int:
    learner = _learner(people, args.name)
    people.forget_keys(learner)
    what = f"{count(len(learner.keys), 'key')} of {learner.name} forgotten; the personal code is asked for again."
    print(what if learner.keys else f"No key is bound to {learner.name}.")
    if learner.roster_key:
        print("The key of the roster stays: take it out of the file, and start with --roster again.")
    print(f"Whoever is there stays: rl-tutor class kick {learner.name}{option(folder)}")
    return 0


def _remove(args: argparse.Namespace, folder: "ClassFolder", people: "People") -> int:
    from tutor.classroom.removal import finish, remove
    from tutor.commands.asking import typed

    finished = finish(folder, people)
    for name in finished:
        print(f"The removal of {name}, which was cut short, is finished")
    if args.name in finished:
        return 0
    learner = _learner(people, args.name)
    if not args.yes:
        if not sys.stdin.isatty():
            return _fail(f"removal of {learner.name}: no terminal to ask on; say --yes")
        question = f"Delete {learner.name} and all that they did, for good? Type yes: "
        if typed(question) != "yes":
            return _fail("nobody was removed")
    events = remove(folder, people, learner)
    print(f"Deleted {learner.name}: {count(events, 'event')}, settings, grids, exports, lines of the log")
    if learner.listed:
        print("Their line of the list, too: to let them in again, serve with --roster once more.")
    return 0


def _report(args: argparse.Namespace, folder: "ClassFolder", people: "People") -> int:
    from tutor.commands.answers import answers_in_words
    from tutor.progress import open_store
    from tutor.progress.exchange import Export, write_whole
    from tutor.progress.report import LESSON_COLUMNS, QUESTION_COLUMNS, lesson_rows, question_rows, to_csv

    exports = []
    for learner in people.everybody():
        with open_store(folder.database, learner_hint=learner.id) as store:
            exports.append(Export(learner.name, learner.display, learner.email, tuple(store.events())))
    if args.questions:
        text = to_csv(QUESTION_COLUMNS, question_rows(exports, answers_in_words(_course(args))))
    else:
        questions = {info.id: info.question_ids for info in _course(args).lessons if not info.fault}
        text = to_csv(LESSON_COLUMNS, lesson_rows(exports, questions, every=True))
    if args.csv == "-":
        sys.stdout.write(text)
    else:
        write_whole(Path(args.csv), text)
        rows = count(text.count("\n") - 1, "row")
        print(f"{rows} of {count(len(exports), 'learner')} written to {args.csv}")
    return 0


def _learner(people: "People", name: str) -> "Learner":
    from tutor.classroom.errors import ClassError
    from tutor.experiments.parameters import did_you_mean

    learner = people.find(name)
    if learner is None:
        names = [each.name for each in people.everybody()]
        raise ClassError(f"there is no learner {name!r} in this class{did_you_mean(name, names)}")
    return learner


def _course(args: argparse.Namespace) -> Any:
    from tutor.commands.open import course_folder
    from tutor.course import load_course

    return load_course(course_folder(args))


def _fail(message: str) -> int:
    from tutor.course import clean_line

    print(f"rl-tutor: {clean_line(message)}", file=sys.stderr)
    return 1
