"""Bytes and CPU of what goes to the terminal: Textual's own frames against only what changed; and the idle tutor.

    python -m tests.benchmarks.wire [TIMES]            each event so many times (default 16)
    python -m tests.benchmarks.wire idle [SECONDS]     the idle tutor in a real terminal (default 60)

256 colours, synchronised output on. The bytes are all that the driver is given; the CPU is that of `App._display`, in
which either kind of output is made, of this thread, with the event's frames added up.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.terminal import Terminal

SIZES = ((80, 24), (120, 40))
GOALS = {"a key typed in an answer": 80, "a gridworld step, both plots": 1000, "a page turned": 3000}
Turn = Callable[[int], Awaitable[None]]


def environment(home: str) -> None:
    """What decides on colours, before Textual looks."""
    os.environ.update(RL_TUTOR_HOME=home, TERM="xterm-256color", OPENBLAS_NUM_THREADS="1")
    for name in ("COLORTERM", "NO_COLOR"):
        os.environ.pop(name, None)


def measured_app():  # type: ignore[no-untyped-def]
    from tests.tui.wire.session import CapturingDriver
    from tutor import paths
    from tutor.course import load_course
    from tutor.progress import open_store
    from tutor.settings import Settings
    from tutor.tui import app as app_module

    class Measured(app_module.TutorApp):
        CSS_PATH = Path(app_module.__file__).with_name("tutor.tcss")
        spent = 0.0

        def _display(self, screen, renderable):  # type: ignore[no-untyped-def]
            start = time.thread_time()
            super()._display(screen, renderable)
            self.spent += time.thread_time() - start

    app = Measured(
        load_course(paths.lessons_dir()), open_store(None), Settings(motion=False, symbols="unicode")
    )
    app.driver_class = CapturingDriver
    app.sent = []
    return app


@asynccontextmanager
async def running(size: tuple[int, int]) -> AsyncIterator[tuple[object, object]]:
    app = measured_app()
    async with app.run_test(headless=False, size=size) as pilot:
        app._sync_available = True
        await pilot.pause()
        yield app, pilot
    app.close_store()


async def events(size: tuple[int, int], times: int) -> dict[str, list[tuple[int, float]]]:
    """(bytes, CPU milliseconds) of each event, each time it was done."""
    figures: dict[str, list[tuple[int, float]]] = {}
    async with running(size) as (app, pilot):

        async def many(name: str, turn: Turn) -> None:
            await pilot.pause()
            for number in range(times // 2 * 2 + 4):  # even: what opens closes
                app.sent.clear()
                app.spent = 0.0
                await turn(number)
                await pilot.pause()
                if number > 3:  # warmed up
                    row = len("".join(app.sent).encode()), 1000 * app.spent
                    figures.setdefault(name, []).append(row)

        def keys(*names: str) -> Turn:
            async def turn(number: int) -> None:
                await pilot.press(names[number % len(names)])

            return turn

        app.open_lesson("03-returns-and-discounting", "four-rewards-one-number")
        await pilot.pause()
        await many("a page turned", keys("right", "right", "right", "left", "left", "left"))
        app.open_lesson("03-returns-and-discounting", "four-rewards-one-number")
        await pilot.pause()
        app.open_lesson("01-reasoning-models")  # a first step longer than 40 rows
        await pilot.pause()
        await many("a page scrolled", keys("pagedown", "pageup"))
        await many("a line scrolled", keys("down", "down", "up", "up"))
        await many("help opened or closed", keys("question_mark", "escape"))
        app.open_lesson("03-returns-and-discounting", "four-rewards-one-number")
        await pilot.pause()
        await pilot.press("tab")
        await pilot.pause()
        assert type(app.focused).__name__ == "AnswerInput"
        await many("a key typed in an answer", keys(*"0.25", *["backspace"] * 4))
        app.go_home()
        app.open_lab("gridworld", {"slip": "0.2", "grid": "russell-norvig", "seed": 7})
        await pilot.pause()

        async def step(number: int) -> None:
            await pilot.press(("0", "up", "up", "right", "right", "down", "left")[number % 7])

        await many("a gridworld step, both plots", step)

        async def theme(number: int) -> None:
            app.change_settings(replace(app.settings, theme=("light", "dark")[number % 2]))

        await many("theme changed", theme)
    return figures


def table(size: tuple[int, int], times: int) -> None:
    os.environ["RL_TUTOR_FULL_FRAMES"] = "1"
    stock = asyncio.run(events(size, times))
    os.environ["RL_TUTOR_FULL_FRAMES"] = "0"
    sent = asyncio.run(events(size, times))
    print(f"{'{}x{}, medians'.format(*size):<32}{'bytes':>16}{'at most':>11}{'ratio':>8}{'CPU ms':>16}")
    print(f"{'':<32}{'whole':>8}{'changed':>8}{'':>11}{'':>8}{'whole':>8}{'changed':>8}")
    for name in stock:
        (b0, c0), (b1, c1) = (
            [statistics.median(v) for v in zip(*f[name], strict=True)] for f in (stock, sent)
        )
        goal = str(GOALS.get(name, "")) if size == SIZES[0] else ""
        print(f"{name:<32}{b0:>8.0f}{b1:>8.0f}{goal:>11}{b0 / max(b1, 1):>8.1f}{c0:>8.2f}{c1:>8.2f}")
    print()


def idle(seconds: float) -> None:
    """Bytes and CPU of the tutor that nobody touches, each screen so long in a real terminal; a bare app first."""
    from tests.benchmarks.startup import BARE
    from tests.terminal import Terminal

    tutor = [sys.executable, "-m", "tutor"]
    rows = (
        ("a bare Textual app", [sys.executable, "-c", BARE], "a bare app", []),
        ("home", tutor, "keys", []),
        ("an answer being typed", [*tutor, "lesson", "3"], "tab question", ["tab"]),
        ("the gridworld lab", [*tutor, "lab", "gridworld"], "step 0", []),
    )
    print(f"{f'idle for {seconds:g} s':<28}{'bytes':>8}{'CPU ms':>9}{'% of a core':>13}")
    for name, command, wait, keys in rows:
        terminal = Terminal(command, {"RL_TUTOR_HOME": os.environ["RL_TUTOR_HOME"]})
        terminal.until(wait)
        terminal.press(*keys)
        watch(terminal, 3)  # what was put off until after the first frame
        before, start = len(terminal.raw), _cpu(terminal.child.pid)
        watch(terminal, seconds)
        spent = _cpu(terminal.child.pid) - start
        print(f"{name:<28}{len(terminal.raw) - before:>8}{1000 * spent:>9.0f}{100 * spent / seconds:>13.3f}")
        terminal.close()


def watch(terminal: "Terminal", seconds: float) -> None:
    """Read what comes for so long."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.read(left)


def _cpu(pid: int) -> float:
    """Seconds of CPU of a process's threads (nanoseconds as the scheduler counts them)."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def main() -> None:
    arguments = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        environment(home)
        if arguments[:1] == ["idle"]:
            idle(float(arguments[1]) if len(arguments) > 1 else 60)
            return
        for size in SIZES:
            table(size, int(arguments[0]) if arguments else 16)


if __name__ == "__main__":
    main()
