"""How long a formula takes, uncached, against pylatexenc's parse of the same source in the same run.

    python -m tests.benchmarks.maths [--rounds N] [--all]

Prints, for every formula of the corpus, the median and the greatest CPU time in milliseconds (a busy machine counts
less that way) of pylatexenc's parse as it comes ("stock"), of our parse, of the one-line form and of the display at
76 cells, and says which take more than 2 ms by the median. Without `--all` only the ten slowest are printed.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

from pylatexenc.latexwalker import LatexWalker

from tests.maths.corpus import FORMULAS
from tutor.maths import reader, render
from tutor.maths.parse import parse

LIMIT_MS = 2.0


class Row(NamedTuple):
    name: str
    length: int
    stock: list[float]
    floor: list[float]
    inline: list[float]
    display: list[float]


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each of `rounds` runs, each with a cold parse."""
    times = []
    for _ in range(rounds):
        parse.cache_clear()
        start = time.thread_time()
        work()
        times.append((time.thread_time() - start) * 1000)
    return times


def measure(name: str, latex: str, rounds: int) -> Row:
    """All four times of one formula."""
    return Row(
        name,
        len(latex),
        timed(lambda: LatexWalker(latex).get_latex_nodes(), rounds),
        timed(lambda: reader.read(latex), rounds),
        timed(lambda: render.inline_text(latex, False), rounds),
        timed(lambda: render.display_lines(latex, 76, False), rounds),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--all", action="store_true", help="every formula, not only the slowest")
    options = parser.parse_args()
    for latex in FORMULAS.values():  # imports, symbol lookups and character classes
        render.display_lines(latex, 76, False)
    gc.collect()
    gc.freeze()
    rows = [measure(name, latex, options.rounds) for name, latex in FORMULAS.items()]
    rows.sort(key=lambda row: -statistics.median(row.display))
    report(rows, options.all)


def report(rows: list[Row], everything: bool) -> None:
    columns = ("stock", "parse", "inline", "display")
    print(
        f"{'CPU ms, uncached: median (max)':34}{'chars':>6}" + "".join(f"{column:>16}" for column in columns)
    )
    for row in rows if everything else rows[:10]:
        print(f"{row.name:34}{row.length:6}" + "".join(f"{_cell(times):>16}" for times in row[2:]))
    medians = [[statistics.median(times) for times in row[2:]] for row in rows]
    print(
        f"{'all, median of medians':40}"
        + "".join(f"{statistics.median(c):>16.2f}" for c in zip(*medians, strict=True))
    )
    print(f"{'all, greatest median':40}" + "".join(f"{max(c):>16.2f}" for c in zip(*medians, strict=True)))
    slow = [row.name for row, times in zip(rows, medians, strict=True) if max(times[2:]) > LIMIT_MS]
    print(f"{len(rows)} formulas, {len(slow)} over {LIMIT_MS} ms" + (": " + ", ".join(slow) if slow else ""))
    print(
        "stock: pylatexenc as it comes; parse: pylatexenc with our commands; inline, display: the whole way"
    )


def _cell(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} ({max(times):.2f})"


if __name__ == "__main__":
    main()
