"""What a key costs in a lab whose worker trains flat out, and how soon the first points of a run are on the screen.

    python -m tests.benchmarks.run_lab

The key looks at the update before or after, which draws numbers and, at the rate of the settings, both plots. Times to
the drawn frame are those of a Pilot, whose own share is in them; the same keys in the same lab while it is paused are
the floor. Wall times on a machine with other work on it say little: the CPU beside them says more.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEYS, ROUNDS = 30, 3
PATIENCE = 60.0


async def until(holds: Callable[[], bool]) -> float:
    """Wall seconds until it holds."""
    start = time.perf_counter()
    while not holds():
        if time.perf_counter() - start > PATIENCE:
            raise TimeoutError("the worker does not answer")
        await asyncio.sleep(0.005)
    return time.perf_counter() - start


async def pressed(pilot: Any) -> tuple[list[float], list[float]]:
    """(wall, CPU) milliseconds of each of KEYS keys to its frame."""
    wall, cpu = [], []
    for number in range(KEYS):
        start, spent = time.perf_counter(), time.process_time()
        await pilot.press("left" if number % 2 else "right")
        wall.append(1000 * (time.perf_counter() - start))
        cpu.append(1000 * (time.process_time() - spent))
        await asyncio.sleep(0.02)
    return wall, cpu


async def measure() -> dict[str, tuple[list[float], list[float]] | float]:
    from tests.tui.harness import make_app
    from tutor import paths
    from tutor.tui.labs.run_lab import RunLab
    from tutor.tui.widgets.chart import ChartView

    app = make_app(paths.lessons_dir())
    found: dict[str, tuple[list[float], list[float]] | float] = {}
    async with app.run_test(size=(80, 24)) as pilot:
        app.open_lab("control", {"episodes": 5000})
        await pilot.pause()
        lab = app.screen.query_one(RunLab)
        await until(lambda: lab.session.state == "paused")
        await pilot.press("r")
        chart = lab.query(ChartView).first()
        found["first points"] = await until(lambda: chart.chart.has_data)
        training: tuple[list[float], list[float]] = ([], [])
        paused: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for kept in (training, paused):
                for whole, part in zip(kept, await pressed(pilot), strict=True):
                    whole.extend(part)
                await pilot.press("r")  # pauses it, and goes on again
                await pilot.pause()
        found["training"], found["paused"] = training, paused
    app.close_store()
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        import os

        os.environ["RL_TUTOR_HOME"] = str(Path(home))
        found = asyncio.run(measure())
    print(f"first points on the screen {found.pop('first points'):.2f} s after r (at most 0.5)")
    print(f"{'a key, ms to its frame':26}{'p50':>8}{'p95':>8}{'CPU p50':>10}{'CPU p95':>10}")
    for name, (wall, cpu) in found.items():  # type: ignore[misc]
        row = "".join(
            f"{statistics.quantiles(values, n=20)[at]:10.1f}" for values in (wall, cpu) for at in (9, 18)
        )
        print(f"{name:24}{row}")


if __name__ == "__main__":
    sys.exit(main())
