"""A learner has so much room on the teacher's disk, is told when it is full, and takes nobody else's."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.classroom.test_storage import NOT_SAVED, answer, served_class
from tutor import paths
from tutor.charts.chart import Chart, Series
from tutor.experiments import saved_grids
from tutor.progress import open_store
from tutor.progress.patient import open_theirs
from tutor.progress.writer import ROW
from tutor.rl.environments.maps import GRIDS
from tutor.tui.labs.lab_export import export_lab

ADA, GRACE = "a" * 32, "b" * 32
MB = 1024**2
GRID = GRIDS["mouse"]
FULL = "the 1 MB that the class keeps of what you do are full; tell your teacher"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A class's database."""
    with open_store(tmp_path / "class.db") as store:
        store.prepare()
    return tmp_path / "class.db"


def _loop(file: Path, learner: str, most: int, events: int) -> str:
    """What a learner is told at last who does the same thing so many times."""
    with open_theirs(file, learner, most) as store:
        for _ in range(events):
            store.record("lab", lab="gridworld", state="x" * 10_000)
        return store.problem


def _bytes(file: Path, learner: str) -> int:
    database = sqlite3.connect(file)
    try:
        return int(
            database.execute(
                "SELECT SUM(? + LENGTH(data)) FROM event WHERE owner = ?", (ROW, learner)
            ).fetchone()[0]
        )
    finally:
        database.close()


def test_whoever_records_without_end_fills_their_own_room_and_nobody_elses(file: Path) -> None:
    assert _loop(file, ADA, MB, 90) == ""
    assert _loop(file, ADA, MB, 200) == FULL
    kept = _bytes(file, ADA)
    assert 0.95 * MB < kept <= MB
    assert _loop(file, ADA, MB, 200) == FULL  # also who comes again
    assert _bytes(file, ADA) == kept
    assert _loop(file, GRACE, MB, 5) == ""
    assert _loop(file, ADA, 2 * MB, 1) == ""  # the teacher gives more


def test_two_sessions_of_one_learner_share_their_room(file: Path) -> None:
    with open_theirs(file, ADA, MB) as one, open_theirs(file, ADA, MB) as two:
        for _ in range(150):
            for store in (one, two):
                store.record("lab", lab="gridworld", state="x" * 10_000)
        assert one.problem == two.problem == FULL
    assert 0.95 * MB < _bytes(file, ADA) <= MB


def test_what_had_no_room_is_held_while_the_tutor_runs(file: Path) -> None:
    with open_theirs(file, ADA, 5_000) as store:
        store.record("attempt", "l", "s", "q", response="1", right=False, hints=0)
        store.record("draft", "l", "s", "q", response="x" * 10_000)
        store.record("attempt", "l", "s", "q", response="2", right=True, hints=0)
        assert (store.owed, store.progress().lesson("l").question("q").attempts) == (2, 2)
    with open_theirs(file, ADA, 5_000) as store:
        assert store.progress().lesson("l").question("q").attempts == 1


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("RL_TUTOR_HOSTED", str(tmp_path / "exports"))
    monkeypatch.setenv("RL_TUTOR_HOSTED_MB", "1")
    monkeypatch.setenv("RL_TUTOR_HOME", str(tmp_path))
    return tmp_path / "exports"


def _export() -> list[Path]:
    chart = Chart(series=[Series("a", range(3), range(3))])
    return export_lab("gridworld", "seed0", {"frames": "1,2\n" * 20_000}, {"plot": chart})


def test_whoever_exports_without_end_fills_their_room_and_is_told(hosted: Path) -> None:
    with pytest.raises(OSError, match="1 MB that the class keeps of your exports") as error:
        [_export() for _ in range(40)]
    told = paths.reason(error.value)
    assert len(told.splitlines()) == 1
    assert str(hosted) not in told
    assert 0.8 * MB < sum(file.stat().st_size for file in hosted.rglob("*") if file.is_file()) <= 1.1 * MB
    with pytest.raises(saved_grids.GridFileError, match="1 MB that the class keeps"):
        saved_grids.save_grid("mine", GRID)


def test_one_export_that_is_larger_than_the_room_is_not_begun(hosted: Path) -> None:
    with pytest.raises(OSError, match="full; tell your teacher"):
        export_lab("gridworld", "seed0", {"frames": "1" * 2 * MB}, {})
    assert not hosted.exists()


def test_grids_take_of_the_same_room(hosted: Path) -> None:
    saved_grids.save_grid("mine", GRID)
    with pytest.raises(saved_grids.GridFileError, match="full; tell your teacher"):
        [saved_grids.save_grid(f"mine{number}", GRID) for number in range(1000)]
    assert not hosted.exists()


def test_on_ones_own_machine_nothing_is_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    paths.check_room(10**12)
    assert paths.export_dir() == tmp_path


async def test_a_learner_whose_room_is_full_is_told_at_the_next_answer(tmp_path: Path) -> None:
    async with served_class(tmp_path, tmp_path / "course", "pool = 1\ndisk_mb = 1\n") as own:
        async with own.answering() as terminal:
            await answer(terminal, 100)
            database = own.served.folder / "class.db"
            learner = sqlite3.connect(database).execute("SELECT owner FROM event").fetchone()[0]
            await asyncio.to_thread(_loop, database, learner, 10 * MB, 120)
        async with own.answering() as terminal:
            await answer(terminal, 101)
            screen = await terminal.until(NOT_SAVED)
            await terminal.until("the 1 MB that the class keeps")
            assert "101+1 = 102." in screen  # judged all the same
        assert own.answers() == ["100+1"]
