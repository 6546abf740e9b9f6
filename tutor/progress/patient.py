"""A log for the tutor on the screen: it goes on when its file cannot be used, and writes what it owes when it can."""

import errno
import os
import threading
import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date
from operator import itemgetter
from pathlib import Path
from time import monotonic

from tutor import paths
from tutor.progress.errors import ProgressError, Reason, explain
from tutor.progress.events import Event
from tutor.progress.reader import Reader, Row
from tutor.progress.store import ProgressStore, SqliteLog

FOR_GOOD: tuple[Reason, ...] = ("newer", "foreign", "damaged")  # trying again would not help
QUICK = 0.2  # seconds: a try that fails sooner may be repeated at any time
PAUSE = (
    10.0  # one that failed after t seconds is not repeated for 10 t: a lock costs a tenth of the time at most
)


def open_patiently(path: Path, *, today: Callable[[], date] = date.today) -> tuple[ProgressStore, str]:
    """A store that never fails to open, and one line for the learner where something was amiss.

    A damaged file is moved aside (`set_aside`) and a new one begun. A file that is locked, not writable, of a newer
    tutor or of another program stays as it is: the store keeps all in memory, and `store.problem` says why.
    """
    try:
        return _opened(path), ""
    except ProgressError as error:
        try:
            kept = set_aside(path, today())
        except OSError as problem:
            log = PatientLog(path, given_up=explain(path, problem))
            return ProgressStore(log), ""
        told = (
            f"Your progress file was damaged ({_cause(error)}): it is kept as {kept}, and a new one was begun. "
            "Bring back your last export with: rl-tutor progress import FILE"
        )
        try:
            return _opened(path), told
        except ProgressError as again:
            return ProgressStore(PatientLog(path, given_up=again)), told


def open_theirs(path: Path, learner: str, most: int | None = None) -> ProgressStore:
    """The store of one learner (32 hexadecimal digits) in the file of many; `most` bytes is what their events may take.
    It never fails to open, and never makes or moves the file: where that cannot be used, `store.problem` says why, and
    all is kept in memory."""
    try:
        store = ProgressStore(PatientLog(path, learner, most=most))
        store.progress()
    except ProgressError as error:
        return ProgressStore(PatientLog(path, learner, given_up=error))
    return store


def _opened(path: Path) -> ProgressStore:
    store = ProgressStore(PatientLog(path))
    try:
        store.progress()  # a file may open and still be damaged further in
    except ProgressError:
        store.close()
        raise
    return store


def set_aside(path: Path, day: date) -> Path:
    """Rename `path` (and what SQLite keeps beside it) to a free name with the date; that name. Raises OSError."""
    name, number = f"{path.name}.damaged-{day.isoformat()}", 1
    target = path.with_name(name)
    while target.exists():
        number += 1
        target = path.with_name(f"{name}-{number}")
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{target}{suffix}")
    os.replace(path, target)
    return target


class PatientLog:
    """Writes to the file; while that fails, into memory, and into the file as soon as it can be written again.

    problem: why nothing is written now, in one sentence; empty while all is well.
    owed: how many events are in memory only.
    """

    def __init__(
        self,
        path: Path,
        learner: str | None = None,
        *,
        most: int | None = None,
        given_up: ProgressError | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """learner: whose progress it is in a file of many; None: the file's own. most: bytes that their
        events may take."""
        self.name = paths.shown(path)
        self.problem = ""
        self._path, self._pinned, self._most, self._now = path, learner, most, now
        self._lock = threading.RLock()
        self._log: SqliteLog | None = None
        self._learner = learner or uuid.uuid4().hex  # until the file says whose it is
        self._rows: list[Row] = []  # what was read
        self._labs: dict[tuple[str, str], int] = {}  # a lesson's lab -> the row that says where it stands
        self._owed: list[Event] = []
        self._for_good = False
        self._not_before = 0.0
        if given_up is not None:
            self._failed(given_up, 0.0)
            return
        start = now()
        try:
            self._log = self._opened()
        except ProgressError as error:
            if error.reason == "damaged":
                raise
            self._failed(error, now() - start)
            if error.reason in ("unwritable", "full"):
                self._look()

    @property
    def owed(self) -> int:
        return len(self._owed)

    def learner(self) -> str:
        if self._log is not None:
            with suppress(ProgressError):
                self._learner = self._log.learner() or self._learner
        return self._learner

    def read(self, after: int) -> list[Row]:
        """The rows after `after`, and after them all that is owed, again at every call.

        Of what was read before, states of labs that a later one has replaced are None: they change nothing.
        """
        with self._lock:
            if self._log is not None:
                last = self._rows[-1][0] if self._rows else 0
                try:
                    self._keep(self._log.read(last))
                except ProgressError as error:
                    if error.reason == "damaged" and not self._rows:
                        raise
                    self._failed(error, 0.0)
            rows = self._rows[bisect_right(self._rows, after, key=itemgetter(0)) :]
            last = self._rows[-1][0] if self._rows else 0
            return rows + [(last, event) for event in self._owed]

    def append(self, make: Callable[[str, int], Event]) -> Event:
        with self._lock:
            event: list[Event] = []
            if self._try(lambda: event.append(self._file().append(make))):
                return event[0]
            owed = make(self.learner(), self._clock() + 1)
            self._owed.append(owed)
            return owed

    def merge(self, events: Sequence[Event], adopt: str) -> tuple[int, bool]:
        """Into the file, or not at all. Raises ProgressError."""
        with self._lock:
            return self._file().merge(events, adopt)

    def prepare(self) -> None:
        """See whether the file can be written."""
        with self._lock:
            self._try(lambda: self._file().prepare())

    def close(self) -> None:
        """A last try to write what is owed."""
        with self._lock:
            if self._owed:
                self._not_before = 0.0
                self._try(lambda: None)
            if self._log is not None:
                self._log.close()

    def _keep(self, rows: Iterable[Row]) -> None:
        """Remember the rows, of every lab the last state alone: an episode's grow with it, and come at every pause."""
        for row in rows:
            event = row[1]
            if event.kind == "lab":
                lab = event.lesson, str(event.data.get("lab"))
                known = self._labs.setdefault(lab, len(self._rows))
                seq, other = self._rows[known] if known < len(self._rows) else row
                if other.order < event.order:
                    self._rows[known] = seq, _without_state(other)
                    self._labs[lab] = len(self._rows)
                elif other.order > event.order:
                    row = row[0], _without_state(event)
            self._rows.append(row)

    def _try(self, write: Callable[[], None]) -> bool:
        """Write what is owed, then `write`; whether all of it is in the file."""
        if self._for_good or self._now() < self._not_before:
            return False
        start = self._now()
        try:
            while self._owed:
                self._pay(self._owed[0])
                del self._owed[0]
            write()
        except ProgressError as error:
            if error.reason == "unsound":
                raise
            self._failed(error, self._now() - start)
            return False
        self.problem = ""
        return True

    def _pay(self, event: Event) -> None:
        """The file's learner and clock count, which may not have been known when it happened."""
        self._file().append(lambda learner, clock: event._replace(learner=learner, clock=clock))

    def _file(self) -> SqliteLog:
        if self._log is None:
            self._log = self._opened()
        return self._log

    def _opened(self) -> SqliteLog:
        """The file of many is made by others: one that is missing was taken away, and may come back."""
        if self._pinned is not None and not self._path.exists():
            raise explain(self._path, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
        return SqliteLog(self._path, self._pinned, self._most)

    def _failed(self, error: ProgressError, took: float) -> None:
        self.problem = str(error)
        self._for_good = error.reason in FOR_GOOD
        self._not_before = self._now() + (PAUSE * took if took > QUICK else 0.0)

    def _clock(self) -> int:
        return max((event.clock for _, event in self._rows), default=0) + len(self._owed)

    def _look(self) -> None:
        """Read a copy of a file that cannot be opened for writing, so that the learner sees what is in it."""
        import shutil
        import tempfile  # several milliseconds, and needed only here

        with suppress(ProgressError, OSError), tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / self._path.name
            shutil.copyfile(self._path, copy)
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{self._path}-wal", f"{copy}-wal")
            reader = Reader(copy, self._pinned)
            try:
                if reader.schema():
                    self._keep(reader.read(0))
                    self._learner = reader.learner() or self._learner
            finally:
                reader.close()


def _without_state(event: Event) -> Event:
    return event._replace(data={**event.data, "state": None})


def _cause(error: ProgressError) -> str:
    cause = error.__cause__
    return str(cause).splitlines()[0] if cause is not None and str(cause) else error.reason
