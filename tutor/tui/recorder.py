"""Writes progress off the screen's thread, in order, one thread, nothing lost."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from tutor.progress import Progress, ProgressError, ProgressStore
from tutor.tui.mistakes import write_down

LONGEST_WAIT = 2.0  # seconds


class Recorder:
    """`await record(…)` returns once the event is on disk; `post(…)` does not wait.

    Called on the event loop: on_change with the new derived state after each write; on_saving when saving fails (with
    one line that says why) and when it works again (with none).
    """

    def __init__(
        self, store: ProgressStore, on_change: Callable[[Progress], None], on_saving: Callable[[str], None]
    ) -> None:
        self._store = store
        self._on_change = on_change
        self._on_saving = on_saving
        self._problem = store.problem
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recorder")
        self._loop: asyncio.AbstractEventLoop | None = None

    def post(
        self, kind: str, lesson: str = "", step: str = "", question: str = "", **data: Any
    ) -> Future[bool]:
        """Queue an event; the future says whether it was saved."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._thread.submit(self._write, kind, lesson, step, question, data)

    async def record(
        self, kind: str, lesson: str = "", step: str = "", question: str = "", **data: Any
    ) -> bool:
        """Save an event and wait for the disk; False when it could not be saved (on_saving has been told)."""
        return await asyncio.wrap_future(self.post(kind, lesson, step, question, **data))

    def prepare(self) -> None:
        """Import what writing needs, so that the first step opened does not wait for it, and see whether it works."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        self._thread.submit(self._prepare)

    async def written(self) -> None:
        """Wait until what was posted so far is written and told, or for LONGEST_WAIT."""
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(self._thread.submit(lambda: None)), LONGEST_WAIT)

    def close(self) -> None:
        """Wait until everything that was posted is written."""
        self._thread.shutdown(wait=True)

    def _prepare(self) -> None:
        try:
            self._store.prepare()
        except ProgressError as error:
            self._tell_saving(str(error))
        else:
            self._tell_saving(self._store.problem)

    def _write(self, kind: str, lesson: str, step: str, question: str, data: dict[str, Any]) -> bool:
        try:
            self._store.record(kind, lesson, step, question, **data)
            progress = self._store.progress()
            problem = self._store.problem
        except ProgressError as error:
            self._tell_saving(str(error))
            return False
        except Exception as error:
            self._tell_saving(f"Something went wrong while saving. {write_down(error)}.")
            return False
        self._tell(self._on_change, progress)
        self._tell_saving(problem)
        return not problem

    def _tell_saving(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._tell(self._on_saving, problem)

    def _tell(self, callback: Callable[[Any], None], value: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback, value)
