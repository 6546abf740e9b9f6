"""The file of an open lesson: read without holding up the screen, watched while it is open."""

import asyncio
import os
from collections.abc import Callable

from tutor.course.types import Lesson, LessonInfo
from tutor.tui.lesson_state import read_lesson

AT_ONCE = 64_000  # bytes: so much is parsed within 50 ms
EVERY = 1.0  # seconds between two looks at the file

Stamp = tuple[int, int, int] | None


class LessonFile:
    """Where a lesson is read from. `changed` is called when the file is another than the one last read."""

    def __init__(self, info: LessonInfo, changed: Callable[[], None]) -> None:
        self._info = info
        self._changed = changed
        self._read: Stamp = None
        self._missing = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_small(self) -> bool:
        """Whether reading takes no time worth speaking of."""
        stamp = self._stamp()
        return stamp is None or stamp[1] <= AT_ONCE

    def read_now(self) -> tuple[Lesson | None, list[str]]:
        """The lesson, or None and the lines that say why there is none."""
        self._read = self._stamp()  # before reading: a file that changes meanwhile is read once more
        return read_lesson(self._info)

    async def read(self) -> tuple[Lesson | None, list[str]]:
        """The same, on another thread."""
        return await asyncio.to_thread(self.read_now)

    def watch(self) -> None:
        """Look at the file now and then, if somebody could be writing it (not in an installed course, say)."""
        if self._timer is None and os.access(self._info.path, os.W_OK):
            self._later()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _later(self) -> None:
        # The loop's own timer: one of Textual's costs ten times as much, once a second for as long as somebody reads.
        self._timer = asyncio.get_running_loop().call_later(EVERY, self.look)

    def look(self) -> None:
        """See whether the file has changed. One that is missing once is being replaced by an editor."""
        if self._timer is not None:
            self._later()
        stamp = self._stamp()
        gone, self._missing = stamp is None and self._missing, stamp is None
        if stamp != self._read and (stamp is not None or gone):
            self._read = stamp
            self._changed()

    def _stamp(self) -> Stamp:
        try:
            status = os.stat(self._info.path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
