"""How soon a lab whose worker trains flat out answers a key, and how soon the first points of a run are on the screen.

    python -m tests.benchmarks.run_lab

Everything is measured on the running program in a PTY of 80x24, from the write of a key to the arrival of the bytes
that complete its frame. What arrives is only stamped while the program runs; an emulator reads it afterwards, so that
it takes no CPU from the two processes it judges. (A Pilot is no clock for this: it returns when the process has been
idle for a while, in steps of 20 ms, and a lab that draws a run is not idle.)

A key looks at the episode before or after. Its frame is the one whose first line says that episode: a frame that
shows only what came from the worker meanwhile does not count. Keys come at irregular times, over all phases of the
drawing. Beside the times stands the CPU of the tutor's own process, drawing the run included, a key; the same keys in
the same lab while it is paused are the floor. First points: from `r`, pressed once the worker is ready (it has loaded
numpy and made update 0, and the lab says "paused"), until a plot has cells that it did not have.
"""

import os
import random
import re
import select
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.benchmarks.process import Program

TUTOR = (sys.executable, "-m", "tutor")
RUN = ("control", "episodes=5000")
KEYS_EACH, ROUNDS, STARTS = 30, 3, 5
GAP = 0.25, 0.40  # seconds between two keys, so that each frame belongs to one
LIMITS = {"training": 50, "paused": 50}  # ms, p95
FIRST_LIMIT = 500  # ms
MARKS = re.compile("[●▲■◆⠁-⣿░▒▓]")  # what plots draw points, lines and bands with


@dataclass
class Heard:
    """What came in answer to one key. waited: seconds until the next one. spent: CPU ms of the program meanwhile."""

    pressed: float
    key: str
    waited: float
    spent: float = 0.0
    chunks: list[tuple[float, bytes]] = field(default_factory=list)


class Watched(Program):
    """A program whose output is stamped as it comes, and shown to the emulator only when somebody looks back."""

    def type(self, key: str, seconds: float) -> Heard:
        """Press a key and take in what comes within `seconds`."""
        self.child.delaybeforesend = None  # pexpect's own 50 ms before every key
        spent, heard = self.cpu(), Heard(time.perf_counter(), key, seconds)
        self.press(key)
        end = heard.pressed + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self.child.child_fd], [], [], left)[0]:
                data = os.read(self.child.child_fd, 65536)
                heard.chunks.append((time.perf_counter(), data))
        heard.spent = self.cpu() - spent
        return heard

    def shown(self, heard: Heard) -> Iterator[float]:
        """Milliseconds after the key at which something came; the emulator shows it by then."""
        for came, data in heard.chunks:
            self.take(data)
            yield 1000 * (came - heard.pressed)

    def until_shown(self, heard: Heard, holds: Callable[[], bool]) -> float | None:
        """Milliseconds until it held; None when it never did."""
        took = None
        for after in self.shown(heard):
            if took is None and holds():
                took = after
        return took


def opened(home: str, lab: str, *settings: str, command: tuple[str, ...] = TUTOR) -> Watched:
    """A lab of a run, its worker ready."""
    chosen = [part for setting in settings for part in ("--set", setting)]
    program = Watched([*command, "lab", lab, *chosen], {"RL_TUTOR_HOME": home})
    program.until(r" 0 of \d+ +paused")
    program.settle()
    return program


def first_points(lab: str, *settings: str) -> float:
    """Milliseconds from `r`, the worker ready, to the first points that the run adds to a plot."""
    with tempfile.TemporaryDirectory() as home:
        program = opened(home, lab, *settings)

        def marks() -> int:
            return len(MARKS.findall(program.text))

        before, heard = marks(), program.type("r", 3.0)
        took = program.until_shown(heard, lambda: marks() > before)
        program.close()
    if took is None:
        raise SystemExit(f"no points came; the screen was\n{program.text}")
    return took


def typed(program: Watched) -> dict[str, list[Heard]]:
    """Keys in a lab that trains and, in turns with them, in the same lab while it is paused."""
    chance, kept = random.Random(1), {name: list[Heard]() for name in ("apart", *LIMITS)}
    order = [program.type("r", 3.0)]
    for _ in range(ROUNDS):
        for name in LIMITS:
            order.append(program.type("left", 1.0))
            for number in range(KEYS_EACH):
                heard = program.type("left" if number % 2 else "right", chance.uniform(*GAP))
                kept[name].append(heard)
                order.append(heard)
            order.append(program.type("r", 1.0))  # pauses it, and goes on again
    kept["apart"] = order
    return kept


def frames(program: Watched, kept: dict[str, list[Heard]], unit: str = "episode") -> dict[str, list[float]]:
    """Milliseconds of each key to the frame that shows the episode it looks at (or whatever `unit` the title names);
    one that did not come before the next key counts as long as it was waited for."""
    place = {id(heard): name for name in LIMITS for heard in kept[name]}
    took: dict[str, list[float]] = {name: [] for name in LIMITS}
    at = 0
    for heard in kept["apart"]:
        name = place.get(id(heard))
        if name is None:
            program.until_shown(heard, lambda: False)
            at = looked_at(program, unit)
            continue
        at += 1 if heard.key == "right" else -1
        after = program.until_shown(heard, lambda at=at: looked_at(program, unit) == at)
        took[name].append(1000 * heard.waited if after is None else after)
    return took


def looked_at(program: Watched, unit: str) -> int:
    """The episode or update that is looked at, as the first line says."""
    found = re.search(rf"{unit} (\d+) of", program.lines[0])
    if found is None:
        raise SystemExit(f"no {unit} is shown; the screen is\n{program.text}")
    return int(found[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        program = opened(home, *RUN)
        kept = typed(program)
        program.close()
        took = frames(program, kept)
    print_keys(took, kept)
    print(f"\n{'first points after r, the worker ready, ms':46}{'median':>7}{'most':>14}{'at most':>13}")
    for lab, *settings in (RUN, ("stability",)):
        times = [first_points(lab, *settings) for _ in range(STARTS)]
        print(f"{lab:46}{statistics.median(times):7.0f}{max(times):14.0f}{FIRST_LIMIT:13}")


def print_keys(took: dict[str, list[float]], kept: dict[str, list[Heard]]) -> None:
    print(f"{'ms':46}{'p50':>7}{'p95':>7}{'most':>7}{'p95 at most':>13}{'CPU a key':>11}")
    for name, limit in LIMITS.items():
        p50, p95 = quantiles(took[name])
        spent = statistics.mean(heard.spent for heard in kept[name])
        label = f"a key to its frame, {name}"
        print(f"{label:46}{p50:7.0f}{p95:7.0f}{max(took[name]):7.0f}{limit:13}{spent:11.1f}", flush=True)


def quantiles(values: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    cuts = statistics.quantiles(values, n=20)
    return cuts[9], cuts[18]


if __name__ == "__main__":
    sys.exit(main())
