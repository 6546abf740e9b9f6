"""Children started ahead: whoever connects finds one that has loaded everything and waits to be told whose it is."""

import asyncio
import json
import os
import pty
import signal
import socket
import sys
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any

from tutor.classroom import child as child_module
from tutor.classroom.errors import ClassError
from tutor.classroom.preload_name import COURSE_VARIABLE, PRELOAD, TORCH_VARIABLE

START_PATIENCE = 60.0  # seconds until the first child must be there
REFILL_EVERY = 0.25  # seconds between children started ahead: whoever types now comes first
PATIENCE = 2.0  # seconds that a child has to leave in good order
UNKNOWN = 255  # multiprocessing's status of what a forkserver that has died would have known
KEPT = ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR", "TZ")  # of the server's environment
_context = get_context("forkserver")


def start(process: BaseProcess) -> None:
    """Start a child of the forkserver. Only in the starter's thread.

    multiprocessing runs the main module once more in every child. Ours need nothing of it, and what that touches of the
    memory that they share is copied: six megabytes, and half the time of a start.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main


class Child:
    """A process that waits, and then is a learner's session. master: our end of its terminal."""

    def __init__(self) -> None:
        """Start it. Blocks for some milliseconds."""
        self.master, terminal = pty.openpty()
        ours, theirs = socket.socketpair()
        try:
            self._process = _context.Process(
                target=child_module.main, args=(os.ttyname(terminal), theirs), daemon=True
            )
            start(self._process)
        except BaseException:
            os.close(self.master)
            ours.close()
            raise
        finally:
            theirs.close()
        self._terminal: int | None = (
            terminal  # held until the child has it: else the terminal is gone at once
        )
        self.link = ours  # one JSON object a line, both ways; with a file where one is lent
        os.set_blocking(self.master, False)

    @property
    def pid(self) -> int:
        return int(self._process.pid or 0)

    @property
    def sentinel(self) -> int:
        """Readable once the process has ended."""
        return int(self._process.sentinel)

    @property
    def status(self) -> int | None:
        """As multiprocessing has it: negative for a signal; None while it runs, or nobody knows: the forkserver, which
        alone is told, has died."""
        return None if self._process.exitcode == UNKNOWN else self._process.exitcode

    @property
    def is_alive(self) -> bool:
        """Whether the process runs: it may outlive the forkserver, which alone knows its status."""
        if self._process.exitcode is None:
            return True
        try:
            with open(f"/proc/{self.pid}/stat", encoding="utf-8", errors="replace") as stream:
                return stream.read().rpartition(")")[2].split()[0] not in ("Z", "X")
        except OSError:
            return False

    def wait_until_ready(self, patience: float) -> bool:
        """Whether the child has its terminal and everything loaded. Blocks; for a thread."""
        self.link.settimeout(patience)
        try:
            hello = json.loads(self.link.makefile("rb").readline() or b"{}")
        except (OSError, ValueError):
            return False
        finally:
            self.link.settimeout(1.0)
            self._let_go_of_terminal()
        return bool(hello.get("warm"))

    def say(self, order: Mapping[str, Any], file: socket.socket | None = None) -> None:
        """One order, and a file to go with it; a child that has just died, or does not listen, is no concern here."""
        with suppress(OSError):
            data = json.dumps(order).encode() + b"\n"
            if file is None:
                self.link.sendall(data)
            else:
                socket.send_fds(self.link, [data], [file.fileno()])

    def signal(self, number: signal.Signals) -> None:
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def leave(self) -> None:
        """Ask it to go (it saves), and after PATIENCE make it go."""
        for number in (signal.SIGHUP, signal.SIGKILL):
            if not self.is_alive:
                return
            self.signal(number)
            deadline = monotonic() + PATIENCE
            while self.is_alive and monotonic() < deadline:
                await asyncio.sleep(0.02)

    def close(self) -> None:
        """Forget it, once it has ended."""
        self._let_go_of_terminal()
        self.link.close()
        with suppress(OSError):
            os.close(self.master)
        with suppress(ValueError):
            self._process.close()

    def _let_go_of_terminal(self) -> None:
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None


class Pool:
    """Hands out children, and starts others in their place."""

    def __init__(self, size: int, course: Path, home: Path, *, torch: bool = False) -> None:
        """size: how many wait. home: where the server and the forkserver write down their own mistakes. torch: whether
        it is loaded before anybody trains with it.

        The forkserver, which the first child starts, loads everything itself.
        """
        self._size = size
        self._ready: deque[Child] = deque()
        self._thread = ThreadPoolExecutor(
            1, thread_name_prefix="pool"
        )  # multiprocessing starts one at a time
        self._refilling: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._waited_for = 0  # children that somebody waits for: they come before those for the pool
        self._closed = False
        _prepare_environment(course, home)
        if torch:
            os.environ[TORCH_VARIABLE] = "1"
        _context.set_forkserver_preload([PRELOAD])

    @property
    def starter(self) -> Executor:
        """The thread in which processes are started, one after another."""
        return self._thread

    async def open(self) -> None:
        """Wait for the first child. Raises ClassError when the tutor cannot be loaded."""
        loop = asyncio.get_running_loop()
        first = await loop.run_in_executor(self._thread, _started, START_PATIENCE)
        if first is None:
            raise ClassError("the tutor could not be loaded for the class; `rl-tutor doctor` may say why")
        self._ready.append(first)
        self._refilling = asyncio.create_task(self._refill())

    @property
    def waiting(self) -> int:
        return len(self._ready)

    async def take(self) -> Child:
        """A child that is ready. Raises ClassError when none can be started."""
        loop = asyncio.get_running_loop()
        while self._ready:
            child = self._ready.popleft()
            self._wanted.set()
            if child.is_alive:
                return child
            await loop.run_in_executor(None, _ended, child)
        self._waited_for += 1
        try:
            child_or_none = await loop.run_in_executor(self._thread, _started, START_PATIENCE)
        finally:
            self._waited_for -= 1
            self._wanted.set()
        if child_or_none is None:
            raise ClassError("no session could be started just now; try again in a minute")
        return child_or_none

    async def _refill(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._closed:
            if len(self._ready) >= self._size:
                self._wanted.clear()
                await self._wanted.wait()
            await asyncio.sleep(REFILL_EVERY)
            if len(self._ready) < self._size and not self._waited_for and not self._closed:
                child = await loop.run_in_executor(self._thread, _started, START_PATIENCE)
                if child is not None:
                    self._ready.append(child)

    async def close(self) -> None:
        """End those that wait."""
        self._closed = True
        if self._refilling is not None:
            self._refilling.cancel()
            with suppress(asyncio.CancelledError):
                await self._refilling
        self._thread.shutdown(wait=True)
        for child in self._ready:
            _ended(child)
        self._ready.clear()


def _started(patience: float) -> Child | None:
    """A child that is ready; None when it could not be."""
    try:
        child = Child()
    except OSError:
        return None
    if child.wait_until_ready(patience):
        return child
    _ended(child)
    return None


def _ended(child: Child) -> None:
    """End a child that is nobody's yet."""
    child.signal(signal.SIGKILL)
    child._process.join(PATIENCE)
    child.close()


def _prepare_environment(course: Path, home: Path) -> None:
    """What the forkserver, and so every learner's session, has for an environment: nothing of the teacher's own."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, kept.get("PYTHONPATH"))))
    os.environ.clear()
    os.environ.update(kept)
    os.environ |= {
        "PYTHONPATH": path,
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TEXTUAL_SMOOTH_SCROLL": "0",  # else mode 2048 replaces SIGWINCH, and mice report pixels
        COURSE_VARIABLE: str(course),
        "RL_TUTOR_HOME": str(home),
        "HOME": str(home),  # asyncssh asks for it; a user that systemd has made up may have none
    }
