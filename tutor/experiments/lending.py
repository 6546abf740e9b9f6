"""Processes that a class shares: who lends them, and one that is lent, from the place in the queue on."""

from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Protocol

from tutor.experiments.worker_run import Run


class Loan(Protocol):
    """A process that somebody else keeps, or a place in the queue for one.

    rest: it is paused, and others may go on meanwhile. work: it wants to go on; `came` is called again (with None) when
    it may. give_back: it is not needed any more.
    """

    def rest(self) -> None: ...
    def work(self) -> None: ...
    def give_back(self) -> None: ...


class Lender(Protocol):
    """Keeps the processes of a class. torch: whether the run trains the language model. came: called, in another
    thread, with the link to the process; placed: with the number of those who are before us, and for about how many
    seconds (None: nobody knows), whenever it changes."""

    def borrow(
        self,
        torch: bool,
        came: Callable[[Connection | None], None],
        placed: Callable[[int, float | None], None],
    ) -> Loan: ...


_lender: Lender | None = None


def borrow_from(lender: Lender | None) -> None:
    """From now on workers have processes only while they run something, and those are `lender`'s; None: their own."""
    global _lender
    _lender = lender


def present_lender() -> Lender | None:
    """See `borrow_from`."""
    return _lender


def are_lent() -> bool:
    """Whether a run takes a place in a queue, which is to be asked for by whoever wants to run something."""
    return _lender is not None


class LentProcess:
    """A process of a lender's, for one run: what is said to it before it comes, or may go on again, is sent then."""

    for_one_run = True
    pid: int | None = None  # it is the lender's

    def __init__(
        self,
        run: Run,
        changed: Callable[[], None],
        listen: Callable[[Connection, "LentProcess"], None],
    ) -> None:
        """changed: called in another thread when the run's place has changed. listen: hears what comes over the link,
        in a thread of its own."""
        self._run, self._changed, self._listen = run, changed, listen
        self._link: Connection | None = None
        self._unsent: list[tuple[object, ...]] = []
        self._saying = Lock()  # commands arrive in the order in which they were given, whatever the thread
        self._resting = False  # it may not go on before the lender says so
        self._loan: Loan | None = None

    def start(self, lender: Lender) -> None:
        """Ask for it."""
        from tutor.experiments.registry import find_experiment

        self._loan = lender.borrow(find_experiment(self._run.id).torch, self._came, self._placed)

    def send(self, command: tuple[object, ...]) -> None:
        """command: the number of the run, what to do, and details."""
        with self._saying:
            waits = self._resting and command[1] in ("resume", "step")
            if self._link is not None and not waits:
                _send(self._link, command)
                return
            self._unsent.append(command)
            if self._loan is not None and self._resting and len(self._unsent) == 1:
                self._loan.work()

    def rest(self) -> None:
        """The run is paused: others may go on."""
        if self._loan is not None and self._link is not None and not self._resting:
            self._resting = True
            self._loan.rest()

    def end(self) -> None:
        """Give it back, or the place in the queue."""
        self._link = None
        if self._loan is not None:
            self._loan.give_back()

    def status(self) -> None:
        """Nobody knows why it was taken back."""

    def _came(self, link: Connection | None) -> None:
        """link: None where it may go on after a rest."""
        if self._run.ended:  # it was stopped while it waited
            if link is not None:
                link.close()
            return
        with self._saying:
            self._run.before, self._resting = 0, False
            self._link = link or self._link
            self._send_unsent()
        if link is not None:
            Thread(target=self._listen, args=(link, self), daemon=True, name="worker-link").start()
        self._changed()

    def _placed(self, before: int, wait: float | None) -> None:
        self._run.before, self._run.wait = before, wait
        self._changed()

    def _send_unsent(self) -> None:
        unsent, self._unsent = self._unsent, []
        for command in unsent:
            if self._link is not None:
                _send(self._link, command)


def _send(link: Connection, command: tuple[object, ...]) -> None:
    with suppress(OSError):  # the process has just died; the listener tells
        link.send(command)
