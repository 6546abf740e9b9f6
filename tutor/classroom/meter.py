"""What the process of a session uses, against what it may."""

import os
from time import monotonic

from tutor.classroom.limits import Limits

WINDOW = 30.0  # seconds over which CPU counts
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")  # a second; bytes
NO_PAUSE = 0.9  # of the window: who wants a core for so long and shows nothing hangs, however little it gets


class Meter:
    """Looks at one process."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._pid = pid
        self._limits = limits
        self._looks: list[
            tuple[float, float, float]
        ] = []  # when, CPU seconds then, those and seconds of waiting

    def excess(self, silent: float = 0.0) -> str:
        """Which limit the process is over, in words for the learner; empty while none. silent: seconds since it showed
        something."""
        used = _used(self._pid)
        if used is None:
            return ""
        seconds, megabytes = used
        now = monotonic()
        wanted = seconds + _waited(self._pid)
        self._looks = [*(look for look in self._looks if now - look[0] <= WINDOW), (now, seconds, wanted)]
        spent, wants = seconds - self._looks[0][1], wanted - self._looks[0][2]
        if spent > self._limits.cpu_seconds:
            most = self._limits.cpu_seconds
            return f"Closed: it used more than {most} s of the class's computer in half a minute."
        if wants > NO_PAUSE * WINDOW and silent > WINDOW:
            return "Closed: it hung for half a minute."
        if megabytes > 2 * self._limits.memory_mb:
            return f"Closed: it used more than {2 * self._limits.memory_mb} MB of the class's memory."
        return ""


def _used(pid: int) -> tuple[float, float] | None:
    """CPU seconds and MB of resident memory of a process; None when it has gone."""
    try:
        fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    return ticks / TICKS, int(fields[21]) * PAGE / 1e6


def _waited(pid: int) -> float:
    """Seconds for which the main thread had to wait for a core; 0 where the kernel does not count them."""
    try:
        return int(_read(f"/proc/{pid}/schedstat").split()[1]) / 1e9
    except OSError:
        return 0.0


def _read(path: str) -> bytes:
    """A short file, at a fifth of the price of a text stream: every session's are read every other second."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
