"""What a class must bear from clients that mean no good."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.classroom.processes import session_of
from tests.classroom.served import (
    OF_THE_TEACHER,
    PATIENCE,
    Served,
    connect,
    joined_before,
    open_terminal,
    serve,
)
from tutor.classroom import meter as meter_module
from tutor.classroom.limits import Limits
from tutor.classroom.meter import Meter

KEY = asyncssh.generate_private_key("ssh-ed25519")
HOME = "Agent and environment"
ENTER, LEAVE = "\r", "\x11"


def _join(served: Served, name: str) -> None:
    joined_before(served.folder, name, KEY)


# What a session may use


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("while True: pass", "used more than 1 s of the class's computer"),
        ("kept = bytearray(260_000_000); print(flush=True); input()", "used more than 200 MB"),
    ],
)
def test_a_process_that_loops_or_eats_memory_is_over_its_limit(program: str, words: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        meter = Meter(process.pid, Limits(cpu_seconds=1, memory_mb=100))
        said, end = meter.excess(), time.monotonic() + PATIENCE
        while not said and time.monotonic() < end:
            time.sleep(0.05)
            said = meter.excess()
        process.kill()
    assert words in said
    assert meter.excess() == ""  # it has gone


@pytest.mark.parametrize(
    ("waits", "shows", "is_told"),
    [
        (0.9, False, True),  # a tenth of a core is all it gets
        (0.7, False, False),  # it rests between keys
        (0.9, True, False),  # it has much to do, and does it
    ],
)
def test_who_wants_a_core_without_a_pause_and_shows_nothing_hangs_however_little_of_it_they_get(
    waits: float, shows: bool, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """waits: of every second, besides the tenth that it uses."""
    now = 0
    monkeypatch.setattr(meter_module, "monotonic", lambda: now)
    monkeypatch.setattr(meter_module, "_used", lambda _pid: (0.1 * now, 50.0))
    monkeypatch.setattr(meter_module, "_waited", lambda _pid: waits * now)
    meter = Meter(1, Limits(cpu_seconds=20))
    said = {}
    for now in range(0, 100, 2):
        said[now] = meter.excess(0.0 if shows else float(now))
    assert said[98] == ("Closed: it hung for half a minute." if is_told else "")
    assert not any(said[early] for early in range(0, 30, 2))


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "classes" / "rl"
    folder.mkdir(parents=True)
    (folder / "class.toml").write_text("cpu_seconds = 5\npool = 2\n")
    running = serve(tmp_path)
    yield running
    running.end()


async def test_a_session_that_keeps_the_machine_busy_is_closed_in_words(narrow: Served) -> None:
    _join(narrow, "busy")
    async with await connect(narrow, "busy", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        terminal.type("\x1b[B\x1b[A" * 20_000)
        assert "Closed: it used more than 5 s of the class's computer" in await terminal.closed()
        await (await open_terminal(connection)).until(HOME)  # and may come back


async def test_while_the_database_is_locked_a_learner_goes_on_and_nothing_is_lost(served: Served) -> None:
    _join(served, "waits")
    async with await connect(served, "waits", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        database = sqlite3.connect(served.folder / "class.db", isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        terminal.type(ENTER)
        await terminal.until("step 1 of")
        database.execute("COMMIT")
        database.close()
        terminal.type(LEAVE)
        await terminal.closed()
        await (await open_terminal(connection)).until("step 1 of")


# A class with a list


async def test_with_a_roster_only_its_people_come_and_their_keys_let_them_in_at_once(tmp_path: Path) -> None:
    public = " ".join(KEY.export_public_key().decode().split()[:2])
    roster = tmp_path / "roster.csv"
    roster.write_text(f"name,email,key\nlisted,l@example.org,{public} a comment\ncoded,,\n")
    running = await asyncio.to_thread(serve, tmp_path / "home", "--roster", str(roster))
    try:
        assert "roster: the 2 people of roster.csv, 2 of them new" in running.welcome
        async with await connect(running, "listed", keys=(KEY,)) as connection:
            terminal = await open_terminal(connection)
            assert "Your personal code:" in await terminal.until("enter opens")
            terminal.type(ENTER)
            await terminal.until(HOME)
        async with await connect(running, "coded", running.code) as connection:
            assert "Your personal code:" in await (await open_terminal(connection)).until("enter opens")
        with pytest.raises(asyncssh.DisconnectError, match="not on this class's list"):
            await connect(running, "stranger", running.code)
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(running, "coded", keys=(KEY,))  # another's key
        folders = list((running.folder / "learners").iterdir())
        assert folders
        assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)
    finally:
        await asyncio.to_thread(running.end)


async def test_a_session_has_nothing_of_the_servers_environment_and_no_shell_behind_it(
    served: Served,
) -> None:
    _join(served, "curious")
    async with await connect(served, "curious", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection, env={"RL_TUTOR_HOME": "/", "PYTHONSTARTUP": "/x"})
        await terminal.until(HOME)
        process = session_of(served, "curious")
        for pid, has in ((served.process.pid, True), (process, False)):
            assert (OF_THE_TEACHER.encode() in Path(f"/proc/{pid}/environ").read_bytes()) == has
        terminal.type("\x1a\x1c")  # ctrl+z, ctrl+\
        terminal.type(ENTER)
        await terminal.until("step 1 of")
        assert session_of(served, "curious") == process  # still in its own home, whatever the client has sent
