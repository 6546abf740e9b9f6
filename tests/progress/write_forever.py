"""Records attempts until killed, and says the id of each one that is acknowledged."""

from multiprocessing.connection import Connection
from pathlib import Path

import tutor.progress.writer  # noqa: F401  (so that a fork server has it ready)
from tutor.progress import ProgressError, open_store


def write_forever(path: Path, question: str, told: "Connection[bytes, bytes]") -> None:
    store = open_store(path)
    number = 0
    while True:
        number += 1
        try:
            event = store.record(
                "attempt", "l", "s", question, response=number, right=number % 2 == 0, hints=0
            )
        except ProgressError as error:
            if error.reason != "locked":
                raise
            continue  # SQLite's lock is not fair: another that writes without a pause may hold it for seconds
        told.send_bytes(event.id.encode())
