"""The tutor, with a watch on its event loop: how long it did not come back to it.

    python -m tests.benchmarks.loop_gaps FILE lab kl …       (what follows FILE is for `rl-tutor`)

A timer of the loop's own asks to be called every 5 ms. At the end FILE has a line for every time that it was called
late: when (seconds of the monotonic clock, the same in all processes), by how many milliseconds, and how many of them
its thread was computing. The rest it waited: for a core that others had, or for another thread.
"""

import asyncio
import sys
import time
from pathlib import Path

EVERY = 0.005  # seconds
LATE = 0.010


class Watching(asyncio.DefaultEventLoopPolicy):
    """Loops that note when they are late."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[tuple[float, float, float]] = []
        self._spent = 0.0

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        loop.call_soon(self._tick, loop, time.monotonic())
        return loop

    def _tick(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now, spent = time.monotonic(), time.thread_time()
        if now - due > LATE:
            self.gaps.append((now, 1000 * (now - due), 1000 * (spent - self._spent)))
        self._spent = spent
        loop.call_later(EVERY, self._tick, loop, now + EVERY)


def main(file: str, *command: str) -> int:
    from tutor.cli import main as tutor

    watching = Watching()
    asyncio.set_event_loop_policy(watching)
    try:
        return tutor(list(command))
    finally:
        Path(file).write_text("".join(" ".join(map(str, gap)) + "\n" for gap in watching.gaps))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
