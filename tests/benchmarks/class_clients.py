"""The learners of a measured class: real SSH clients, all in one process of their own, which does what it is told."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import asyncssh

from tests.classroom.served import PATIENCE

ARROWS = ("\x1b[A", "\x1b[C", "\x1b[B", "\x1b[D")  # in the gridworld: each a step, both plots drawn anew
LOOK = ("p",)  # there, too: the question comes or goes, and no plot changes
FIRST = b"Agent and environment"  # on Home
LAB = b"Gridworld"
AT_ONCE = 50  # learners that come together; of one address, no more than 80 may be at the door
NOTHING = 3.0  # seconds without a byte
WHOLE = 0.3  # seconds in which a frame has come whole
RUSH = 10 * PATIENCE  # seconds for what hundreds do at once


@dataclass
class Told:
    """seconds of every key to its frame, bytes of every key, CPU seconds of all clients together."""

    keys: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    cpu: float = 0.0


class Learner(asyncssh.SSHClientSession[bytes]):
    """One client with its session. wire: bytes that have come, packets and all."""

    def __init__(self, port: int, name: str, key: bytes, compressed: bool) -> None:
        self._port, self._name, self._key, self._compressed = port, name, key, compressed
        self._arrived = asyncio.Event()
        self._seen = b""
        self.wire = 0

    async def connect(self) -> None:
        self.connection: Any = await asyncssh.connect(
            "127.0.0.1", self._port, username=self._name, known_hosts=None, config=None,
            client_keys=[asyncssh.import_private_key(self._key)], agent_path=None, login_timeout=RUSH,
            compression_algs=["zlib@openssh.com"] if self._compressed else ["none"],
        )  # fmt: skip
        take = self.connection.data_received

        def counted(data: bytes, datatype: Any = None) -> None:
            self.wire += len(data)
            take(data, datatype)

        self.connection.data_received = counted

    async def open(self) -> float:
        """Seconds from asking for the session to the first frame."""
        start = time.perf_counter()
        channel, _ = await self.connection.create_session(
            lambda: self, term_type="xterm-256color", term_size=(80, 24), encoding=None
        )
        self._channel: Any = channel
        await self._until(FIRST)
        return time.perf_counter() - start

    async def open_lab(self) -> None:
        self._channel.write(b"t")
        await self._until(LAB)
        await asyncio.sleep(1.0)

    async def key(self, key: str) -> tuple[float, int] | None:
        """Seconds to the first bytes, and how many came until the frame was whole; None, and the next episode begun,
        when nothing comes: the episode is over, and that was said before."""
        before, start = self.wire, time.perf_counter()
        self._arrived.clear()
        self._channel.write(key.encode())
        try:
            await asyncio.wait_for(self._arrived.wait(), NOTHING)
        except TimeoutError:
            self._channel.write(b"0")
            return None
        took = time.perf_counter() - start
        await asyncio.sleep(WHOLE)
        return took, self.wire - before

    def data_received(self, data: bytes, datatype: Any) -> None:
        self._seen = (self._seen + data)[-20_000:]
        self._arrived.set()

    async def _until(self, words: bytes) -> None:
        async with asyncio.timeout(RUSH):
            while words not in self._seen:
                self._arrived.clear()
                await self._arrived.wait()


class Clients:
    """A class of them. Each method is an order that the other process may send, by its name."""

    def __init__(self, port: int, key: bytes, names: Sequence[str], compressed: bool) -> None:
        self._learners = [Learner(port, name, key, compressed) for name in names]

    async def open(self) -> list[float]:
        """All come, AT_ONCE together: seconds to the first frame of each."""
        opened: list[float] = []
        for start in range(0, len(self._learners), AT_ONCE):
            wave = self._learners[start : start + AT_ONCE]
            await asyncio.gather(*(learner.connect() for learner in wave))
            opened += await asyncio.gather(*(learner.open() for learner in wave))
        return opened

    async def open_lab(self) -> None:
        for start in range(0, len(self._learners), AT_ONCE):
            wave = self._learners[start : start + AT_ONCE]
            await asyncio.gather(*(learner.open_lab() for learner in wave))

    async def walk(self, rate: float, seconds: float) -> Told:
        """Arrows at random, `rate` a second each."""
        return await self._type(ARROWS, rate, seconds)

    async def look(self, rate: float, seconds: float) -> Told:
        """What changes words alone."""
        return await self._type(LOOK, rate, seconds)

    async def leave(self) -> None:
        for learner in self._learners:
            learner.connection.abort()

    async def _type(self, keys: Sequence[str], rate: float, seconds: float) -> Told:
        told, start = Told(), time.process_time()
        await asyncio.gather(
            *(self._learner_types(number, keys, rate, seconds, told) for number in range(len(self._learners)))
        )
        told.cpu = time.process_time() - start
        return told

    async def _learner_types(
        self, number: int, keys: Sequence[str], rate: float, seconds: float, told: Told
    ) -> None:
        """Keys drawn at random."""
        dice, learner = random.Random(number), self._learners[number]
        end = time.perf_counter() + seconds
        await asyncio.sleep(dice.random() / rate)
        while time.perf_counter() < end:
            if (cost := await learner.key(dice.choice(keys))) is not None:
                told.keys.append(cost[0])
                told.bytes.append(cost[1])
            await asyncio.sleep(max(dice.expovariate(rate) - WHOLE, 0.0))


def run(link: Connection, port: int, key: bytes, names: Sequence[str], compressed: bool) -> None:
    """The clients' process: do what comes over the link, until None does."""

    async def obey() -> None:
        clients = Clients(port, key, names, compressed)
        while (order := await asyncio.to_thread(link.recv)) is not None:
            what, *arguments = order
            link.send(await getattr(clients, what)(*arguments))

    asyncio.run(obey())
