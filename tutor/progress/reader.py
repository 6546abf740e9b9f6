"""Reads the log by SQLite's own driver: opening the tutor needs that, and not the database library."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutor.progress.errors import DATABASE_ERRORS, explain, foreign
from tutor.progress.events import Event

BUSY_SECONDS = 5.0
Row = tuple[int, Event]  # seq, which counts the rows of this file, and the event

_EVENTS = (
    "SELECT seq, id, learner, clock, at, kind, lesson, step, question, data "
    "FROM event WHERE owner = ? AND seq > ? ORDER BY seq"
)


class Reader:
    """One connection that only reads; it never waits for a writer. May be used from any thread."""

    def __init__(self, path: Path, learner: str | None) -> None:
        self._path = path
        self._pinned = learner
        self._lock = threading.Lock()
        with self._told():
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw",  # rw, for the index that reading a WAL needs
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )

    def schema(self) -> int:
        """The file's schema version; 0 when it is empty. Raises ProgressError when it is not ours."""
        with self._told():
            tables = {
                name
                for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            }
        if not tables:
            return 0
        version = self._meta("schema") if {"meta", "event"} <= tables else ""
        if not version.isdecimal():
            raise foreign(self._path)
        return int(version)

    def learner(self) -> str:
        """Whose progress is read: the one asked for, else the file's own; empty before there is one."""
        return self._pinned or self._meta("learner")

    def read(self, after: int) -> list[Row]:
        """The events whose seq is greater than `after`, by seq."""
        owner = self.learner()
        with self._told():
            rows = self._connection.execute(_EVENTS, (owner, after)).fetchall()
            data = json.loads(
                f"[{','.join([row[-1] for row in rows])}]"
            )  # at once: half the time of one by one
            make = Event._make
            return [(row[0], make((*row[1:-1], parsed))) for row, parsed in zip(rows, data, strict=True)]

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _meta(self, key: str) -> str:
        with self._told():
            row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors become ProgressErrors; one thread at a time."""
        with self._lock:
            try:
                yield
            except (sqlite3.InterfaceError, sqlite3.ProgrammingError):
                raise  # such as a store that was closed: a fault of the program, not of the file
            except (*DATABASE_ERRORS, ValueError) as error:
                raise explain(self._path, error) from error
