"""Records attempts until killed, and says the id of each one that is acknowledged; or what ended it earlier.

Two that write without a pause may starve one another for longer than the store waits: one that is refused because the
file is locked tries again, as the tutor itself does.
"""

import traceback
from collections.abc import Callable
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import tutor.progress.writer  # noqa: F401  (so that a fork server has it ready)
from tutor.progress import ProgressError, open_store

Result = TypeVar("Result")
MOST_REFUSALS = 12  # after each of which the store has waited for the lock for seconds


def write_forever(path: Path, question: str, told: "Connection[bytes, bytes]") -> None:
    try:
        _write(path, question, told)
    except Exception:
        told.send_bytes(traceback.format_exc().encode())
        raise


def _write(path: Path, question: str, told: "Connection[bytes, bytes]") -> None:
    store = _unlocked(lambda: open_store(path))
    for number in count(1):
        data = {"response": number, "right": number % 2 == 0, "hints": 0}
        event = _unlocked(partial(store.record, "attempt", "l", "s", question, **data))
        told.send_bytes(event.id.encode())


def _unlocked(act: Callable[[], Result]) -> Result:
    for _ in range(MOST_REFUSALS):
        try:
            return act()
        except ProgressError as error:
            if error.reason != "locked":
                raise
    return act()
