"""What a teacher is told when something is not as they thought: one line, and status 1."""

import asyncio
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.classroom.served import PATIENCE, Served, come, connect, open_terminal, serve
from tutor import cli
from tutor.classroom.people import People
from tutor.classroom.roster import Person

Run = Callable[..., subprocess.CompletedProcess[str]]

KEY = asyncssh.generate_private_key("ssh-ed25519")
PUBLIC = " ".join(KEY.export_public_key().decode().split()[:2])


def _command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tutor.cli", *words],
        env={**os.environ, "RL_TUTOR_HOME": str(home)}, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip


@pytest.fixture
def run_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`_command` for what ends before anybody is served: without the price of a process."""
    monkeypatch.setenv("RL_TUTOR_HOME", str(tmp_path))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        status = cli.main(words)
        return subprocess.CompletedProcess(words, status, *capsys.readouterr())

    return run


def _said(done: subprocess.CompletedProcess[str], before: str = "") -> str:
    """The one line that it fails with."""
    assert done.returncode == 1
    assert done.stdout == before
    assert done.stderr.startswith("rl-tutor: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_class_that_is_not_there(run_here: Run) -> None:
    assert "there is no class 'maths' yet; rl-tutor serve --class maths makes it" in _said(
        run_here("class", "list", "--class", "maths")
    )
    assert "is no name of a class" in _said(run_here("class", "list", "--class", "../etc"))


def test_what_a_list_means_for_a_new_code_and_for_a_removal_is_said(run_here: Run, tmp_path: Path) -> None:
    (tmp_path / "classes" / "rl").mkdir(parents=True)
    people = People(tmp_path / "classes" / "rl" / "class.db")
    come(people, "bob", "a hash", [])
    people.take_roster([Person("ada", "Ada", "", "")], "people.csv")
    people.close()
    assert "bob is not on the list in force" in run_here("class", "code", "bob").stdout
    assert "list" not in run_here("class", "code", "ada").stdout
    assert "serve with --roster once more" in run_here("class", "remove-learner", "ada", "--yes").stdout
    assert "--roster" not in run_here("class", "remove-learner", "bob", "--yes").stdout


@pytest.mark.parametrize("word", ["show", "kick", "code", "remove-learner"])
def test_a_learner_who_is_not_there(served: Served, word: str) -> None:
    assert "there is no learner 'nobody' in this class" in _said(served.command("class", word, "nobody"))


def test_an_empty_name_is_nobodys_and_the_join_code_stays(served: Served) -> None:
    """As of a variable that a teacher's script did not set."""

    def join_code() -> str:
        with sqlite3.connect(served.folder / "class.db") as database:
            return str(database.execute("SELECT value FROM meta WHERE key = 'join_code'").fetchone()[0])

    before = join_code()
    assert "there is no learner '' in this class" in _said(served.command("class", "code", ""))
    assert join_code() == before


def test_without_an_action_the_actions_are_shown(tmp_path: Path) -> None:
    done = _command(tmp_path, "class")
    assert done.returncode == 2
    for word in ("list", "show", "code", "kick", "remove-learner", "report"):
        assert f"    {word}" in done.stdout


def test_a_class_is_served_once(served: Served) -> None:
    assert "class rl is being served already" in _said(served.command("serve", "--port", "0"))


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A class in a folder whose path is longer than the name of a socket may be."""
    home = tmp_path_factory.mktemp("deep") / ("d" * 120)
    home.mkdir()
    running = serve(home, limits="pool = 1\n")
    yield running
    if running.process.poll() is None:
        assert running.end() == 0


async def test_a_class_in_a_deep_folder_is_served_once_and_its_teacher_reaches_it(deep: Served) -> None:
    async with await connect(deep, "ada", deep.code, keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until("enter opens the tutor")
        listed = (await asyncio.to_thread(deep.command, "class", "list")).stdout
        assert "class rl: 1 learner, 1 there now, in 1 session" in listed
        removed = await asyncio.to_thread(deep.command, "class", "remove-learner", "ada", "--yes")
        assert removed.stdout.startswith("Deleted ada"), removed.stderr
        assert "is removing this name" in await terminal.closed()
    assert "class rl is being served already" in _said(
        await asyncio.to_thread(deep.command, "serve", "--port", "0")
    )
    assert stat.S_IMODE((deep.folder / "control").stat().st_mode) == 0o600


def test_a_server_that_cannot_be_reached_is_not_taken_for_none_and_a_killed_one_is(deep: Served) -> None:
    (deep.folder / "control").rename(deep.folder / "away")
    unreached = "the server of class rl is starting or ending; try again in some seconds"
    assert unreached in _said(deep.command("class", "list"))
    (deep.folder / "away").rename(deep.folder / "control")
    assert "no server is running" not in deep.command("class", "list").stdout
    deep.process.kill()
    assert deep.end() == -signal.SIGKILL
    assert "no server is running" in deep.command("class", "list").stdout
    again = serve(deep.home)
    assert "nobody there now" in deep.command("class", "list").stdout
    assert again.end() == 0


def test_a_port_that_is_taken_or_none(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _command(tmp_path, "serve", "--host", "127.0.0.1", "--port", str(port))
    said = _said(done, before="Starting class rl: some seconds.\n")
    assert f"port {port} of 127.0.0.1 is taken by another program" in said
    for word in ("99999", "-1", "ssh"):
        done = _command(tmp_path, "serve", f"--port={word}")
        assert done.returncode == 2
        assert "is no port; it is a whole number from 0 to 65535" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "who\nada\n",
            "roster.csv:1: the column name is missing: the first line must be name, or name,email,key",
        ),
        ("who\nada\n", "; this one has 'who'"),
        ("", "roster.csv:1: the column name is missing"),
        ("name;email\nada;a@x\n", "roster.csv:1: semicolons separate its columns; save it with commas"),
        ("name,email\n", "roster.csv: nobody is on this list"),
        (
            "name\nJosé\n".encode("latin-1"),
            "roster.csv: cannot be read as a roster: it is not UTF-8; save it as CSV UTF-8",
        ),
        (
            "name,key\nada,PUBLIC\ngrace,PUBLIC home\n",
            "roster.csv:3: the key of grace is that of ada too",
        ),
        ("name\nada\nBad Name\n", "roster.csv:3: 'Bad Name' is no name to log in by"),
        ("name\nada\nAda\n", "roster.csv:3: ada stands there twice, first in line 2"),
        ("name,key\nada,nonsense\n", "roster.csv:2: the key of ada is no public key"),
        ("name,name\nada,grace\n", "roster.csv:1: the column name stands there twice; take one of them out"),
        ("name,key,key\nada,,\n", "roster.csv:1: the column key stands there twice"),
        (
            "name,email\nada,,,\ngrace,Hopper, Grace\n",
            "roster.csv:3: 'Grace' stands beyond the last of 2 columns; text with a comma must be in quotes",
        ),
        ("name,email\nada,\ngrace,LONG\n", "roster.csv:3: cannot be read as CSV (field larger"),
        ("name,LONG\n", "roster.csv:1: cannot be read as CSV (field larger"),
        ("name\n\x1b[2Jada\n", "roster.csv:2: "),
        (None, "roster.csv: cannot be read as a roster"),
    ],
)
def test_a_roster_that_is_wrong_says_where(
    run_here: Run, tmp_path: Path, text: str | bytes | None, said: str
) -> None:
    roster = tmp_path / "roster.csv"
    if text is not None:
        roster.write_bytes(text if isinstance(text, bytes) else _filled(text))
    line = _said(run_here("serve", "--roster", str(roster)))
    assert said in line
    assert "\x1b" not in line
    assert "Errno" not in line


def _filled(text: str) -> bytes:
    return text.replace("PUBLIC", PUBLIC).replace("LONG", "x" * 200_000).encode()


def test_settings_of_a_class_that_are_wrong_say_where(run_here: Run, tmp_path: Path) -> None:
    folder = tmp_path / "classes" / "rl"
    folder.mkdir(parents=True)
    (folder / "class.toml").write_text("sessions = 0\nrunz = 3\nsilence = true\n")
    line = _said(run_here("serve", "--port", "0"))
    assert "class.toml: sessions is 0; it must be a whole number from 1 to 5000" in line
    assert "there is no limit 'runz'" in line
    assert "silence is True; it must be a whole number from 2 to 3600" in line


def test_a_report_that_cannot_be_written_says_where_and_why(served: Served) -> None:
    assert _said(served.command("class", "report", "--csv", "/nowhere/f.csv")) == (
        "rl-tutor: /nowhere/f.csv: No such file or directory\n"
    )


def test_whoever_reads_no_more_of_a_table_is_no_mistake(served: Served) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "tutor.cli", "class", "list"], stdout=closed, stderr=subprocess.PIPE,
            env={**os.environ, "RL_TUTOR_HOME": str(served.home)}, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert done.stderr == b""


def test_the_course_is_among_the_options_of_serve(tmp_path: Path) -> None:
    assert "--course DIR" in _command(tmp_path, "serve", "--help").stdout
