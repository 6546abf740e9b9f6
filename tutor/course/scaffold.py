"""A new lesson to begin from: one of each kind of block, and nothing that the check would find."""

from pathlib import Path

from tutor.course.blocks import is_id
from tutor.course.courses import CourseError, lesson_files, load_course
from tutor.course.loading import LAST

_TEMPLATE = Path(__file__).with_name("scaffold.md")


class ScaffoldError(Exception):
    """The lesson cannot be made; the message is one line that says why and what to do."""


def new_lesson(course: Path, lesson_id: str, language: str = "") -> tuple[Path, int]:
    """Writes lesson `lesson_id` into the course; its file and its place (`order`). Raises ScaffoldError.

    language: the folder of the course it goes to; without one, `en`, or the course itself where it has no languages.
    """
    _require_id(lesson_id, "an id", "03-returns")
    if language:
        _require_id(language, "a language", "en")
    flat = not language and bool(lesson_files(course, deep=False))
    folder = course if flat else course / (language or "en")
    file = folder / f"{lesson_id}.md"
    order = _free_place(folder, lesson_id)
    text = _TEMPLATE.read_text(encoding="utf-8")
    for mark, value in {"@ID@": lesson_id, "@TITLE@": _title(lesson_id), "@ORDER@": str(order)}.items():
        text = text.replace(mark, value)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise ScaffoldError(f"{file} exists already; take another id") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise ScaffoldError(
            f"{file} cannot be written ({why}); name a course of your own with --course DIR"
        ) from None
    return file, order


def _require_id(text: str, what: str, example: str) -> None:
    if not is_id(text) or text.upper() == "README" or text.lower().endswith((".md", ".mdx", ".markdown")):
        raise ScaffoldError(
            f"{text[:40]!r} is not {what}; write letters, digits and hyphens, such as {example}"
        )


def _free_place(folder: Path, lesson_id: str) -> int:
    """The number that the id begins with, if no lesson has that place; else the place after the last lesson."""
    try:
        lessons = load_course(folder).lessons
    except CourseError:
        lessons = ()
    for lesson in lessons:
        if lesson.id == lesson_id:
            raise ScaffoldError(f"{lesson.path} has the id {lesson_id!r} already; take another")
    taken = {lesson.order for lesson in lessons}
    number = lesson_id.partition("-")[0]
    if number.isdecimal() and len(number) <= 4 and int(number) not in taken:
        return int(number)
    return 1 + max((order for order in taken if order < LAST), default=0)


def _title(lesson_id: str) -> str:
    """`03-returns-and-risk` as `Returns and risk`."""
    number, _, rest = lesson_id.partition("-")
    words = (rest if number.isdecimal() and rest else lesson_id).replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
