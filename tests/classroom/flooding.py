"""Strangers who come in numbers, from other addresses of this very machine; and a learner who wants to get in."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import asyncssh

from tests.classroom.served import Served, connect, open_terminal

HOME = "Agent and environment"
DRIP = 0.2  # seconds between the bytes of a slow handshake
AGAIN = 2.0  # seconds until one that was cut off tries again
GREETING = b"SSH-2.0-slow" + b"x" * 200


async def comes_in(served: Served, name: str, key: asyncssh.SSHKey) -> float:
    """Seconds from knocking to the first frame."""
    start = time.monotonic()
    async with await connect(served, name, keys=(key,)) as connection:
        await (await open_terminal(connection)).until(HOME)
        return time.monotonic() - start


async def first_page(served: Served, name: str, code: str, address: str) -> float:
    """Seconds from knocking to the page with the personal code, or to the tutor of who has come before."""
    start = time.monotonic()
    async with await connect(served, name, code, local_addr=(address, 0)) as connection:
        await (await open_terminal(connection)).until_so(
            lambda text: "enter opens the tutor" in text or HOME in text
        )
        return time.monotonic() - start


async def _drip(served: Served, address: str) -> None:
    """A handshake that goes on and on; another one whenever it was cut."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", served.port, local_addr=(address, 0))
            try:
                for byte in GREETING:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(DRIP)
            finally:
                writer.close()
        await asyncio.sleep(AGAIN)


async def _guess(served: Served, address: str, name: str, tries: int) -> None:
    """So many wrong codes of one connection."""
    wrong = [f"AAAA-{number:04}" for number in range(tries)]
    with suppress(asyncssh.Error, OSError):
        async with await connect(served, name, *wrong, local_addr=(address, 0)):
            raise AssertionError("a wrong code has let somebody in")


async def _guess_on(served: Served, address: str, name: str, tries: int) -> None:
    """So many a connection, and another connection at once."""
    while True:
        await _guess(served, address, name, tries)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Raises the AssertionError of one that was let in."""
    for task in tasks:
        task.cancel()
    for each in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(each, AssertionError):
            raise each


@asynccontextmanager
async def guessers(served: Served, address: str, names: Sequence[str]) -> AsyncIterator[None]:
    """One under each name, for as long as it is let: every second one leaves after one code, the others after three."""
    tasks = [
        asyncio.create_task(_guess_on(served, address, name, 1 + 2 * (number % 2)))
        for number, name in enumerate(names)
    ]
    try:
        yield
    finally:
        await _end(tasks)


@asynccontextmanager
async def flood(
    served: Served, slow: dict[str, int] | None = None, guesses: dict[str, int] | None = None
) -> AsyncIterator[None]:
    """slow: handshakes at a time that never end, by address. guesses: codes that are tried at once, by address."""
    tasks = [
        asyncio.create_task(_drip(served, address))
        for address, count in (slow or {}).items()
        for _ in range(count)
    ]
    tasks += [
        asyncio.create_task(_guess(served, address, f"guess{number}", 3))
        for address, count in (guesses or {}).items()
        for number in range(-(-count // 3))
    ]
    try:
        yield
    finally:
        await _end(tasks)
