"""The port of a class: how connections are taken there, also when descriptors run out, and why it cannot be had."""

import asyncio
import errno
import os
import resource
import socket
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from tutor.classroom.errors import ClassError

OPEN_FILES = 256  # descriptors that a session may have
WAITING = 512  # connections that the system keeps until they are taken
MANY = 65_536  # descriptors
TELL_EVERY = 60.0  # seconds between two lines of the log about the same shortage
SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def take_one_at_a_time(sockets: Iterable[Any]) -> None:
    """Sockets on which asyncio listens with a backlog of 1 keep more waiting from here on.

    asyncio tries to take as many connections in a row as its backlog says, and without descriptors every one of these
    is a report and a timer of its own. One at a time, it rests for a second.
    """
    for each in sockets:
        with socket.socket(fileno=os.dup(each.fileno())) as same:
            same.listen(WAITING)


def allow_many_descriptors() -> None:
    """As many as the system lets this process have: a session takes four. Raises ClassError where those are too few for
    one tutor."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < OPEN_FILES:
        raise ClassError(
            f"a process may have {most} files open at most here, and a session needs {OPEN_FILES}: "
            "allow more (ulimit -Hn 4096 in a shell, LimitNOFILE=4096 of systemd, --ulimit nofile=4096 of a container)"
        )
    wanted = MANY if most == resource.RLIM_INFINITY else min(most, MANY)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class Shortages:
    """Handles what an event loop reports: a shortage goes to the log, once a minute; all else where it always goes."""

    def __init__(self, audit: Callable[..., None]) -> None:
        self._audit = audit
        self._told = -TELL_EVERY
        self._spare = _descriptor()  # given up while the line is written

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in SHORTAGES:
            loop.default_exception_handler(context)
        elif (now := monotonic()) - self._told >= TELL_EVERY:
            self._told = now
            if self._spare is not None:
                os.close(self._spare)
            self._audit("shortage", why=f"no connection can be taken: {os.strerror(error.errno)}")
            self._spare = _descriptor()


def _descriptor() -> int | None:
    try:
        return os.open(os.devnull, os.O_RDONLY)
    except OSError:
        return None


def cannot_listen(host: str, port: int, error: OSError) -> str:
    """Why, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken by another program; take another: --port {port + 1}"
    if error.errno == errno.EACCES:
        return f"port {port} is not for ordinary users; take one from 1024 on: --port 2222"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        why = error.strerror if isinstance(error, socket.gaierror) else "it is no address of this machine"
        return f"cannot listen on {host} ({why}); --host takes an address of this machine; all, without it"
    return f"cannot listen on {host}:{port} ({os.strerror(error.errno) if error.errno else error})"
