"""The store: record what happens, and have what it adds up to."""

import errno
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from tutor import paths
from tutor.progress.errors import ProgressError, explain, newer
from tutor.progress.events import Event, check_same, dump, is_id, make
from tutor.progress.migrations import SCHEMA_VERSION
from tutor.progress.reader import Reader, Row
from tutor.progress.state import Fold, Progress, ordered

if TYPE_CHECKING:
    from tutor.progress.writer import Writer


class Log(Protocol):
    """Where events are kept; see `Writer` and `Reader` for what each method promises."""

    name: str

    @property
    def problem(self) -> str: ...
    @property
    def owed(self) -> int: ...
    def learner(self) -> str: ...
    def read(self, after: int) -> list[Row]: ...
    def append(self, make: Callable[[str, int], Event]) -> Event: ...
    def merge(self, events: Sequence[Event], adopt: str) -> tuple[int, bool]: ...
    def prepare(self) -> None: ...
    def close(self) -> None: ...


def open_store(
    path: Path | None, *, learner_hint: str | None = None, clock: Callable[[], datetime] | None = None
) -> "ProgressStore":
    """Open, or make, the progress database at `path`; None keeps everything in memory and nothing afterwards.

    learner_hint: whose progress it is about (an id of 32 hexadecimal digits): a new file becomes that
    learner's, and a file of many learners shows theirs. Without it: the file's own learner, random when new.
    clock: gives the time of day, for tests.
    Raises ProgressError: damaged, of another program, locked, not writable, or written by a newer rl-tutor.
    """
    if learner_hint is not None and not is_id(learner_hint):
        raise ValueError(f"{learner_hint!r} is not 32 hexadecimal digits")
    log = MemoryLog(learner_hint) if path is None else SqliteLog(Path(path), learner_hint)
    return ProgressStore(log, saving=path is not None, clock=clock)


class ProgressStore:
    """What one learner did. Every method may be called from any thread; readers never wait for a writer.

    saving: False when it is in memory only.
    """

    def __init__(self, log: Log, *, saving: bool = True, clock: Callable[[], datetime] | None = None) -> None:
        self.saving = saving
        self._log = log
        self._clock = clock or _now
        self._lock = threading.Lock()  # of what is derived
        self._fold = Fold()
        self._seq = 0
        self._progress = Progress()

    @property
    def problem(self) -> str:
        """Why nothing is saved at present, in one sentence; empty while all is well."""
        return self._log.problem

    @property
    def owed(self) -> int:
        """How many events are in memory only, because of that problem."""
        return self._log.owed

    @property
    def learner(self) -> str:
        """The learner's id; it changes only when a store that holds nothing takes in another one's export."""
        return self._log.learner()

    def record(self, kind: str, lesson: str = "", step: str = "", question: str = "", **data: Any) -> Event:
        """Add an event (see `tutor.progress.events`); it is on disk when this returns.

        Raises ProgressError when it could not be saved, or is no sound event.
        """
        sound = self._sound(kind, lesson, step, question, data)
        return self._log.append(lambda learner, clock: sound._replace(learner=learner, clock=clock))

    def _sound(self, kind: str, lesson: str, step: str, question: str, data: dict[str, Any]) -> Event:
        """An event to which only the learner and the clock are missing."""
        try:
            event = make(
                uuid.uuid4().hex, "", 0, timestamp(self._clock()), kind, lesson, step, question, data
            )
            dump(event.data)
        except ValueError as error:
            raise ProgressError(f"not saved: {error}", "unsound") from error
        return event

    def add(self, events: Iterable[Event], adopt: str = "") -> tuple[int, bool]:
        """Take in sound events from elsewhere: a union by id, all or none; how many were new.

        adopt: the learner that a store which holds nothing becomes; the second result says whether it did.
        """
        return self._log.merge(ordered(events), adopt)

    def events(self) -> list[Event]:
        """Every event, in order."""
        return ordered(event for _, event in self._log.read(0))

    def progress(self) -> Progress:
        """What the events add up to now, those of other processes included. Cheap when nothing is new."""
        with self._lock:
            rows = self._log.read(self._seq)
            if rows:
                self._take(rows)
            return self._progress

    def prepare(self) -> None:
        """Do now, in a quiet moment, what the first `record` would otherwise have to (import the library)."""
        self._log.prepare()

    def close(self) -> None:
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, rows: list[Row]) -> None:
        """Add new events to the fold; from the beginning when one of them belongs before those in it."""
        try:
            if min(event.order for _, event in rows) <= self._fold.last:
                rows, self._fold = self._log.read(0), Fold()
            for event in sorted((event for _, event in rows), key=lambda event: event.order):
                self._fold.apply(event)
        except (KeyError, TypeError, ValueError) as error:
            self._fold, self._seq = Fold(), 0
            what = f"{self._log.name} holds an event that makes no sense ({type(error).__name__}: {error})"
            raise ProgressError(
                f"{what}; move the file aside and import your last export", "damaged"
            ) from error
        self._seq, self._progress = rows[-1][0], self._fold.progress()


class SqliteLog:
    """A file: a connection that reads, and, once something is to be written, one that writes."""

    problem, owed = "", 0  # it raises instead

    def __init__(self, path: Path, learner: str | None, most: int | None = None) -> None:
        """most: bytes that the learner's events may take."""
        self.name = paths.shown(path)
        self._path, self._pinned, self._most = path, learner, most
        self._writer: Writer | None = None
        self._opening = threading.Lock()
        try:
            is_new = _make_room(path)
        except OSError as error:
            raise explain(path, error) from error
        if is_new:
            self.prepare()
        self._reader = Reader(path, learner)
        try:
            self._check_schema()
        except ProgressError:
            self.close()
            raise

    def learner(self) -> str:
        return self._reader.learner()

    def read(self, after: int) -> list[Row]:
        return self._reader.read(after)

    def append(self, make: Callable[[str, int], Event]) -> Event:
        return self._write().append(make)

    def merge(self, events: Sequence[Event], adopt: str) -> tuple[int, bool]:
        return self._write().merge(events, adopt)

    def prepare(self) -> None:
        self._write()

    def close(self) -> None:
        self._reader.close()
        if self._writer is not None:
            self._writer.close()

    def _check_schema(self) -> None:
        version = self._reader.schema()
        if version > SCHEMA_VERSION:
            raise newer(self._path, version, SCHEMA_VERSION)
        if version < SCHEMA_VERSION:
            self.prepare()

    def _write(self) -> "Writer":
        with self._opening:
            if self._writer is None:
                from tutor.progress.writer import Writer

                self._writer = Writer(
                    self._path, self._pinned, self._pinned or uuid.uuid4().hex, most=self._most
                )
            return self._writer


class MemoryLog:
    """Keeps events as long as the program runs: for a learner whose file cannot be opened, and for tests."""

    name = "this tutor"
    problem, owed = "", 0

    def __init__(self, learner: str | None) -> None:
        self._pinned = learner
        self._learner = learner or uuid.uuid4().hex
        self._events: dict[str, Event] = {}
        self._lock = threading.Lock()

    def learner(self) -> str:
        return self._learner

    def read(self, after: int) -> list[Row]:
        with self._lock:
            return list(enumerate(self._events.values(), start=1))[after:]

    def append(self, make: Callable[[str, int], Event]) -> Event:
        with self._lock:
            event = make(self._learner, max((event.clock for event in self._events.values()), default=0) + 1)
            self._events[event.id] = event
        return event

    def merge(self, events: Sequence[Event], adopt: str) -> tuple[int, bool]:
        with self._lock:
            check_same(self._events, events, self.name)
            adopted = bool(adopt) and not self._events and not self._pinned and adopt != self._learner
            self._learner = adopt if adopted else self._learner
            fresh = {event.id: event for event in events if event.id not in self._events}
            self._events.update(fresh)
        return len(fresh), adopted

    def prepare(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def timestamp(moment: datetime) -> str:
    """The form of an Event's `at`: UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _now() -> datetime:
    return datetime.now(UTC)


def _make_room(path: Path) -> bool:
    """Make the directory and the (private) file where they are missing; whether the file is empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:  # not opened: closing it would take away this process's locks on it (fcntl(2))
        if path.is_dir() or not os.access(path, os.R_OK | os.W_OK):
            number = errno.EISDIR if path.is_dir() else errno.EACCES
            raise OSError(number, os.strerror(number), str(path)) from None
    return path.stat().st_size == 0
