"""A disk that is full, a database that goes away, a clock that is set back: told, and nothing acknowledged is lost."""

import asyncio
import csv
import io
import json
import re
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.benchmarks.classroom import join_everybody
from tests.classroom.killing import COURSE, OPEN, press
from tests.classroom.served import Terminal, Typist, connect, open_terminal, serve
from tutor.classroom.attempts import PLACE

NOT_SAVED = "This answer could not be saved"
LEAVE = "\x11"


class Class:
    """A class of one learner, with one question."""

    def __init__(
        self, home: Path, course: Path, limits: str = "pool = 1\n", faults: Path | None = None
    ) -> None:
        course.mkdir()
        (course / "sum.md").write_text(COURSE)
        ((self.name, *_), key) = join_everybody(home, 1)
        self.key = asyncssh.import_private_key(key)
        self.served = serve(home, "--course", str(course), limits=limits, faults=faults)

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[Terminal]:
        """A session at the question."""
        async with await connect(self.served, self.name, keys=(self.key,)) as connection:
            terminal = await open_terminal(connection)
            await terminal.until("A sum")
            await press(terminal, "\r", OPEN)
            await press(terminal, "\t", "enter answer")
            yield terminal

    def answers(self) -> list[str]:
        return answers(self.served.folder / "class.db")


@asynccontextmanager
async def served_class(*given: Any, **options: Any) -> AsyncIterator[Class]:
    """A Class of these, that ends in good order."""
    own = await asyncio.to_thread(Class, *given, **options)
    try:
        yield own
    finally:
        status = await asyncio.to_thread(own.served.end)
    assert status == 0


def answers(path: Path) -> list[str]:
    """What is kept, in the order of the learner's own clock."""
    database = sqlite3.connect(path)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = database.execute("SELECT data FROM event WHERE kind = 'attempt' ORDER BY clock").fetchall()
    finally:
        database.close()
    return [json.loads(data)["response"] for (data,) in rows]


async def answer(terminal: Terminal, number: int) -> str:
    """The screen with the verdict on `number`+1."""
    await press(terminal, "\x15", "> a number")
    terminal.type(f"{number}+1")
    await terminal.until(f"> {number}+1")
    terminal.type("\r")
    return await terminal.until(f"{number}+1 = {number + 1}.")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 2 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_while_the_disk_is_full_answers_are_held_and_told_and_written_once_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    async with served_class(small_disk, tmp_path / "course") as own, own.answering() as terminal:
        await answer(terminal, 100)
        filling = small_disk / "filling"
        _fill(filling)
        await answer(terminal, 101)
        await terminal.until(NOT_SAVED)  # under the answer
        await terminal.until("the disk of the class is full")  # in a corner of the screen
        assert own.answers() == ["100+1"]
        filling.unlink()
        assert NOT_SAVED not in await answer(terminal, 102)
        assert own.answers() == ["100+1", "101+1", "102+1"]
        terminal.type(LEAVE)
        await terminal.closed()


def _fill(path: Path) -> None:
    """Write until nothing more goes."""
    with path.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(4096))
        except OSError:
            return


async def test_who_leaves_while_the_disk_is_full_is_told_what_was_not_saved(
    small_disk: Path, tmp_path: Path
) -> None:
    async with served_class(small_disk, tmp_path / "course") as own:
        async with own.answering() as terminal:
            await answer(terminal, 100)
            _fill(small_disk / "filling")
            await answer(terminal, 101)
            terminal.type(LEAVE)
            screen = (await terminal.closed()).replace("\n", "")  # a line that is longer than the screen
            assert "not saved, " in screen
            assert "the disk of the class is full; tell your teacher" in screen
        assert own.answers() == ["100+1"]
        async with own.answering():  # the class goes on
            pass


async def test_a_database_that_is_away_and_back_loses_nothing(tmp_path: Path) -> None:
    async with served_class(tmp_path, tmp_path / "course") as own:
        database, away = own.served.folder / "class.db", tmp_path / "away"
        async with own.answering() as terminal:
            await answer(terminal, 100)
            away.mkdir()
            for path in database.parent.glob("class.db*"):
                path.rename(away / path.name)
            await answer(terminal, 101)
            async with own.answering() as late:  # who comes meanwhile must find no empty file in its place
                await answer(late, 102)
                await late.until(NOT_SAVED)
                assert not database.exists()
                for path in away.iterdir():
                    path.rename(database.parent / path.name)
                assert NOT_SAVED not in await answer(late, 103)
            await answer(terminal, 104)
            terminal.type(LEAVE)
            await terminal.closed()
        assert own.answers() == [f"{number}+1" for number in range(100, 105)]


CLOCK = """
import datetime, time
from pathlib import Path

BACK = Path(__file__).with_name("back")  # seconds that the clock has been set back by
_time = time.time


def back():
    return float(BACK.read_text()) if BACK.exists() else 0.0


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) - datetime.timedelta(seconds=back())


time.time = lambda: _time() - back()
datetime.datetime = Clock
"""


class SetsBack(Typist):
    """Sets the clock of a class back by ten days before it types its last code, while it has to wait."""

    def __init__(self, codes: Sequence[str], back: Path) -> None:
        super().__init__(codes)
        self._back = back

    def kbdint_challenge_received(self, *asked: Any) -> Any:
        if len(self._codes) == 1:
            self._back.write_text("864000")
        return super().kbdint_challenge_received(*asked)


async def test_a_clock_that_is_set_back_changes_no_order_and_shortens_no_wait(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.mkdir()
    (clock / "sitecustomize.py").write_text(CLOCK)
    wrong = ("AAAA-0000-0000",) * 3
    setting = SetsBack(wrong, clock / "back")
    async with served_class(tmp_path, tmp_path / "course", faults=clock) as own:
        async with own.answering() as terminal:
            await answer(terminal, 100)
            for typist in (Typist(wrong), setting):  # the first three cost nothing, the others 1, 2 and 4 s
                with pytest.raises(asyncssh.DisconnectError, match="No code was right for"):
                    await connect(own.served, own.name, typist=typist)
            (clock / "back").write_text("1728000")  # further, before a connection that has not failed
            await answer(terminal, 101)
            last = Typist(wrong[:1])
            with pytest.raises(asyncssh.PermissionDenied):
                await connect(own.served, own.name, typist=last)
            told = [int(found) for found in re.findall(r"Please wait (\d+) s", " ".join(last.asked))]
            assert told
            assert max(told) <= PLACE.longest
            terminal.type(LEAVE)
            await terminal.closed()
        async with own.answering() as terminal:  # by key: never delayed
            await answer(terminal, 102)
        log = [json.loads(line) for line in own.served.log().splitlines()]
        waits = [line["wait"] for line in log if line.get("why") == "wrong personal code"]
        assert waits == sorted(waits)
        assert waits[-1] >= 4
        assert min(line["at"] for line in log[1:]) < log[0]["at"]  # it was set back indeed
        assert own.answers() == ["100+1", "101+1", "102+1"]
        report = (
            await asyncio.to_thread(own.served.command, "class", "report", "--questions", "--csv", "-")
        ).stdout
        rows = list(csv.DictReader(io.StringIO(report)))
        assert [row["response"] for row in rows] == ["100+1", "101+1", "102+1"]
        assert all(0 <= float(row["seconds"]) <= 300 for row in rows)
