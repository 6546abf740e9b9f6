"""`rl-tutor progress show|export|import|reset|report`."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor import paths

if TYPE_CHECKING:
    from rich.table import Table

    from tutor.course.types import Course, LessonInfo
    from tutor.progress import LessonProgress, Progress, ProgressStore
    from tutor.tui.lesson_status import LessonStatus


def add(subparsers: Any) -> None:
    """Put the command into the parser."""
    parser = subparsers.add_parser(
        "progress", help="what you did: show (also without a word), export, import, reset; report a class"
    )
    parser.set_defaults(run=run, action=_show)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    _add(actions, "show", _show, "steps read, questions right, time, and what to do next")
    export = _add(
        actions, "export", _export, "write all you did to a file, to keep, hand in or take with you"
    )
    export.add_argument("file", nargs="?", metavar="FILE", help="where to; - is standard output")
    export.add_argument("--name", default="", help="your name, for whoever gets the file")
    export.add_argument("--email", default="", help="your address, for whoever gets the file")
    imported = _add(actions, "import", _import, "take in an export; what is here already stays")
    imported.add_argument("file", metavar="FILE", help="the export; - is standard input")
    reset = _add(actions, "reset", _reset, "forget a question, a lesson, or everything")
    reset.add_argument(
        "lesson", nargs="?", metavar="LESSON", help="its id, the beginning of it, or its number"
    )
    reset.add_argument("question", nargs="?", metavar="QUESTION", help="the id of a question in it")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    report = _add(actions, "report", _report, "for teachers: the exports of a class as one table")
    report.add_argument("files", nargs="+", metavar="FILE", help="an export")
    report.add_argument("--csv", required=True, metavar="F", help="where to; - is standard output")
    report.add_argument(
        "--questions", action="store_true", help="one row a question and attempt, not a lesson"
    )


def _add(actions: Any, name: str, action: Any, sentence: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=sentence, description=f"{sentence}.")
    parser.add_argument("--course", metavar="DIR", default=argparse.SUPPRESS, help="a course of your own")
    parser.set_defaults(action=action)
    return parser


def run(args: argparse.Namespace) -> int:
    """Do what `args.action` says; exit status 1 with one line on standard error when it fails, 2 on wrong usage."""
    from tutor.course import CourseError
    from tutor.progress import ProgressError

    try:
        return int(args.action(args))
    except (ProgressError, CourseError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _show(args: argparse.Namespace) -> int:
    from rich.console import Console

    from tutor.tui.lesson_status import next_lesson

    course = _course(args)
    with _store() as store:
        progress = store.progress()
    console = Console(highlight=False, markup=False)
    console.print(progress_table(course, progress))
    if following := next_lesson(course, progress):
        console.print(f"Next: rl-tutor lesson {_line(following.id)}")
    return 0


def _export(args: argparse.Namespace) -> int:
    from tutor.progress import export_json
    from tutor.progress.exchange import free_path, write_whole

    with _store() as store:
        text = export_json(store, name=args.name, email=args.email)
        count = len(store.events())
    if not count:
        return _fail("there is no progress to export yet")
    if args.file == "-":
        sys.stdout.write(text)
        return 0
    path = Path(args.file) if args.file else free_path(paths.export_dir())
    write_whole(path, text)
    print(f"{count} events written to {path}")
    return 0


def _import(args: argparse.Namespace) -> int:
    from tutor.progress import import_json, open_store
    from tutor.progress.exchange import MAX_BYTES, decode, read_text
    from tutor.progress.state import surviving

    if args.file == "-":
        where = "standard input"
        text = decode(sys.stdin.buffer.read(MAX_BYTES + 1), where)
    else:
        where, text = args.file, read_text(Path(args.file))
    with open_store(paths.progress_file()) as store:
        result = import_json(store, text, where)
        forgotten = len(store.events()) - len(surviving(store.events()))
    whose = "; you go on as the learner of that export" if result.adopted else ""
    print(f"{result.added} events added, {result.known} were here already{whose}")
    if forgotten:
        print(f"{forgotten} events stay forgotten: a reset in this progress came after them")
    return 0


def _reset(args: argparse.Namespace) -> int:
    from tutor.commands.asking import typed

    with _store() as store:
        try:
            lesson, question = _scope(args, store.progress())
        except LookupError as error:
            return _fail(str(error.args[0]), status=2)
        what = (
            f"question {question} of lesson {lesson}"
            if question
            else f"lesson {lesson}"
            if lesson
            else "all lessons"
        )
        if not _anything_done(store.progress(), lesson, question):
            print(f"There is nothing to reset in {what}.")
            return 0
        if not args.yes:
            if not sys.stdin.isatty():
                return _fail(f"reset of {what}: no terminal to ask on; say --yes", status=2)
            question_asked = f"Forget what you did in {what}? No import brings it back. Type yes: "
            if typed(question_asked) != "yes":
                return _fail("nothing was changed: only the whole word yes forgets what you did")
        store.record("reset", lesson, question=question)
    print(f"Reset: {what}.")
    return 0


def _report(args: argparse.Namespace) -> int:
    from tutor.commands.answers import answers_in_words
    from tutor.progress import report
    from tutor.progress.exchange import write_whole

    exports, faults = report.collect(map(Path, args.files))
    if args.questions:
        answer = answers_in_words(_course(args))
        text = report.to_csv(report.QUESTION_COLUMNS, report.question_rows(exports, answer))
    else:
        questions = {lesson.id: lesson.question_ids for lesson in _course(args).lessons if not lesson.fault}
        text = report.to_csv(report.LESSON_COLUMNS, report.lesson_rows(exports, questions))
    if args.csv == "-":
        sys.stdout.write(text)
    else:
        write_whole(Path(args.csv), text)
        learners = f"{len(exports)} learner{'' if len(exports) == 1 else 's'}"
        print(f"{learners}, {text.count(chr(10)) - 1} rows written to {args.csv}")
    for fault in faults:
        _fail(fault)
    return 1 if faults else 0


def _course(args: argparse.Namespace) -> "Course":
    from tutor.commands.open import course_folder
    from tutor.course import load_course

    args.course = getattr(args, "course", None)
    return load_course(course_folder(args), index=paths.cache_dir() / "lessons.json")


def _store() -> "ProgressStore":
    """The learner's store; an empty one, that makes no file, when they have done nothing yet."""
    from tutor.progress import open_store

    path = paths.progress_file()
    return open_store(path if path.exists() else None)


def _scope(args: argparse.Namespace, progress: "Progress") -> tuple[str, str]:
    """The lesson and question to reset, as ids. Raises LookupError that names what there is."""
    from tutor.commands.open import find_lesson

    if not args.lesson:
        return "", ""
    course = _course(args)
    known = [lesson.id for lesson in course.lessons]
    lesson = args.lesson if args.lesson in progress.lessons else find_lesson(course, args.lesson)
    question = args.question or ""
    questions = {*progress.lesson(lesson).questions}
    if lesson in known:
        questions |= {*course.info(lesson).question_ids}
    if question and question not in questions:
        there_are = ", ".join(sorted(questions)) or "none"
        raise LookupError(f"there is no question {question!r} in lesson {lesson}; there are: {there_are}")
    return lesson, question


def _anything_done(progress: "Progress", lesson: str, question: str) -> bool:
    if question:
        return question in progress.lesson(lesson).questions
    return lesson in progress.lessons if lesson else bool(progress.lessons)


def progress_table(course: "Course", progress: "Progress") -> "Table":
    """A row a lesson: steps read, questions right, time, and what to do next."""
    from rich import box
    from rich.table import Table

    from tutor.tui.lesson_status import lesson_status

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Lesson")
    for heading in ("Steps\nread", "Right", "Right at\nfirst try", "Time"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Next")
    for lesson in course.lessons:
        status, own = lesson_status(lesson, progress), progress.lesson(lesson.id)
        table.add_row(
            f"{_line(lesson.id)}",
            f"{status.steps_read} of {status.steps}",
            f"{status.right} of {status.questions}",
            f"{status.first_try} of {status.questions}",
            _duration(own.seconds),
            _advice(lesson, status, own),
        )
    for name in sorted(set(progress.lessons) - {lesson.id for lesson in course.lessons} - {""}):
        done = progress.lesson(name)
        answers = done.questions.values()
        right = str(sum(question.right for question in answers))
        first = str(sum(bool(question.first_try) for question in answers))
        table.add_row(
            _line(name),
            str(len(done.steps_read)),
            right,
            first,
            _duration(done.seconds),
            "not in this course",
        )
    return table


def _advice(lesson: "LessonInfo", status: "LessonStatus", own: "LessonProgress") -> str:
    """What to do next in a lesson."""
    if status.word in ("broken", "done", "new"):
        words: Mapping[str, str] = {
            "broken": "cannot be opened: rl-tutor check",
            "done": "done",
            "new": "begin",
        }
        return words[status.word]
    if status.steps_read < status.steps:
        unread = next(number for number, step in enumerate(lesson.step_ids, 1) if step not in own.steps_read)
        return f"read step {unread}"
    left = [question for question in lesson.question_ids if not _is_right(own, question)]
    more = f" and {len(left) - 1} more" if len(left) > 1 else ""
    return f"answer question {lesson.question_ids.index(left[0]) + 1}{more}"


def _is_right(own: "LessonProgress", question: str) -> bool:
    return question in own.questions and own.questions[question].right


def _duration(seconds: float) -> str:
    """`40 s`, `12 min`, `1 h 05 min`; nothing for no time."""
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds else ""
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _line(text: str) -> str:
    from tutor.progress.events import clean_line

    return clean_line(text)


def _fail(message: str, status: int = 1) -> int:
    print(f"rl-tutor: {message}", file=sys.stderr)
    return status
