"""A class as learners and their teacher meet it: a real server, real clients."""

import asyncio
import csv
import io
import json
import re
import sys

import asyncssh
import pytest

from tests.classroom.served import PATIENCE, Served, connect, open_terminal
from tests.terminal import Terminal

KEY = asyncssh.generate_private_key("ssh-ed25519")
OTHER = asyncssh.generate_private_key("ssh-ed25519")


async def _join(served: Served, name: str, *, keys: tuple[asyncssh.SSHKey, ...] = ()) -> str:
    """A first visit; the personal code."""
    async with await connect(served, name, served.code, keys=keys) as connection:
        terminal = await open_terminal(connection)
        screen = await terminal.until("enter opens the tutor")
        terminal.type("\r")
        await terminal.until("Agent and environment")
        terminal.type("\x11")  # ctrl+q
        await terminal.closed()
    return screen.partition("Your personal code:")[2].split()[0]


async def test_a_first_visit_binds_the_name_to_key_and_code(served: Served) -> None:
    code = await _join(served, "ada", keys=(KEY,))
    async with await connect(served, "ada", keys=(KEY,)) as connection:  # the key is enough
        terminal = await open_terminal(connection)
        await terminal.until("Agent and environment")
    async with await connect(served, "ada", code, keys=(OTHER,)) as connection:  # so is the code
        assert await (await open_terminal(connection)).until("Agent and environment")
    for codes, keys in (((served.code,), (OTHER,)), ((), (OTHER,)), (("AAAA-BBBB-CCCC",), ())):
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(served, "ada", *codes, keys=keys)
    assert code not in served.log()
    assert served.code not in served.log()


async def test_what_was_done_is_there_the_next_time_and_nobody_elses(served: Served) -> None:
    await _join(served, "grace", keys=(KEY,))
    await _join(served, "edsger", keys=(OTHER,))
    async with await connect(served, "grace", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until("Agent and environment")
        terminal.type("\r")
        await terminal.until("step 1 of")
    async with await connect(served, "grace", keys=(KEY,)) as connection:
        assert "step 1 of" in await (await open_terminal(connection)).until("step 1 of")
    async with await connect(served, "edsger", keys=(OTHER,)) as connection:
        screen = await (await open_terminal(connection)).until("Agent and environment")
        assert "step 1 of" not in screen
    shown = served.command("class", "show", "grace")
    assert "1 of" in shown.stdout
    assert shown.returncode == 0
    report = served.command("class", "report", "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(report.stdout)))
    grace, edsger = ([row for row in rows if row["student_id"] == name] for name in ("grace", "edsger"))
    assert [row["assignment"] for row in grace] == [row["assignment"] for row in edsger]
    assert len(grace) >= 16  # every lesson of the course
    assert grace[0]["assignment"] == "01-reasoning-models"
    assert {row["score"] for row in (*grace, *edsger)} == {"0"}
    assert [bool(row["timestamp"]) for row in grace] == [True] + [False] * (len(grace) - 1)
    assert not any(row["timestamp"] for row in edsger)  # nothing was done, and that counts as 0


async def test_a_learner_can_be_sent_away_and_removed_for_good(served: Served) -> None:
    await _join(served, "barbara", keys=(KEY,))
    async with await connect(served, "barbara", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until("Agent and environment")
        terminal.type("\r")
        await terminal.until("step 1 of")
        listed = await asyncio.to_thread(served.command, "class", "list")
        assert "here 0 min" in next(line for line in listed.stdout.splitlines() if line.startswith("barbara"))
        kicked = await asyncio.to_thread(served.command, "class", "kick", "barbara")
        assert kicked.stdout == ("1 session of barbara closed; their work is kept, and they may come back.\n")
        assert "Closed by your teacher; your work is kept, and you may come back." in await terminal.closed()
    removed = await asyncio.to_thread(served.command, "class", "remove-learner", "barbara", "--yes")
    assert removed.stdout.startswith("Deleted barbara: ")
    for path in served.folder.rglob("*"):
        if path.is_file():
            assert b"barbara" not in path.read_bytes(), path
    with pytest.raises(asyncssh.PermissionDenied):
        await connect(served, "barbara", keys=(KEY,))


async def test_who_is_removed_while_they_are_there_leaves_no_line(served: Served) -> None:
    """Their session and connection end first: both write to the log when they do."""
    await _join(served, "radia", keys=(KEY,))
    async with await connect(served, "radia", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until("Agent and environment")
        terminal.type("\r")
        await terminal.until("step 1 of")
        removed = await asyncio.to_thread(served.command, "class", "remove-learner", "radia", "--yes")
        assert re.fullmatch(
            r"Deleted radia: [1-9]\d* events?, settings, grids, exports, lines of the log\n", removed.stdout
        )
        assert "Your teacher is removing this name from the class." in await terminal.closed()
        await connection.wait_closed()
    for path in served.folder.rglob("*"):
        if path.is_file():
            assert b"radia" not in path.read_bytes(), path
    await _join(served, "radia", keys=(KEY,))  # the name is free again


async def test_only_yes_removes(served: Served) -> None:
    await _join(served, "stays", keys=(KEY,))
    environment = {"RL_TUTOR_HOME": str(served.home)}
    command = [sys.executable, "-m", "tutor.cli", "class", "remove-learner", "stays"]
    terminal = Terminal(command, environment)
    try:
        await asyncio.to_thread(terminal.until, "Type yes:")
        terminal.press("y", "enter")
        await asyncio.to_thread(terminal.until, "nobody was removed")
    finally:
        terminal.close()


async def test_a_new_personal_code_replaces_the_old(served: Served) -> None:
    old = await _join(served, "alan")
    new = (await asyncio.to_thread(served.command, "class", "code", "alan")).stdout.split()[4]
    with pytest.raises(asyncssh.PermissionDenied):
        await connect(served, "alan", old)
    async with await connect(served, "alan", new) as connection:
        await (await open_terminal(connection)).until("Agent and environment")


@pytest.mark.parametrize("asked", [{"command": "ls"}, {"subsystem": "sftp"}])
async def test_commands_and_subsystems_are_refused_in_words(served: Served, asked: dict[str, str]) -> None:
    name = f"cmd{len(str(asked))}"
    await _join(served, name, keys=(KEY,))
    async with await connect(served, name, keys=(KEY,)) as connection:
        process = await connection.create_process(asked.get("command"), subsystem=asked.get("subsystem"))
        async with asyncio.timeout(PATIENCE):
            said = await process.stderr.read()
            assert "Only the tutor can be opened here" in said
            assert (await process.wait()).exit_status == 1


async def test_forwarding_is_refused(served: Served) -> None:
    await _join(served, "tunnel", keys=(KEY,))
    async with await connect(served, "tunnel", keys=(KEY,)) as connection:
        with pytest.raises(asyncssh.ChannelOpenError, match="forwards no connections"):
            await connection.open_connection("127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelOpenError, match="forwards no connections"):
            await connection.open_unix_connection("/run/x")
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_path("/nowhere/x", "/nowhere/y")
    asked = [json.loads(line).get("asked", "") for line in served.log().splitlines()]
    assert any(line.startswith("forwarding to 127.0.0.1:22") for line in asked)
    assert "listening on /nowhere/x" in asked


async def test_a_third_session_of_one_learner_is_told_why_not(served: Served) -> None:
    await _join(served, "many", keys=(KEY,))
    async with await connect(served, "many", keys=(KEY,)) as connection:
        for _ in range(2):
            await (await open_terminal(connection)).until("Agent and environment")
        with pytest.raises(asyncssh.ChannelOpenError, match="You are here 2 times already"):
            await open_terminal(connection)


@pytest.mark.parametrize("name", ["1a", "a b", "../../etc", "x" * 40])
async def test_what_is_no_name_is_sent_away(served: Served, name: str) -> None:
    with pytest.raises(
        asyncssh.DisconnectError, match=f"a name has 1 to 32.*Try: ssh -p {served.port} NAME@HOST"
    ):
        await connect(served, name, served.code)
