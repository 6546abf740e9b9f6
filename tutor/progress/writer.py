"""Writes the log, through peewee. Every method is one IMMEDIATE transaction, on disk when it returns."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import peewee

from tutor.progress.errors import DATABASE_ERRORS, ProgressError, explain, foreign, newer, no_room
from tutor.progress.events import Event, check_same, dump
from tutor.progress.migrations import MIGRATIONS, Migration, migrate
from tutor.progress.reader import BUSY_SECONDS

_COLUMNS = ("owner", *Event._fields)
ROW = 200  # bytes of an event without its data, about
SESSIONS = (
    20  # that a learner of a class may have at once: each counts on so large a part of the room that is left
)
LOOK_AFTER = 64  # events that are refused in a room that is full, until it is looked at anew
_ROWS_AT_ONCE = 90  # rows of an INSERT: SQLite's limit of parameters, at its lowest, is 999


class Writer:
    """One connection that writes; from any thread, one at a time.

    A commit is waited for until it is on disk (synchronous=FULL): kill -9 or a power cut loses nothing
    acknowledged. Opening creates or migrates the tables.
    """

    def __init__(
        self,
        path: Path,
        learner: str | None,
        new_learner: str,
        migrations: Sequence[Migration] = MIGRATIONS,
        *,
        most: int | None = None,
    ) -> None:
        """Open `path` for `learner`, or for the file's own: `new_learner`, when it has none yet. most: bytes that the
        learner's events may take."""
        self._path = path
        self._pinned = learner
        self._most = most
        self._room = 0  # bytes of them that are left for certain
        self._to_refuse = 0  # events that need more: they are not looked at
        self._lock = threading.Lock()
        self._database = peewee.SqliteDatabase(
            str(path),
            timeout=BUSY_SECONDS,
            thread_safe=False,  # one connection for all threads; our lock keeps them apart
            check_same_thread=False,
            autoconnect=False,
            pragmas=(("synchronous", "FULL"),),
        )
        self._event = peewee.Table("event").bind(self._database)
        self._meta = peewee.Table("meta").bind(self._database)
        try:
            with self._told():
                self._database.connect()
                _enter_wal(self._database)
            with self._transaction():
                self._prepare(migrations, new_learner)
        except ProgressError:
            self._database.close()
            raise

    def append(self, make: Callable[[str, int], Event]) -> Event:
        """Insert `make(learner, clock)`, its clock one more than every event's that the learner has. Raises
        ProgressError where they have no room for it."""
        with self._transaction():
            learner = self._learner()
            latest = self._event.select(peewee.fn.MAX(self._event.c.clock)).where(
                self._event.c.owner == learner
            )
            event = make(learner, (latest.scalar() or 0) + 1)
            if self._most is not None:
                self._take_room(learner, ROW + len(dump(event.data)), self._most)
            self._insert(learner, [event])
        return event

    def merge(self, events: Sequence[Event], adopt: str) -> tuple[int, bool]:
        """Insert those of `events` that the learner does not have; all or none.

        A file that holds nothing, opened for no learner in particular, becomes that of learner `adopt`, if
        given. Returns how many were inserted, and whether it did. Raises ProgressError when an event of the
        same id says something else.
        """
        with self._transaction():
            adopted = self._adopt(adopt)
            learner = self._learner()
            known = {event.id: event for event in self._known(learner, [event.id for event in events])}
            check_same(known, events, str(self._path))
            fresh = [event for event in events if event.id not in known]
            self._insert(learner, fresh)
        return len(fresh), adopted

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _prepare(self, migrations: Sequence[Migration], new_learner: str) -> None:
        tables = set(self._database.get_tables())
        version = self._value("schema") if {"meta", "event"} <= tables else "" if tables else "0"
        if not version.isdecimal():
            raise foreign(self._path)
        if int(version) > len(migrations):
            raise newer(self._path, int(version), len(migrations))
        if int(version) < len(migrations):
            migrate(self._database, int(version), migrations)
        if not self._value("learner"):
            self._meta.insert({self._meta.c.key: "learner", self._meta.c.value: new_learner}).execute()

    def _adopt(self, learner: str) -> bool:
        own = self._value("learner")
        if self._pinned or not learner or learner == own or self._event.select(self._event.c.seq).exists():
            return False
        self._meta.update({self._meta.c.value: learner}).where(self._meta.c.key == "learner").execute()
        return True

    def _take_room(self, learner: str, size: int, most: int) -> None:
        """Raises ProgressError where the learner has not so many bytes left."""
        if self._room >= size:
            self._room -= size
            return
        if self._to_refuse:
            self._to_refuse -= 1
            raise no_room(most)
        column = self._event.c
        taken = self._event.select(peewee.fn.SUM(ROW + peewee.fn.LENGTH(column.data)))
        left = most - (taken.where(column.owner == learner).scalar() or 0)
        self._room = left // SESSIONS
        if left < size:
            self._to_refuse = LOOK_AFTER
            raise no_room(most)
        self._room = max(self._room - size, 0)

    def _learner(self) -> str:
        return self._pinned or self._value("learner")

    def _value(self, key: str) -> str:
        value = self._meta.select(self._meta.c.value).where(self._meta.c.key == key).scalar()
        return str(value or "")

    def _known(self, learner: str, ids: Sequence[str]) -> Iterator[Event]:
        columns = [getattr(self._event.c, name) for name in Event._fields]
        for start in range(0, len(ids), 500):
            of_this_learner = (self._event.c.owner == learner) & self._event.c.id.in_(
                ids[start : start + 500]
            )
            for row in self._event.select(*columns).where(of_this_learner).tuples():
                yield Event._make((*row[:-1], json.loads(row[-1])))

    def _insert(self, learner: str, events: Sequence[Event]) -> None:
        rows = [(learner, *event[:-1], dump(event.data)) for event in events]
        columns = [getattr(self._event.c, name) for name in _COLUMNS]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            self._event.insert(rows[start : start + _ROWS_AT_ONCE], columns).execute()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._told():
            self._database.begin("IMMEDIATE")
            try:
                yield
                self._database.commit()
            except BaseException:
                with suppress(peewee.PeeweeException):  # SQLite has rolled back itself when the disk is full
                    self._database.rollback()
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the database become ProgressErrors; one thread at a time."""
        with self._lock:
            try:
                yield
            except (peewee.InterfaceError, peewee.ProgrammingError):
                raise  # such as a store that was closed: a fault of the program, not of the file
            except peewee.PeeweeException as error:
                raise explain(self._path, _cause(error)) from error
            except DATABASE_ERRORS as error:
                raise explain(self._path, error) from error


def _cause(error: BaseException) -> BaseException:
    """The driver's own error, which peewee keeps in its own."""
    original = getattr(error, "orig", None)
    return original if isinstance(original, sqlite3.Error) else error


def _enter_wal(database: Any) -> None:
    """Switch to write-ahead logging, for good. SQLite does not wait for a lock here, so this does."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            database.pragma("journal_mode", "wal")
            return
        except peewee.OperationalError as error:
            name = getattr(_cause(error), "sqlite_errorname", "")
            if not name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
