"""A process that a worker starts for itself, and uses for one run after the other."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock, Thread

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # a run has one core to itself
_START = (
    "import sys; from tutor.experiments.worker_process import main; main(int(sys.argv[1]), *sys.argv[2:])"
)


class OwnProcess:
    """It is there from the beginning, and nobody else waits for it."""

    for_one_run = False

    def __init__(self, preload: Sequence[str]) -> None:
        """preload: modules that it loads at once."""
        self._link, theirs = Pipe()
        self._saying = Lock()  # commands arrive whole, whichever thread sends them
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and our own code)
            [sys.executable, "-P", "-c", _START, str(theirs.fileno()), *preload],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONPATH": path},
        )
        theirs.close()

    def start(self, listen: Callable[[Connection, "OwnProcess"], None]) -> None:
        """listen: hears what comes over the link, in a thread of its own."""
        Thread(target=listen, args=(self._link, self), daemon=True, name="worker-link").start()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def send(self, command: tuple[object, ...]) -> None:
        """command: the number of the run, what to do, and details."""
        with self._saying, suppress(OSError):  # it has just died; the listener tells
            self._link.send(command)

    def rest(self) -> None:
        """The run is paused, which matters to nobody."""

    def end(self) -> None:
        """Whatever it is doing."""
        self._process.kill()
        self._process.wait()

    def status(self) -> int:
        """With which it has ended."""
        return self._process.wait()
