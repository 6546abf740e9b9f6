"""Runs in a process of their own: the screen stays free, and a run that dies takes nothing with it.

    worker = Worker()                       # starts the process, which loads numpy while the lab is being drawn
    run = worker.run("ppo", {"seeds": 20}, changed=lambda run: ...)
    run.pause(), run.step(), run.resume(), run.stop()
    worker.close()

Frames come back in batches, RATE a second at most, however fast they are made. The process ends by itself when the
one that started it is gone. What goes over the link is made by these two processes alone and read by nobody else.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal, Protocol

from tutor.experiments.frames import Frame
from tutor.rl.changes import Change

PRELOAD = (
    "numpy.random",
    "tutor.experiments.running",
    "tutor.rl.evaluation",
)  # what any run of tabular RL needs
RATE = 20.0  # batches a second
State = Literal["running", "paused", "done", "stopped", "failed", "dead"]
ENDED: tuple[State, ...] = ("done", "stopped", "failed", "dead")
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # a run has one core to itself
_START = (
    "import sys; from tutor.experiments.worker_process import main; main(int(sys.argv[1]), *sys.argv[2:])"
)


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


def are_lent() -> bool:
    """Whether a run takes a place in a queue, which is to be asked for by whoever wants to run something."""
    return _lender is not None


@dataclass(eq=False)
class Run:
    """One run, as far as it has come. Its fields change in a thread of the worker's, each at once and whole.

    frames: those that have arrived; it only grows. state: `paused` runs on with `resume` or `step`; the others but
    `running` are ends. problem: why it failed or died, one line. traceback: of a failure that is a fault of the
    program, for a log. diverged: the series that did, and what it did, in words. changes: those that were asked for by
    `change`, once it is known from where on they hold. before: how many runs of others come first, where processes are
    shared; 0 once it has one. wait: about how many seconds that takes; None: nobody knows.
    """

    id: str
    parameters: Mapping[str, object]
    frames: list[Frame] = field(default_factory=list)
    state: State = "running"
    problem: str = ""
    traceback: str = ""
    diverged: tuple[str, str] | None = None
    changes: list[Change] = field(default_factory=list)
    before: int = 0
    wait: float | None = None
    _send: Callable[..., None] = field(default=lambda *_command: None, repr=False)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def pause(self) -> None:
        """Make no further frame; the one that is being made still comes."""
        self._go("paused", "pause")

    def resume(self) -> None:
        self._go("running", "resume")

    def step(self, frames: int = 1) -> None:
        """Make so many frames and pause."""
        self._go("paused", "step", frames)

    def set_speed(self, frames_per_second: float | None) -> None:
        """None: as fast as it can."""
        if not self.ended:
            self._send("speed", frames_per_second)

    def change(self, name: str, value: float) -> None:
        """Set a parameter that is live (see `Experiment`) from the first episode that has not begun."""
        if not self.ended:
            self._send("change", name, value)

    def stop(self) -> None:
        """End it; the frames stay. What is being made is thrown away."""
        self._go("stopped", "stop")

    def _go(self, state: State, *command: object) -> None:
        if not self.ended:
            self.state = state
            self._send(*command)


class Worker:
    """A process that runs one experiment at a time. Starting another run stops the one before."""

    def __init__(self, preload: Sequence[str] = PRELOAD) -> None:
        """preload: modules that the process loads before anybody waits for them; `("torch",)` for what trains the
        language model."""
        self._preload = tuple(preload)
        self._process: subprocess.Popen[bytes] | None = None
        self._link: Connection | None = None
        self._number = 0  # of the present run: what still comes of an earlier one is dropped
        self._run: Run | None = None
        self._changed: Callable[[Run], None] = lambda _run: None
        self._loan: Loan | None = None
        self._unsent: list[
            tuple[object, ...]
        ] = []  # commands for a process that is still to come, or to go on
        self._saying = (
            Lock()
        )  # commands arrive in the order in which they were given, whichever thread sends them
        self._resting = False  # a lent process that may not go on before the lender says so
        if _lender is None:
            self._start()

    @property
    def pid(self) -> int | None:
        """The process; None when there is none."""
        return self._process.pid if self._process is not None else None

    def run(
        self,
        id: str,
        parameters: Mapping[str, object],
        seeds: Sequence[int] | None = None,
        *,
        changed: Callable[[Run], None] = lambda _run: None,
        paused: bool = False,
        speed: float | None = None,
    ) -> Run:
        """Start it; see `tutor.experiments.run` for the first three. `changed` is called in another thread whenever
        frames have come or the state has changed. paused: make the first frame only. A process that has died is
        started anew.
        """
        if self._run is not None:
            self._run.stop()
        if self._link is None and _lender is None:
            self._start()
        self._number += 1
        number = self._number
        run = Run(id, dict(parameters), state="paused" if paused else "running")
        run._send = lambda *command: self._say(number, *command)
        self._run, self._changed = run, changed
        self._unsent.clear()
        self._say(number, "run", id, run.parameters, None if seeds is None else tuple(seeds), paused, speed)
        if self._link is None and _lender is not None:
            self._borrow(_lender, run)
        return run

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._run is not None and not self._run.ended:
            self._run.state = "stopped"
        self._changed = lambda _run: None
        self._end()

    def _start(self) -> None:
        ours, theirs = Pipe()
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and our own code)
            [sys.executable, "-P", "-c", _START, str(theirs.fileno()), *self._preload],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONPATH": path},
        )
        theirs.close()
        self._link = ours
        Thread(target=self._listen, args=(ours, self._process), daemon=True, name="worker-link").start()

    def _borrow(self, lender: Lender, run: Run) -> None:
        """Wait for a process of the lender's; what is said to it meanwhile is sent when it comes."""

        def came(link: Connection | None) -> None:
            if run.ended:  # it was stopped while it waited
                if link is not None:
                    link.close()
                return
            with self._saying:
                run.before, self._resting = 0, False
                self._link = link or self._link
                self._send_unsent()
            if link is not None:
                Thread(target=self._listen, args=(link, None), daemon=True, name="worker-link").start()
            self._changed(run)

        def placed(before: int, wait: float | None) -> None:
            run.before, run.wait = before, wait
            self._changed(run)

        from tutor.experiments.registry import find_experiment

        self._resting = False
        self._loan = lender.borrow(find_experiment(run.id).torch, came, placed)

    def _send_unsent(self) -> None:
        unsent, self._unsent = self._unsent, []
        for command in unsent:
            with suppress(OSError):
                if self._link is not None:
                    self._link.send(command)

    def _rest(self) -> None:
        """A lent process that is paused lets others go on."""
        if self._loan is not None and self._link is not None and not self._resting:
            self._resting = True
            self._loan.rest()

    def _give_back(self) -> None:
        """A run that has ended needs no process; what is lent waits for nobody."""
        if self._loan is not None:
            loan, self._loan, self._link = self._loan, None, None
            loan.give_back()

    def _say(self, number: int, *command: object) -> None:
        """To the process, unless the command is for a run that is no longer the present one."""
        if number != self._number:
            return
        with self._saying:
            self._send_or_keep(number, *command)
        if command[0] == "pause":
            self._rest()
        elif command[0] == "stop":
            self._give_back()

    def _send_or_keep(self, number: int, *command: object) -> None:
        goes_on = command[0] in ("resume", "step")
        if (self._link is None and _lender is not None) or (self._resting and goes_on):
            self._unsent.append((number, *command))
            if self._loan is not None and self._resting and len(self._unsent) == 1:
                self._loan.work()
        elif self._link is not None:
            with suppress(OSError):  # it has just died; the listener tells
                self._link.send((number, *command))

    def _listen(self, link: Connection, process: "subprocess.Popen[bytes] | None") -> None:
        while True:
            try:
                number, *event = link.recv()
            except Exception:
                break
            if number == self._number and self._run is not None:
                self._take(self._run, event)
        link.close()
        status = None if process is None else process.wait()
        if self._link is link:
            self._link = self._process = None
            self._died(status)
            self._give_back()

    def _take(self, run: Run, event: list[Any]) -> None:
        if run.ended:
            return
        match event:
            case ["frames", batch]:
                run.frames.extend(batch)
            case ["changed", change]:
                run.changes.append(change)
            case ["done"]:
                run.state = "done"
            case ["failed", problem, traceback, diverged]:
                run.diverged = diverged
                run.problem, run.traceback, run.state = problem, traceback, "failed"
        if run.ended:
            self._give_back()
        elif run.state == "paused":
            self._rest()
        self._changed(run)

    def _died(self, status: int | None) -> None:
        """status: None where the process was somebody else's, who took it back."""
        run = self._run
        if run is None or run.ended:
            return
        if status is None:
            run.problem = "others of the class wait for this run's place; what it had done is kept"
        else:
            how = f"signal {-status}" if status < 0 else f"status {status}"
            run.problem = f"the process of this run died ({how}); what it had done is kept"
        run.state = "dead"
        self._changed(run)

    def _end(self) -> None:
        self._give_back()
        process, self._process, self._link = self._process, None, None
        if process is not None:
            process.kill()
            process.wait()
