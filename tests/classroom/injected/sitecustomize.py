"""Faults that a test puts into a served class: loaded by every process of it, by PYTHONPATH.

From FIRST on, each signal makes the process that gets it go wrong in its main thread, wherever that is just then.
"""

import asyncio
import ctypes
import signal

FIRST = 40  # of the signals that no program uses


def raises() -> None:
    raise RuntimeError("put in by a test")


def crashes() -> None:
    ctypes.string_at(0)


def loops() -> None:
    while True:
        pass


def eats() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(1_000_000))


def eats_at_work() -> None:
    """As something that the tutor itself does."""
    asyncio.get_running_loop().call_soon(eats)


def _when(number: int, act: object) -> None:
    signal.signal(number, lambda _number, _frame: act())  # type: ignore[operator]


if __name__ == "sitecustomize":
    for number, act in enumerate((raises, crashes, loops, eats, eats_at_work), start=FIRST):
        _when(number, act)
