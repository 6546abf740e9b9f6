"""What frames cost: `python -m tests.benchmarks.planning` prints CPU microseconds a sweep, medians of alternated pairs.

The floor is a bare numpy loop that makes the same sweeps and keeps nothing but the values. Each pair runs one
right after the other, and the ratio is the median over pairs, so other load on the machine cancels.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import numpy as np

from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import make
from tutor.rl.planning import value_iteration

PAIRS, THETA = 21, 1e-10


def bare_synchronous(env: Gridworld) -> int:
    """Value iteration as one would write it by hand; how many sweeps it made."""
    P, R = env.transitions()
    rows, V, sweeps, delta = P.reshape(R.size, -1), np.zeros(len(R)), 0, 1.0
    while delta >= THETA:
        Q = R + env.gamma * (rows @ V).reshape(R.shape)
        before, V = V, Q.max(axis=1)
        delta, sweeps = np.abs(V - before).max(), sweeps + 1
    return sweeps


def bare_in_place(env: Gridworld) -> int:
    """The same, state by state, each seeing what the sweep has done."""
    P, R = env.transitions()
    live = [s for s in range(env.n_states) if not env.is_terminal(s)]
    V, sweeps, delta = np.zeros(len(R)), 0, 1.0
    while delta >= THETA:
        before = V.copy()
        for s in live:
            V[s] = (R[s] + env.gamma * (P[s] @ V)).max()
        delta, sweeps = np.abs(V - before).max(), sweeps + 1
    return sweeps


def last_sweep(frames: Callable[[], Iterator]) -> int:
    """How many sweeps a run of frames made."""
    *_, last = frames()
    return int(last.sweep)


def microseconds(run: Callable[[], int], repeats: int) -> float:
    """CPU of one sweep."""
    start = time.process_time_ns()
    sweeps = sum(run() for _ in range(repeats))
    return (time.process_time_ns() - start) / 1000 / sweeps


def compare(floor: Callable[[], int], run: Callable[[], int], repeats: int) -> tuple[float, float, float]:
    """(floor, run, ratio), medians over pairs; the order alternates. The two must make the same sweeps."""
    assert floor() == run()
    floors, runs = [], []
    for pair in range(PAIRS):
        for first in (pair % 2 == 0, pair % 2 == 1):
            (floors if first else runs).append(microseconds(floor if first else run, repeats))
    ratios = [mine / bare for mine, bare in zip(runs, floors, strict=True)]
    return median(floors), median(runs), median(ratios)


def main() -> None:
    """Print the table."""
    print(f"{'value iteration':<36} {'bare':>8} {'frames':>8}   ratio")
    for grid in ("rooms", "russell-norvig", "frozenlake-8x8"):
        env = make(grid)
        for way, floor in (("synchronous", bare_synchronous), ("in place", bare_in_place)):
            for detail in ("scalars", "full"):
                frames = partial(value_iteration, env, theta=THETA, in_place=way == "in place", detail=detail)
                row = compare(
                    partial(floor, env), partial(last_sweep, frames), 20 if way == "synchronous" else 1
                )
                print(f"{f'{grid}, {way}, {detail}':<36} {row[0]:>6.1f}us {row[1]:>6.1f}us {row[2]:>7.2f}")


if __name__ == "__main__":
    main()
