"""What the screens cost in a real terminal: a lesson step, a lab key, 2,000 steps, memory, bytes.

    python -m tests.benchmarks.screens

Everything is measured on the running program in a PTY of 80x24 with 256 colours: its own CPU time as the system counts
it, over all its threads, and what it writes, from the key until nothing more comes. Beside a figure stands its floor,
measured in turns with it: a bare Textual app that opens, or replaces, a page as long; plotext's own figure of the same
two plots. The limits were set where a bare Textual app took 290 ms to its first frame: the first line says how much
slower this machine is now, and the last column what a limit would be on it.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.bare import FIRST_FRAME, plots
from tests.benchmarks.course import lesson
from tests.benchmarks.process import Program, loaded_modules, program
from tests.benchmarks.startup import BARE, cpu_until

LESSONS = 16
TUTOR = [sys.executable, "-m", "tutor"]
Costs = list[tuple[float, int]]  # CPU ms and bytes of each key


def course(folder: Path) -> Path:
    """Lessons of three steps; a step has 50 lines, three formulas and a question."""
    for number in range(1, LESSONS + 1):
        (folder / f"{number:02}-lesson.md").write_text(lesson(number, 3))
    return folder


def bare_program(home: str) -> Program:
    """A bare app, warmed up."""
    bare = program([sys.executable, "-m", "tests.benchmarks.bare"], home)
    bare.until("a bare app is here")
    bare.cost("enter", "Step 0")
    return bare


def slowness() -> float:
    """How many times as long as where the limits were set a bare Textual app takes to its first frame."""
    took = [cpu_until([sys.executable, "-c", BARE], b"a bare app") for _ in range(4)]
    return statistics.median(took[1:]) / FIRST_FRAME


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


def turns(folder: Path) -> tuple[Costs, Costs, Costs, Costs]:
    """Into a lesson's step from Home, warmed up; from step to step, forth and back; both of a bare app in turns."""
    with tempfile.TemporaryDirectory() as home:
        bare = bare_program(home)
        tutor = program([*TUTOR, "--course", str(folder)], home)
        tutor.until("go on")
        tutor.cost("enter", "Step 0")
        opened, turned, bare_opened, bare_turned = [], [], [], []
        for _ in range(8):
            tutor.cost("q", "go on")
            tutor.cost("down")
            opened.append(tutor.cost("enter", "Step 0"))
            bare.cost("q", "a bare app")
            bare_opened.append(bare.cost("enter", "Step 0"))
        for number in range(5):
            turned.append(tutor.cost("right", "Step 1"))
            bare_turned.append(bare.cost("space", f"Step {number + 1}"))
            turned.append(tutor.cost("b", "Step 0"))
        tutor.close()
        bare.close()
        return opened, turned, bare_opened, bare_turned


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


def many_steps() -> tuple[Costs, float, float]:
    """CPU of steps 981 to 1,000; MB grown from step 100 to 1,000, while caches fill, and from there to 2,000."""
    with tempfile.TemporaryDirectory() as home:
        lab = program([*TUTOR, "lab", "gridworld", "--set", "grid=cliff", "--set", "slip=0"], home)
        lab.until("reward")
        walk(lab, 1, 100)
        early = lab.peak_memory()
        walk(lab, 101, 980)
        late = [lab.cost("left") for _ in range(20)]
        then = lab.peak_memory()
        walk(lab, 1001, 2000)
        grown = then - early, lab.peak_memory() - then
        lab.close()
        return late, *grown


def walk(lab: Program, first: int, last: int) -> None:
    """Steps `first` to `last` of an episode, as fast as the lab takes them."""
    for number in range(first, last + 1):
        lab.press("left" if number % 2 else "down")
        if number % 20 == 0:
            lab.until(f"step {number}")


def main() -> None:
    slow = slowness()
    with tempfile.TemporaryDirectory() as name:
        folder = course(Path(name))
        cold = [cold_turn(folder) for _ in range(3)]
        opened, turned, bare_opened, bare_turned = turns(folder)
    looks, steps, memory, modules = lab_keys()
    late, filling, grown = many_steps()

    def row(
        name: str, values: list[float], limit: float, floor: float | None = None, cpu: bool = True
    ) -> None:
        here = f"{limit * slow:>9.0f}" if cpu else ""
        least = "" if floor is None else f"{floor:.0f}"
        print(f"{name:<54}{statistics.median(values):>8.0f}{max(values):>8.0f}{least:>8}{limit:>9.0f}{here}")

    print(f"This machine takes {slow:.2f} times as long as the one where the limits were set.\n")
    print(f"{'CPU ms':<54}{'median':>8}{'most':>8}{'floor':>8}{'at most':>9}{'here':>9}")
    opens, turns_, plots_ = _median(bare_opened), _median(bare_turned), plots()
    row("enter to a step of 50 lines, cold", [c for c, _ in cold], 180)
    row("enter to a step of 50 lines, warmed up", [c for c, _ in opened], 80, opens)
    row("a page turned, forth and back", [c for c, _ in turned], 60, turns_)
    row("gridworld: a key that only looks", [c for c, _ in looks], 10)
    row("gridworld: a step, both plots redrawn", [c for c, _ in steps], 20, plots_)
    row("gridworld: steps 980 to 1000 of an episode", [c for c, _ in late], 20, plots_)
    print(f"\n{'MB, bytes':<54}{'median':>8}{'most':>8}{'floor':>8}{'at most':>9}")
    row("gridworld: memory grown from step 100 to 1000, MB", [filling], 0, cpu=False)
    row("gridworld: memory grown from step 1000 to 2000, MB", [grown], 0, cpu=False)
    row("gridworld: peak memory, MB", [memory], 75, cpu=False)
    row("a page turned, bytes", [float(b) for _, b in turned], 3000, cpu=False)
    row("gridworld: a step, both plots redrawn, bytes", [float(b) for _, b in steps], 1000, cpu=False)
    torch = "loaded" if any("torch" in name for name in modules) else "not loaded"
    print(f"torch is {torch} with the gridworld open")


def _median(costs: Costs) -> float:
    return statistics.median(spent for spent, _ in costs)


if __name__ == "__main__":
    main()
