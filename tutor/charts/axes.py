"""Axes: which range is shown, which ticks it carries, how a number is written beside it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tutor.charts.chart import LARGEST, Array, drawable

Ticks = tuple[tuple[float, str], ...]
TINY = 1e-290  # smaller spans cannot be divided safely
ROUNDING = (
    1e-6  # of the largest: what is nearer to each other differs, in single precision, by rounding alone
)
MOST_FURTHER = 6  # digits that labels get beyond three, to be told apart


@dataclass(frozen=True)
class Axis:
    """A range and its ticks. With log, low and high are exponents of 10; ticks are always given in data's units."""

    low: float
    high: float
    ticks: Ticks = ()
    log: bool = False

    def drawable(self, values: Array) -> Array:
        """The values with NaN for what has no place on this axis: not finite or, with log, not above 0."""
        good = drawable(values, self.log)
        return values if good.all() else np.where(good, values, np.nan)

    def position(self, values: Array) -> Array:
        """Where values lie: 0 at low, 1 at high, NaN for what has no place."""
        values = self.drawable(values)
        if self.log:
            values = np.log10(values)
        return np.asarray((values - self.low) / (self.high - self.low), dtype=np.float64)

    def at(self, value: float) -> float:
        """The position of one value."""
        if not math.isfinite(value) or abs(value) > LARGEST or (self.log and value < 1 / LARGEST):
            return math.nan
        return float(((np.log10(value) if self.log else value) - self.low) / (self.high - self.low))

    def contains(self, value: float) -> bool:
        """Whether a value lies within the range."""
        return 0 <= self.at(value) <= 1


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    return _next_of(value, (1.0, 2.0, 5.0, 10.0))


def _next_of(value: float, steps: Sequence[float]) -> float:
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next((s * magnitude for s in steps if s * magnitude >= value * (1 - 1e-9)), steps[-1] * magnitude)


def linear_range(low: float, high: float, from_zero: bool) -> tuple[float, float]:
    """Limits around the data that stay put while the data grow a little.

    from_zero (stems and steps): 0 is always in sight, and each limit is one of a few round magnitudes. Otherwise the
    limits are multiples of a fifth of the span, roughly. A constant gets room on both sides.
    """
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    extent = max(abs(low), abs(high))
    if extent < TINY:
        return -1.0, 1.0
    if is_constant(low, high):
        return low - extent / 10, high + extent / 10
    if from_zero:
        return -_magnitude(-low, extent), _magnitude(high, extent)
    grain = round_up((high - low) / 6)
    return math.floor(low / grain + 1e-9) * grain, math.ceil(high / grain - 1e-9) * grain


def is_constant(low: float, high: float) -> bool:
    """Whether limits lie too near to each other for a scale between them."""
    return high - low <= max(max(abs(low), abs(high)) * ROUNDING, TINY)


def _magnitude(value: float, extent: float) -> float:
    if value <= 0:
        return 0.0
    return _next_of(max(value, extent / 50), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0))


def linear_ticks(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    """At most `most` round numbers within the range, evenly spaced, 0 among them if it is in the range."""
    if most < 1:
        return []
    step = round_up((high - low) / most)
    step = max(step, 1.0) if whole else step
    ticks = multiples(low, high, step)
    while len(ticks) > most:
        step = round_up(step * 1.01)
        ticks = multiples(low, high, step)
    return ticks


def multiples(low: float, high: float, step: float) -> list[float]:
    """All multiples of step from low to high."""
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [k * step for k in range(first, last + 1)] if last - first < 1000 else [low, high]


def log_range(low: float, high: float) -> tuple[float, float]:
    """Exponents of 10 around positive data: whole decades, or a little room when the data stay within one."""
    bottom, top = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return (float(bottom), float(top)) if bottom < top else (bottom - 0.5, top + 0.5)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` powers of ten between 10**low and 10**high."""
    exponents = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    stride = max(1, math.ceil(len(exponents) / max(most, 1)))
    return [10.0**e for e in exponents if e % stride == 0] or [10.0**e for e in exponents][:1]


def labels(values: Sequence[float], ascii: bool = False, signed: bool = False) -> list[str]:
    """How the numbers are written beside an axis: as short as tells them apart (`−.04`, `0`, `+1`, `2k`).

    Positive numbers carry a plus sign when others are negative, or when signed.
    """
    return list(_labels(tuple(values), ascii, signed))


@lru_cache(maxsize=256)  # while a curve grows its axis stays
def _labels(values: tuple[float, ...], ascii: bool, signed: bool) -> list[str]:
    signed, least = signed or any(v < 0 for v in values), _decimals(values)
    written: list[str] = []
    for further in range(MOST_FURTHER + 1):
        written = [_label(v, least, signed, ascii, further) for v in values]
        if len(set(written)) == len(set(values)):
            break
    return written


def log_labels(values: Sequence[float], ascii: bool = False) -> list[str]:
    """Powers of ten, all written alike: `.01`, `1`, `100`, or `1e−6`, `1e−3`, `1` when they reach far."""
    if all(1e-3 <= v <= 1e3 for v in values):
        return [_label(v, 3, False, ascii) for v in values]
    return ["1" if v == 1 else _scientific(v).replace("-", "-" if ascii else "−") for v in values]


def number(value: float, ascii: bool = False) -> str:
    """One number, short: three significant digits, no leading zero lost (for sentences rather than axes)."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    size = abs(value)
    if size >= 1e6 or 0 < size < 1e-4:
        text = ("-" if value < 0 else "") + _scientific(size)
    else:
        text = f"{value:.0f}" if size >= 1000 else f"{value:.3g}"
    return text if ascii else text.replace("-", "−")


def _decimals(values: Iterable[float]) -> int:
    """Decimals that show every value to three significant digits of the largest, trailing zeros dropped."""
    sizes = [abs(v) for v in values if v]
    if not sizes:
        return 0
    most = min(max(2 - math.floor(math.log10(max(sizes))), 0), 12)
    fine = min(max(1 - math.floor(math.log10(min(sizes))), 0), 12)
    return max(most, min(fine, most + 3))


@lru_cache(maxsize=1024)  # an axis has the same ones in every frame
def _label(value: float, decimals: int, signed: bool, ascii: bool, further: int = 0) -> str:
    """further: digits beyond `decimals`, and beyond three of a power of ten."""
    size = abs(value)
    if size and (size >= 1e6 or size < 1e-4):
        text = _scientific(size, 2 + further)
    elif size >= 10_000:
        text = f"{size / 1000:.{4 + further}g}k"
    else:
        text = f"{size:.{decimals + further}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = text[1:] if text.startswith("0.") else text
    sign = "-" if value < 0 else "+" if signed and value > 0 else ""
    return (sign + text).replace("-", "-" if ascii else "−")


def _scientific(size: float, decimals: int = 2) -> str:
    mantissa, exponent = f"{size:.{decimals}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
