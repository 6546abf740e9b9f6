"""What progress costs: `python -m tests.benchmarks.progress` prints a table.

CPU time unless said otherwise. Opening is measured in fresh processes that have already imported Textual, as the
tutor has; medians of several.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tutor.progress import ProgressStore, open_store

EVENTS = 1000
COLD = """
import sys, time
from pathlib import Path
import textual.app
a = time.process_time()
from tutor.progress import open_store
b = time.process_time()
store = open_store(Path(sys.argv[1]))
c = time.process_time()
store.progress()
d = time.process_time()
import peewee
e = time.process_time()
print(b - a, c - b, d - c, e - d)
"""


def fill(store: ProgressStore) -> list[float]:
    """Record a learner's thousand events; the seconds that each took by the wall clock."""
    taken = []
    for number in range(EVENTS):
        lesson, step, question = f"l{number // 100}", f"s{number % 40 // 4}", f"q{number % 32 // 4}"
        start = time.perf_counter()
        match number % 4:
            case 0:
                store.record("visit", lesson, step)
            case 1:
                store.record("draft", lesson, step, question, response="0.99 ^")
            case 2:
                store.record("attempt", lesson, step, question, response="0.99^5", right=True, hints=1)
            case _:
                store.record("lab", lesson, step, lab="s1/gridworld-1", state={"keys": [0, 1, 1], "seed": 7})
        taken.append(time.perf_counter() - start)
    return taken


def cold(path: Path, runs: int = 7) -> list[float]:
    """Median CPU seconds of: importing, opening, deriving; and of importing peewee, which the first write does."""
    rows = []
    for _ in range(runs):
        command = [sys.executable, "-c", COLD, str(path)]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        rows.append([float(word) for word in words])
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def repeated(call: Callable[[], object], times: int = 500) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "progress.db"
        with open_store(path) as store:
            taken = sorted(fill(store))
            nothing_new = repeated(store.progress)
        imported, opened, derived, peewee = cold(path)
        size = path.stat().st_size
    rows = [
        ("record, wall clock, median", taken[EVENTS // 2]),
        ("record, wall clock, 95 %", taken[EVENTS * 95 // 100]),
        ("import tutor.progress and its store", imported),
        ("open", opened),
        (f"progress() of {EVENTS} events, cold", derived),
        ("progress() when nothing is new", nothing_new),
        ("import peewee (spared at the start)", peewee),
    ]
    for name, seconds in rows:
        print(f"{name:40} {seconds * 1e3:8.3f} ms")
    print(f"{f'file of {EVENTS} events':40} {size / 1024:8.0f} kB")


if __name__ == "__main__":
    main()
