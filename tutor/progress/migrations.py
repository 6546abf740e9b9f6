"""The schema of the progress database, as the ordered list of the steps that lead to it.

`MIGRATIONS[n]` takes a database of schema version n to n + 1. A step never changes once it has been released;
a new one is added at the end. All the steps that a file needs run in one transaction. SQL here is what SQLite
and PostgreSQL both take; where they differ, the kind of database is asked for.

    meta    key, value: `schema` (the version) and `learner` (whose file this is)
    event   seq counts the rows of this file; owner is the learner whose progress an event counts for (a class
            keeps many in one file, and a learner may bring in what they did elsewhere); the rest is an Event
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Database(Protocol):
    """The part of a peewee.Database that a migration uses."""

    def execute_sql(self, sql: str, params: Any = None) -> Any: ...


Migration = Callable[[Database], None]


def _create(database: Database) -> None:
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT" if _is_sqlite(database) else "BIGSERIAL PRIMARY KEY"
    for statement in (
        "CREATE TABLE meta (key VARCHAR(32) NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
        f"""CREATE TABLE event (
            seq {serial},
            owner VARCHAR(32) NOT NULL,
            id VARCHAR(32) NOT NULL,
            learner VARCHAR(32) NOT NULL,
            clock BIGINT NOT NULL,
            at VARCHAR(24) NOT NULL,
            kind VARCHAR(32) NOT NULL,
            lesson VARCHAR(500) NOT NULL,
            step VARCHAR(500) NOT NULL,
            question VARCHAR(500) NOT NULL,
            data TEXT NOT NULL)""",
        "CREATE UNIQUE INDEX event_owner_id ON event (owner, id)",
        "CREATE INDEX event_owner_clock ON event (owner, clock)",
        "CREATE INDEX event_owner_seq ON event (owner, seq)",
        "INSERT INTO meta (key, value) VALUES ('schema', '0')",
    ):
        database.execute_sql(statement)


MIGRATIONS: tuple[Migration, ...] = (_create,)
SCHEMA_VERSION = len(MIGRATIONS)


def migrate(database: Database, version: int, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring a database of schema `version` up to the last one. To be called inside a transaction."""
    for step in migrations[version:]:
        step(database)
    mark: Any = "?" if _is_sqlite(database) else "%s"
    database.execute_sql(f"UPDATE meta SET value = {mark} WHERE key = 'schema'", (str(len(migrations)),))  # noqa: S608


def _is_sqlite(database: Database) -> bool:
    return type(database).__name__.startswith("Sqlite")
