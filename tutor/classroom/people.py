"""The learners of a class: names, keys and codes, in the database that holds their progress, too."""

import csv
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee

from tutor.classroom.codes import NAME_RULE, is_name
from tutor.classroom.errors import ClassError
from tutor.progress import open_store
from tutor.progress.events import clean_line

_COLUMNS = ("id", "name", "display", "email", "code", "keys", "since", "listed")
MOST_KEYS = 4  # that are bound at a first visit


@dataclass(frozen=True)
class Learner:
    """id: 32 hexadecimal digits, whose progress it is. name: as in `ssh NAME@host`. code: the hash of the personal
    code, empty before the first visit. keys: public keys in OpenSSH's form, without comments. listed: by the roster."""

    id: str
    name: str
    display: str = ""
    email: str = ""
    code: str = ""
    keys: tuple[str, ...] = ()
    since: str = ""
    listed: bool = False

    @property
    def has_come(self) -> bool:
        return bool(self.since)


class People:
    """Reads and writes from any thread, one at a time; a write is on disk when it returns."""

    def __init__(self, path: Path) -> None:
        """Open the class database at `path`, made where it is missing. Raises ProgressError, ClassError."""
        with open_store(path) as store:  # makes and checks the tables of progress
            store.prepare()
        self._path = path
        self._lock = threading.Lock()
        self._database: Any = peewee.SqliteDatabase(
            str(path), timeout=5.0, thread_safe=False, check_same_thread=False, autoconnect=False,
            pragmas=(("synchronous", "FULL"), ("secure_delete", "ON")),
        )  # fmt: skip
        self._table: Any = peewee.Table("learner", _COLUMNS).bind(self._database)
        self._meta: Any = peewee.Table("meta", ("key", "value")).bind(self._database)
        with self._told():
            self._database.connect()
            database: Any = self._database
            database.execute_sql(
                "CREATE TABLE IF NOT EXISTS learner (id VARCHAR(32) PRIMARY KEY, name VARCHAR(32) NOT NULL UNIQUE, "
                "display TEXT NOT NULL, email TEXT NOT NULL, code TEXT NOT NULL, keys TEXT NOT NULL, "
                "since VARCHAR(24) NOT NULL, listed INTEGER NOT NULL)"
            )

    def find(self, name: str) -> Learner | None:
        with self._told():
            rows = self._table.select().where(self._table.name == name).dicts()
            return next((_learner(row) for row in rows), None)

    def everybody(self) -> list[Learner]:
        """By name."""
        with self._told():
            return [_learner(row) for row in self._table.select().order_by(self._table.name).dicts()]

    def has_roster(self) -> bool:
        """Whether only the people of a roster may come."""
        with self._told():
            return bool(self._value("roster"))

    def join_code(self) -> str:
        """Its hash; empty before there is one."""
        with self._told():
            return self._value("join_code")

    def set_join_code(self, hash_: str) -> None:
        with self._told(), self._database.atomic("IMMEDIATE"):
            self._set("join_code", hash_)

    def set_code(self, learner: Learner, hash_: str) -> None:
        """Another personal code."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            self._table.update(code=hash_).where(self._table.id == learner.id).execute()

    def first_visit(self, name: str, code: str, keys: Iterable[str]) -> Learner:
        """Bind the name to a code's hash and the keys offered. Raises ClassError when somebody was faster."""
        since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        with self._told(), self._database.atomic("IMMEDIATE"):
            row = next(iter(self._table.select().where(self._table.name == name).dicts()), None)
            known = _learner(row) if row else None
            if known is not None and known.has_come:
                raise ClassError(f"{name} has come before")
            bound = (*(known.keys if known else ()), *keys)[:MOST_KEYS]
            values = {"code": code, "keys": "\n".join(dict.fromkeys(bound)), "since": since}
            if known is None:
                self._insert(Learner(uuid.uuid4().hex, name, name), **values)
            else:
                self._table.update(**values).where(self._table.id == known.id).execute()
        found = self.find(name)
        assert found is not None  # noqa: S101  (it was written in this very transaction)
        return found

    def take_roster(self, path: Path) -> tuple[int, int]:
        """From now on only the people of this CSV (columns name, email, key; the last two may be missing) may come.

        Returns how many are listed, and how many of them are new. Raises ClassError with the line at fault; then
        nothing has changed.
        """
        rows = list(_read_roster(path))
        with self._told(), self._database.atomic("IMMEDIATE"):
            before = {row["name"] for row in self._table.select(self._table.name).dicts()}
            self._table.update(listed=0).execute()
            for name, display, email, key in rows:
                if name in before:
                    self._table.update(display=display, email=email, listed=1).where(
                        self._table.name == name
                    ).execute()
                else:
                    self._insert(Learner(uuid.uuid4().hex, name, display, email, listed=True), keys=key)
            self._set("roster", "1")
        return len(rows), len({name for name, *_ in rows} - before)

    def remove(self, learner: Learner) -> int:
        """Delete the learner and all that they did, for good: overwritten in the file and its log. How many events."""
        with self._told():
            with self._database.atomic("IMMEDIATE"):
                count = self._database.execute_sql(
                    "DELETE FROM event WHERE owner = ?", (learner.id,)
                ).rowcount
                self._table.delete().where(self._table.id == learner.id).execute()
            self._database.execute_sql("VACUUM")
            self._database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(count)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _insert(self, learner: Learner, **values: Any) -> None:
        row = {
            "id": learner.id, "name": learner.name, "display": learner.display, "email": learner.email,
            "code": "", "keys": "", "since": "", "listed": int(learner.listed),
        }  # fmt: skip
        self._table.insert({**row, **values}).execute()

    def _value(self, key: str) -> str:
        return str(self._meta.select(self._meta.value).where(self._meta.key == key).scalar() or "")

    def _set(self, key: str, value: str) -> None:
        if self._meta.select().where(self._meta.key == key).exists():
            self._meta.update(value=value).where(self._meta.key == key).execute()
        else:
            self._meta.insert(key=key, value=value).execute()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The database's errors become ClassErrors; one thread at a time."""
        with self._lock:
            try:
                yield
            except (peewee.DatabaseError, sqlite3.Error) as error:
                raise ClassError(f"{self._path}: {error}") from error


def _learner(row: dict[str, Any]) -> Learner:
    keys = tuple(filter(None, str(row["keys"]).split("\n")))
    return Learner(**{**row, "keys": keys, "listed": bool(row["listed"])})


def _read_roster(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """(name, displayed name, email, key) of every line."""
    from asyncssh import KeyImportError, import_public_key

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ClassError(f"{path}: cannot be read as a roster ({error})") from error
    reader = csv.DictReader(text.splitlines())
    if "name" not in (reader.fieldnames or ()):
        raise ClassError(f"{path}:1: the first line must name the columns: name, email, key")
    seen: set[str] = set()
    for row in reader:
        where = f"{path}:{reader.line_num}"
        given = clean_line(row["name"] or "")
        name = given.lower()
        if not is_name(name):
            raise ClassError(f"{where}: {given!r} is no name to log in by; {NAME_RULE}")
        if name in seen:
            raise ClassError(f"{where}: {name} stands there twice")
        seen.add(name)
        key = clean_line(row.get("key") or "")
        try:
            key = import_public_key(key).export_public_key().decode().strip() if key else ""
        except (KeyImportError, ValueError) as error:
            raise ClassError(f"{where}: the key of {name} is no public key in OpenSSH's form") from error
        display = clean_line(row.get("display") or given)[:100]
        yield name, display, clean_line(row.get("email") or "")[:200], " ".join(key.split()[:2])
