"""What the process of a session uses, against what it may."""

import os
from contextlib import suppress
from time import monotonic

from tutor.classroom.limits import Limits

WINDOW = 30.0  # seconds over which CPU counts
BUSY, CALM = 0.5, 0.25  # of the CPU that it may use: beyond the one it stands back, below the other no longer
HALF, LONG = 0.5, 1.0  # of a core, for so many seconds between two looks: it stands back at once
STANDS_BACK = 10  # how nice a process is that keeps the machine busy: whoever types comes first


class Meter:
    """Looks at one process."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._pid = pid
        self._limits = limits
        self._cpu: list[tuple[float, float]] = []  # (when, CPU seconds until then) within the window
        self._stands_back = False

    def excess(self) -> str:
        """Which limit the process is over, in words for the learner; empty while none."""
        used = _used(self._pid)
        if used is None:
            return ""
        seconds, megabytes = used
        now = monotonic()
        self._cpu = [*((at, cpu) for at, cpu in self._cpu if now - at <= WINDOW), (now, seconds)]
        spent = seconds - self._cpu[0][1]
        self._rank(spent, *self._cpu[-2:])
        if spent > self._limits.cpu_seconds:
            most = self._limits.cpu_seconds
            return f"Closed: it used more than {most} s of the class's computer in half a minute."
        if megabytes > 2 * self._limits.memory_mb:
            return f"Closed: it used more than {2 * self._limits.memory_mb} MB of the class's memory."
        return ""

    def _rank(self, spent: float, last: tuple[float, float], now: tuple[float, float] | None = None) -> None:
        """Let it stand back while it keeps the machine busy; coming forward again may need the right to (LimitNICE)."""
        passed = now[0] - last[0] if now else 0.0
        is_busy = now is not None and passed >= LONG and (now[1] - last[1]) / passed > HALF
        stands_back = is_busy or spent > (CALM if self._stands_back else BUSY) * self._limits.cpu_seconds
        if stands_back != self._stands_back:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._pid, STANDS_BACK if stands_back else 0)
                self._stands_back = stands_back


def _used(pid: int) -> tuple[float, float] | None:
    """CPU seconds and MB of resident memory of a process; None when it has gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            fields = stream.read().rpartition(")")[2].split()
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
