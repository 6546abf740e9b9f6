"""Whatever is the matter with the file: the tutor goes on, says so, and writes what it owes when it can."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.progress.test_faults import filled
from tutor.progress import ProgressStore, open_patiently, open_store
from tutor.progress import reader as reader_module
from tutor.progress import writer as writer_module
from tutor.progress.patient import PatientLog


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(reader_module, "BUSY_SECONDS", 0.01)


class Clock:
    """A stop watch that the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def steps(path: Path) -> list[str]:
    """What is in the file, read by another program."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT step FROM event ORDER BY clock").fetchall()
    connection.close()
    return [step for (step,) in rows]


def goes_on(store: ProgressStore, said: str) -> None:
    """Recording works, counts and says why it is not saved."""
    assert said in store.problem
    store.record("visit", "l", "later")
    assert "later" in store.progress().lesson("l").steps_read
    assert store.owed == 1


def test_a_sound_file_is_written_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    store, told = open_patiently(path)
    store.record("visit", "l", "s")
    assert (told, store.problem, store.owed, steps(path)) == ("", "", 0, ["s"])
    store.close()


@pytest.mark.parametrize("harm", ["text", "half", "row", "middle"])
def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "p.db"
    whole = filled(path)
    if harm == "row":
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE event SET kind = 'attempt', data = '{' WHERE clock = 2")
        connection.close()
    else:
        middle = whole[:8192] + b"\x5a" * (len(whole) - 12288) + whole[-4096:]
        path.write_bytes({"text": b"Dear diary", "half": whole[: len(whole) // 2], "middle": middle}[harm])
    before = path.read_bytes()
    store, told = open_patiently(path, today=lambda: date(2026, 3, 1))
    kept = tmp_path / "p.db.damaged-2026-03-01"
    assert str(kept) in told
    assert "rl-tutor progress import" in told
    assert "\n" not in told
    assert kept.read_bytes() == before
    assert store.problem == ""
    store.record("visit", "l", "new")
    store.close()
    assert steps(path) == ["new"]


def test_the_second_damaged_file_of_a_day_gets_another_name(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    for text in (b"one", b"two", b"three"):
        path.write_bytes(text)
        open_patiently(path, today=lambda: date(2026, 3, 1))[0].close()
    names = ["p.db.damaged-2026-03-01", "p.db.damaged-2026-03-01-2", "p.db.damaged-2026-03-01-3"]
    assert [(tmp_path / name).read_bytes() for name in names] == [b"one", b"two", b"three"]


def test_what_belongs_to_others_stays_where_it_is(tmp_path: Path) -> None:
    newer, foreign = tmp_path / "newer.db", tmp_path / "foreign.db"
    filled(newer, 3)
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    connection.close()
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE recipe (name)")
    connection.close()
    for path, said in ((newer, "newer rl-tutor"), (foreign, "another program")):
        before = path.read_bytes()
        store, told = open_patiently(path)
        assert told == ""
        goes_on(store, said)
        store.close()
        assert store.owed == 1
        assert path.read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if "damaged" in path.name]


@pytest.mark.parametrize("hold", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_locked_file_gets_what_is_owed_once_it_is_free(tmp_path: Path, hold: str) -> None:
    path = tmp_path / "p.db"
    filled(path, 2)
    holder = sqlite3.connect(path, isolation_level=None)
    if hold == "EXCLUSIVE":
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute(f"BEGIN {hold}")
    holder.execute("UPDATE meta SET value = value")
    store, told = open_patiently(path)
    store.prepare()
    assert told == ""
    goes_on(store, "locked by another program")
    holder.execute("ROLLBACK")
    holder.close()
    log: Any = store._log
    log._not_before = 0.0
    store.record("visit", "l", "last")
    assert (store.problem, store.owed) == ("", 0)
    assert steps(path)[-2:] == ["later", "last"]
    assert {"later", "last"} <= store.progress().lesson("l").steps_read
    store.close()


def test_a_lock_is_not_waited_for_at_every_key(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    filled(path, 2)
    clock = Clock()
    log = PatientLog(path, now=clock)
    tries = []

    def fail() -> None:
        tries.append(clock.now)
        clock.now += 5.0  # what it takes to find out
        raise writer_module.explain(path, sqlite3.OperationalError("busy"))

    log._try(fail)
    for _ in range(49):
        clock.now += 1.0
        log._try(fail)
    assert tries == [0.0]
    clock.now += 1.0
    log._for_good = False
    log._try(fail)
    assert tries == [0.0, 55.0]
    log.close()


def test_a_directory_or_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "p.db").mkdir()
    goes_on(open_patiently(tmp_path / "p.db")[0], "cannot be used")
    (tmp_path / "home").write_text("a file")
    goes_on(open_patiently(tmp_path / "home" / "p.db")[0], "RL_TUTOR_HOME")


def test_events_made_without_the_file_come_after_those_in_it(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    with open_store(path) as store:
        for step in "abc":
            store.record("visit", "l", step)
        store.record("reset", "l")
        learner = store.learner
    path.rename(tmp_path / "away.db")
    path.mkdir()
    patient, _ = open_patiently(path)
    patient.record("visit", "l", "d")
    assert patient.progress().lesson("l").steps_read == {"d"}
    path.rmdir()
    (tmp_path / "away.db").rename(path)
    patient.record("visit", "l", "e")
    assert patient.progress().lesson("l").steps_read == {"d", "e"}
    assert patient.learner == learner
    assert {event.learner for event in patient.events()} == {learner}
    patient.close()
    assert steps(path) == ["a", "b", "c", "", "d", "e"]


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Makes small disks of memory, where that is allowed."""
    places: list[Path] = []

    def mount(options: str, place: Path | None = None) -> Path:
        place = place or tmp_path / "disk"
        place.mkdir(exist_ok=True)
        command = [
            "mount",
            *(["-o", options] if "remount" in options else ["-t", "tmpfs", "-o", options, "tmpfs"]),
        ]
        if os.geteuid() != 0 or not shutil.which("mount"):
            pytest.skip("only root may mount")
        if subprocess.run([*command, str(place)], capture_output=True).returncode:
            pytest.skip("mounting is not allowed here")
        places.append(place)
        return place

    yield mount
    for place in dict.fromkeys(places):
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_full_disk_and_room_again(mounted: Callable[..., Path]) -> None:
    disk = mounted("size=600k")
    path = disk / "p.db"
    store, _ = open_patiently(path)
    store.record("visit", "l", "before")
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 4096)
            except OSError:
                break
    number = 0
    while not store.problem:
        number += 1
        store.record("visit", "l", f"s{number}", note="x" * 5000)
        assert number < 200
    assert "full" in store.problem
    assert store.owed == 1
    store.record("visit", "l", "also")
    assert {"before", f"s{number}", "also"} <= store.progress().lesson("l").steps_read
    ballast.unlink()
    store.record("visit", "l", "after")
    assert (store.problem, store.owed) == ("", 0)
    store.close()
    assert steps(path) == ["before", *(f"s{n}" for n in range(1, number + 1)), "also", "after"]


def test_a_full_disk_at_the_start_shows_what_was_done(mounted: Callable[..., Path]) -> None:
    disk = mounted("size=600k")
    filled(disk / "p.db", 5)
    with (disk / "ballast").open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 4096)
            except OSError:
                break
    store, told = open_patiently(disk / "p.db")
    assert told == ""
    assert store.progress().lesson("l").steps_read == {"s"}
    store.record("visit", "l", "later")
    assert "later" in store.progress().lesson("l").steps_read
    assert store.problem
    (disk / "ballast").unlink()
    store.record("visit", "l", "after")
    assert store.problem == ""
    store.close()
    assert steps(disk / "p.db")[-2:] == ["later", "after"]


def test_a_disk_that_may_only_be_read(mounted: Callable[..., Path]) -> None:
    disk = mounted("size=600k")
    path = disk / "p.db"
    with open_store(path) as store:
        store.record("visit", "l", "s")
        learner = store.learner
    mounted("remount,ro", disk)
    patient, told = open_patiently(path)
    assert told == ""
    assert patient.progress().lesson("l").steps_read == {"s"}
    assert patient.learner == learner
    goes_on(patient, "cannot be written")
    mounted("remount,rw", disk)
    patient.record("visit", "l", "after")
    assert patient.problem == ""
    patient.close()
    assert steps(path) == ["s", "later", "after"]


@pytest.mark.parametrize("reset", [False, True])
def test_of_a_lab_only_where_it_stands_is_remembered(tmp_path: Path, reset: bool) -> None:
    """An episode's state grows with every step: kept at every pause, a thousand would fill the memory."""
    path = tmp_path / "p.db"
    log = PatientLog(path)
    store = ProgressStore(log)
    for length in range(1, 60):
        store.record("lab", "", lab="gridworld", state={"actions": "0" * length})
        store.record("lab", "l", lab="gridworld", state={"actions": "1" * length})
        if reset and length == 30:
            store.record("reset", "l")
        store.progress()
    held = [event.data["state"] for _, event in log.read(0) if event.kind == "lab"]
    assert [state for state in held if state] == [{"actions": "0" * 59}, {"actions": "1" * 59}]
    with open_store(path) as another:  # in the file is all of it
        assert another.progress() == store.progress()
        assert [
            len(e.data["state"]["actions"]) for e in another.events() if e.lesson == "l" and e.data
        ] == list(range(1, 60))
    store.close()


def test_a_later_state_of_a_lab_counts_wherever_it_stands_in_the_file(tmp_path: Path) -> None:
    """An import may bring a later one first, and an earlier one after it."""
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    with open_store(there) as other:
        early = other.record("lab", "l", lab="bandit", state="early")
    with open_store(here) as store:
        for _ in range(3):
            store.record("visit", "l", "s")
        store.record("lab", "l", lab="bandit", state="late")
    log = PatientLog(here)
    log.merge([early._replace(learner=log.learner())], "")
    assert [event.data["state"] for _, event in log.read(0) if event.kind == "lab"] == ["late", None]
    assert ProgressStore(log).progress().lesson("l").labs == {"bandit": "late"}
    log.close()
