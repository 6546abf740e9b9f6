"""The processes of a served class, as the system sees them."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.classroom.served import PATIENCE, Served

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat, from the state on; empty when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def everybody() -> dict[int, list[str]]:
    """Every process of this machine."""
    found = {int(path.name): _fields(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    return {pid: fields for pid, fields in found.items() if fields}


def parent(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[1]) if fields else 0


def of_class(served: Served) -> dict[int, str]:
    """All that the server has started, and what those have: the state of each (`Z` has ended, unnoticed)."""
    all_of_them = everybody()
    ours = {served.process.pid}
    while more := {pid for pid, fields in all_of_them.items() if int(fields[1]) in ours} - ours:
        ours |= more
    return {pid: all_of_them[pid][0] for pid in ours - {served.process.pid}}


def forkservers(served: Served) -> list[int]:
    """The process that sessions are forked from; none between its end and the next child that is wanted."""
    return [
        pid for pid, fields in everybody().items() if int(fields[1]) == served.process.pid and _forks(pid)
    ]


def _forks(pid: int) -> bool:
    try:
        return b"multiprocessing.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def children(served: Served) -> set[int]:
    """Processes of sessions, waiting or in use: grandchildren of the server."""
    return {
        pid
        for pid, state in of_class(served).items()
        if parent(parent(pid)) == served.process.pid and state != "Z"
    }


def sessions(served: Served) -> set[int]:
    """Processes that are somebody's session: their working directory is a learner's home."""
    return {pid for pid in everybody() if _home(pid).parent == served.folder / "learners"}


def sessions_by_name(served: Served) -> dict[str, int]:
    """The process of everybody who has a session, one of them where there are more."""
    with sqlite3.connect(served.folder / "class.db") as database:
        names = dict(database.execute("SELECT id, name FROM learner"))
    return {names[_home(pid).name]: pid for pid in sessions(served)}


def session_of(served: Served, name: str) -> int:
    """The process of this learner's session."""
    return sessions_by_name(served)[name]


def zombies(served: Served) -> list[int]:
    return [pid for pid, state in of_class(served).items() if state == "Z"]


def megabytes(pid: int) -> float:
    """Resident memory; 0 when the process has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6
    except OSError:
        return 0.0


def cpu(pid: int) -> float:
    """CPU seconds so far; 0 when the process has gone."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


async def until(condition: Callable[[], Any], patience: float = PATIENCE, what: str = "") -> float:
    """Seconds until the condition holds."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < patience, what or "it did not come about"
        await asyncio.sleep(0.02)
    return time.monotonic() - start


async def gone(pid: int, patience: float) -> float:
    """Seconds until the process has gone, a zombie counted as there."""
    return await until(lambda: not _fields(pid), patience, f"process {pid} is still there")


def _home(pid: int) -> Path:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return Path("/")
