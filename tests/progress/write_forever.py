"""Records attempts until killed, and says the id of each one that is acknowledged."""

from multiprocessing.connection import Connection
from pathlib import Path

import tutor.progress.writer  # noqa: F401  (so that a fork server has it ready)
from tutor.progress import open_store


def write_forever(path: Path, question: str, told: "Connection[bytes, bytes]") -> None:
    store = open_store(path)
    number = 0
    while True:
        number += 1
        event = store.record("attempt", "l", "s", question, response=number, right=number % 2 == 0, hints=0)
        told.send_bytes(event.id.encode())
