"""Whole runs that lessons wait for: here while they are short, in a process of their own once they turn out long.

Two threads of one process share its time: a run of seconds would make every key late, and a thread cannot be ended.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING

from tutor.experiments.frames import Frame
from tutor.experiments.registry import find_experiment
from tutor.experiments.running import make_runs_by, run, tell_progress

if TYPE_CHECKING:
    from tutor.experiments.worker import Worker

SHORT = 0.1  # seconds of CPU that a run may take here
LOOK = 0.05  # seconds between looks at whether anybody still waits


class LongRuns:
    """One run at a time goes to the process, which starts with the first; `close` ends it, and what waits for it."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._turn = Lock()
        self._closed = Event()

    def frames(
        self, id: str, parameters: Mapping[str, object], stop: Event | None = None
    ) -> tuple[Frame, ...] | None:
        """Every frame of a run; None once `stop` is set or this is closed. Raises as `tutor.experiments.run`, and
        ValueError when a run failed in the process, with the traceback of a mistake of the program as its note."""
        stops = [self._closed, *([stop] if stop is not None else [])]
        if find_experiment(id).torch:
            return self._elsewhere(id, parameters, stops)
        begun, frames = 0.0, []
        for frame in run(id, parameters):
            if any(each.is_set() for each in stops):
                return None
            frames.append(frame)
            tell_progress(id, parameters, frame.update)
            begun = begun or time.thread_time()  # from the first frame: before it numpy is loaded, once
            if time.thread_time() - begun > SHORT:
                return self._elsewhere(id, parameters, stops)
        return tuple(frames)

    def _elsewhere(
        self, id: str, parameters: Mapping[str, object], stops: list[Event]
    ) -> tuple[Frame, ...] | None:
        """The same run from its beginning, in the process."""
        with self._turn:
            if self._closed.is_set():
                return None
            if self._worker is None:
                from tutor.experiments.worker import Worker

                self._worker = Worker()
            heard = Event()
            made = self._worker.run(id, parameters, changed=lambda _run: heard.set())
            while not made.ended:
                heard.wait(LOOK)
                heard.clear()
                if made.frames:
                    tell_progress(id, parameters, made.frames[-1].update)
                if any(each.is_set() for each in stops):
                    made.stop()
        if made.state == "stopped":
            return None
        if made.problem:
            error = ValueError(made.problem)
            if made.traceback:
                error.add_note(made.traceback)
            raise error
        return tuple(made.frames)

    def close(self) -> None:
        """No further run; the process is ended."""
        self._closed.set()
        if self._worker is not None:
            self._worker.close()


@contextmanager
def long_runs_elsewhere() -> Iterator[LongRuns]:
    """Whole runs are made so within."""
    long_runs = LongRuns()
    make_runs_by(long_runs.frames)
    try:
        yield long_runs
    finally:
        make_runs_by(None)
        long_runs.close()
