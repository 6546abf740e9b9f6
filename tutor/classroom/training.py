"""Runs of a class: a bounded number of processes at work, fairly shared.

Who waits is served by how long ago they last had a process, then by who came first: nobody can have two while another
has none. A process serves one run of one learner and ends. One that is paused rests: it takes nobody's place, and waits
for one like all others when it is to go on. While others wait, none works for longer than LONGEST at a time.
"""

import asyncio
import gc
import os
import resource
import signal
import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from time import monotonic
from typing import Any

from tutor.classroom.pool import start

RECENT = 20  # runs by which a wait is judged
LONGEST = 120.0  # seconds
MOST_RESTING = 64  # processes that are paused; the one that has rested for longest ends when there are more
LOOK_EVERY = 1.0  # seconds between looks at what is lent for too long
MEMORY = 1500 * 1024 * 1024  # bytes of data that a run may have; torch and its largest run need a third
_context = get_context("forkserver")


@dataclass(eq=False)
class Ticket:
    """A run that waits, works or rests. lent: gives our end of the link away; None: it may go on. placed: how many come
    first, and for about how many seconds (None: nobody knows yet)."""

    learner: str
    lent: Callable[[socket.socket | None], None]
    placed: Callable[[int, float | None], None]
    came: float = field(default_factory=monotonic)
    since: float = 0.0  # when it got its process
    process: Any = None
    told: int = -1


class Training:
    """Lends at most `places` processes at once."""

    def __init__(self, places: int, starter: Executor) -> None:
        """starter: the thread in which processes are started."""
        self._places = places
        self._starter = starter
        self._waiting: list[Ticket] = []
        self._lent: list[Ticket] = []  # at work
        self._resting: list[Ticket] = []
        self._took: deque[float] = deque(maxlen=RECENT)  # seconds for which runs had their place
        self._last: dict[str, float] = {}  # a learner -> when they last had one
        self._lending: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    def borrow(
        self,
        learner: str,
        lent: Callable[[socket.socket | None], None],
        placed: Callable[[int, float | None], None],
    ) -> Ticket:
        """Queue for a process."""
        ticket = Ticket(learner, lent, placed)
        self._waiting.append(ticket)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        self._serve()
        return ticket

    def rest(self, ticket: Ticket) -> None:
        """The run is paused: another may have its place."""
        if ticket in self._lent:
            self._lent.remove(ticket)
            self._count(ticket)
            self._resting.append(ticket)
            if len(self._resting) > MOST_RESTING:
                self.give_back(self._resting[0])
            self._serve()

    def work(self, ticket: Ticket) -> None:
        """The run is to go on: it queues again."""
        if ticket in self._resting:
            self._resting.remove(ticket)
            ticket.came, ticket.told = monotonic(), -1
            self._waiting.append(ticket)
            self._serve()

    def give_back(self, ticket: Ticket) -> None:
        """The run is over, or nobody waits for it any more."""
        if ticket in self._lent:
            self._count(ticket)
        for place in (self._waiting, self._lent, self._resting):
            if ticket in place:
                place.remove(ticket)
        _end(ticket.process)
        self._serve()

    def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        self._waiting.clear()
        for ticket in [*self._lent, *self._resting]:
            self.give_back(ticket)

    def queue(self) -> list[Ticket]:
        """Who waits, the next first."""
        running = {ticket.learner for ticket in self._lent}
        return sorted(
            self._waiting,
            key=lambda ticket: (ticket.learner in running, self._last.get(ticket.learner, 0.0), ticket.came),
        )

    def wait(self, before: int) -> float | None:
        """About how many seconds somebody waits before whom so many come, by how long runs had their place lately."""
        if not self._took:
            return None
        turns = before - len(self._lent) + 1  # that must end before it is theirs
        return turns * sum(self._took) / len(self._took) / self._places

    def _count(self, ticket: Ticket) -> None:
        """It gives its place away."""
        self._last[ticket.learner] = monotonic()
        self._took.append(monotonic() - ticket.since)

    def _serve(self) -> None:
        while self._waiting and len(self._lent) < self._places:
            ticket = self.queue()[0]
            self._waiting.remove(ticket)
            self._lent.append(ticket)
            ticket.since = monotonic()
            task = asyncio.get_running_loop().create_task(self._lend(ticket))
            self._lending.add(task)
            task.add_done_callback(self._lending.discard)
        for before, ticket in enumerate(self.queue(), start=len(self._lent)):
            if ticket.told != before:
                ticket.told = before
                ticket.placed(before, self.wait(before))

    async def _lend(self, ticket: Ticket) -> None:
        if ticket.process is not None:
            ticket.lent(None)
            return
        try:
            process, ours = await asyncio.get_running_loop().run_in_executor(self._starter, _started)
        except OSError:
            self.give_back(ticket)
            return
        with ours:
            ticket.process = process
            if ticket in self._lent:
                ticket.lent(ours)
            else:  # given back meanwhile
                _end(process)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for ticket in [*self._lent]:
                too_long = self._waiting and monotonic() - ticket.since > LONGEST
                if ticket.process is not None and (too_long or ticket.process.exitcode is not None):
                    self.give_back(ticket)


def _started() -> tuple[Any, socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        process = _context.Process(target=_main, args=(theirs,), daemon=True)
        start(process)
    return process, ours


def _end(process: Any) -> None:
    if process is not None and process.exitcode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def _main(link: socket.socket) -> None:
    """In the process: run whatever comes over the link, until that is closed."""
    from tutor.experiments.worker_process import main

    gc.enable()  # what it was forked from collects nothing
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(link.detach())
