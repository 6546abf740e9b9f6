"""Clients that vanish, do not read, or send a byte at a time: what becomes of their sessions, and of the server."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.classroom.line import line_to
from tests.classroom.processes import gone, megabytes, session_of, sessions, until, zombies
from tests.classroom.served import Served, connect, first_visit, joined_before, open_terminal, serve
from tutor.classroom.pump import MOST_TYPED

KEY = asyncssh.generate_private_key("ssh-ed25519")
HOME = "Agent and environment"
ENTER, LEAVE, REDRAW = "\r", "\x11", "\x0c"
GONE = 3.0  # seconds from when the server knows that a client has gone
FLAT = 3.0  # MB that a server may grow by meanwhile
WINDOW = 1 << 30  # bytes that a client says it would take
SILENCE = 3  # seconds after which a class is set to give a client up
HASTY = f"silence = {SILENCE}\noutput_kb = 100000\ncpu_seconds = 600\npool = 2\n"
AN_HOUR_ON = 46  # the signal at which the server takes everybody's last key for an hour older
AGING = f"""
import gc, signal

def age(*_):
    for each in gc.get_objects():
        if type(each).__name__ == "Session":
            each.last_key -= 3600

signal.signal({AN_HOUR_ON}, age)
"""
GAP = 3.5  # seconds
PASTED = 12_000_000  # bytes
STILL = (
    3.0  # seconds without a byte more: what a server takes that reads on comes in pieces, two seconds apart
)
TAKEN = 3 * MOST_TYPED  # bytes of it: what waits for the tutor, and what was on its way
PASTED_KEPT = 6.0  # MB: what asyncssh takes for one channel before it is told to stop (2 MB), and copies
KEYS = 150  # that a slow client types
MUCH = 2e6  # bytes of a tutor that nothing has held back


def _join(served: Served, name: str) -> None:
    joined_before(served.folder, name, KEY)


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("hasty")
    (home / "aging").mkdir()
    (home / "aging" / "sitecustomize.py").write_text(AGING)
    running = serve(home, limits=HASTY, faults=home / "aging")
    yield running
    assert running.end() == 0


async def test_of_a_client_that_vanishes_nothing_is_left(served: Served) -> None:
    _join(served, "vanishes")
    connection = await connect(served, "vanishes", keys=(KEY,))
    await (await open_terminal(connection)).until(HOME)
    pid = session_of(served, "vanishes")
    connection.abort()
    print(f"\na client that vanishes: gone in {await gone(pid, GONE):.1f} s")


async def test_of_a_client_behind_a_line_that_was_cut_nothing_is_left(hasty: Served) -> None:
    """Half open: no packet says that it has gone, nor that it is there."""
    _join(hasty, "cut")
    async with line_to(hasty) as line:
        connection = await connect(line.served, "cut", keys=(KEY,))
        await (await open_terminal(connection)).until(HOME)
        pid = session_of(hasty, "cut")
        line.cut()
        given_up = await until(lambda: _lost(hasty, "cut"), 3 * SILENCE)
        took = await gone(pid, GONE)
        print(f"\na line that was cut: given up after {given_up:.1f} s, gone {took:.1f} s later")
        assert given_up > SILENCE / 2
        connection.abort()


async def test_a_session_in_which_nobody_types_ends_in_words(hasty: Served) -> None:
    _join(hasty, "asleep")
    async with await connect(hasty, "asleep", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        pid = session_of(hasty, "asleep")
        hasty.process.send_signal(AN_HOUR_ON)
        assert "Closed after 60 minutes without typing; your place is kept." in await terminal.closed()
        await gone(pid, GONE)


def _lost(served: Served, name: str) -> bool:
    """Whether the server has noticed that the connection of this learner is no more."""
    lines = map(json.loads, served.log().splitlines())
    return any(line["what"] == "lost" and line["name"] == name for line in lines)


async def test_a_gap_of_the_network_ends_no_session(served: Served) -> None:
    """Seconds without any packet happen on every train and every wireless network."""
    _join(served, "gap")
    async with line_to(served) as line, await connect(line.served, "gap", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        line.cut()
        terminal.type(ENTER)
        await asyncio.sleep(GAP)
        line.mend()
        await terminal.until("step 1 of")


async def test_a_session_in_which_nothing_happens_sends_nothing(served: Served) -> None:
    _join(served, "quiet")
    async with line_to(served) as line, await connect(line.served, "quiet", keys=(KEY,)) as connection:
        await (await open_terminal(connection)).until(HOME)
        await asyncio.sleep(1.0)  # the rest of the first frame
        before = line.carried
        await asyncio.sleep(GAP)
        assert line.carried == before


async def test_handshake_and_keys_may_come_a_byte_at_a_time(served: Served) -> None:
    _join(served, "slow")
    before = megabytes(served.process.pid)
    async with line_to(served, at_once=1) as line:
        connection = await connect(line.served, "slow", keys=(KEY,))
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        pid = session_of(served, "slow")
        terminal.type("\x1b[B\x1b[A" + ENTER)
        await terminal.until("step 1 of")
        for _ in range(KEYS):
            terminal.type("\x1b[B")  # a packet each
        terminal.type("/")
        await terminal.until("Search the lessons")
        grown = megabytes(served.process.pid) - before
        assert grown < FLAT
        connection.abort()
        print(f"\n{line.carried} bytes one at a time: {grown:.1f} MB, gone in {await gone(pid, GONE):.1f} s")
    assert not zombies(served)


def _written(pid: int) -> int:
    """Bytes that a process has written so far."""
    return int(Path(f"/proc/{pid}/io").read_text().split("wchar:")[1].split()[0])


async def test_a_client_that_reads_nothing_makes_its_tutor_wait_and_not_the_server_grow(
    hasty: Served,
) -> None:
    """It types on, so that it counts as there, and would take a gigabyte if one were to believe it."""
    _join(hasty, "deaf")
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # else the system itself takes 3 MB for it
    link.connect(("127.0.0.1", hasty.port))
    async with await connect(hasty, "deaf", keys=(KEY,), sock=link, compression_algs=["none"]) as connection:
        terminal = await open_terminal(connection, size=(200, 100), window=WINDOW)
        await terminal.until(HOME)
        pid, before = session_of(hasty, "deaf"), megabytes(hasty.process.pid)
        assert connection._transport is not None
        connection._transport.pause_reading()
        first = last = _written(pid)
        silent = 0
        while silent < 5:
            terminal.type(REDRAW)
            await asyncio.wait([asyncio.create_task(_more_than(pid, last))], timeout=0.3)
            silent = 0 if _written(pid) > last else silent + 1
            last = _written(pid)
            assert last - first < MUCH, "nothing holds it back"
        grown = megabytes(hasty.process.pid) - before
        print(
            f"\na client that reads nothing: {(last - first) / 1e6:.1f} MB written, {grown:.1f} MB more memory"
        )
        assert grown < FLAT
        await first_visit(hasty, "hears", keys=(KEY,))  # nobody else waits
        await until(lambda: _lost(hasty, "deaf"), 3 * SILENCE)  # the typing has ended
        await gone(pid, GONE)


async def test_what_is_typed_to_a_tutor_that_does_not_read_waits_at_its_client(hasty: Served) -> None:
    """A paste that is longer than all that may wait."""
    _join(hasty, "pastes")
    async with await connect(hasty, "pastes", keys=(KEY,), compression_algs=["none"]) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        pid, before = session_of(hasty, "pastes"), megabytes(hasty.process.pid)
        os.kill(pid, signal.SIGSTOP)
        terminal.type(f"\x1b[200~{' ' * PASTED}\x1b[201~")
        to_go, waiting = terminal.process.stdin.channel.get_write_buffer_size, 0
        while to_go() != waiting:
            waiting = to_go()
            await asyncio.sleep(STILL)
        grown = megabytes(hasty.process.pid) - before
        print(
            f"\na paste of {PASTED / 1e6:.0f} MB: {waiting / 1e6:.1f} MB wait at the client, {grown:.1f} MB here"
        )
        assert not connection.is_closed()  # for having sent too much: it has not
        assert PASTED - waiting < TAKEN
        assert grown < PASTED_KEPT
        os.kill(pid, signal.SIGCONT)
        await until(lambda: to_go() < waiting)  # it goes on
        connection.abort()


async def _more_than(pid: int, count: int) -> None:
    while _written(pid) <= count:
        await asyncio.sleep(0.01)


async def test_fifty_sessions_that_came_and_went_leave_no_process(served: Served) -> None:
    """Some leave as they should, some vanish when they have just come."""
    names = [f"often{number}" for number in range(5)]
    for name in names:
        _join(served, name)
    for number in range(50):
        connection = await connect(served, names[number % 5], keys=(KEY,))
        terminal = await open_terminal(connection)
        if number % 5 == 0:
            await terminal.until(HOME)
            terminal.type(LEAVE)
            await terminal.closed()
        connection.abort()
    await until(lambda: not sessions(served) and not zombies(served), GONE, "processes are left")
