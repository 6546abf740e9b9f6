"""The port of a class: descriptors that run out, and hosts and ports that cannot be had."""

import asyncio
import errno
import json
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.classroom.served import PATIENCE
from tutor.classroom.listening import TELL_EVERY, Shortages, cannot_listen

SERVER = """
import asyncio, json, os, resource, sys
from tutor.classroom.listening import Shortages, take_one_at_a_time
reports, told, taken = [], [], []

class Counted(Shortages):
    def __call__(self, loop, context):
        reports.append(context["message"])
        super().__call__(loop, context)

class Taken(asyncio.Protocol):
    def connection_made(self, transport):
        taken.append(transport)

def log(what, **values):
    os.close(os.open(os.devnull, os.O_RDONLY))  # as a line of the log needs a descriptor
    told.append([what, values])

async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(Counted(log))
    server = await loop.create_server(Taken, "127.0.0.1", 0, backlog=1)
    take_one_at_a_time(server.sockets)
    lowest = os.dup(0)
    os.close(lowest)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 5, hard))
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    first = len(taken)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    while len(taken) < 40:
        await asyncio.sleep(0.05)
    print(json.dumps({"reports": len(reports), "told": told, "first": first}), flush=True)

asyncio.run(main())
"""


async def test_without_descriptors_the_server_rests_and_says_so_once_and_then_takes_who_waited() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    links = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(40)]
    await asyncio.sleep(2.5)
    said, errors = await asyncio.wait_for(process.communicate(b"go on\n"), PATIENCE)
    for link in links:
        link.close()
    found = json.loads(said)
    assert found["first"] <= 5
    assert 2 <= found["reports"] <= 5  # one a second
    assert found["told"] == [["shortage", {"why": "no connection can be taken: Too many open files"}]]
    assert errors == b""


def test_a_shortage_is_told_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    now = 1000.0
    monkeypatch.setattr("tutor.classroom.listening.monotonic", lambda: now)
    loop = asyncio.new_event_loop()
    try:
        shortages = Shortages(lambda what, **_: lines.append(what))
        for now in (1000.0, 1001.0, 1000.0 + TELL_EVERY, 1001.0 + TELL_EVERY):  # noqa: B007  (the clock reads it)
            shortages(loop, {"message": "no", "exception": OSError(errno.EMFILE, os.strerror(errno.EMFILE))})
    finally:
        loop.close()
    assert lines == ["shortage"] * 2


def test_a_host_that_there_is_not_is_told_in_words(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "tutor.cli", "serve", "--host", "nonsense.invalid", "--port", "0"],
        env={**os.environ, "RL_TUTOR_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert said.returncode == 1
    (line,) = said.stderr.splitlines()
    assert line.startswith("rl-tutor: cannot listen on nonsense.invalid (")
    assert "Unknown error" not in line
    assert "--host takes an address of this machine" in line


def test_too_few_descriptors_for_a_session_are_told_at_the_start_with_what_to_do(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "tutor.cli", "serve", "--host", "127.0.0.1", "--port", "0"],
        env={**os.environ, "RL_TUTOR_HOME": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert said.returncode == 1
    (line,) = said.stderr.splitlines()
    assert line.startswith(
        "rl-tutor: a process may have 200 files open at most here, and a session needs 256: allow"
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EADDRINUSE, "port 22 of h is taken by another program; take another: --port 23"),
        (errno.EACCES, "port 22 is not for ordinary users; take one from 1024 on"),
        (errno.EADDRNOTAVAIL, "cannot listen on h (it is no address of this machine)"),
    ],
)
def test_why_a_port_cannot_be_had_is_told_with_what_to_do(number: int, words: str) -> None:
    assert words in cannot_listen("h", 22, OSError(number, "x"))
