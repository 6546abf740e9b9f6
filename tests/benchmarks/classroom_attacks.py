"""What a class bears, in full size: real SSH clients over the loopback, as in tests/classroom, but more of them.

    python -m tests.benchmarks.classroom_attacks kills [--kills 50] [--seed 1]
    python -m tests.benchmarks.classroom_attacks connections [--count 500]
    python -m tests.benchmarks.classroom_attacks codes [--count 5000] [--seconds 60]

kills: kill -9 of server, forkserver and sessions while learners answer; after each, every answer that was acknowledged
is there and the database whole. connections, codes: handshakes that never end, and wrong codes, of one address and of
five; meanwhile a learner comes in again and again.
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import time
from pathlib import Path

import asyncssh

from tests.benchmarks.classroom import join_everybody, quantile
from tests.classroom.flooding import comes_in, flood
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
    """The strangers, in a process of their own, for as long as that is let."""

    async def go_on() -> None:
        async with flood(Served(None, None, port, "", ""), **{kind: each}):  # type: ignore[arg-type]  # a port alone
            await asyncio.Event().wait()

    asyncio.run(go_on())


async def strangers(home: Path, what: str, count: int, seconds: float) -> None:
    ((name, *_), key) = join_everybody(home, 1)
    private = asyncssh.import_private_key(key)
    served = await asyncio.to_thread(serve, home)
    try:
        for addresses in (ADDRESSES[:1], ADDRESSES):
            each = dict.fromkeys(addresses, count // len(addresses))
            process = multiprocessing.get_context("spawn").Process(
                target=_floods,
                args=(served.port, "slow" if what == "connections" else "guesses", each),
                daemon=True,
            )
            process.start()
            took, end = [], time.monotonic() + seconds
            while time.monotonic() < end:
                took.append(await comes_in(served, name, private))
                await asyncio.sleep(1.0)
            process.kill()
            process.join()
            print(
                f"{count} {what} of {len(addresses)}: {len(took)} x in, p50 {quantile(took, 0.5):.2f} s, ",
                end="",
            )
            print(f"most {max(took):.2f} s (3 s)", flush=True)
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
    parser.add_argument("what", choices=("kills", "connections", "codes"))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.what == "kills":
            asyncio.run(kills(Path(folder), args.kills, args.seed))
        else:
            count = args.count or {"connections": 500, "codes": 5000}[args.what]
            asyncio.run(strangers(Path(folder), args.what, count, args.seconds))


if __name__ == "__main__":
    main()
