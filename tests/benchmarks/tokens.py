"""What a token costs on the screen, how long the token lab takes to open, and what the tutor then weighs.

    python -m tests.benchmarks.tokens

CPU times of this process with a Pilot, whose own share is in them; the memory is that of a real process in a PTY.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time

OPENINGS, TOKENS = 5, 60


async def opening() -> float:
    """CPU milliseconds from the key to the drawn lab, in a process that has imported neither numpy nor plotext."""
    from tests.tui.harness import make_app
    from tutor import paths

    app = make_app(paths.lessons_dir())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        start = time.process_time()
        app.open_lab("token")
        await pilot.pause()
        spent = 1000 * (time.process_time() - start)
    app.close_store()
    return spent


async def tokens() -> list[float]:
    """CPU milliseconds of each of many sampled tokens, drawn."""
    from tests.tui.harness import make_app
    from tutor import paths

    app = make_app(paths.lessons_dir())
    spent = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.open_lab("token")
        await pilot.pause()
        for number in range(TOKENS):
            start = time.process_time()
            await pilot.press("0" if number % 12 == 11 else "space")
            spent.append(1000 * (time.process_time() - start))
    app.close_store()
    return spent


def fresh_opening() -> float:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.tokens", "opening"],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def peak_memory() -> float:
    """MB resident at most in a real terminal with the token lab open and a whole answer sampled."""
    from tests.terminal import Terminal

    terminal = Terminal(
        [sys.executable, "-m", "tutor", "lab", "token"], {"RL_TUTOR_HOME": os.environ["RL_TUTOR_HOME"]}
    )
    terminal.until("next action")
    for step in range(1, 6):
        terminal.press("space")
        terminal.until(f"step {step}")
    with open(f"/proc/{terminal.child.pid}/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) / 1000 for line in status if line.startswith("VmHWM"))
    terminal.close()
    return peak


def main() -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it
    if sys.argv[1:] == ["opening"]:
        print(asyncio.run(opening()))
        return
    with tempfile.TemporaryDirectory() as home:
        os.environ["RL_TUTOR_HOME"] = home
        openings = [fresh_opening() for _ in range(OPENINGS)]
        drawn = asyncio.run(tokens())
        print(f"{'':<44}{'median':>9}{'greatest':>10}{'at most':>9}")
        rows = [
            ("open the token lab, fresh process, CPU ms", openings, 300),
            ("a token sampled and drawn, CPU ms", drawn, 30),
        ]
        for name, values, limit in rows:
            print(f"{name:<44}{statistics.median(values):>9.0f}{max(values):>10.0f}{limit:>9}")
        print(f"{'peak memory in a real terminal, MB':<44}{peak_memory():>9.0f}{'':>10}{75:>9}")


if __name__ == "__main__":
    main()
