"""Waiting for a screen by what its loop still has to do, not by the clock.

Textual's own wait looks every 20 ms whether the process has used any CPU, twice after each key: more than half of the
time of a test that presses keys, and on a busy machine a guess. A loop that has nothing to run, and nothing that is due
within a frame, has drawn all that it had to draw.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from math import inf
from typing import Any

import textual.app
import textual.pilot
from textual._wait import wait_for_idle as wait_by_cpu
from textual.constants import MAX_FPS

FRAME = (
    2.1 / MAX_FPS
)  # seconds within which Textual draws what has changed: its timer may leave out an interval
_in_threads: set[Future[Any]] = set()
_submit = ThreadPoolExecutor.submit


def _counted(pool: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
    """`submit`; until it is done the work stands in `_in_threads`."""
    future = _submit(pool, work, *args, **more)
    _in_threads.add(future)
    future.add_done_callback(_in_threads.discard)
    return future


def _next_due(loop: Any) -> float:
    """Seconds until the loop's next timer."""
    return (
        min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=inf) - loop.time()
    )


async def settled(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """In place of Textual's `wait_for_idle`. While a thread works for the loop, its CPU tells, as with Textual's."""
    loop: Any = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    threads_quiet = False
    await asyncio.sleep(min_sleep)
    while loop.time() < end:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        due = _next_due(loop)
        if due <= FRAME:
            await asyncio.sleep(due)
        elif _in_threads and not threads_quiet:
            await wait_by_cpu(0, end - loop.time())
            threads_quiet = True  # but what they brought may still have to be drawn
        else:
            return


def wait_by_the_loop() -> None:
    """From now on every `Pilot` of this process waits so."""
    ThreadPoolExecutor.submit = _counted  # type: ignore[method-assign, assignment]
    textual.app.wait_for_idle = settled  # type: ignore[attr-defined]
    textual.pilot.wait_for_idle = settled  # type: ignore[attr-defined]
