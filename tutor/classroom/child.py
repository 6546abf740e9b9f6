"""A learner's session: the ordinary tutor, on a terminal of its own, in a process of its own.

Started ahead by the forkserver, it waits for orders, which say whose it becomes. It ends with its terminal, and with
the server.
"""

import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from tutor.classroom.listening import OPEN_FILES
from tutor.classroom.preload_name import PRELOAD

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

Placed = Callable[[int, float | None], None]  # see `tutor.experiments.lending.Lender`
SWITCH = 0.0005  # seconds that the thread which sends a frame waits for the one that has made it; Python's are 5 ms
FOREVER = 24 * 3600.0  # seconds: longer than any idle limit
LONGEST_ORDER = 64 * 1024  # bytes


def main(terminal: str, link: socket.socket) -> None:
    """terminal: the name of our end of a PTY. link: to the server, one JSON object a line, both ways."""
    _take_terminal(terminal)
    server = Server(link)
    server.say(
        ready=os.getpid(), warm=PRELOAD in sys.modules
    )  # else loading it has failed, and nobody said so
    order, _ = server.order()
    if order is None:
        return  # the server has gone, or needs no more children
    _become(order)
    _bound(order["memory_mb"])
    _run(order, server)


def _take_terminal(terminal: str) -> None:
    """Ours alone, as a login shell has it: the standard streams, and the signals that it sends."""
    os.setsid()
    descriptor = os.open(terminal, os.O_RDWR)  # a leader of a session gets the first terminal that it opens
    for standard in (0, 1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        stream = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_DFL)


def _become(order: dict[str, Any]) -> None:
    """Take on the learner's own place, and their terminal's kind."""
    for name in [name for name in os.environ if name.startswith(("RL_TUTOR_", "TERM", "COLORTERM", "LC_"))]:
        del os.environ[name]
    own = {"RL_TUTOR_HOME": order["home"], "HOME": order["home"], "RL_TUTOR_HOSTED": order["exports"]}
    os.environ |= {**own, "RL_TUTOR_HOSTED_MB": str(order["disk_mb"]), **order["terminal"]}
    os.makedirs(order["home"], mode=0o700, exist_ok=True)
    os.chdir(order["home"])


def _bound(memory_mb: int) -> None:
    """More memory than that raises MemoryError here, in the tutor, which comes back to Home."""
    with open("/proc/self/status", encoding="ascii") as status:
        own = next((int(line.split()[1]) for line in status if line.startswith("VmData:")), 0)
    most = own * 1024 + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def _run(order: dict[str, Any], server: "Server") -> None:
    from pathlib import Path

    from tutor import paths, settings
    from tutor.classroom.preload import course, prepared
    from tutor.experiments.lending import borrow_from
    from tutor.progress.patient import open_theirs
    from tutor.tui.app import TutorApp
    from tutor.tui.running import run_until_left

    chosen, notices = settings.load(paths.settings_file())
    store = open_theirs(Path(order["database"]), order["learner"], order["disk_mb"] * 1024**2)
    told = (*notices, *order["notices"])
    if prepared is not None and prepared.suits(chosen):
        prepared.belong_to(store, chosen, told)
        app: TutorApp = prepared
    else:
        app = TutorApp(course, store, chosen, notices=told)
    borrow_from(server)
    app.upon_mistakes(lambda error: server.say(mistake=type(error).__name__))
    Thread(target=server.listen, args=(app,), daemon=True, name="orders").start()
    sys.setswitchinterval(SWITCH)
    status = run_until_left(app)
    sys.stdout.flush()
    server.say(ends=status)  # for who cannot ask the system for it: the forkserver may have died
    os._exit(status)


def _warn(app: "TutorApp", words: str) -> None:
    """A line that stays until it is taken back, by no words."""
    if words:
        app.notify(words, severity="warning", timeout=FOREVER, markup=False)
    else:
        app.clear_notifications()


class Loan:
    """A process that the server lends, or the place in its queue."""

    def __init__(self, server: "Server", came: Callable[[Connection | None], None], placed: Placed) -> None:
        self._server, self.came, self.placed = server, came, placed

    def rest(self) -> None:
        self._server.tell_of(self, "rest")

    def work(self) -> None:
        self._server.tell_of(self, "work")

    def give_back(self) -> None:
        self._server.tell_of(self, "give_back")


class Server:
    """The server, as a session sees it: what it says, and what it lends (see `tutor.experiments.lending.Lender`)."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._came = b""  # of a line that is not whole yet
        self._files: list[int] = []
        self._lock = Lock()
        self._loans: dict[int, Loan] = {}
        self._number = 0

    def say(self, **message: object) -> None:
        with self._lock, suppress(OSError):
            self._link.sendall(json.dumps(message).encode() + b"\n")

    def order(self) -> tuple[dict[str, Any] | None, int | None]:
        """The next order, and the file that came with it; None at the end."""
        while b"\n" not in self._came:
            data, files, *_ = socket.recv_fds(self._link, LONGEST_ORDER, 1)
            if not data:
                return None, None
            self._came += data
            self._files += files
        line, _, self._came = self._came.partition(b"\n")
        order: dict[str, Any] = json.loads(line)
        return order, self._files.pop(0) if "lent" in order and self._files else None

    def listen(self, app: "TutorApp") -> None:
        """What the server says while the tutor runs; its end is ours."""
        while True:
            order, file = self.order()
            if order is None:
                break
            if (words := order.get("tell")) and app.loop is not None:
                app.loop.call_soon_threadsafe(partial(app.notify, words, timeout=30, markup=False))
            if "warn" in order and app.loop is not None:
                app.loop.call_soon_threadsafe(_warn, app, order["warn"])
            loan = self._loans.get(order.get("loan", 0))
            if file is not None and loan is None:
                os.close(file)
            elif file is not None and loan is not None:
                loan.came(Connection(file))
            elif loan is not None and "work" in order:
                loan.came(None)
            elif loan is not None and "before" in order:
                loan.placed(order["before"], order.get("wait"))
        os.kill(os.getpid(), signal.SIGHUP)

    def borrow(self, torch: bool, came: Callable[[Connection | None], None], placed: Placed) -> Loan:
        loan = Loan(self, came, placed)
        self._number += 1
        self._loans[self._number] = loan
        self.say(borrow=self._number, torch=torch)
        return loan

    def tell_of(self, loan: Loan, what: str) -> None:
        for number in [number for number, own in self._loans.items() if own is loan]:
            self.say(**{what: number})
            if what == "give_back":
                del self._loans[number]
