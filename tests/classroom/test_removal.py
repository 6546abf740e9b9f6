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
from tests.classroom.served import come as come_first
from tutor.classroom.audit import Audit
from tutor.classroom.errors import ClassError
from tutor.classroom.folder import ClassFolder
from tutor.classroom.people import Learner, People
from tutor.classroom.removal import finish, remove
from tutor.classroom.serving import exchange, reached

KEY = asyncssh.generate_private_key("ssh-ed25519")
KILLED = """
import os, signal, sys
from tutor import cli
from tutor.classroom import removal
from tutor.classroom.people import People

def then_killed(step):
    def both(*given):
        step(*given)
        os.kill(os.getpid(), signal.SIGKILL)
    return both

if sys.argv[2] == "log":
    removal.forget = then_killed(removal.forget)
else:
    People.remove = then_killed(People.remove)
cli.main(["class", "remove-learner", sys.argv[1], "--yes"])
"""


def killed(home: Path, name: str, after: str = "row") -> None:
    """A removal that is killed when the log, or the row, has gone."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, name, after],
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
    learner = come_first(people, name, "hash", [])
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


@pytest.mark.parametrize(("after", "left"), [("log", ["class.db"]), ("row", [])])
def test_what_a_killed_removal_left_goes_with_the_next_one(
    folder: ClassFolder, home: Path, after: str, left: list[str]
) -> None:
    killed(home, "ada", after)
    assert [name for name in files_with(folder, "ada") if name in ("class.db", "audit.log")] == left
    assert list(folder.removals.iterdir())
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
    found = people.find("ada")
    assert found is not None
    assert found.id == other.id
    people.close()
    assert (folder.exports / "ada" / "file").read_text() == "of ada"
    assert (folder.home(other.id) / "file").exists()
    assert '"ada"' in folder.audit.read_text()


def test_lines_of_the_log_that_are_not_whole_stop_no_removal(folder: ClassFolder, home: Path) -> None:
    """As a kill or a full disk leaves them: cut, run together, or no text."""
    cut = [
        b'{"at": "2026-1',
        b'{"at": "x", "name": "ad',
        b'{"at": "20{"at": "x", "name": "ada"}',
        b"5",
        b"\xff",
    ]
    log = folder.audit.read_bytes()
    folder.audit.write_bytes(b"\n".join(cut) + b"\n" + log + b'{"at": "2026-1')
    Audit(folder.audit).write("came", name="ada")  # after the cut
    Audit(folder.audit).write("came", name="grace")
    done = subprocess.run(
        [sys.executable, "-m", "tutor.cli", "class", "remove-learner", "ada", "--yes"],
        env={**os.environ, "RL_TUTOR_HOME": str(home)}, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert files_with(folder, "ada") == []
    lines = folder.audit.read_text().splitlines()
    assert [line for line in lines if "grace" not in line] == [
        '{"at": "2026-1',
        "5",
        "\ufffd",
        '{"at": "2026-1',
    ]
    assert len([line for line in lines if "grace" in line]) == 2


def test_a_log_that_cannot_be_rewritten_leaves_the_removal_to_be_repeated(
    folder: ClassFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = People(folder.database)
    ada = people.find("ada")
    assert ada is not None

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tutor.classroom.removal.forget", full)
    with pytest.raises(OSError, match="No space"):
        remove(folder, people, ada)
    assert people.find("ada") == ada
    monkeypatch.undo()
    assert finish(folder, people) == ["ada"]
    people.close()
    assert files_with(folder, "ada") == []


@pytest.mark.parametrize("where", ["exports", "learners"])
def test_what_cannot_be_removed_is_told_and_the_rest_of_it_goes_and_it_can_be_repeated(
    folder: ClassFolder, home: Path, where: str
) -> None:
    """Such as a link in its place: what it leads to may be anything."""
    people = People(folder.database)
    ada = people.find("ada")
    assert ada is not None
    tree = folder.exports / "ada" if where == "exports" else folder.home(ada.id)
    elsewhere = home / "elsewhere"
    tree.rename(elsewhere)
    tree.symlink_to(elsewhere)
    with pytest.raises(
        ClassError, match=f"{tree}: cannot be removed .*; ada is not wholly removed: mend that"
    ):
        remove(folder, people, ada)
    assert people.find("ada") == ada
    tree.unlink()
    elsewhere.rename(tree)
    assert finish(folder, people) == ["ada"]
    people.close()
    assert files_with(folder, "ada") == []


def test_of_a_tree_that_cannot_be_removed_the_rest_goes(
    folder: ClassFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = People(folder.database)
    ada = people.find("ada")
    assert ada is not None
    for name in ("a", "kept", "z"):
        (folder.exports / "ada" / name).touch()
    unlink = os.unlink

    def refuse_one(path: str, **options: int) -> None:
        if path == "kept":
            raise PermissionError(
                1, "Operation not permitted", path
            )  # as of a file that chattr +i has marked
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", refuse_one)
    with pytest.raises(ClassError, match=r"exports/ada.*cannot be removed \(Operation not permitted\)"):
        remove(folder, people, ada)
    people.close()
    assert [path.name for path in (folder.exports / "ada").iterdir()] == ["kept"]


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
