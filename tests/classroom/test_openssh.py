"""OpenSSH's own client, with every way in that is none."""

import asyncio
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.classroom.processes import until
from tests.classroom.served import PATIENCE, Served, first_visit
from tests.terminal import Terminal
from tests.test_terminal import free_port, need
from tutor.classroom.limits import Limits

KEY = asyncssh.generate_private_key("ssh-ed25519")
HOME = "Agent and environment"
LEAVE = "\x11"
ONLY_THE_TUTOR = "Only the tutor can be opened here"
WAYS = [
    (("ssh", "{host}", "ls"), ONLY_THE_TUTOR),
    (("ssh", "-tt", "{host}", "ls"), ONLY_THE_TUTOR),
    (("ssh", "-T", "{host}"), "it needs a terminal"),
    (("ssh", "-s", "{host}", "sftp"), ONLY_THE_TUTOR),
    (("ssh", "-X", "-T", "{host}"), "it needs a terminal"),
    (("ssh", "-A", "-T", "{host}"), "it needs a terminal"),
    (("ssh", "-N", "{host}"), "asked for no session"),
    (("ssh", "-N", "-D", "{port}", "{host}"), "asked for no session"),
    (("ssh", "-N", "-R", "0:127.0.0.1:22", "{host}"), "forwarding"),
    (("ssh", "-W", "127.0.0.1:22", "{host}"), "The tutor forwards no connections."),
    (("sftp", "{host}"), ONLY_THE_TUTOR),
    (("scp", "/etc/hostname", "{host}:x"), ONLY_THE_TUTOR),
    (("scp", "-O", "/etc/hostname", "{host}:x"), ONLY_THE_TUTOR),
]


class Client:
    """The options that lead a learner called `ways` to the class, whatever this machine's own settings are."""

    def __init__(self, served: Served, folder: Path) -> None:
        key = folder / "key"
        key.touch(mode=0o600)
        key.write_bytes(KEY.export_private_key("openssh"))
        options = (
            f"Port={served.port}", f"IdentityFile={key}", "IdentitiesOnly=yes", "StrictHostKeyChecking=no",
            f"UserKnownHostsFile={folder / 'known'}", "LogLevel=INFO", "BatchMode=yes",
        )  # fmt: skip
        self.key = key
        self.host = "ways@127.0.0.1"
        self._options = [part for option in options for part in ("-o", option)]

    def command(self, *words: str) -> list[str]:
        program, *rest = words
        return [program, "-F", "none", *self._options, *rest]


@pytest.fixture
async def client(served: Served, tmp_path: Path) -> Client:
    need("ssh", "sftp", "scp", "ssh-agent", "ssh-add")
    if "ways" not in served.command("class", "list").stdout:
        await first_visit(served, "ways", keys=(KEY,))
    return Client(served, tmp_path)


async def test_openssh_is_refused_every_way_but_the_tutor_in_words(served: Served, client: Client) -> None:
    port = free_port()
    places = asyncio.Semaphore(Limits().sessions_per_learner)  # as many as a learner may have at once

    async def said(words: tuple[str, ...]) -> str:
        command = client.command(*(word.format(host=client.host, port=port) for word in words))
        async with places:
            done = await asyncio.to_thread(
                subprocess.run,
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
            )  # fmt: skip
        assert done.returncode, words
        return str(done.stdout, "utf-8", "replace")

    answers = await asyncio.gather(*(said(words) for words, _ in WAYS))
    for (words, expected), answer in zip(WAYS, answers, strict=True):
        assert expected in answer, (words, answer)
    log = served.log()
    for asked in (
        "exec ls",
        "subsystem sftp",
        "a session without a terminal",
        "listening on",
        "forwarding to",
    ):
        assert f'"asked": "{asked}' in log
    assert "no session asked for" in log


async def test_a_session_with_l_and_r_and_x_goes_on_and_its_forwarded_connections_come_to_nothing(
    served: Served, client: Client
) -> None:
    ours = free_port()
    tunnels = ("-L", f"{ours}:127.0.0.1:22", "-R", f"{free_port()}:127.0.0.1:22", "-X")
    environment = {"DISPLAY": "127.0.0.1:77"}  # so that -X asks
    terminal = Terminal(client.command("ssh", *tunnels, client.host), environment)
    try:
        await asyncio.to_thread(terminal.until, HOME)
        assert b"remote port forwarding failed" in terminal.raw
        with socket.create_connection(("127.0.0.1", ours), timeout=PATIENCE) as link:
            link.settimeout(PATIENCE)
            assert link.recv(100) == b""  # closed at once
        terminal.child.send(LEAVE)
        await asyncio.to_thread(terminal.ends)
    finally:
        terminal.close()
    assert b"forwards no connections" in terminal.raw
    log = served.log()
    assert "forwarding to 127.0.0.1:22" in log
    assert "X11 forwarding" in log


@pytest.fixture
def agent(client: Client, tmp_path: Path) -> Iterator[str]:
    """An agent that holds a key; its socket."""
    told = subprocess.run(
        ["ssh-agent", "-s", "-a", str(tmp_path / "agent")], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"SSH_AGENT_PID=(\d+)", told)
    assert found
    try:
        place = str(tmp_path / "agent")
        subprocess.run(
            ["ssh-add", str(client.key)],
            env={**os.environ, "SSH_AUTH_SOCK": place},
            check=True,
            capture_output=True,
        )
        yield place
    finally:
        os.kill(int(found[1]), 15)


async def test_an_agent_that_is_offered_is_refused_in_the_session(
    served: Served, client: Client, agent: str
) -> None:
    terminal = Terminal(client.command("ssh", "-A", client.host), {"SSH_AUTH_SOCK": agent})
    try:
        await asyncio.to_thread(terminal.until, "Your ssh offered its agent .-A.: it was refused")
        terminal.child.send("\r")
        await asyncio.to_thread(terminal.until, HOME)
        terminal.child.send(LEAVE)
        await asyncio.to_thread(terminal.ends)
    finally:
        terminal.close()
    await until(lambda: '"asked": "agent forwarding"' in served.log())
