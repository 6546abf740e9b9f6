"""What runs inside the process of a `Worker`: a thread that takes commands, one that sends, and the run itself."""

import os
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from threading import Condition, Thread
from typing import Any

from tutor.experiments.frames import Frame
from tutor.experiments.worker import RATE
from tutor.rl.changes import Changes

NICE = 5  # how far it stands back where cores are few: keys, and other people, come first


def main(descriptor: int, *preload: str) -> None:
    """Serve whoever holds the other end of the link, until it is closed. preload: modules to load while nobody waits;
    one that is not installed is left to the run that needs it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides when it ends
    os.nice(NICE)
    _Process(Connection(descriptor)).serve(preload)


@dataclass
class _Orders:
    """How the present run is to go on. number: which run. permits: frames that may be made while it is paused.
    changes: that are still to be made."""

    number: int = 0
    task: tuple[Any, ...] = ()
    paused: bool = False
    permits: int = 0
    period: float = 0.0
    stopped: bool = True
    changes: list[tuple[str, float]] = field(default_factory=list)


class _Process:
    def __init__(self, link: Connection) -> None:
        self._link = link
        self._orders = _Orders()
        self._changed = Condition()
        self._outbox: list[tuple[Any, ...]] = []
        self._filled = Condition()

    def serve(self, preload: tuple[str, ...] = ()) -> None:
        for target in (self._listen, self._post):
            Thread(target=target, daemon=True).start()
        for module in preload:
            with suppress(ImportError):
                import_module(module)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._orders.task))
                orders = self._orders
                task, orders.task = orders.task, ()
            self._run(orders, *task)

    # Commands

    def _listen(self) -> None:
        """The end of the link is the end of this process, in the midst of whatever it computes."""
        while True:
            try:
                number, command, *details = self._link.recv()
            except (EOFError, OSError):
                os._exit(0)
            with self._changed:
                self._obey(number, command, details)
                self._changed.notify_all()

    def _obey(self, number: int, command: str, details: list[Any]) -> None:
        orders = self._orders
        match command:
            case "run":
                orders.stopped = True
                id, parameters, seeds, paused, speed = details
                self._orders = _Orders(
                    number, (id, parameters, seeds), paused, 0, period(speed), stopped=False
                )
            case _ if number != orders.number:
                pass  # for a run that is over
            case "pause":
                orders.paused, orders.permits = True, 0
            case "resume":
                orders.paused = False
            case "step":
                orders.paused, orders.permits = True, orders.permits + details[0]
            case "speed":
                orders.period = period(details[0])
            case "change":
                orders.changes.append((details[0], details[1]))
            case "stop":
                orders.stopped = True

    # The run

    def _run(self, orders: _Orders, id: str, parameters: dict[str, object], seeds: Any) -> None:
        from tutor.experiments.recordings import run_or_recorded
        from tutor.experiments.running import live_changes
        from tutor.rl.divergence import DivergedError

        try:
            changes = live_changes(id, parameters)
            self._make(orders, run_or_recorded(id, parameters, seeds, changes), changes or Changes())
        except DivergedError as error:
            self._put(orders.number, "failed", _line(error), "", (error.series, error.what))
        except (ValueError, LookupError) as error:  # wrong parameters
            self._put(orders.number, "failed", _line(error), "", None)
        except MemoryError:
            self._put(orders.number, "failed", "there is not enough memory for this run", "", None)
        except Exception as error:
            self._put(
                orders.number,
                "failed",
                f"{type(error).__name__}: {_line(error)}",
                traceback.format_exc(),
                None,
            )

    def _make(self, orders: _Orders, frames: Iterator[Frame], changes: Changes) -> None:
        for frame in frames:
            made = time.monotonic()
            self._put(orders.number, "frames", [frame])
            if not self._go_on(orders, made, changes):
                return
        self._put(orders.number, "done")

    def _go_on(self, orders: _Orders, made: float, changes: Changes) -> bool:
        """Wait for the time or the permit of the next frame, changing what is asked for meanwhile; False when the run
        is to end."""
        with self._changed:
            while not orders.stopped:
                while orders.changes:
                    self._put(orders.number, "changed", changes.add(*orders.changes.pop(0)))
                if orders.paused and orders.permits:
                    orders.permits -= 1
                    return True
                left = made + orders.period - time.monotonic()
                if not orders.paused and left <= 0:
                    return True
                self._changed.wait(None if orders.paused else left)
        return False

    # What goes back

    def _put(self, number: int, kind: str, *details: Any) -> None:
        with self._filled:
            last = self._outbox[-1] if self._outbox else None
            if kind == "frames" and last is not None and last[:2] == (number, "frames"):
                last[2].extend(details[0])
            else:
                self._outbox.append((number, kind, *details))
            self._filled.notify()

    def _post(self) -> None:
        """Whatever has gathered, at once, and then a rest: the other side is drawing."""
        while True:
            with self._filled:
                self._filled.wait_for(lambda: bool(self._outbox))
                batch, self._outbox = self._outbox, []
            with suppress(OSError):  # the listener ends the process
                for event in batch:
                    self._link.send(event)
            time.sleep(1 / RATE)


def period(speed: float | None) -> float:
    """Seconds from one frame to the next at `speed` frames a second; None: none."""
    return 0.0 if speed is None else 1 / speed


def _line(error: BaseException) -> str:
    text = str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__
