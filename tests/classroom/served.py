"""A class that is really served, by the command, in a process of its own; and clients that come to it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import asyncssh
import pyte

from tutor.classroom.codes import PERSONAL_SIGNS, hashed, new_code
from tutor.classroom.people import Learner, People

PATIENCE = 60.0  # seconds for what takes one when nothing else runs
OF_THE_TEACHER = "xyzzy-of-the-teacher"
TELL = 46  # the signal at which a session of the shared class writes its variables down
TELLING = f"""
import json, os, signal

def tell(*_):
    with open("told.new", "w") as file:
        json.dump(dict(os.environ), file)
    os.replace("told.new", "told")

signal.signal({TELL}, tell)
"""


@dataclass
class Served:
    """A running server. home: its RL_TUTOR_HOME. code: the join code."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    code: str
    welcome: str

    @property
    def folder(self) -> Path:
        return self.home / "classes" / "rl"

    def log(self) -> str:
        return (self.folder / "audit.log").read_text()

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`rl-tutor class …` on this class."""
        return subprocess.run(
            [sys.executable, "-m", "tutor.cli", *words],
            env={**os.environ, "RL_TUTOR_HOME": str(self.home)}, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def serve(
    home: Path, *options: str, code: str = "", port: int = 0, limits: str = "", faults: Path | None = None
) -> Served:
    """Start `rl-tutor serve` on the loopback. code: when an earlier start has told it. port: 0 takes a free one.
    limits: the text of its class.toml. faults: a folder whose `sitecustomize` every process of the class loads."""
    if limits:
        settings = home / "classes" / "rl" / "class.toml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(limits)
    path = os.pathsep.join(filter(None, (str(faults or ""), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [sys.executable, "-m", "tutor.cli", "serve", "--host", "127.0.0.1", "--port", str(port), *options],
        env={**os.environ, "RL_TUTOR_HOME": str(home), "PYTHONPATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    while line := process.stdout.readline():
        lines.append(line)
        if "ctrl+c" in line:
            break
    welcome = "".join(lines)
    found = re.search(r"-p (\d+)", welcome)
    assert found, welcome
    drawn = re.search(r"first visit:\s+(\S+)", welcome)
    return Served(process, home, int(found[1]), drawn[1] if drawn else code, welcome)


class Typist(asyncssh.SSHClient):
    """Answers what the server asks with the codes given, one after another."""

    def __init__(self, codes: Sequence[str]) -> None:
        self._codes = list(codes)
        self.asked: list[str] = []

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(self, name: str, instructions: str, lang: str, prompts: Any) -> Any:
        self.asked += [instructions, *(prompt for prompt, _ in prompts)]
        if not self._codes and [prompt for prompt, _ in prompts if "[y/N]" in prompt]:
            return [""]  # no
        return [self._codes.pop(0) for _ in prompts] if len(self._codes) >= len(prompts) else None


async def connect(
    served: Served,
    name: str,
    *codes: str,
    keys: Sequence[Any] = (),
    typist: Typist | None = None,
    **options: Any,
) -> asyncssh.SSHClientConnection:
    """Log in, with these codes or as `typist` does. Raises asyncssh's errors."""
    return await asyncssh.connect(
        "127.0.0.1", served.port, username=name, known_hosts=None, client_keys=list(keys) or None,
        client_factory=lambda: typist or Typist(codes), agent_path=None, config=None, login_timeout=PATIENCE, **options,
    )  # fmt: skip


class EndedError(AssertionError):
    """The session has ended before it showed what it should."""


class Terminal:
    """A learner's terminal: a session, and what it shows."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes], size: tuple[int, int]) -> None:
        self.process = process
        self.received = 0
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def type(self, text: str) -> None:
        self.process.stdin.write(text.encode())

    def resize(self, asked: tuple[int, int], shown: tuple[int, int]) -> None:
        """Ask for a window of `asked` columns and rows; `shown` is what will be drawn."""
        self._screen.resize(shown[1], shown[0])
        self._screen.erase_in_display(2)
        self.process.change_terminal_size(*asked)

    async def until(self, words: str, patience: float = PATIENCE) -> str:
        """The screen, once it shows `words`. Fails with what it shows instead."""
        return await self.until_so(lambda text: words in text, patience, words)

    async def until_so(
        self, holds: Callable[[str], bool], patience: float = PATIENCE, what: str = "it"
    ) -> str:
        """The screen, once it is so."""
        deadline = time.monotonic() + patience
        while not holds(self.text):
            try:
                data = await asyncio.wait_for(self.process.stdout.read(65536), deadline - time.monotonic())
            except TimeoutError:
                raise AssertionError(f"{what!r} did not come; the screen:\n{self.text}") from None
            if not data:
                raise EndedError(f"the session ended before {what!r} came; the screen:\n{self.text}")
            self._feed(data)
        return self.text

    async def closed(self) -> str:
        """The screen at the end of the session."""
        async with asyncio.timeout(PATIENCE):
            while data := await self.process.stdout.read(65536):
                self._feed(data)
            await self.process.wait()
        return self.text

    def _feed(self, data: bytes) -> None:
        self.received += len(data)
        self._stream.feed(data)


def public(key: asyncssh.SSHKey) -> str:
    """As it stands in a roster, without a comment."""
    return " ".join(key.export_public_key().decode().split()[:2])


def come(people: People, name: str, code: str, keys: Sequence[str]) -> Learner:
    """A first visit that is over, with the hash of its code."""
    joined = people.join(name, keys)
    assert joined is not None
    learner = people.give_code(joined, code)
    assert learner is not None
    assert people.settle(learner)
    return learner


def joined_before(folder: Path, name: str, *keys: asyncssh.SSHKey) -> Learner:
    """Somebody whose first visit is over, in the class of this folder: without the half second of CPU that it costs."""
    people = People(folder / "class.db")
    try:
        return come(people, name, _a_code(), [public(key) for key in keys])
    finally:
        people.close()


@cache
def _a_code() -> str:
    """The hash of a personal code that nobody knows."""
    return hashed(new_code(PERSONAL_SIGNS))


async def first_visit(served: Served, name: str, *codes: str, keys: Sequence[Any] = ()) -> str:
    """Come for the first time, read the page, open the tutor and leave; the page."""
    async with await connect(served, name, *(codes or (served.code,)), keys=keys) as connection:
        terminal = await open_terminal(connection)
        page = await terminal.until("enter opens the tutor")
        terminal.type("\r")
        await terminal.until("Agent and environment")
        terminal.type("\x11")
        await terminal.closed()
    return page


async def open_terminal(
    connection: asyncssh.SSHClientConnection, *, size: tuple[int, int] = (80, 24), **options: Any
) -> Terminal:
    """Ask for the tutor, on a terminal of `size` columns and rows."""
    process = await connection.create_process(
        term_type="xterm-256color", term_size=size, encoding=None, **options
    )
    return Terminal(process, size)
