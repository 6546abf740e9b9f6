"""Clients that vanish, do not read, or send a byte at a time: what becomes of their sessions, and of the server."""

import asyncio
import socket
from pathlib import Path

import asyncssh

from tests.classroom.line import line_to
from tests.classroom.processes import gone, megabytes, session_of, sessions, until, zombies
from tests.classroom.served import Served, connect, first_visit, open_terminal, serve

KEY = asyncssh.generate_private_key("ssh-ed25519")
HOME = "Agent and environment"
ENTER, LEAVE, REDRAW = "\r", "\x11", "\x0c"
GONE = 3.0 * 2  # seconds; 3 on a quiet machine
WINDOW = 1 << 30  # bytes that a client says it would take
SILENCE = 3  # seconds after which a class is set to give a client up
GAP = 3.5  # seconds
MUCH = 12e6  # bytes of a tutor that nothing has held back


async def _join(served: Served, name: str) -> None:
    await first_visit(served, name, keys=(KEY,))


async def test_of_a_client_that_vanishes_nothing_is_left(served: Served) -> None:
    await _join(served, "vanishes")
    connection = await connect(served, "vanishes", keys=(KEY,))
    await (await open_terminal(connection)).until(HOME)
    pid = session_of(served, "vanishes")
    connection.abort()
    print(f"\na client that vanishes: gone in {await gone(pid, GONE):.1f} s")


async def test_of_a_client_behind_a_line_that_was_cut_nothing_is_left(tmp_path: Path) -> None:
    """Half open: no packet says that it has gone, nor that it is there."""
    served = await asyncio.to_thread(serve, tmp_path, limits=f"silence = {SILENCE}\n")
    try:
        await _join(served, "cut")
        async with line_to(served) as line:
            connection = await connect(line.served, "cut", keys=(KEY,))
            await (await open_terminal(connection)).until(HOME)
            pid = session_of(served, "cut")
            line.cut()
            seconds = await gone(pid, SILENCE + GONE)
            print(f"\na line that was cut: gone in {seconds:.1f} s")
            assert seconds > SILENCE / 2
            connection.abort()
    finally:
        assert await asyncio.to_thread(served.end) == 0


async def test_a_gap_of_the_network_ends_no_session(served: Served) -> None:
    """Seconds without any packet happen on every train and every wireless network."""
    await _join(served, "gap")
    async with line_to(served) as line, await connect(line.served, "gap", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        line.cut()
        terminal.type(ENTER)
        await asyncio.sleep(GAP)
        line.mend()
        await terminal.until("step 1 of")


async def test_a_session_in_which_nothing_happens_sends_nothing(served: Served) -> None:
    await _join(served, "quiet")
    async with line_to(served) as line, await connect(line.served, "quiet", keys=(KEY,)) as connection:
        await (await open_terminal(connection)).until(HOME)
        await asyncio.sleep(1.0)  # the rest of the first frame
        before = line.carried
        await asyncio.sleep(GAP)
        assert line.carried == before


async def test_handshake_and_keys_may_come_a_byte_at_a_time(served: Served) -> None:
    await _join(served, "slow")
    async with (
        line_to(served, at_once=1) as line,
        await connect(line.served, "slow", keys=(KEY,)) as connection,
    ):
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        terminal.type("\x1b[B\x1b[A" + ENTER)
        await terminal.until("step 1 of")
        terminal.type(LEAVE)
        await terminal.closed()


def _written(pid: int) -> int:
    """Bytes that a process has written so far."""
    return int(Path(f"/proc/{pid}/io").read_text().split("wchar:")[1].split()[0])


async def test_a_client_that_reads_nothing_makes_its_tutor_wait_and_not_the_server_grow(
    tmp_path: Path,
) -> None:
    """It types on, so that it counts as there, and would take a gigabyte if one were to believe it."""
    served = await asyncio.to_thread(
        serve, tmp_path, limits="output_kb = 100000\ncpu_seconds = 600\nsilence = 2\n"
    )
    try:
        await _join(served, "deaf")
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", served.port))
        async with await connect(
            served, "deaf", keys=(KEY,), sock=link, compression_algs=["none"]
        ) as connection:
            terminal = await open_terminal(connection, size=(200, 100), window=WINDOW)
            await terminal.until(HOME)
            pid, before = session_of(served, "deaf"), megabytes(served.process.pid)
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
            grown = megabytes(served.process.pid) - before
            print(
                f"\na client that reads nothing: {(last - first) / 1e6:.1f} MB written, {grown:.1f} MB more memory"
            )
            assert grown < 3
            await _join(served, "hears")  # nobody else waits
            await gone(pid, GONE)  # the typing has ended
    finally:
        assert await asyncio.to_thread(served.end) == 0


async def _more_than(pid: int, count: int) -> None:
    while _written(pid) <= count:
        await asyncio.sleep(0.01)


async def test_fifty_sessions_that_came_and_went_leave_no_process(served: Served) -> None:
    """Some leave as they should, some vanish when they have just come."""
    names = [f"often{number}" for number in range(5)]
    for name in names:
        await _join(served, name)
    for number in range(50):
        connection = await connect(served, names[number % 5], keys=(KEY,))
        terminal = await open_terminal(connection)
        if number % 5 == 0:
            await terminal.until(HOME)
            terminal.type(LEAVE)
            await terminal.closed()
        connection.abort()
    await until(lambda: not sessions(served) and not zombies(served), GONE, "processes are left")
