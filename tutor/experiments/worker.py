"""Runs in a process of their own: the screen stays free, and a run that dies takes nothing with it.

    worker = Worker()                       # starts the process, which loads numpy while the lab is being drawn
    run = worker.run("ppo", {"seeds": 20}, changed=lambda run: ...)
    run.pause(), run.step(), run.resume(), run.stop()
    worker.close()

Frames come back in batches, RATE a second at most, however fast they are made. The process ends by itself when the
one that started it is gone. What goes over the link is made by these two processes alone and read by nobody else.
"""

from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

from tutor.experiments.lending import LentProcess, present_lender
from tutor.experiments.own_process import OwnProcess
from tutor.experiments.worker_run import Run

PRELOAD = (
    "numpy.random",
    "tutor.experiments.running",
    "tutor.rl.evaluation",
)  # what any run of tabular RL needs
RATE = 20.0  # batches a second


class Worker:
    """A process that runs one experiment at a time. Starting another run stops the one before."""

    def __init__(self, preload: Sequence[str] = PRELOAD) -> None:
        """preload: modules that the process loads before anybody waits for them; `("torch",)` for what trains the
        language model."""
        self._preload = tuple(preload)
        self._process: OwnProcess | LentProcess | None = None
        self._number = 0  # of the present run: what still comes of an earlier one is dropped
        self._run: Run | None = None
        self._changed: Callable[[Run], None] = lambda _run: None
        if present_lender() is None:
            self._start_own()

    @property
    def pid(self) -> int | None:
        """The process; None when there is none, or it is another's."""
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
        self._number += 1
        number = self._number
        run = Run(id, dict(parameters), state="paused" if paused else "running")
        run._send = lambda *command: self._say(number, *command)
        self._run, self._changed = run, changed
        if self._process is None:
            self._start(run)
        self._say(number, "run", id, run.parameters, None if seeds is None else tuple(seeds), paused, speed)
        return run

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._run is not None and not self._run.ended:
            self._run.state = "stopped"
        self._changed = lambda _run: None
        self._end()

    def _start(self, run: Run) -> None:
        lender = present_lender()
        if lender is None:
            self._start_own()
        else:
            self._process = lent = LentProcess(run, lambda: self._changed(run), self._listen)
            lent.start(lender)

    def _start_own(self) -> None:
        self._process = own = OwnProcess(self._preload)
        own.start(self._listen)

    def _say(self, number: int, *command: object) -> None:
        """To the process, unless the command is for a run that is no longer the present one."""
        process = self._process
        if number != self._number or process is None:
            return
        process.send((number, *command))
        if command[0] == "pause":
            process.rest()
        elif command[0] == "stop":
            self._run_ended()

    def _run_ended(self) -> None:
        """What was lent for it is needed no more."""
        if self._process is not None and self._process.for_one_run:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _listen(self, link: Connection, process: OwnProcess | LentProcess) -> None:
        while True:
            try:
                number, *event = link.recv()
            except Exception:
                break
            if number == self._number and self._run is not None:
                self._take(self._run, event)
        link.close()
        status = process.status()
        if self._process is process:
            self._process = None
            self._died(status)
            process.end()

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
            self._run_ended()
        elif run.state == "paused" and self._process is not None:
            self._process.rest()
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
