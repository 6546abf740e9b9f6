"""What a session's child says to the server: that it wants processes for its runs, what went wrong, and how it ends.
Nothing of it can harm the class."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tutor.classroom.pool import Child
from tutor.classroom.training import Ticket, Training

AT_ONCE = 64 * 1024  # bytes
LONGEST = 4096  # bytes of a line from a child
MOST = 4  # runs of one session that wait or run
MOST_MISTAKES = 20  # of one session that are passed on


class Loans:
    """Listens from `open` to `close`; what was lent then goes back. ends: the status with which the child is about to
    end, once it has said so."""

    def __init__(
        self, training: Training, learner: str, child: Child, mistaken: Callable[[str], None]
    ) -> None:
        """learner: the id of who queues. mistaken: called with the kind of an error from which the tutor came back."""
        self._mistaken = mistaken
        self._mistakes = 0
        self._training = training
        self._learner = learner
        self._child = child
        self._heard = b""  # of a line that is not whole yet
        self._tickets: dict[int, Ticket] = {}
        self.ends: int | None = None

    def open(self) -> None:
        self._child.link.setblocking(False)
        asyncio.get_running_loop().add_reader(self._child.link, self._hear)

    def close(self) -> None:
        self._hear()  # what it said last
        asyncio.get_running_loop().remove_reader(self._child.link)
        for ticket in self._tickets.values():
            self._training.give_back(ticket)
        self._tickets.clear()

    def _hear(self) -> None:
        try:
            data = self._child.link.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data or len(self._heard) > LONGEST:
            asyncio.get_running_loop().remove_reader(self._child.link)
            return
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            with suppress(ValueError, TypeError, AttributeError):
                self._obey(json.loads(line))

    def _obey(self, message: dict[str, Any]) -> None:
        if isinstance(status := message.get("ends"), int):
            self.ends = status
        if isinstance(kind := message.get("mistake"), str) and self._mistakes < MOST_MISTAKES:
            self._mistakes += 1
            self._mistaken(kind)
        number = message.get("borrow")
        if isinstance(number, int) and number not in self._tickets and len(self._tickets) < MOST:
            self._borrow(number)
        if (ticket := self._tickets.get(message.get("rest", -1))) is not None:
            self._training.rest(ticket)
        if (ticket := self._tickets.get(message.get("work", -1))) is not None:
            self._training.work(ticket)
        if (ticket := self._tickets.pop(message.get("give_back", -1), None)) is not None:
            self._training.give_back(ticket)

    def _borrow(self, number: int) -> None:
        say = self._child.say
        self._tickets[number] = self._training.borrow(
            self._learner,
            lambda link: say({"loan": number, "lent" if link else "work": True}, link),
            lambda before, wait: say({"loan": number, "before": before, "wait": wait}),
        )
