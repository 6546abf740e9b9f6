"""What a fault does to the curves, as numbers with bounds: to speak for a diagnosis, or against one."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from tutor.experiments.evidence import Array, Evidence, last_part, number
from tutor.experiments.frames import Frame


class Reading:
    """The curves of one series; several seeds are read as their mean. A metric that it lacks is an empty curve."""

    def __init__(self, frames: Iterable[Frame], series: str) -> None:
        self._evidence, self._series = Evidence(frames), series

    def curve(self, metric: str) -> Array:
        """[U], from the first update that has the metric."""
        values = self._evidence.values(self._series, metric)
        return values.mean(1) if values.size else np.zeros(0)


Measure = Callable[[Array], float]  # of a curve that has at least one value


@dataclass(frozen=True)
class Sign:
    """One number of a curve. what: its name, to go before `is`. low, high: between them, both included, if the fault
    is there. less: a metric of which the same number is taken away."""

    metric: str
    what: str
    measure: Measure
    low: float = -math.inf
    high: float = math.inf
    less: str = ""

    def value(self, reading: Reading) -> float:
        """Not a number where the run has no such curve."""
        curves = [reading.curve(metric) for metric in filter(None, (self.metric, self.less))]
        values = [self.measure(curve) if curve.size else math.nan for curve in curves]
        return values[0] - sum(values[1:])

    def holds(self, reading: Reading) -> bool:
        return self.low <= self.value(reading) <= self.high

    @property
    def expected(self) -> str:
        """`at least 8`, `at most 0.001`, `from 1 to 20`."""
        if math.isinf(self.high):
            return f"at least {number(self.low)}"
        if math.isinf(self.low):
            return f"at most {number(self.high)}"
        return f"from {number(self.low)} to {number(self.high)}"


def end(curve: Array) -> float:
    """The mean of the last fifth."""
    return float(last_part(curve).mean())


def first(curve: Array) -> float:
    return float(curve[0])


def highest(curve: Array) -> float:
    return float(curve.max())


def middle(curve: Array) -> float:
    """The median."""
    return float(np.median(curve))


def lowest_later(curve: Array) -> float:
    """The least from the fifth value on, once a critic has had its time."""
    return float(curve[4:].min()) if len(curve) > 4 else math.nan


def factor(curve: Array) -> float:
    """How many times the mean of the last fifth is more, or less, than the first value: 1 where it stays."""
    ratio = max(end(curve), 1e-12) / max(first(curve), 1e-12)
    return max(ratio, 1 / ratio)


def leap(curve: Array) -> float:
    """The highest value in multiples of the median."""
    return highest(curve) / max(middle(curve), 1e-12)


def fall(curve: Array) -> float:
    """The deepest below the best value until then."""
    return float((np.maximum.accumulate(curve) - curve).max())


def around_ten(curve: Array) -> float:
    """The mean around the tenth value after the first; not a number before that."""
    return float(curve[8:13].mean()) if len(curve) > 10 else math.nan


def left_of_ten(curve: Array) -> float:
    """What is left of the first value, as a share of it, around the tenth after it; not a number before that."""
    return around_ten(curve) / max(first(curve), 1e-12)
