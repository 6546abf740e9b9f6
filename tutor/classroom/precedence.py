"""Who types comes first: a session that keeps a core busy stands back behind all others until it has been calm."""

import asyncio
import ctypes
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from operator import attrgetter
from threading import get_native_id

LOOK_EVERY = 0.1  # seconds
SHARE = 0.25  # of a core, which a session may use for ever; learners who walk in labs use a tenth
BURST = 0.15  # seconds of a core beyond that share, after which it stands back
MOST = 1.0  # such seconds that are remembered: what has looped for long stands back MOST / SHARE seconds after it
STANDS_BACK = 10  # how nice it is then: a tenth of the weight of the others
_libc = ctypes.CDLL(None)


class Precedence:
    """Looks at processes from `add` to `forget`, while `watch` runs."""

    def __init__(self) -> None:
        self._processes: dict[int, Process] = {}
        with ThreadPoolExecutor(1) as thread:
            self._comes_forward = thread.submit(_may_come_forward).result()

    def add(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            self._processes[pid] = Process(pid, comes_forward=self._comes_forward)

    def forget(self, pid: int) -> None:
        self._processes.pop(pid, None)

    async def watch(self) -> None:
        """For ever."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            last, passed = time.monotonic(), time.monotonic() - last
            for process in sorted(self._processes.values(), key=attrgetter("ahead"), reverse=True):
                process.look(passed)


class Process:
    """One process, and whether it stands back.

    Two things make it stand back: where the kernel schedules by sessions of terminals (sched(7), "The autogroup
    feature"; each of ours is one), niceness counts within a session alone, and between them only that of the session
    as a whole.
    """

    def __init__(self, pid: int, *, comes_forward: bool) -> None:
        """comes_forward: whether we have the right to make it less nice again. Raises ProcessLookupError."""
        self._pid = pid
        self._comes_forward = comes_forward
        self._clock = _cpu_clock(pid)
        self._used = time.clock_gettime(self._clock)  # seconds of a core so far
        self.ahead = 0.0  # of them, those beyond its share
        self.stands_back = False

    def look(self, passed: float) -> None:
        """After so many seconds."""
        try:
            now = time.clock_gettime(self._clock)
        except OSError:
            return  # it has gone
        used, self._used = now - self._used, now
        if self.ahead or self.stands_back or used > SHARE * passed:  # else it was calm, and is
            self.count(used, passed)

    def count(self, used: float, passed: float) -> None:
        """So many seconds of a core, in the seconds passed."""
        self.ahead = min(max(self.ahead + used - SHARE * passed, 0.0), MOST)
        if self.ahead == 0 if self.stands_back else self.ahead > BURST:
            self._rank(not self.stands_back)
        elif self.ahead == MOST:
            self._be_nice(STANDS_BACK)

    def _rank(self, back: bool) -> None:
        nice = STANDS_BACK if back else 0
        try:
            with open(f"/proc/{self._pid}/autogroup", "w", encoding="ascii") as group:
                group.write(str(nice))
        except BlockingIOError:
            return  # the kernel takes one change in a tenth of a second: at a later look, the most eager first
        except OSError:  # there is no such thing here, or the process has gone
            pass
        self.stands_back = back
        if self._comes_forward:
            self._be_nice(nice)

    def _be_nice(self, nice: int) -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._pid, nice)


def _cpu_clock(pid: int) -> int:
    """The clock of another process's CPU time (POSIX): a fiftieth of the price of reading /proc."""
    clock = ctypes.c_int()
    if _libc.clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise ProcessLookupError(pid)
    return clock.value


def _may_come_forward() -> bool:
    """Whether who has become nice may be as before: root may, and so may others with LimitNICE=+0 (RLIMIT_NICE).

    Tried, by a thread that ends: on Linux niceness is a thread's own.
    """
    try:
        for nice in (1, 0):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), nice)
    except PermissionError:
        return False
    return True
