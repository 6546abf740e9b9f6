"""Which files make a course, and what is in them."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tutor.course.index import Index
from tutor.course.types import Course, LessonInfo

SUFFIXES = (".md", ".markdown", ".mdx")
MAX_LESSONS = 1000
MAX_FOLDERS = 2000  # looked into at most, should somebody point at a whole disk
_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{2,8})?")


class CourseError(Exception):
    """There is no course where one was looked for; the message says where and what to do."""


def load_course(
    path: Path | str,
    language: str = "en",
    index: Path | None = None,
    reading: Callable[[int, int], None] | None = None,
) -> Course:
    """The course in folder `path`, in `language` or what there is instead; `path` may also be one lesson file.

    index: a cache file; a lesson that stands in it unchanged is not opened. reading: told, before each lesson, how
    many have been looked at and how many there are. Raises CourseError when `path` is no
    readable folder or file; whatever is wrong with a lesson is in its `fault`.
    """
    root = Path(os.path.abspath(path))
    if root.is_file():
        root, language, files = root.parent, language, [root]
    else:
        _require_folder(root)
        folder, language = _language_folder(root, language)
        files = lesson_files(folder, deep=folder == root)
    cache = Index(index)
    infos = []
    for done, file in enumerate(files):
        if reading is not None:
            reading(done, len(files))
        infos.append(_info(file, cache))
    lessons = _with_unique_ids(infos, root)
    cache.save()
    return Course(root, language, tuple(sorted(lessons, key=lambda info: (info.order, info.id))))


def _require_folder(root: Path) -> None:
    try:
        with os.scandir(root):
            return
    except FileNotFoundError:
        raise CourseError(f"there is no folder {root}; check the path") from None
    except OSError as error:
        raise CourseError(f"the folder {root} cannot be read: {error.strerror or error}") from None


def _language_folder(root: Path, language: str) -> tuple[Path, str]:
    """The folder that holds the lessons, and its language; the root itself for a flat course."""
    folders = language_folders(root)
    for wanted in (language, "en"):
        if wanted in folders:
            return folders[wanted], wanted
    if lesson_files(root, deep=False):
        return root, language
    if len(folders) == 1:
        (name,) = folders
        return folders[name], name
    return root, language


def language_folders(root: Path) -> dict[str, Path]:
    """The folders directly under `root` that hold lessons directly, by name."""
    found = [entry for entry in _scan(root) if _is_folder(entry)][:MAX_FOLDERS]
    return {entry.name: Path(entry.path) for entry in found if lesson_files(Path(entry.path), deep=False)}


def course_folders(root: Path) -> list[Path]:
    """Every folder that is a course of its own: the languages, or the root when it is flat."""
    folders = language_folders(root)
    languages = [folder for name, folder in sorted(folders.items()) if _LANGUAGE.fullmatch(name)]
    if "en" in folders or (languages and not lesson_files(root, deep=False)):
        return languages
    folder, _ = _language_folder(root, "en")
    return [folder]


def lesson_files(folder: Path, deep: bool) -> list[Path]:
    """The lesson files of a folder, sorted; with `deep` those of its folders too. A README is no lesson."""
    found: list[Path] = []
    folders = [folder]
    seen = 0
    while folders and len(found) < MAX_LESSONS and seen < MAX_FOLDERS:
        entries = sorted(_scan(folders.pop(0)), key=lambda entry: entry.name)
        found += [Path(entry.path) for entry in entries if _is_lesson(entry)]
        if deep:
            folders += [Path(entry.path) for entry in entries if _is_folder(entry)]
        seen += 1
    return found[:MAX_LESSONS]


def _scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from list(entries)
    except OSError:
        return  # a folder that cannot be read holds no lessons for this reader


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return not entry.name.startswith((".", "_")) and entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_lesson(entry: os.DirEntry[str]) -> bool:
    stem, suffix = os.path.splitext(entry.name)
    if suffix.lower() not in SUFFIXES or stem.startswith(".") or stem.upper() == "README":
        return False
    try:
        return not entry.is_dir()
    except OSError:
        return True  # a link that leads nowhere: shown with its fault


def _info(file: Path, index: Index) -> LessonInfo:
    try:
        stamp = file.stat()
    except OSError as error:
        return _faulty(file, f"it cannot be read: {error.strerror or error}")
    known = index.get(file, stamp)
    if known is not None:
        return known
    from tutor.course.loading import LessonError, parse_file  # Markdown and YAML, only when a lesson is new

    try:
        info = parse_file(file, file.name).lesson.info
    except LessonError as error:
        return _faulty(file, str(error))
    index.put(file, stamp, info)
    return info


def _faulty(file: Path, fault: str) -> LessonInfo:
    from tutor.course.source import clean

    stem = clean(file.stem)
    digits = re.match(r"[0-9]{1,4}", stem)
    order = int(digits[0]) if digits else 9999
    return LessonInfo(stem, stem, order, 0, (), (), file, (), (), clean(fault).replace("\n", " "))


def _with_unique_ids(infos: list[LessonInfo], root: Path) -> list[LessonInfo]:
    """The second lesson of the same id goes by its path, so that both can be opened."""
    taken: set[str] = set()
    result = []
    for info in infos:
        name, number = info.id, 1
        if name in taken:
            name = "-".join(info.path.relative_to(root).with_suffix("").parts)
        while name in taken:
            number += 1
            name = f"{info.id}-{number}"
        taken.add(name)
        result.append(info if name == info.id else replace(info, id=name))
    return result
