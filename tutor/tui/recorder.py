"""Writes progress off the screen's thread, in order, one thread, nothing lost."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from tutor.progress import Progress, ProgressError, ProgressStore


class Recorder:
    """`await record(…)` returns once the event is on disk; `post(…)` does not wait.

    on_change is called on the event loop with the new derived state after each write; on_problem with one line
    when a write failed.
    """

    def __init__(
        self, store: ProgressStore, on_change: Callable[[Progress], None], on_problem: Callable[[str], None]
    ) -> None:
        self._store = store
        self._on_change = on_change
        self._on_problem = on_problem
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
        """Save an event and wait for the disk; False when it could not be saved (on_problem has been told)."""
        return await asyncio.wrap_future(self.post(kind, lesson, step, question, **data))

    def prepare(self) -> None:
        """Import what writing needs, so that the first step opened does not wait for it."""
        self._thread.submit(self._store.prepare)

    def close(self) -> None:
        """Wait until everything that was posted is written."""
        self._thread.shutdown(wait=True)

    def _write(self, kind: str, lesson: str, step: str, question: str, data: dict[str, Any]) -> bool:
        try:
            self._store.record(kind, lesson, step, question, **data)
            progress = self._store.progress()
        except ProgressError as error:
            self._tell(self._on_problem, str(error))
            return False
        self._tell(self._on_change, progress)
        return True

    def _tell(self, callback: Callable[[Any], None], value: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback, value)
