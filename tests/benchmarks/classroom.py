"""What a class costs: real SSH clients in a process of their own, over the loopback.

    python -m tests.benchmarks.classroom [--learners 200] [--seconds 30]

Learners walk in the gridworld lab, plots and all, at the rate of the row. Times are from the sending of a key to the
first bytes that come back; bytes are those on the wire. Needs 4 GB of memory for 200 learners.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import asyncssh

from tests.classroom.served import Served, serve
from tutor.classroom.codes import PERSONAL_SIGNS, hashed, new_code
from tutor.classroom.people import People

KEYS = ("\x1b[A", "\x1b[C", "\x1b[B", "\x1b[D")  # up, right, down, left: each a step with both plots
FIRST = b"Agent and environment"  # on Home
LAB = b"Gridworld"
NOTHING = 3.0  # seconds without a byte


@dataclass
class Told:
    """What the clients measured: seconds to the first frame, seconds of every key, bytes of every key."""

    opened: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)


# Clients: a process of their own


class Learner:
    """One SSH client with its session; `wire` counts the bytes that have come to its port."""

    def __init__(self, port: int, name: str, key: bytes, compressed: bool) -> None:
        self._port, self._name, self._key, self._compressed = port, name, key, compressed
        self._process: Any = None
        self._arrived = asyncio.Event()
        self.wire = 0
        self.seen = bytearray()

    async def connect(self) -> None:
        server = await asyncio.start_server(self._count, "127.0.0.1", 0)
        self.connection = await asyncssh.connect(
            "127.0.0.1", server.sockets[0].getsockname()[1], username=self._name, known_hosts=None, config=None,
            client_keys=[asyncssh.import_private_key(self._key)], agent_path=None, login_timeout=600,
            compression_algs=["zlib@openssh.com"] if self._compressed else ["none"],
        )  # fmt: skip

    async def open(self) -> float:
        """Seconds from asking for the session to the first frame."""
        start = time.perf_counter()
        self._process = await self.connection.create_process(
            term_type="xterm-256color", term_size=(80, 24), encoding=None
        )
        self._reader = asyncio.create_task(self._read())
        await self._until(FIRST)
        return time.perf_counter() - start

    async def open_lab(self) -> None:
        self._process.stdin.write(b"t")
        await self._until(LAB)
        await asyncio.sleep(1.0)

    async def key(self, key: str) -> tuple[float, int] | None:
        """Seconds to the first bytes, and how many came within 0.3 s; None, and the next episode begun, when nothing
        comes: the episode is over, and that was said before."""
        before, start = self.wire, time.perf_counter()
        self._arrived.clear()
        self._process.stdin.write(key.encode())
        try:
            await asyncio.wait_for(self._arrived.wait(), NOTHING)
        except TimeoutError:
            self._process.stdin.write(b"0")
            return None
        took = time.perf_counter() - start
        await asyncio.sleep(0.3)
        return took, self.wire - before

    async def _until(self, words: bytes) -> None:
        async with asyncio.timeout(600):
            while words not in self.seen:
                self._arrived.clear()
                await self._arrived.wait()

    async def _read(self) -> None:
        while data := await self._process.stdout.read(65536):
            self.seen = (self.seen + data)[-20_000:]
            self._arrived.set()

    async def _count(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Between the client and the server: every byte that the server sends is counted."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)

        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, counts: bool) -> None:
            while data := await source.read(65536):
                self.wire += len(data) if counts else 0
                target.write(data)
                await target.drain()
            target.close()

        await asyncio.gather(
            pump(reader, far_writer, False), pump(far_reader, writer, True), return_exceptions=True
        )


async def _class(
    port: int,
    key: bytes,
    names: Sequence[str],
    rate: float,
    seconds: float,
    compressed: bool,
    link: Connection,
) -> None:
    """Everybody comes at once; then all walk, `rate` keys a second each. Waits twice for the other side to measure."""
    told = Told()
    learners = [Learner(port, name, key, compressed) for name in names]
    await asyncio.gather(*(learner.connect() for learner in learners))
    told.opened = list(await asyncio.gather(*(learner.open() for learner in learners)))
    await asyncio.gather(*(learner.open_lab() for learner in learners))
    link.send("in")
    await asyncio.to_thread(link.recv)

    async def walk(number: int, learner: Learner) -> None:
        dice = random.Random(number)
        end = time.perf_counter() + seconds
        await asyncio.sleep(dice.random() / rate)
        while time.perf_counter() < end:
            if (cost := await learner.key(KEYS[dice.randrange(4)])) is not None:
                told.keys.append(cost[0])
                told.bytes.append(cost[1])
            await asyncio.sleep(max(dice.expovariate(rate) - 0.3, 0.0))

    if rate:
        await asyncio.gather(*(walk(number, learner) for number, learner in enumerate(learners)))
    link.send(told)
    await asyncio.to_thread(link.recv)
    for learner in learners:
        learner.connection.abort()
    link.send("gone")


def _clients(*arguments: Any) -> None:
    asyncio.run(_class(*arguments))


# The server's side


def measured(
    served: Served, key: bytes, names: Sequence[str], rate: float, seconds: float, compressed: bool
) -> tuple[Told, dict[str, float]]:
    """What the clients tell, and what the processes of the sessions have used: CPU seconds a key, MB each, …"""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_clients, args=(served.port, key, names, rate, seconds, compressed, theirs)
    )
    process.start()
    ours.recv()
    sessions = sessions_of(served)
    memory = [pss(pid) for pid in sessions]
    before = {pid: cpu(pid) for pid in sessions}
    front, start = cpu(served.process.pid), time.perf_counter()
    ours.send("go")
    if not rate:
        time.sleep(seconds)
    told = ours.recv()
    passed = time.perf_counter() - start
    used = sum(cpu(pid) - before[pid] for pid in sessions)
    front_used = cpu(served.process.pid) - front
    ours.send("leave")
    ours.recv()
    start = time.perf_counter()
    while any(Path(f"/proc/{pid}").exists() for pid in sessions) and time.perf_counter() - start < 30:
        time.sleep(0.02)
    process.join(30)
    return told, {
        "MB": statistics.mean(memory) if memory else 0.0,
        "all MB": sum(memory),
        "CPU a key": used / max(len(told.keys), 1),
        "front a key": front_used / max(len(told.keys), 1),
        "share": (used + front_used) / passed,
        "gone": time.perf_counter() - start,
    }


def sessions_of(served: Served) -> list[int]:
    """The processes that are somebody's: their working directory is a learner's home."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                if Path(os.readlink(path / "cwd")).parent == served.folder / "learners":
                    found.append(int(path.name))
            except OSError:
                continue
    return found


def pss(pid: int) -> float:
    """MB, shared pages counted in parts."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1000


def cpu(pid: int) -> float:
    """CPU seconds so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def join_everybody(home: Path, count: int) -> tuple[list[str], bytes]:
    """Learners who have come before, with one key for all."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = " ".join(key.export_public_key().decode().split()[:2])
    code = hashed(new_code(PERSONAL_SIGNS))
    names = [f"learner{number:03}" for number in range(count)]
    folder = home / "classes" / "rl"
    folder.mkdir(parents=True, exist_ok=True)
    people = People(folder / "class.db")
    for name in names:
        people.first_visit(name, code, [public])
    people.close()
    return names, key.export_private_key()


def row(what: str, value: str, limit: str) -> None:
    print(f"{what:<66} {value:>24}   {limit}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        names, key = join_everybody(home, args.learners)
        settings = home / "classes" / "rl" / "class.toml"
        settings.write_text("pool = 16\n")
        served = serve(home)
        row("", "measured", "at most")
        one, _ = measured(served, key, names[:1], 0, 0.1, True)
        row("first frame after logging in, from the pool", f"{one.opened[0]:.2f} s", ".25 s")
        fifty, used = measured(served, key, names[:50], 0.5, args.seconds, True)
        row("50 at once: first frame, p50 / p95", _pair(fifty.opened, "s", 1), "3 s at p95")
        row(
            "50 x 0.5 keys a second, key to frame, p50 / p95 / p99",
            _pair(fifty.keys, "ms", 1000, 0.99),
            "15 / 40 / 80 ms",
        )
        row(
            "CPU of a key with plots: the session / the front",
            f"{used['CPU a key'] * 1e3:.0f} / {used['front a key'] * 1e3:.1f} ms",
            "20 ms",
        )
        row(
            "bytes of a key, plots included, compressed, median",
            f"{statistics.median(fifty.bytes):.0f}",
            "200",
        )
        row("after 50 disconnects all sessions are gone in", f"{used['gone']:.1f} s", "3 s")
        plain, _ = measured(served, key, names[:5], 0.5, args.seconds, False)
        row("bytes of a key, plain, median", f"{statistics.median(plain.bytes):.0f}", "1500")
        many, used = measured(served, key, names, 0.2, args.seconds, True)
        row(
            f"{len(names)} x 0.2 keys a second, key to frame, p50 / p95",
            _pair(many.keys, "ms", 1000),
            "60 ms at p95",
        )
        row(
            "memory of a session (PSS) / of all",
            f"{used['MB']:.1f} MB / {used['all MB'] / 1e3:.1f} GB",
            "25 MB / 5 GB",
        )
        _, used = measured(served, key, names, 0, args.seconds, True)
        row(f"{len(names)} idle, share of one core", f"{used['share']:.1%}", "20 %")
        served.end()
        settings.write_text("pool = 0\n")
        served = serve(home)
        one, _ = measured(served, key, names[:1], 0, 0.1, True)
        row("first frame after logging in, by fork", f"{one.opened[0]:.2f} s", ".8 s")
        served.end()


def _pair(values: Sequence[float], unit: str, factor: float, third: float = 0.0) -> str:
    shares = [0.5, 0.95, *([third] if third else [])]
    digits = 0 if unit == "ms" else 2
    return " / ".join(f"{quantile(values, share) * factor:.{digits}f}" for share in shares) + f" {unit}"


if __name__ == "__main__":
    main()
