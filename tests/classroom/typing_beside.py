"""A learner who types, in a process of their own: what a key takes while something else goes on."""

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import asyncssh

from tests.classroom.served import PATIENCE, Served, connect, open_terminal

KEYS = (("\x1b[B", "▸ ○ 02"), ("\x1b[A", "▸ ○ 01"))  # down and up on Home, and the line that is then marked
EVERY = 0.2  # seconds between keys: a quick typist, and no burden
Key = tuple[float, float]  # when it was typed, by the system's clock; seconds to the frame that it asks for


async def _types(served: Served, name: str, key: bytes, link: Connection) -> None:
    keys: list[Key] = []
    async with await connect(served, name, keys=(asyncssh.import_private_key(key),)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until("Agent and environment")
        stop = asyncio.get_running_loop().run_in_executor(None, link.recv)
        while not stop.done():
            start = time.monotonic()
            typed, line = KEYS[len(keys) % 2]
            terminal.type(typed)
            await terminal.until(line)
            keys.append((start, time.monotonic() - start))
            link.send(len(keys))
            await asyncio.wait([stop], timeout=max(start + EVERY - time.monotonic(), 0.001))
    link.send(keys)


def _main(served: Served, name: str, key: bytes, link: Connection) -> None:
    asyncio.run(_types(served, name, key, link))


class Typing:
    """Begins to type; `keys` ends it and says what every key took."""

    def __init__(self, served: Served, name: str, key: asyncssh.SSHKey) -> None:
        context = multiprocessing.get_context("spawn")
        self._link, theirs = context.Pipe()
        place = Served(None, served.home, served.port, served.code, "")  # type: ignore[arg-type]  # no process to send
        self._process = context.Process(
            target=_main, args=(place, name, key.export_private_key(), theirs), daemon=True
        )
        self._process.start()
        theirs.close()

    async def typed(self, count: int) -> None:
        """Wait until so many keys have been answered."""
        while await self._heard() < count:
            pass

    async def keys(self) -> list[Key]:
        self._link.send("stop")
        while not isinstance(keys := await self._heard(), list):
            pass
        await asyncio.to_thread(self._process.join, PATIENCE)
        return keys

    async def _heard(self) -> Any:
        return await asyncio.to_thread(self._link.recv)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(values)[int(0.95 * (len(values) - 1))]
