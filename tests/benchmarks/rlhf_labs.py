"""The labs that train the language model, in a real PTY: keys while the worker trains, memory, the loop while torch is
loaded, first points, and how long whole runs take.

    python -m tests.benchmarks.rlhf_labs [keys|loading|runs]       (all three unless one is named: some minutes)

How keys and first points are measured: see `tests.benchmarks.run_lab`. Times of runs are wall time from `r`, the
worker ready, until the first line of the screen says the last update; beside them stands the CPU of the worker, which
other work on the machine does not stretch, and the load of the machine (runnable processes, mean of a minute).
"""

import os
import re
import select
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.process import cpu, memory
from tests.benchmarks.run_lab import Heard, Watched, first_points, frames, opened, print_keys, typed

GAPS = (sys.executable, "-m", "tests.benchmarks.loop_gaps")
LONG = ("kl", "updates=1000")  # trains for as long as keys are typed
STARTS = 3
FIRST, GAP = 1000, 50  # ms
TUTOR_MEMORY, WORKER_MEMORY = 90, 400  # MB
RUNS = {
    "one KL run (rlhf, adaptive, 60 updates)": (("rlhf", "stage=ppo"), 9),
    "three KL runs side by side (kl)": (("kl",), 18),
}
VERIFIER = ("verifier", "held_out=0")
ARRIVED = 15  # seconds until 95 %
IDLE = 1.0  # seconds without CPU after which a worker has done what it had to


def listened(program: Watched, key: str) -> tuple[Heard, float]:
    """Press a key and take in what comes until the worker has nothing more to do; CPU seconds of the worker."""
    worker, heard = program.worker, Heard(time.perf_counter(), key, 0)
    if worker is None:
        raise SystemExit(f"there is no worker; the screen is\n{program.text}")
    before = spent = cpu(worker)
    program.press(key)
    last = time.perf_counter()
    while time.perf_counter() - last < IDLE:
        if select.select([program.child.child_fd], [], [], 0.1)[0]:
            data = os.read(program.child.child_fd, 65536)
            heard.chunks.append((time.perf_counter(), data))
        if (now := cpu(worker)) - spent > 1:
            spent, last = now, time.perf_counter()
    return heard, (spent - before) / 1000


def updates(program: Watched, heard: Heard) -> dict[int, float]:
    """By update, the seconds after the key until the first line said it."""
    reached: dict[int, float] = {}
    for after in program.shown(heard):
        if found := re.search(r"update (\d+) of", program.lines[0]):
            reached.setdefault(int(found[1]), after / 1000)
    return reached


def whole(lab: str, *settings: str) -> tuple[dict[int, float], float, str]:
    """A run: when its updates were there; CPU seconds of the worker; the last screen."""
    with tempfile.TemporaryDirectory() as home:
        program = opened(home, lab, *settings)
        heard, spent = listened(program, "r")
        memories(program, lab)
        program.close()
    return updates(program, heard), spent, program.text


def row(name: str, measured: float, limit: float | None, unit: str, *, told: str = "") -> None:
    most = "" if limit is None else f"{limit:g}"
    print(f"{name:56}{measured:9.1f}{most:>9} {unit:5}{told}", flush=True)


def keys() -> None:
    """A key while the worker trains flat out, and what tutor and worker take of memory then."""
    with tempfile.TemporaryDirectory() as home:
        program = opened(home, *LONG)
        kept = typed(program)
        memories(program, "kl, while it trains")
        program.close()
        print_keys(frames(program, kept, "update"), kept)


def memories(program: Watched, when: str) -> None:
    for name, process, limit in (
        ("tutor", program.child.pid, TUTOR_MEMORY),
        ("worker", program.worker, WORKER_MEMORY),
    ):
        if process is not None:
            found = memory(process)
            told = f"  (at most {found['VmHWM']:.0f}; PSS {found['Pss']:.0f})"
            row(f"memory of the {name}, {when}, resident", found["VmRSS"], limit, "MB", told=told)


def loading() -> None:
    """The largest gap of the event loop while the worker loads torch, and the first points after `r`."""
    gaps = [gap_while_loading() for _ in range(STARTS)]
    for number, name in enumerate(("gap", "computing in one gap")):
        found = [gap[number] for gap in gaps]
        told = f"  (median of {STARTS}; most {max(found):.0f})"
        row(f"the loop while torch is loaded: largest {name}", statistics.median(found), GAP, "ms", told=told)
    for lab in (("kl",), VERIFIER, ("rlhf", "stage=ppo")):
        points = [first_points(*lab) for _ in range(STARTS)]
        told = f"  (median of {STARTS}; most {max(points):.0f})"
        row(
            f"first points after r, the worker ready: {lab[0]}",
            statistics.median(points),
            FIRST,
            "ms",
            told=told,
        )


def gap_while_loading() -> tuple[float, float]:
    """Milliseconds, from the start of the worker until it is ready: the largest gap of the loop, and the most that its
    own thread computed in one."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "gaps"
        program = Watched([*GAPS, str(file), "lab", "kl"], {"RL_TUTOR_HOME": home})
        started = since(program, lambda: program.worker is not None)
        ready = since(program, lambda: re.search(r" 0 of \d+ +paused", program.text) is not None)
        program.press("ctrl+q")
        program.ends()
        gaps = [tuple(map(float, line.split())) for line in file.read_text().splitlines()]
    inside = [(late, spent) for when, late, spent in gaps if started < when <= ready]
    return max((late for late, _ in inside), default=0.0), max((spent for _, spent in inside), default=0.0)


def since(program: Watched, holds: Callable[[], bool]) -> float:
    """The monotonic clock when it first held."""
    while not holds():
        if not program.read(0.02):
            raise SystemExit(f"the program has ended; its screen was\n{program.text}")
    return time.monotonic()


def runs() -> None:
    """Wall seconds of whole runs."""
    for name, (lab, limit) in RUNS.items():
        reached, spent, _ = whole(*lab)
        tell_run(name, reached[max(reached)], limit, spent)
    reached, spent, screen = whole(*VERIFIER)
    said = re.search(r"95% reached by (.+?)\.", screen)
    if said is None:
        raise SystemExit(f"no run of the verifier came to 95 %; the screen was\n{screen}")
    for series, at in re.findall(r"(\w+) at (\d+)", said[1]):
        came = min(seconds for update, seconds in reached.items() if update >= int(at))
        tell_run(f"verifier, three at once: {series} at 95 %, update {at}", came, ARRIVED, spent)


def tell_run(name: str, took: float, limit: float, spent: float) -> None:
    told = f"  (worker's CPU over the whole run {spent:.1f} s; load {os.getloadavg()[0]:.1f})"
    row(name, took, limit, "s", told=told)


PARTS = {"keys": keys, "loading": loading, "runs": runs}


def main() -> None:
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"there is no part {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    print(f"{'':56}{'measured':>9}{'at most':>9}")
    for name in wanted:
        PARTS[name]()


if __name__ == "__main__":
    main()
