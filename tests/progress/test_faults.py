"""Files that cannot be used: a clear refusal, and the file is left as it was."""

import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tutor.progress import ProgressError, ProgressStore, open_store
from tutor.progress import reader as reader_module
from tutor.progress import writer as writer_module


def filled(path: Path, events: int = 200) -> bytes:
    with open_store(path) as store:
        first = store.record("visit", "l", "s", note="x" * 300)
        store.add([first._replace(id=f"{n:032x}", clock=n) for n in range(2, events + 1)])
    return path.read_bytes()


def read_and_write(path: Path) -> None:
    with open_store(path) as store:
        store.progress()
        store.record("visit", "l", "s")


def fill_up(store: ProgressStore) -> None:
    for number in range(1000):
        store.record("visit", "l", f"s{number}")


def refusal(path: Path, reason: str) -> str:
    """What is said when `path` is opened and read."""
    with pytest.raises(ProgressError) as caught:
        read_and_write(path)
    assert caught.value.reason == reason
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    path.write_bytes(b"Dear diary, " * 100)
    assert "move it aside" in refusal(path, "damaged")
    assert path.read_bytes() == b"Dear diary, " * 100


def test_a_file_of_which_half_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    whole = filled(path)
    path.write_bytes(whole[: len(whole) // 2])
    assert "move it aside" in refusal(path, "damaged")
    assert path.read_bytes() == whole[: len(whole) // 2]


def test_wherever_a_file_is_damaged_nothing_but_a_refusal_comes(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    whole = filled(path)
    dice = random.Random(7)
    refused = 0
    for _ in range(60):
        place = dice.randrange(len(whole) - 400)
        path.write_bytes(whole[:place] + dice.randbytes(400) + whole[place + 400 :])
        try:
            with open_store(path) as store:
                store.progress()
        except ProgressError:
            refused += 1
    assert refused > 10


def test_a_row_that_makes_no_sense(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    filled(path, 3)
    for data in ("{", "[]", '{"a":1},{"b":2}', "null"):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE event SET kind = 'attempt', data = ? WHERE clock = 2", (data,))
        connection.close()
        refusal(path, "damaged")


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipe (name)")
    connection.close()
    before = path.read_bytes()
    assert "another program" in refusal(path, "foreign")
    assert path.read_bytes() == before


def test_a_file_of_a_newer_tutor(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    filled(path, 3)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    connection.close()
    message = refusal(path, "newer")
    assert "newer rl-tutor" in message
    assert "format 99" in message


def test_a_file_in_place_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    assert "RL_TUTOR_HOME" in refusal(tmp_path / "home" / "p.db", "unwritable")


def test_a_directory_in_place_of_the_file(tmp_path: Path) -> None:
    refusal(tmp_path, "unwritable")


def test_a_file_that_another_program_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.db"
    filled(path, 3)
    monkeypatch.setattr(writer_module, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(reader_module, "BUSY_SECONDS", 0.01)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert "close it" in refusal(path, "locked")
    with open_store(path) as store:
        assert store.progress().last_lesson == "l"  # reading goes on
    holder.execute("ROLLBACK")
    holder.close()
    with open_store(path) as store:
        store.record("visit", "l", "s2")


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    filled(path, 3)
    with open_store(path) as store:
        store.prepare()
        log: Any = store._log
        log._writer._database.pragma("max_page_count", 6)
        with pytest.raises(ProgressError, match="full") as caught:
            fill_up(store)
        assert caught.value.reason == "full"
        assert caught.value.__cause__ is not None
        kept = store.events()
        assert store.progress().lesson("l").position == kept[-1].step
        log._writer._database.pragma("max_page_count", 10_000)
        store.record("visit", "l", "later")
    with open_store(path) as store:
        assert [event.step for event in store.events()] == [*(event.step for event in kept), "later"]


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "p.db").touch()
    with open_store(tmp_path / "p.db") as store:
        assert store.record("visit", "l", "s").clock == 1


def test_the_file_is_private(tmp_path: Path) -> None:
    open_store(tmp_path / "p.db").close()
    assert (tmp_path / "p.db").stat().st_mode & 0o077 == 0
