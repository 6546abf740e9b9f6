"""Learners who are logged in and mean no good: what one connection, and one learner, can take from the others."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any, cast

import asyncssh
import pytest
from asyncssh.channel import SSHClientChannel
from asyncssh.packet import Boolean, String, UInt32

from tests.classroom.processes import megabytes, until
from tests.classroom.served import PATIENCE, Served, connect, joined_before, open_terminal
from tutor.classroom import packets, pump
from tutor.classroom.front import SPARE, TO_OPEN
from tutor.classroom.limits import Limits
from tutor.classroom.refusals import LEAST_PACKET, MOST_REFUSED
from tutor.classroom.terminal import Terminal, packed

KEY = asyncssh.generate_private_key("ssh-ed25519")
HOME = "Agent and environment"
MSG_IGNORE, MSG_GLOBAL_REQUEST, MSG_CHANNEL_REQUEST = 2, 80, 98  # RFC 4253 and 4254


@contextlib.asynccontextmanager
async def _learner(served: Served, name: str, **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    joined_before(served.folder, name, KEY)
    async with await connect(served, name, keys=(KEY,), **options) as connection:
        yield connection


def _lines(served: Served, name: str, what: str) -> list[dict[str, Any]]:
    """The log's, about a learner."""
    lines = map(json.loads, served.log().splitlines())
    return [line for line in lines if line["what"] == what and line.get("name") == name]


async def _channel(connection: asyncssh.SSHClientConnection) -> SSHClientChannel[bytes]:
    """A session's channel on which nothing is asked for yet. Raises ChannelOpenError."""
    channel = SSHClientChannel[bytes](
        connection, asyncio.get_running_loop(), "strict", None, "strict", 1 << 20, 1 << 15
    )
    await channel._open(b"session")
    return channel


async def test_channels_that_are_opened_before_any_shell_count_as_sessions(served: Served) -> None:
    async with _learner(served, "hoards") as connection:
        most = Limits().sessions_per_learner
        channels = [await _channel(connection) for _ in range(most)]
        with pytest.raises(asyncssh.ChannelOpenError, match=f"You are here {most} times already"):
            await _channel(connection)
        (line,) = _lines(served, "hoards", "refused")
        assert line["asked"] == "a session"
        assert "You are here 2 times already" in line["why"]
        channels[0].close()
        await channels[0].wait_closed()
        await (await open_terminal(connection)).until(HOME)  # the place is free again


async def test_a_learner_has_so_many_connections_and_the_oldest_without_a_session_gives_way(
    served: Served,
) -> None:
    async with _learner(served, "many-lines") as first:
        await (await open_terminal(first)).until(HOME)
        most = Limits().sessions_per_learner + SPARE
        others = [await connect(served, "many-lines", keys=(KEY,)) for _ in range(most)]
        await asyncio.wait_for(others[0].wait_closed(), 5.0)
        assert not first.is_closed()
        assert not any(each.is_closed() for each in others[1:])
        for each in others:
            each.abort()
    (line,) = _lines(served, "many-lines", "refused")
    assert line["why"] == "more connections than a learner may have"


async def test_a_connection_without_a_session_is_closed_whatever_it_had_or_holds(served: Served) -> None:
    async with _learner(served, "lingers") as had, await connect(served, "lingers", keys=(KEY,)) as holds:
        terminal = await open_terminal(had)
        await terminal.until(HOME)
        terminal.type("\x11")  # ctrl+q
        await terminal.closed()
        await _channel(holds)
        async with asyncio.timeout(TO_OPEN + 5.0):
            await asyncio.gather(had.wait_closed(), holds.wait_closed())
    assert [line["why"] for line in _lines(served, "lingers", "refused")] == ["no session asked for"] * 2


async def test_after_too_many_refused_requests_the_connection_is_closed_for_one_reason(
    served: Served,
) -> None:
    reasons: list[str] = []
    async with _learner(served, "asks") as connection:
        await (await open_terminal(connection)).until(HOME)
        handlers = {**connection._packet_handlers}
        lost = connection._process_disconnect

        def disconnected(self: Any, kind: int, number: int, packet: Any) -> None:
            reasons.append(bytes(packet.get_remaining_payload()).decode("utf-8", "replace"))
            lost(kind, number, packet)

        connection._packet_handlers = {**handlers, 1: disconnected}
        for _ in range(
            2 * MOST_REFUSED
        ):  # few enough for one read: what is unread at the end takes the reason with it
            connection.send_packet(
                MSG_GLOBAL_REQUEST, String("tcpip-forward"), Boolean(False), String("x"), UInt32(1)
            )
        await asyncio.wait_for(connection.wait_closed(), 10.0)
    assert any(f"{MOST_REFUSED} requests of this connection were refused" in reason for reason in reasons)
    lines = _lines(served, "asks", "refused")
    assert len(lines) == MOST_REFUSED
    assert lines[-1]["why"] == "too many requests that are refused"


async def test_a_tunnel_is_refused_in_words_and_logged(served: Served) -> None:
    async with _learner(served, "digs") as connection:
        with pytest.raises(asyncssh.ChannelOpenError, match="The tutor makes no tunnels"):
            await connection.create_tun(lambda: asyncssh.SSHTunTapSession())
    (line,) = _lines(served, "digs", "refused")
    assert line["asked"] == "a tunnel (-w)"
    assert line["address"] == "127.0.0.1"


@pytest.mark.parametrize(
    "asked", [{"command": "ls"}, {"subsystem": "sftp"}, {"term_type": None}], ids=["exec", "-s", "-T"]
)
async def test_what_is_refused_is_logged_with_its_address(served: Served, asked: dict[str, Any]) -> None:
    name = f"where{len(str(asked))}"
    async with _learner(served, name) as connection:
        await (await connection.create_process(**asked)).wait()
    (line,) = _lines(served, name, "refused")
    assert line["address"] == "127.0.0.1"


async def test_a_client_that_takes_a_byte_at_once_is_refused_in_words(served: Served) -> None:
    """Every byte of a frame would be a packet, and each of these costs as much as a whole one."""
    async with _learner(served, "sips") as connection:
        process = await connection.create_process(term_type="xterm", max_pktsize=LEAST_PACKET - 1)
        async with asyncio.timeout(PATIENCE):
            assert "Your SSH client takes 255 bytes at once, and must take 256" in await process.stderr.read()
        (line,) = _lines(served, "sips", "refused")
        assert line["asked"] == "packets of 255 bytes"
        await (await open_terminal(connection, max_pktsize=LEAST_PACKET)).until(HOME)


async def test_after_packets_that_say_nothing_a_connection_is_read_slowly_and_its_session_goes_on(
    served: Served,
) -> None:
    async with _learner(served, "chatters", compression_algs=["none"]) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        for _ in range(20_000):
            connection.send_packet(MSG_IGNORE, String(b"x" * 10))
        await until(lambda: _lines(served, "chatters", "slowed"))
        terminal.type("\r")
        await terminal.until("step 1 of")
        assert len(_lines(served, "chatters", "slowed")) == 1


class _Flood:
    """A connection that always has more to read, on a clock of its own; it says what was taken of it."""

    def __init__(self, cost: float) -> None:
        """cost: seconds of CPU for each piece."""
        self.now = self.cpu = 0.0
        self.taken = 0
        self.ended = 0.0  # when it was too much
        self.max_size = 1 << 18
        self.client, self._socket = socket.socketpair()
        self.aborted = 0.0  # when nobody was at the other end any more
        self._transport = self
        self._cost = cost
        self._goes_on: tuple[float, Callable[[], None]] | None = None

    def data_received(self, data: bytes, _datatype: Any = None) -> None:
        self.taken += len(data)
        self.cpu += self._cost

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_extra_info(self, _name: str) -> socket.socket:
        return self._socket

    def is_closing(self) -> bool:
        return self._socket.fileno() < 0

    def abort(self) -> None:
        self.aborted = self.aborted or self.now

    def call_later(self, seconds: float, what: Callable[[float], None], wait: float) -> None:
        self._goes_on = self.now + seconds, partial(what, wait)

    def close(self) -> None:
        self.client.close()
        self._socket.close()

    def end(self) -> None:
        self.ended = self.ended or self.now

    def run(self, seconds: float) -> None:
        while self.now < seconds and not self.aborted:
            self.data_received(bytes(self.max_size))
            self.now += 1e-4
            while self._goes_on is not None:
                self.now, resume = self._goes_on
                self._goes_on = None
                resume()


@pytest.fixture
def make_flood(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], _Flood]]:
    floods = []

    def make(cost: float) -> _Flood:
        flood = _Flood(cost)
        floods.append(flood)
        monkeypatch.setattr("tutor.classroom.bucket.monotonic", lambda: flood.now)
        monkeypatch.setattr(packets, "thread_time", lambda: flood.cpu)
        monkeypatch.setattr("tutor.classroom.packets.asyncio.get_running_loop", lambda: flood)
        packets.allow_so_much(flood, lambda: None, flood.end)
        return flood

    yield make
    for each in floods:
        each.close()


@pytest.mark.parametrize("cost", [1e-5, 5e-3], ids=["many bytes", "much work"])
def test_a_connection_gets_so_many_bytes_and_so_much_time_a_second_and_is_ended_when_it_goes_on(
    make_flood: Callable[[float], _Flood], cost: float
) -> None:
    flood = make_flood(cost)
    flood.run(10.0)
    assert flood.taken <= packets.BYTES_AT_ONCE + 10 * packets.BYTES_SHARE + packets.AT_ONCE
    assert flood.cpu <= packets.CPU_AT_ONCE + 10 * packets.CPU_SHARE + cost
    assert max(flood.taken / packets.BYTES_SHARE, flood.cpu / packets.CPU_SHARE) >= 10  # and no less
    assert flood.ended == 0
    flood.run(60.0)
    assert 18 < flood.ended < 32
    assert not flood.aborted


@pytest.mark.parametrize(
    "cost", [1e-5, 5e-3, 0.5], ids=["many bytes", "much work", "work for seconds of waiting"]
)
def test_a_slowed_client_that_goes_is_not_read_to_its_end(
    make_flood: Callable[[float], _Flood], cost: float
) -> None:
    flood = make_flood(cost)
    flood.run(10.0)
    went = flood.now
    flood.client.close()
    flood.run(60.0)
    assert went <= flood.aborted <= went + packets.LOOK_EVERY + 0.01


def test_a_slowed_connection_that_has_been_closed_meanwhile_is_left_alone(
    make_flood: Callable[[float], _Flood],
) -> None:
    """Its socket has no descriptor any more that could be looked at."""
    flood = make_flood(0.5)
    flood.data_received(bytes(flood.max_size))
    assert flood._goes_on is not None
    flood.close()
    _, look = flood._goes_on
    look()
    assert not flood.aborted


class _Child:
    master = -1


async def test_a_window_that_changes_without_end_is_resized_a_few_times_a_second_and_then_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every size has a tutor lay out and draw its whole screen."""
    sizes: list[bytes] = []
    monkeypatch.setattr(
        "tutor.classroom.pump.fcntl.ioctl", lambda _descriptor, _what, size: sizes.append(size)
    )
    loop = asyncio.get_running_loop()
    shaken = pump.Pump(None, cast(Any, _Child()), 1, lambda: None, lambda: None)
    began = loop.time()
    for number in range(200):
        shaken.resize(Terminal("xterm", 80 + number, 24))
        await asyncio.sleep(0.001)
    await until(lambda: sizes[-1] == packed((80 + 199, 24)))
    assert len(sizes) <= 2 + (loop.time() - began) / pump.RESIZE_EVERY
    shaken.resize(Terminal("xterm", 80 + 199, 24))  # nothing new
    shaken.resize(Terminal("xterm", 80, 24))
    shaken._stopped = True
    await asyncio.sleep(1.5 * pump.RESIZE_EVERY)
    assert sizes[-1] == packed((80 + 199, 24))  # what has stopped touches no descriptor: another's by now


async def test_variables_beyond_what_a_session_needs_are_dropped(served: Served) -> None:
    async with _learner(served, "verbose", compression_algs=["none"]) as connection:
        channel = await _channel(connection)
        before = megabytes(served.process.pid)
        for number in range(600):
            channel.send_packet(
                MSG_CHANNEL_REQUEST, String("env"), Boolean(False), String(f"V{number}"), String("v" * 30_000)
            )
        await until(lambda: _lines(served, "verbose", "slowed"))
        await asyncio.sleep(1.0)
        assert megabytes(served.process.pid) - before < 4
