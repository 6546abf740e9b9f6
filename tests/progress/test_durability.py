"""Real processes, killed with -9 at random moments: what was acknowledged is there, and the file is whole."""

import multiprocessing
import random
import sqlite3
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.progress.write_forever import write_forever
from tutor.progress import Event, derive, open_store
from tutor.progress.events import is_id


class Writing(NamedTuple):
    """A process that records, and the pipe by which it says the id of each event once that was acknowledged."""

    process: BaseProcess
    told: "Connection[bytes, bytes]"


def writer(path: Path, question: str) -> Writing:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.progress.write_forever"])
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=write_forever, args=(path, question, sending), daemon=True)
    process.start()
    sending.close()
    return Writing(process, receiving)


def next_id(writing: Writing) -> str:
    """The id of the next acknowledged event. Fails with what ended the process, should it have ended by itself."""
    try:
        said = writing.told.recv_bytes().decode()
    except EOFError:
        writing.process.join()
        pytest.fail(f"the writing process ended by itself, status {writing.process.exitcode}")
    assert is_id(said), said
    return said


def read_then_kill(writing: Writing, events: int) -> list[str]:
    """The ids that were acknowledged by a process killed after so many."""
    process, told = writing
    seen = [next_id(writing) for _ in range(events)]
    process.kill()
    with told:
        try:
            while True:
                said = told.recv_bytes().decode()
                assert is_id(said), said
                seen.append(said)
        except (EOFError, OSError):  # OSError: killed in the middle of saying one
            pass
    process.join()
    process.close()
    return seen


def checked_events(path: Path) -> list[Event]:
    """The events of a file that SQLite finds whole."""
    with open_store(path) as store:
        events = store.events()
        assert store.progress() == derive(events)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return events


def test_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Two write to one file at once, and both are killed, again and again."""
    path, dice = tmp_path / "p.db", random.Random(11)
    acknowledged: set[str] = set()
    for _ in range(12):
        pair = [writer(path, "q1"), writer(path, "q2")]
        for writing in pair:
            acknowledged |= set(read_then_kill(writing, dice.randrange(40)))
        assert acknowledged <= {event.id for event in checked_events(path)}
    events = checked_events(path)
    assert len(acknowledged) > 100
    assert len(events) <= len(acknowledged) + 24  # each of 24 may have been killed before it could say so
    assert [event.clock for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize("seed", range(12))
def test_kill_while_the_file_is_being_made(tmp_path: Path, seed: int) -> None:
    writing = writer(tmp_path / "p.db", "q")
    writing.told.poll(random.Random(seed).uniform(0, 0.03))  # at most until the first event
    acknowledged = read_then_kill(writing, 0)
    with open_store(tmp_path / "p.db") as store:
        store.record("visit", "l", "s")
    assert set(acknowledged) <= {event.id for event in checked_events(tmp_path / "p.db")}


def test_two_tutors_at_once_lose_nothing(tmp_path: Path) -> None:
    """Neither is killed before both have written much; their clocks never collide."""
    pair = [writer(tmp_path / "p.db", name) for name in ("q1", "q2")]
    first, second = (read_then_kill(writing, 60) for writing in pair)
    events = checked_events(tmp_path / "p.db")
    assert {*first, *second} <= {event.id for event in events}
    assert len({event.clock for event in events}) == len(events)
    assert {event.question for event in events} == {"q1", "q2"}
