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
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

WARM = "tutor.classroom.preload" in sys.modules  # else the forkserver has failed to load it, and said nothing
OPEN_FILES = 256
LONGEST_ORDER = 64 * 1024  # bytes


def main(terminal: str, link: socket.socket) -> None:
    """terminal: the name of our end of a PTY. link: to the server, one JSON object a line, both ways."""
    _take_terminal(terminal)
    _say(link, ready=os.getpid(), warm=WARM)
    orders = link.makefile("rb")
    line = orders.readline(LONGEST_ORDER)
    if not line:
        return  # the server has gone, or needs no more children
    order: dict[str, Any] = json.loads(line)
    _become(order)
    _bound(order["memory_mb"])
    _run(order, orders)


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
    os.environ |= {"RL_TUTOR_HOME": order["home"], "RL_TUTOR_HOSTED": order["exports"], **order["terminal"]}
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


def _run(order: dict[str, Any], orders: Any) -> None:
    from pathlib import Path

    from tutor import paths, settings
    from tutor.classroom.preload import course
    from tutor.progress.patient import open_theirs
    from tutor.tui.app import TutorApp
    from tutor.tui.running import run_until_left

    chosen, notices = settings.load(paths.settings_file())
    store = open_theirs(Path(order["database"]), order["learner"])
    app = TutorApp(course, store, chosen, notices=(*notices, *order["notices"]))
    Thread(target=_listen, args=(orders, app), daemon=True, name="orders").start()
    status = run_until_left(app)
    sys.stdout.flush()
    os._exit(status)


def _listen(orders: Any, app: "TutorApp") -> None:
    """What the server says meanwhile; its end is ours."""
    while line := orders.readline(LONGEST_ORDER):
        order = json.loads(line)
        if (words := order.get("tell")) and app.loop is not None:
            app.loop.call_soon_threadsafe(partial(app.notify, words, timeout=30, markup=False))
    os.kill(os.getpid(), signal.SIGHUP)


def _say(link: socket.socket, **message: object) -> None:
    link.sendall(json.dumps(message).encode() + b"\n")
