"""What goes over the wire beside what is meant, and what the server's environment is."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh.connection import SSHConnection
from asyncssh.packet import Boolean, String

from tests.classroom.alone import CODE, front_alone
from tests.classroom.processes import megabytes, until
from tests.classroom.served import Served, connect, open_terminal
from tutor.classroom import packets
from tutor.classroom.limits import Limits
from tutor.classroom.packets import CIPHERS, LARGEST, MSG_IGNORE

KEY = asyncssh.generate_private_key("ssh-ed25519")
MSG_KEXINIT, MSG_GLOBAL_REQUEST = 20, 80  # RFC 4253, 4254
MOST_WAITING = 80_000  # bytes: more than those at which sessions stop


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


def _reads_nothing(connection: Any) -> None:
    connection._transport.pause_reading()


def _ends_no_exchange_of_keys(connection: Any) -> None:
    """Answers to all that is asked meanwhile are put off."""
    connection._send_kexinit()
    connection._kex_complete = True  # so that asking goes on
    connection._packet_handlers = {**connection._packet_handlers, MSG_KEXINIT: lambda *_: True}


class _Speaks:
    """In a session's place: what it was told of whether it may speak."""

    def __init__(self) -> None:
        self.held: set[str] = set()

    def hold(self, what: str, held: bool) -> None:
        (self.held.add if held else self.held.discard)(what)

    def tell(self, _words: str) -> None: ...

    def connection_lost(self, _why: object) -> None: ...


@pytest.mark.parametrize("way", [_reads_nothing, _ends_no_exchange_of_keys])
async def test_answers_that_nobody_reads_end_the_connection_once_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Callable[[Any], None]
) -> None:
    monkeypatch.setattr(packets, "MOST_WAITING", MOST_WAITING)
    monkeypatch.setattr(packets, "CPU_SHARE", 1.0)
    async with front_alone(tmp_path, Limits()) as alone:
        for each in alone.server.sockets:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # else the system keeps megabytes
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", alone.server.get_port()))
        async with await connect(alone.served, "deaf", CODE, sock=link) as connection:
            (front,) = alone.fronts
            session = _Speaks()
            front._sessions.append(session)
            way(connection)
            for _ in range(MOST_WAITING // 10):  # an answer has 36 bytes
                connection.send_packet(MSG_GLOBAL_REQUEST, String("keepalive@openssh.com"), Boolean(True))
            await until(lambda: not alone.fronts, 20.0, "nothing bounds it")
            assert session.held  # what it said would wait here, too
            connection.abort()
    assert alone.refused() == ["it does not read what it asks for"]


async def test_an_exchange_of_keys_that_is_ended_lets_sessions_speak_again(tmp_path: Path) -> None:
    async with front_alone(tmp_path, Limits()) as alone, await connect(alone.served, "sound", CODE):
        (front,) = alone.fronts
        session = _Speaks()
        front._sessions.append(session)
        for _ in range(2):
            front._connection._send_kexinit()
            front._connection._kexinit_sent = True
            front._connection.send_packet(MSG_GLOBAL_REQUEST, String("x"), Boolean(False))
            assert session.held == {"keys"}
            await until(lambda: not session.held)
    assert alone.refused() == []


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
