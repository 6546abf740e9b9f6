"""How long a chart takes: `python -m tests.benchmarks.charts` prints milliseconds of CPU, the best of several rounds.

The floor is plotext itself: a bare instance that joins the same number of points, reduced likewise, without axes.
"""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from plotext._figure import _figure_class

from tutor.charts.chart import Chart, Series, Shade
from tutor.charts.draw import draw
from tutor.charts.reduce import reduce_extremes
from tutor.charts.summary import summarise

SIZES = ((24, 7), (50, 7), (80, 20), (160, 40))
COUNTS = (10, 100, 1000, 100_000)


def milliseconds(function: Callable[[], object], rounds: int = 7, seconds: float = 0.08) -> float:
    """CPU time of one call: the best of `rounds`, each long enough to be measured."""
    function()
    best = float("inf")
    for _ in range(rounds):
        calls, start = 0, time.process_time()
        while time.process_time() - start < seconds:
            function()
            calls += 1
        best = min(best, (time.process_time() - start) / calls * 1000)
    return best


def bare(width: int, height: int, x: list[float], y: list[float]) -> str:
    """plotext alone: one braille line, no frame, no ticks."""
    figure = _figure_class()
    figure._set_size(width, height)
    figure.theme("clear")
    figure.frame(False)
    figure.xfrequency(0)
    figure.yfrequency(0)
    figure.plot(x, y, marker="braille", color=(0, 200, 150))
    return str(figure.build())


def charts(count: int) -> dict[str, Chart]:
    """The kinds of charts that the tutor draws, with `count` points a series."""
    rng = np.random.default_rng(0)
    step = np.arange(1, count + 1)
    rewards = np.where(rng.random(count) < 0.05, 0.96, -0.04)
    curve = np.cumsum(rng.normal(0, 0.02, count))
    line = Series("ppo", step, curve)
    return {
        "line": Chart(series=[line]),
        "reward+return": Chart(
            x_label="step",
            series=[
                Series("reward", step, rewards, quantity="reward", style="stems"),
                Series("return", step, np.cumsum(rewards * 0.99**step), style="steps"),
            ],
        ),
        "3 lines, band, shade": Chart(
            "Return",
            "update",
            series=[
                Series("ppo", step, curve, curve - 0.1, curve + 0.1),
                Series("trpo", step, curve * 0.8),
                Series("none", step, -curve, style="dashed"),
            ],
            shades=[Shade(0.0, 0.2, label="target")],
        ),
    }


def main() -> None:
    """Print the table."""
    print(f"{'size':>8} {'points':>7} {'plotext bare':>13}", *(f"{name:>21}" for name in charts(2)))
    for width, height in SIZES:
        for count in COUNTS:
            line = charts(count)["line"].series[0]
            x, y = reduce_extremes(np.linspace(0, 1, count), line.y, 2 * width)
            floor = milliseconds(partial(bare, width, height, x.tolist(), y.tolist()))
            times = [milliseconds(partial(draw, chart, width, height)) for chart in charts(count).values()]
            print(f"{width:>5}x{height:<2} {count:>7} {floor:>13.1f}", *(f"{t:>21.1f}" for t in times))
    long = charts(100_000)["3 lines, band, shade"]
    print(f"\nsummary of 3 x 100000 points: {milliseconds(lambda: summarise(long)):.1f} ms")


if __name__ == "__main__":
    main()
