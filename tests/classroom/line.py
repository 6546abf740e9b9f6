"""A network between a client and the server, which a test can cut or slow down."""

import asyncio
from contextlib import suppress

from tests.classroom.served import Served


class Line:
    """A port of this machine that leads to the server's. Cut, it carries nothing more, and tells neither side."""

    def __init__(self, port: int, at_once: int) -> None:
        self._far = port
        self._at_once = at_once
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.carried = 0  # bytes of both sides

    @property
    def served(self) -> Served:
        """What a client connects to in the server's place."""
        return Served(None, None, self.port, "", "")  # type: ignore[arg-type]  # nothing else is asked of it

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        """What was said meanwhile arrives now."""
        self._open.set()

    async def __aenter__(self) -> "Line":
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far)
        for source, target, at_once in ((reader, far_writer, self._at_once), (far_reader, writer, 65536)):
            self._tasks.add(asyncio.create_task(self._pass(source, target, at_once)))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, at_once: int) -> None:
        try:
            with suppress(ConnectionError):
                while data := await source.read(at_once):
                    await self._open.wait()
                    self.carried += len(data)
                    target.write(data)
                    await target.drain()
        finally:
            target.close()


def line_to(served: Served, *, at_once: int = 65536) -> Line:
    """at_once: bytes of the client that go together."""
    return Line(served.port, at_once)
