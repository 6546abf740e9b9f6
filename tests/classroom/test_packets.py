"""What goes over the wire beside what is meant, and what the server's environment is."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh.connection import SSHConnection
from asyncssh.packet import String

from tests.classroom.processes import megabytes, until
from tests.classroom.served import Served, connect, open_terminal
from tutor.classroom.packets import CIPHERS, LARGEST, MSG_IGNORE

KEY = asyncssh.generate_private_key("ssh-ed25519")


async def test_no_packet_says_nothing_and_aes_is_spoken(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored: list[Any] = []
    handlers = {**SSHConnection._packet_handlers, MSG_IGNORE: lambda *packet: ignored.append(packet)}
    monkeypatch.setattr(asyncssh.SSHClientConnection, "_packet_handlers", handlers)
    async with await connect(served, "packets", served.code, keys=(KEY,)) as connection:
        for direction in ("send_cipher", "recv_cipher"):
            assert connection.get_extra_info(direction) in CIPHERS
        terminal = await open_terminal(connection)
        await terminal.until("enter opens the tutor")
    assert not ignored


@pytest.mark.parametrize("cipher", ["aes128-ctr", "aes256-gcm@openssh.com"])
async def test_clients_of_either_kind_of_aes_come_in(served: Served, cipher: str) -> None:
    async with await connect(
        served, cipher[:6], served.code, keys=(KEY,), encryption_algs=[cipher]
    ) as connection:
        assert connection.get_extra_info("send_cipher") == cipher
        await (await open_terminal(connection)).until("enter opens the tutor")


async def test_a_packet_that_unpacks_to_too_much_costs_its_sender_the_connection(served: Served) -> None:
    async with await connect(
        served, "bomb", served.code, keys=(KEY,), compression_algs=["zlib@openssh.com"]
    ) as connection:
        await (await open_terminal(connection)).until("enter opens the tutor")
        before = megabytes(served.process.pid)
        assert connection._compressor is not None
        connection.send_packet(MSG_IGNORE, String(bytes(LARGEST - 1024)))  # as much as may be
        connection.send_packet(MSG_IGNORE, String(bytes(64 << 20)))
        await asyncio.wait_for(connection.wait_closed(), 10.0)
    await until(
        lambda: f"CompressionError: a packet that unpacks to more than {LARGEST} bytes" in served.log()
    )
    assert megabytes(served.process.pid) - before < 8


def test_a_user_without_a_home_can_serve(tmp_path: Path) -> None:
    """As those are that systemd makes up; asyncssh asks for the home of whoever serves."""
    code = (
        "from pathlib import Path; from tutor.classroom.pool import Pool; import sys; "
        "Pool(0, Path('lessons'), Path(sys.argv[1])); print(Path.home())"
    )
    environment = {name: value for name, value in os.environ.items() if name != "HOME"}
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == str(tmp_path)
