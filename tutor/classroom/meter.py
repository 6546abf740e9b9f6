"""What the process of a session uses, against what it may."""

import os
from time import monotonic

from tutor.classroom.limits import Limits

WINDOW = 30.0  # seconds over which CPU counts


class Meter:
    """Looks at one process."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._pid = pid
        self._limits = limits
        self._cpu: list[tuple[float, float]] = []  # (when, CPU seconds until then) within the window

    def excess(self) -> str:
        """Which limit the process is over, in words for the learner; empty while none."""
        used = _used(self._pid)
        if used is None:
            return ""
        seconds, megabytes = used
        now = monotonic()
        self._cpu = [*((at, cpu) for at, cpu in self._cpu if now - at <= WINDOW), (now, seconds)]
        spent = seconds - self._cpu[0][1]
        if spent > self._limits.cpu_seconds:
            most = self._limits.cpu_seconds
            return f"Closed: it used more than {most} s of the class's computer in half a minute."
        if megabytes > 2 * self._limits.memory_mb:
            return f"Closed: it used more than {2 * self._limits.memory_mb} MB of the class's memory."
        return ""


def _used(pid: int) -> tuple[float, float] | None:
    """CPU seconds and MB of resident memory of a process; None when it has gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            fields = stream.read().rpartition(")")[2].split()
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
