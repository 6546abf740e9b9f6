"""Removals that were killed half-way: finished later, and nobody is kept out for good."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncssh
import pytest

from tests.classroom.processes import until
from tests.classroom.served import PATIENCE, Served, connect, open_terminal
from tutor.classroom.audit import Audit
from tutor.classroom.folder import ClassFolder
from tutor.classroom.people import Learner, People
from tutor.classroom.removal import finish, remove
from tutor.classroom.serving import exchange, reached

KEY = asyncssh.generate_private_key("ssh-ed25519")
KILLED = """
import os, signal, sys
from tutor import cli
from tutor.classroom import removal
removal.forget = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
cli.main(["class", "remove-learner", sys.argv[1], "--yes"])
"""


def killed(home: Path, name: str) -> None:
    """A removal that is killed before it has come to the log."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, name],
        env={**os.environ, "RL_TUTOR_HOME": str(home)}, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.fixture
def folder(home: Path) -> ClassFolder:
    """A class of two, with exports and a log."""
    folder = ClassFolder(home / "classes" / "rl")
    folder.make()
    people = People(folder.database)
    for name in ("ada", "grace"):
        come(folder, people, name)
    people.close()
    return folder


def come(folder: ClassFolder, people: People, name: str) -> Learner:
    learner = people.first_visit(name, "hash", [])
    for place in (folder.home(learner.id), folder.exports / name):
        place.mkdir()
        (place / "file").write_text(f"of {name}")
    Audit(folder.audit).write("came", name=name)
    return learner


def files_with(folder: ClassFolder, name: str) -> list[str]:
    return [
        path.name
        for path in folder.path.rglob("*")
        if path.is_file() and (name in path.name or name.encode() in path.read_bytes())
    ]


def test_what_a_killed_removal_left_goes_with_the_next_one(folder: ClassFolder, home: Path) -> None:
    killed(home, "ada")
    assert "audit.log" in files_with(folder, "ada")
    people = People(folder.database)
    assert finish(folder, people) == ["ada"]
    assert finish(folder, people) == []
    assert [each.name for each in people.everybody()] == ["grace"]
    people.close()
    assert files_with(folder, "ada") == []
    assert len(files_with(folder, "grace")) == 4  # row, log, home and export


def test_who_has_taken_the_name_since_keeps_what_is_theirs(folder: ClassFolder, home: Path) -> None:
    killed(home, "ada")
    people = People(folder.database)
    other = come(folder, people, "ada")
    finish(folder, people)
    assert people.find("ada") == other
    people.close()
    assert (folder.exports / "ada" / "file").read_text() == "of ada"
    assert (folder.home(other.id) / "file").exists()
    assert '"ada"' in folder.audit.read_text()


def test_a_removal_leaves_no_mark_of_itself(folder: ClassFolder) -> None:
    people = People(folder.database)
    ada = people.find("ada")
    assert ada is not None
    assert remove(folder, people, ada) == 0
    people.close()
    assert files_with(folder, "ada") == []


async def test_a_name_is_kept_out_for_as_long_as_the_command_lives(served: Served) -> None:
    async def comes() -> None:
        async with await connect(served, "barred", served.code, keys=(KEY,)) as connection:
            await (await open_terminal(connection)).until("enter opens the tutor")

    link = await asyncio.to_thread(reached, ClassFolder(served.folder))
    assert link is not None
    with link:
        assert await asyncio.to_thread(exchange, link, {"do": "bar", "name": "barred"}) == 0
        with pytest.raises(asyncssh.DisconnectError, match="is removing this name"):
            await comes()
    await comes()


async def test_a_removal_is_finished_beside_a_running_class(served: Served) -> None:
    async with await connect(served, "halfway", served.code, keys=(KEY,)) as connection:
        await (await open_terminal(connection)).until("enter opens the tutor")
    await until(lambda: '"left"' in served.log())
    await asyncio.to_thread(killed, served.home, "halfway")
    done = await asyncio.to_thread(served.command, "class", "remove-learner", "halfway")
    assert done.stdout == "The removal of halfway, which was cut short, is finished\n", done.stderr
    assert files_with(ClassFolder(served.folder), "halfway") == []
    async with await connect(served, "halfway", served.code, keys=(KEY,)) as connection:
        await (await open_terminal(connection)).until("enter opens the tutor")
