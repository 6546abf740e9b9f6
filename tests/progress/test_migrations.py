import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.progress.events import LEARNER
from tutor.progress import ProgressError, open_store
from tutor.progress.migrations import MIGRATIONS, SCHEMA_VERSION, Database, Migration
from tutor.progress.writer import Writer


def add_mood(database: Database) -> None:
    database.execute_sql("ALTER TABLE event ADD COLUMN mood TEXT")


def add_place(database: Database) -> None:
    database.execute_sql("ALTER TABLE event ADD COLUMN place TEXT")


def fail(database: Database) -> None:
    add_mood(database)
    database.execute_sql("ALTER TABLE nowhere ADD COLUMN mood TEXT")


def read(path: Path, sql: str) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def migrated(path: Path, migrations: Sequence[Migration]) -> tuple[str, set[str]]:
    """The schema version and the columns of the events after opening with these migrations."""
    Writer(path, None, LEARNER, migrations).close()
    ((version,),) = read(path, "SELECT value FROM meta WHERE key = 'schema'")
    return version, {row[1] for row in read(path, "PRAGMA table_info(event)")}


def test_a_new_file_has_the_last_schema(tmp_path: Path) -> None:
    version, columns = migrated(tmp_path / "p.db", MIGRATIONS)
    assert version == str(SCHEMA_VERSION)
    assert {"seq", "owner", "id", "learner", "clock", "at", "kind", "data"} <= columns


def test_an_older_file_goes_through_every_step_once_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    with open_store(path) as store:
        store.record("visit", "l", "s")
    version, columns = migrated(path, (*MIGRATIONS, add_mood, add_place))
    assert version == str(SCHEMA_VERSION + 2)
    assert {"mood", "place"} <= columns
    assert migrated(path, (*MIGRATIONS, add_mood, add_place))[0] == version
    assert read(path, "SELECT lesson, step FROM event") == [("l", "s")]


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    with open_store(path) as store:
        store.record("visit", "l", "s")
    with pytest.raises(ProgressError):
        migrated(path, (*MIGRATIONS, fail))
    with open_store(path) as store:
        assert store.progress().last_lesson == "l"
    assert "mood" not in {row[1] for row in read(path, "PRAGMA table_info(event)")}


def test_the_writer_refuses_a_newer_schema_too(tmp_path: Path) -> None:
    migrated(tmp_path / "p.db", (*MIGRATIONS, add_mood))
    with pytest.raises(ProgressError, match="newer rl-tutor"):
        migrated(tmp_path / "p.db", MIGRATIONS)


def test_opening_finishes_what_a_kill_cut_short(tmp_path: Path) -> None:
    """Killed after the file was made and switched to its log, before the tables were."""
    path = tmp_path / "p.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = wal")
    connection.close()
    assert path.stat().st_size > 0
    with open_store(path) as store:
        assert store.record("visit", "l", "s").clock == 1
