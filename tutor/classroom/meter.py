"""What the process of a session uses, against what it may."""

import os
from time import monotonic

from tutor.classroom.limits import Limits
from tutor.classroom.precedence import waited

WINDOW = 30.0  # seconds over which CPU counts
NO_PAUSE = (
    0.9  # of the window: who wants a core for so long hears no key; standing back, it may get little of one
)
AT_LEAST = 1.0  # CPU seconds of that window: two hundred who come at once want a core for long, and use half of these


class Meter:
    """Looks at one process."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._pid = pid
        self._limits = limits
        self._looks: list[
            tuple[float, float, float]
        ] = []  # (when, CPU seconds then, and with waiting for a core)

    def excess(self) -> str:
        """Which limit the process is over, in words for the learner; empty while none."""
        used = _used(self._pid)
        if used is None:
            return ""
        seconds, megabytes = used
        now = monotonic()
        wanted = seconds + waited(self._pid)
        self._looks = [*(look for look in self._looks if now - look[0] <= WINDOW), (now, seconds, wanted)]
        spent, wants = seconds - self._looks[0][1], wanted - self._looks[0][2]
        if spent > self._limits.cpu_seconds:
            most = self._limits.cpu_seconds
            return f"Closed: it used more than {most} s of the class's computer in half a minute."
        never_rests = wants > NO_PAUSE * WINDOW and spent > AT_LEAST
        if never_rests and self._limits.cpu_seconds < WINDOW:  # else it may
            return "Closed: it was busy for half a minute without a pause."
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
