"""The processes of a class that is served, as /proc shows them."""

import os
from pathlib import Path

from tests.classroom.served import Served


def sessions_of(served: Served) -> list[int]:
    """The processes that are somebody's: their working directory is a learner's home."""
    return [pid for pid in processes() if _folder(pid).parent == served.folder / "learners"]


def waiting_of(served: Served) -> list[int]:
    """The processes that wait for a learner, and the one that starts them."""
    starter = [pid for pid in processes() if _parent(pid) == served.process.pid]
    own = sessions_of(served)
    return [pid for pid in processes() if (pid in starter or _parent(pid) in starter) and pid not in own]


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _folder(pid: int) -> Path:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return Path()


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; none when the process has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    return int(_stat(pid)[1]) if _stat(pid) else 0


def cpu(pid: int) -> float:
    """CPU seconds so far."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def pss(pid: int) -> float:
    """MB, shared pages counted in parts."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1000
