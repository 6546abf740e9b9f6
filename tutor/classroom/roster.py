"""A list of the people of a class: CSV with the columns name, email, key, display; all but the name may be missing."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tutor.classroom.codes import NAME_RULE, is_name
from tutor.classroom.errors import ClassError
from tutor.progress.events import clean_line

COLUMNS = ("name", "email", "key", "display")


@dataclass(frozen=True)
class Person:
    """name: to log in by. display: as the list has it. key: in OpenSSH's form, without a comment; may be empty."""

    name: str
    display: str
    email: str
    key: str


def read_roster(path: Path) -> list[Person]:
    """Everybody on the list, at least one. Raises ClassError with the line at fault."""
    reader = csv.DictReader(_text(path).splitlines())
    try:
        columns = reader.fieldnames or ()
        if fault := _fault(columns):
            raise ClassError(f"{path}:1: {fault}")
        people = list(_people(path, reader))
    except csv.Error as error:
        where = f"{path}:{reader.line_num + 1}"  # the line after the last one that could be read
        raise ClassError(f"{where}: cannot be read as CSV ({error})") from error
    if not people:
        raise ClassError(f"{path}: nobody is on this list, so nobody could come; to let everybody in: --open")
    return people


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClassError(
            f"{path}: cannot be read as a roster: it is not UTF-8; save it as CSV UTF-8"
        ) from error
    except OSError as error:
        raise ClassError(f"{path}: cannot be read as a roster: {error.strerror}") from error


def _fault(columns: Sequence[str]) -> str:
    """What is wrong with the first line; empty when nothing is."""
    if "name" not in columns:
        return _no_name(columns)
    twice = [column for column in COLUMNS if columns.count(column) > 1]
    return f"the column {twice[0]} stands there twice; take one of them out" if twice else ""


def _no_name(columns: Sequence[str]) -> str:
    """Why there is no column `name`."""
    names = [clean_line(column) for column in columns]
    if any(";" in name for name in names):
        return "semicolons separate its columns; save it with commas between them"
    wrong = f"this one has {', '.join(map(repr, names))}" if names else "this file is empty"
    return f"the column name is missing: the first line must be name, or name,email,key; {wrong[:200]}"


def _people(path: Path, reader: "csv.DictReader[str]") -> Iterator[Person]:
    names: dict[str, int] = {}
    keys: dict[str, str] = {}
    for row in reader:
        where = f"{path}:{reader.line_num}"
        if any(surplus := row.get(None) or ()):
            raise ClassError(f"{where}: {_too_many(surplus, len(row) - 1)}")
        given = clean_line(row["name"] or "")
        name = given.lower()
        if not is_name(name):
            raise ClassError(f"{where}: {given!r} is no name to log in by; {NAME_RULE}")
        if name in names:
            raise ClassError(f"{where}: {name} stands there twice, first in line {names[name]}")
        names[name] = reader.line_num
        key = _key(where, name, clean_line(row.get("key") or ""))
        if key and key in keys:
            raise ClassError(f"{where}: the key of {name} is that of {keys[key]} too; a key is one person's")
        keys[key] = name
        display = clean_line(row.get("display") or given)[:100]
        yield Person(name, display, clean_line(row.get("email") or "")[:200], key)


def _too_many(surplus: Sequence[str], columns: int) -> str:
    first = clean_line(next(filter(None, surplus)))[:40]
    return f"{first!r} stands beyond the last of {columns} columns; text with a comma must be in quotes"


def _key(where: str, name: str, text: str) -> str:
    from asyncssh import KeyImportError, import_public_key

    if not text:
        return ""
    try:
        key = import_public_key(text).export_public_key().decode()
    except (KeyImportError, ValueError) as error:
        raise ClassError(f"{where}: the key of {name} is no public key in OpenSSH's form") from error
    return " ".join(key.split()[:2])
