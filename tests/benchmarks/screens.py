"""What the screens cost in a real terminal: a lesson step, a lab key, a thousand steps, memory, bytes.

    python -m tests.benchmarks.screens

Everything is measured on the running program in a PTY of 80x24 with 256 colours: its own CPU time as the system counts
it, over all its threads, and what it writes, from the key until nothing more comes.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.course import lesson
from tests.benchmarks.process import loaded_modules, program

LESSONS = 16
TUTOR = [sys.executable, "-m", "tutor"]
Costs = list[tuple[float, int]]  # CPU ms and bytes of each key


def course(folder: Path) -> Path:
    """Lessons of three steps; a step has 50 lines, three formulas and a question."""
    for number in range(1, LESSONS + 1):
        (folder / f"{number:02}-lesson.md").write_text(lesson(number, 3))
    return folder


def cold_turn(folder: Path) -> tuple[float, int]:
    """The first step of a lesson after enter on Home, in a program that has only just drawn Home."""
    with tempfile.TemporaryDirectory() as home:
        for first in (True, False):  # the first start makes the index of the course
            tutor = program([*TUTOR, "--course", str(folder)], home)
            tutor.until("go on")
            if first:
                tutor.press("ctrl+q")
                tutor.ends()
        cost = tutor.cost("enter", "Step 0")
        tutor.close()
        return cost


def turns(folder: Path) -> tuple[Costs, Costs]:
    """Into a lesson's step from Home, warmed up; and from step to step, forth and back."""
    with tempfile.TemporaryDirectory() as home:
        tutor = program([*TUTOR, "--course", str(folder)], home)
        tutor.until("go on")
        tutor.cost("enter", "Step 0")
        opened, turned = [], []
        for _ in range(5):
            tutor.cost("q", "go on")
            tutor.cost("down")
            opened.append(tutor.cost("enter", "Step 0"))
        for _ in range(5):
            turned.append(tutor.cost("right", "Step 1"))
            turned.append(tutor.cost("b", "Step 0"))
        tutor.close()
        return opened, turned


def lab_keys() -> tuple[Costs, Costs, float, set[str]]:
    """A key that only looks, a step with both plots, then the peak of memory and what is loaded."""
    with tempfile.TemporaryDirectory() as home:
        lab = program([*TUTOR, "lab", "gridworld", "--set", "grid=rooms"], home)
        lab.until("reward")
        for key in ("left", "p", "p", "u"):
            lab.cost(key)
        looks = [lab.cost("p") for _ in range(20)]
        steps = [lab.cost(("left", "up", "right", "down")[n % 4]) for n in range(24)]
        result = looks, steps, lab.peak_memory(), loaded_modules(lab)
        lab.close()
        return result


def thousand_steps() -> tuple[Costs, float, float]:
    """The last 20 of 1,000 steps (memory is counted from step 100 on): CPU, and MB grown."""
    with tempfile.TemporaryDirectory() as home:
        lab = program([*TUTOR, "lab", "gridworld", "--set", "grid=cliff", "--set", "slip=0"], home)
        lab.until("reward")
        for number in range(1, 981):
            lab.press("left" if number % 2 else "down")
            if number % 20 == 0:
                lab.until(f"step {number}")
            if number == 100:
                early = lab.peak_memory()
        late = [lab.cost("left") for _ in range(20)]
        grown = lab.peak_memory() - early
        lab.close()
        return late, early, grown


def row(name: str, values: list[float], limit: float) -> None:
    print(f"{name:<58}{statistics.median(values):>9.0f}{max(values):>9.0f}{limit:>9.0f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = course(Path(name))
        cold = [cold_turn(folder) for _ in range(3)]
        opened, turned = turns(folder)
    looks, steps, memory, modules = lab_keys()
    late, _, grown = thousand_steps()
    print(f"{'':<58}{'median':>9}{'most':>9}{'at most':>9}")
    row("enter to a step of 50 lines, cold, CPU ms", [c for c, _ in cold], 180)
    row("enter to a step of 50 lines, warmed up, CPU ms", [c for c, _ in opened], 80)
    row("a page turned, forth and back, CPU ms", [c for c, _ in turned], 60)
    row("gridworld: a key that only looks, CPU ms", [c for c, _ in looks], 10)
    row("gridworld: a step, both plots redrawn, CPU ms", [c for c, _ in steps], 20)
    row("gridworld: steps 980 to 1000 of an episode, CPU ms", [c for c, _ in late], 20)
    row("gridworld: memory grown from step 100 to 1000, MB", [grown], 0)
    row("gridworld: peak memory, MB", [memory], 75)
    row("a page turned, bytes", [float(b) for _, b in turned], 3000)
    row("gridworld: a step, both plots redrawn, bytes", [float(b) for _, b in steps], 1000)
    torch = "loaded" if any("torch" in name for name in modules) else "not loaded"
    print(f"torch is {torch} with the gridworld open")


if __name__ == "__main__":
    main()
