"""What a class costs: real SSH clients in a process of their own, over the loopback.

    python -m tests.benchmarks.classroom [--learners 200] [--seconds 30]

Learners walk in the gridworld lab, plots and all, at the rate of the row, on the default limits but for the pool. Times
are from the sending of a key to the first bytes of its frame; bytes are those on the wire, packets and all. The clients
share the machine: the last row says how much of it they take. Needs 8 GB of memory for 200 learners, torch installed,
and some ten minutes.
"""

import argparse
import multiprocessing
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

from tests.benchmarks import class_clients
from tests.benchmarks.class_clients import Told
from tests.benchmarks.class_processes import cpu, pss, sessions_of, waiting_of
from tests.classroom.served import Served, come, serve
from tutor.classroom.codes import PERSONAL_SIGNS, hashed, new_code
from tutor.classroom.people import People

POOL = 16  # a class of 50 that comes at once
BESIDE = 10  # learners that go on while others fall
LOOPS = signal.SIGUSR2  # makes a session loop for ever
LOOPING = (
    f"import signal\n\ndef loop(*_):\n    while True:\n        pass\n\nsignal.signal({LOOPS.value}, loop)\n"
)


class Class:
    """Clients that are connected to a served class. sessions: the processes that answer them."""

    def __init__(self, served: Served, key: bytes, names: Sequence[str], *, compressed: bool = True) -> None:
        self._served = served
        context = multiprocessing.get_context("spawn")
        self._link, theirs = context.Pipe()
        self._process = context.Process(
            target=class_clients.run, args=(theirs, served.port, key, names, compressed)
        )
        self._process.start()

    def tell(self, what: str, *arguments: object) -> Any:
        """Have the clients do something; what they say of it."""
        self._link.send((what, *arguments))
        return self._link.recv()

    @property
    def sessions(self) -> list[int]:
        return sessions_of(self._served)

    def used(self) -> tuple[float, float]:
        """CPU seconds so far of the sessions and of the front."""
        return sum(map(cpu, self.sessions)), cpu(self._served.process.pid)

    def typed(self, what: str, rate: float, seconds: float) -> tuple[Told, float, float]:
        """What the clients tell of `what`, and CPU seconds a key of a session and of the front."""
        before = self.used()
        told: Told = self.tell(what, rate, seconds)
        session, front = (now - then for now, then in zip(self.used(), before, strict=True))
        return told, session / max(len(told.keys), 1), front / max(len(told.keys), 1)

    def idle(self, seconds: float) -> float:
        """Share of a core that all take while nobody types."""
        before, start = sum(self.used()), time.perf_counter()
        time.sleep(seconds)
        return (sum(self.used()) - before) / (time.perf_counter() - start)

    def memory(self) -> list[float]:
        """MB of each session."""
        return [pss(pid) for pid in self.sessions]

    def leave(self) -> float:
        """Seconds until no session is left, zombies counted as there."""
        sessions = self.sessions
        self.tell("leave")
        start = time.perf_counter()
        while any(Path(f"/proc/{pid}").exists() for pid in sessions) and time.perf_counter() - start < 30:
            time.sleep(0.02)
        gone = time.perf_counter() - start
        self._link.send(None)
        self._process.join(30)
        return gone


@contextmanager
def class_served(home: Path, settings: str) -> Iterator[Served]:
    (home / "classes" / "rl" / "class.toml").write_text(settings)
    served = serve(home)
    try:
        yield served
    finally:
        served.end()


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
        come(people, name, code, [public])
    people.close()
    return names, key.export_private_key()


# Rows


def row(what: str, value: str, limit: str) -> None:
    print(f"{what:<70} {value:>24}   {limit}", flush=True)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def spread(values: Sequence[float], unit: str, *shares: float) -> str:
    """Quantiles of seconds, in `unit` (s or ms)."""
    factor, digits = (1e3, 0) if unit == "ms" else (1.0, 2)
    return " / ".join(f"{quantile(values, share) * factor:.{digits}f}" for share in shares) + f" {unit}"


def first_frame(home: Path, key: bytes, names: Sequence[str], settings: str, where: str, limit: str) -> None:
    """One learner, alone."""
    with class_served(home, settings) as served:
        time.sleep(2)  # the pool is being filled
        one = Class(served, key, names[:1])
        row(f"first frame after logging in, {where}", f"{one.tell('open')[0]:.2f} s", limit)
        one.leave()


def fifty(served: Served, key: bytes, names: Sequence[str], seconds: float) -> None:
    fifty = Class(served, key, names[:50])
    row("50 at once: first frame, p50 / p95", spread(fifty.tell("open"), "s", 0.5, 0.95), "3 s at p95")
    fifty.tell("open_lab")
    told, session, front = fifty.typed("walk", 0.5, seconds)
    row("50 x 0.5 keys a second, key to frame, p50 / p95 / p99", spread(told.keys, "ms", 0.5, 0.95, 0.99),
        "15 / 40 / 80 ms")  # fmt: skip
    row("CPU of a key with both plots: the session", f"{session * 1e3:.0f} ms", "20 ms")
    row("  the front / a client of the benchmark",
        f"{front * 1e3:.1f} / {told.cpu / max(len(told.keys), 1) * 1e3:.1f} ms", "some 1 ms / -")  # fmt: skip
    _, session, _ = fifty.typed("look", 0.5, seconds)
    row("CPU of a key that changes words alone: the session", f"{session * 1e3:.0f} ms", "10 ms")
    row("bytes of a key, plots included, compressed, median", f"{statistics.median(told.bytes):.0f}", "200")
    row("after 50 disconnects all sessions are gone in", f"{fifty.leave():.1f} s", "3 s")


def plain_bytes(served: Served, key: bytes, names: Sequence[str], seconds: float) -> None:
    plain = Class(served, key, names[:5], compressed=False)
    plain.tell("open")
    plain.tell("open_lab")
    told, *_ = plain.typed("walk", 0.5, seconds)
    row("bytes of a key, plain, median", f"{statistics.median(told.bytes):.0f}", "1500")
    plain.leave()


def pool_memory(served: Served) -> None:
    """After the last class has gone, and the pool is full again."""
    time.sleep(POOL * 0.3)
    sizes = [pss(pid) for pid in waiting_of(served)]
    row(f"memory (PSS) of the pool: {len(sizes) - 1} that wait, one that starts them",
        f"{sum(sizes):.0f} MB", "stated")  # fmt: skip


def everybody(served: Served, key: bytes, names: Sequence[str], seconds: float) -> None:
    everybody = Class(served, key, names)
    everybody.tell("open")
    everybody.tell("open_lab")
    told, *_ = everybody.typed("walk", 0.2, seconds)
    many = len(names)
    row(f"{many} x 0.2 keys a second, key to frame, p50 / p95", spread(told.keys, "ms", 0.5, 0.95),
        "60 ms at p95")  # fmt: skip
    memory = everybody.memory()
    row("memory (PSS) of a session that has walked", f"{statistics.mean(memory):.1f} MB", "25 MB")
    row(f"memory of {many} sessions", f"{sum(memory) / 1e3:.1f} GB", "5 GB")
    row(f"{many} idle, share of one core", f"{everybody.idle(seconds):.1%}", "20 %")
    everybody.leave()


def with_torch(home: Path, key: bytes, names: Sequence[str], settings: str) -> None:
    with class_served(home, settings + "torch = 1\n") as served:
        everybody = Class(served, key, names)
        everybody.tell("open")
        everybody.tell("open_lab")
        memory = everybody.memory()
        row("memory (PSS) of a session, torch preloaded", f"{statistics.mean(memory):.1f} MB", "30 MB")
        row(f"memory of {len(names)} sessions, torch preloaded", f"{sum(memory) / 1e3:.1f} GB", "6 GB")
        everybody.leave()


def others_go_on(home: Path, key: bytes, names: Sequence[str], settings: str, seconds: float) -> None:
    """One crashes, one has a segmentation fault, one loops: what those beside them notice."""
    (home / "sitecustomize.py").write_text(LOOPING)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(home), before)))
    try:
        with class_served(home, settings) as served:
            falling = Class(served, key, names[:3])
            falling.tell("open")
            doomed = falling.sessions
            beside = Class(served, key, names[3 : 3 + BESIDE])
            beside.tell("open")
            beside.tell("open_lab")
            quiet, *_ = beside.typed("walk", 0.5, seconds)
            for pid, how in zip(doomed, (signal.SIGABRT, signal.SIGSEGV, LOOPS), strict=True):
                os.kill(pid, how)
            during, *_ = beside.typed("walk", 0.5, seconds)
            left = len(beside.sessions) - len(set(doomed) & set(beside.sessions))
            row(
                f"a crash, a segfault and a loop beside {BESIDE} others: their keys, p95, before / during",
                f"{quantile(quiet.keys, 0.95) * 1e3:.0f} / {quantile(during.keys, 0.95) * 1e3:.0f} ms",
                f"2 x; {left} of {BESIDE} go on",
            )
            falling.leave()
            beside.leave()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, settings = Path(folder), f"pool = {POOL}\n"
        names, key = join_everybody(home, max(args.learners, 50))
        row("", "measured", "at most")
        first_frame(home, key, names, settings, "from the pool", ".25 s")
        first_frame(home, key, names, "pool = 0\n", "by fork", ".8 s")
        with class_served(home, settings) as served:
            time.sleep(POOL * 0.3)
            fifty(served, key, names, args.seconds)
            plain_bytes(served, key, names, args.seconds)
            pool_memory(served)
            everybody(served, key, names[: args.learners], args.seconds)
        with_torch(home, key, names[: args.learners], settings)
        others_go_on(home, key, names, settings, args.seconds)


if __name__ == "__main__":
    main()
