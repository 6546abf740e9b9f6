"""What a class bears, in full size: real SSH clients over the loopback, as in tests/classroom, but more of them.

    python -m tests.benchmarks.classroom_attacks kills [--kills 50] [--seed 1]
    python -m tests.benchmarks.classroom_attacks connections [--count 500]
    python -m tests.benchmarks.classroom_attacks codes [--count 5000] [--seconds 60]
    python -m tests.benchmarks.classroom_attacks neighbours [--count 30] [--seconds 60]

kills: kill -9 of server, forkserver and sessions while learners answer; after each, every answer that was acknowledged
is there and the database whole. connections, codes: handshakes that never end, and wrong codes, of one address and of
five; meanwhile a learner comes in again and again. neighbours: so many guess the join code for as long as they are let,
and newcomers make their first visit from the very same address.
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import asyncssh

from tests.benchmarks.classroom import join_everybody, quantile
from tests.classroom.flooding import comes_in, first_page, flood, guessers
from tests.classroom.killing import Answering, Guarded, kill_at_random
from tests.classroom.served import Served, serve

LEARNERS = 4
ADDRESSES = [f"127.0.0.{number}" for number in range(2, 7)]


async def kills(home: Path, count: int, seed: int) -> None:
    names, key = join_everybody(home, LEARNERS)
    learners = [Answering(name, asyncssh.import_private_key(key)) for name in names]
    async with Guarded(home) as guarded:
        back = await kill_at_random(guarded, learners, count, seed)
    answers = sum(len(each.acknowledged) for each in learners)
    print(f"{len(back)} kills: {answers} answers acknowledged, none lost, database whole after each")
    print(
        f"everybody's next answer after {quantile(back, 0.5):.1f} s at the median, {max(back):.1f} s at most"
    )


def _floods(port: int, kind: str, each: dict[str, int]) -> None:
    """The strangers, for as long as that is let. each: how many, by address."""
    served = Served(None, None, port, "", "")  # type: ignore[arg-type]  # a port alone

    async def go_on() -> None:
        async with AsyncExitStack() as stack:
            if kind == "neighbours":
                for address, count in each.items():
                    names = [f"guess{number}" for number in range(count)]
                    await stack.enter_async_context(guessers(served, address, names))
            else:
                await stack.enter_async_context(flood(served, **{kind: each}))
            await asyncio.Event().wait()

    asyncio.run(go_on())


@contextmanager
def beside(port: int, kind: str, each: dict[str, int]) -> Iterator[None]:
    """The strangers in a process of their own."""
    process = multiprocessing.get_context("spawn").Process(
        target=_floods, args=(port, kind, each), daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


async def again_and_again(come: Callable[[int], Awaitable[float]], seconds: float) -> list[float]:
    """How long it took each time."""
    took: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        took.append(await come(len(took)))
        await asyncio.sleep(1.0)
    return took


def told(took: list[float]) -> str:
    return f"{len(took)} x in, p50 {quantile(took, 0.5):.2f} s, most {max(took):.2f} s (3 s)"


async def neighbours(home: Path, count: int, seconds: float) -> None:
    here = ADDRESSES[0]
    served = await asyncio.to_thread(serve, home)
    try:
        with beside(served.port, "neighbours", {here: count}):
            took = await again_and_again(
                lambda number: first_page(served, f"honest{number}", served.code, here), seconds
            )
    finally:
        await asyncio.to_thread(served.end)
    print(f"{count} guess at the newcomers' own address: {told(took)}")
    print(f"wrong codes a second: {served.log().count('wrong join code') / seconds:.1f}")


async def strangers(home: Path, what: str, count: int, seconds: float) -> None:
    ((name, *_), key) = join_everybody(home, 1)
    private = asyncssh.import_private_key(key)
    served = await asyncio.to_thread(serve, home)
    try:
        for addresses in (ADDRESSES[:1], ADDRESSES):
            each = dict.fromkeys(addresses, count // len(addresses))
            with beside(served.port, "slow" if what == "connections" else "guesses", each):
                took = await again_and_again(lambda _: comes_in(served, name, private), seconds)
            print(f"{count} {what} of {len(addresses)}: {told(took)}", flush=True)
    finally:
        await asyncio.to_thread(served.end)
    why: dict[str, int] = {}
    for line in map(json.loads, served.log().splitlines()):
        if line["what"] == "refused":
            why[line["why"]] = why.get(line["why"], 0) + 1
    print(f"refused: {why}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("kills", "connections", "codes", "neighbours"))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.what == "kills":
            asyncio.run(kills(Path(folder), args.kills, args.seed))
        else:
            count = args.count or {"connections": 500, "codes": 5000, "neighbours": 30}[args.what]
            if args.what == "neighbours":
                asyncio.run(neighbours(Path(folder), count, args.seconds))
            else:
                asyncio.run(strangers(Path(folder), args.what, count, args.seconds))


if __name__ == "__main__":
    main()
