"""The learners of a class: names, keys and codes, in the database that holds their progress, too."""

import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee

from tutor.classroom.errors import ClassError
from tutor.classroom.roster import Person
from tutor.progress import open_store

_COLUMNS = ("id", "name", "display", "email", "code", "keys", "since", "listed", "roster_key")
MOST_KEYS = 4  # that are bound to a name


@dataclass(frozen=True)
class Learner:
    """id: 32 hexadecimal digits, whose progress it is. name: as in `ssh NAME@host`. code: the hash of the personal
    code, empty before there is one. keys: public keys that were bound, in OpenSSH's form, without comments. since: when
    they opened the tutor for the first time. listed: by the roster. roster_key: the key that the roster gives; it is
    the roster's to change."""

    id: str
    name: str
    display: str = ""
    email: str = ""
    code: str = ""
    keys: tuple[str, ...] = ()
    since: str = ""
    listed: bool = False
    roster_key: str = ""

    def is_key(self, key: str) -> bool:
        """Whether this public key lets them in."""
        return bool(key) and (key == self.roster_key or key in self.keys)

    @property
    def has_come(self) -> bool:
        """Whether their first visit is over: they have read their personal code."""
        return bool(self.since)

    @property
    def is_taken(self) -> bool:
        """Whether the join code is not enough to come by this name."""
        return self.has_come or bool(self.keys)


class People:
    """Reads and writes from any thread, one at a time; a write is on disk when it returns.

    Every answer is read to its end: while one is not, SQLite goes on showing the database as it was then.
    """

    def __init__(self, path: Path) -> None:
        """Open the class database at `path`, made where it is missing. Raises ProgressError, ClassError."""
        with open_store(path) as store:  # makes and checks the tables of progress
            store.prepare()
        self._path = path
        self._lock = threading.Lock()
        self._database: Any = peewee.SqliteDatabase(
            str(path), timeout=5.0, thread_safe=False, check_same_thread=False, autoconnect=False,
            pragmas=(("synchronous", "FULL"), ("secure_delete", "ON")),
        )  # fmt: skip
        self._table: Any = peewee.Table("learner", _COLUMNS).bind(self._database)
        self._meta: Any = peewee.Table("meta", ("key", "value")).bind(self._database)
        with self._told():
            self._database.connect()
            database: Any = self._database
            database.execute_sql(
                "CREATE TABLE IF NOT EXISTS learner (id VARCHAR(32) PRIMARY KEY, name VARCHAR(32) NOT NULL UNIQUE, "
                "display TEXT NOT NULL, email TEXT NOT NULL, code TEXT NOT NULL, keys TEXT NOT NULL, "
                "since VARCHAR(24) NOT NULL, listed INTEGER NOT NULL, roster_key TEXT NOT NULL DEFAULT '')"
            )
            self._add_roster_key()

    def find(self, name: str) -> Learner | None:
        with self._told():
            rows = list(self._table.select().where(self._table.name == name).dicts())
            return _learner(rows[0]) if rows else None

    def everybody(self) -> list[Learner]:
        """By name."""
        with self._told():
            return [_learner(row) for row in self._table.select().order_by(self._table.name).dicts()]

    def roster(self) -> str:
        """What the list is called whose people alone may come; empty while everybody may."""
        with self._told():
            called = self._value("roster")
        return "the last roster" if called == "1" else called  # as it was kept before lists had names

    def join_code(self) -> str:
        """Its hash; empty before there is one."""
        with self._told():
            return self._value("join_code")

    def set_join_code(self, hash_: str) -> None:
        with self._told(), self._database.atomic("IMMEDIATE"):
            self._set("join_code", hash_)

    def set_code(self, learner: Learner, hash_: str) -> None:
        """Another personal code."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            self._table.update(code=hash_).where(self._table.id == learner.id).execute()

    def add_keys(self, learner: Learner, keys: Iterable[str]) -> None:
        """Bind further keys, MOST_KEYS in all."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            bound = dict.fromkeys((*learner.keys, *keys))
            self._table.update(keys="\n".join(tuple(bound)[:MOST_KEYS])).where(
                self._table.id == learner.id
            ).execute()

    def forget_keys(self, learner: Learner) -> None:
        """Unbind every key but the roster's."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            self._table.update(keys="").where(self._table.id == learner.id).execute()

    def join(self, name: str, keys: Sequence[str]) -> Learner | None:
        """Who comes by this name with the join code, the keys that they offer bound to it; None if it is taken."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            rows = list(self._table.select().where(self._table.name == name).dicts())
            learner = _learner(rows[0]) if rows else Learner(uuid.uuid4().hex, name, name)
            if learner.is_taken:
                return None
            bound = tuple(dict.fromkeys(keys))[:MOST_KEYS]
            if rows:
                self._table.update(keys="\n".join(bound)).where(self._table.id == learner.id).execute()
            else:
                self._insert(learner, keys="\n".join(bound))
        return replace(learner, keys=bound)

    def give_code(self, learner: Learner, hash_: str) -> Learner | None:
        """The code that is about to be shown at a first visit; None if that visit is over, by another connection."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            table = self._table
            given = table.update(code=hash_).where((table.id == learner.id) & (table.since == "")).execute()
        return replace(learner, code=hash_) if given else None

    def settle(self, learner: Learner) -> bool:
        """The first visit is over, its code has been read; False if somebody was faster, or has another code now."""
        since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        with self._told(), self._database.atomic("IMMEDIATE"):
            table = self._table
            same = (table.id == learner.id) & (table.code == learner.code) & (table.since == "")
            return bool(table.update(since=since).where(same).execute())

    def take_roster(self, people: Sequence[Person], called: str) -> int:
        """From now on only these may come; `called` is what the list is called. How many of them are new.

        The keys that it gives are the only ones that a list gives: those of an earlier one are forgotten.
        """
        with self._told(), self._database.atomic("IMMEDIATE"):
            before = {row["name"] for row in self._table.select(self._table.name).dicts()}
            self._table.update(listed=0, roster_key="").execute()
            for each in people:
                values = {"display": each.display, "email": each.email, "roster_key": each.key, "listed": 1}
                if each.name in before:
                    self._table.update(**values).where(self._table.name == each.name).execute()
                else:
                    self._insert(Learner(uuid.uuid4().hex, each.name), **values)
            self._set("roster", called)
        return len({each.name for each in people} - before)

    def lift_roster(self) -> None:
        """Everybody may come again; nobody's key or work is touched."""
        with self._told(), self._database.atomic("IMMEDIATE"):
            self._table.update(listed=0).execute()
            self._set("roster", "")

    def remove(self, learner: Learner) -> int:
        """Delete the learner and all that they did, for good: overwritten in the file and its log. How many events."""
        with self._told():
            with self._database.atomic("IMMEDIATE"):
                count = self._database.execute_sql(
                    "DELETE FROM event WHERE owner = ?", (learner.id,)
                ).rowcount
                self._table.delete().where(self._table.id == learner.id).execute()
            self._database.execute_sql("VACUUM")
            self._database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(count)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _insert(self, learner: Learner, **values: Any) -> None:
        row = {
            "id": learner.id, "name": learner.name, "display": learner.display, "email": learner.email,
            "code": "", "keys": "", "since": "", "listed": int(learner.listed), "roster_key": "",
        }  # fmt: skip
        self._table.insert({**row, **values}).execute()

    def _add_roster_key(self) -> None:
        """To a table of before it was kept apart; a key of somebody who has not come can only be the roster's."""
        columns = {row[1] for row in self._database.execute_sql("PRAGMA table_info(learner)")}
        if "roster_key" not in columns:
            with self._database.atomic("IMMEDIATE"):
                self._database.execute_sql(
                    "ALTER TABLE learner ADD COLUMN roster_key TEXT NOT NULL DEFAULT ''"
                )
                self._database.execute_sql("UPDATE learner SET roster_key = keys, keys = '' WHERE since = ''")

    def _value(self, key: str) -> str:
        rows = list(self._meta.select(self._meta.value).where(self._meta.key == key).tuples())
        return str(rows[0][0]) if rows else ""

    def _set(self, key: str, value: str) -> None:
        if self._meta.select().where(self._meta.key == key).exists():
            self._meta.update(value=value).where(self._meta.key == key).execute()
        else:
            self._meta.insert(key=key, value=value).execute()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The database's errors become ClassErrors; one thread at a time."""
        with self._lock:
            try:
                yield
            except (peewee.DatabaseError, sqlite3.Error) as error:
                raise ClassError(f"{self._path}: {error}") from error


def _learner(row: dict[str, Any]) -> Learner:
    keys = tuple(filter(None, str(row["keys"]).split("\n")))
    return Learner(**{**row, "keys": keys, "listed": bool(row["listed"])})


def fingerprint(key: str) -> str:
    """Of a public key, as `ssh-keygen -l` shows it."""
    from asyncssh import import_public_key

    return str(import_public_key(key).get_fingerprint())
