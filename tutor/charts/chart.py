"""A chart as plain data: what is shown, and nothing about how. Everything else in this package is a function of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutor.charts.palette import Quantity

Array = NDArray[np.float64]
Style = Literal["line", "dashed", "dotted", "steps", "stems", "points"]


LARGEST = 1e300  # beyond it, a number has diverged, and differences of two would overflow


def drawable(values: Array, log: bool = False) -> NDArray[np.bool_]:
    """Which values have a place in a plot: the finite ones up to LARGEST; with log, from 1 / LARGEST on."""
    good: NDArray[np.bool_] = np.abs(values) <= LARGEST
    return good & (values >= 1 / LARGEST) if log else good


class ChartError(ValueError):
    """A chart's data do not fit together; the message says which and how."""


@dataclass(frozen=True, eq=False)
class Series:
    """One curve.

    name: shown in the legend (empty: no legend entry). x, y: [N], any finite or non-finite numbers; they are copied,
    so a caller may go on filling its own list. low, high: [N] or None, the band around y. quantity: decides the colour.
    style: `line` joins the points; `dashed`, `dotted` likewise; `steps` holds a value until the next point, for what
    changes only at whole steps; `stems` draws each point as a stem from 0, for something that is paid step by step;
    `points` joins nothing. Raises ChartError when lengths differ.
    """

    name: str
    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None
    quantity: Quantity = "return"
    style: Style = "line"

    def __init__(
        self,
        name: str,
        x: ArrayLike,
        y: ArrayLike,
        low: ArrayLike | None = None,
        high: ArrayLike | None = None,
        quantity: Quantity = "return",
        style: Style = "line",
    ) -> None:
        if (low is None) != (high is None):
            raise ChartError(f"series {name!r} has one edge of a band; give both low and high, or neither")
        values: dict[str, Any] = {"name": str(name), "quantity": quantity, "style": style}
        values |= {"x": _column(x), "y": _column(y)}
        values |= {
            "low": None if low is None else _column(low),
            "high": None if high is None else _column(high),
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)
        lengths = {array.size for array in self._arrays()}
        if len(lengths) > 1:
            raise ChartError(f"series {name!r}: x, y and band must be equally long, not {sorted(lengths)}")

    def _arrays(self) -> tuple[Array, ...]:
        return tuple(array for array in (self.x, self.y, self.low, self.high) if array is not None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Series):
            return NotImplemented
        mine, theirs = self._arrays(), other._arrays()
        return (
            (self.name, self.quantity, self.style, len(mine)) == (other.name, other.quantity, other.style, len(theirs))
            and all(np.array_equal(a, b, equal_nan=True) for a, b in zip(mine, theirs, strict=True))
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash((self.name, self.quantity, self.style, self.x.size))


def _column(values: ArrayLike) -> Array:
    array = np.array(values, dtype=np.float64, copy=True).reshape(-1)
    array.flags.writeable = False
    return cast(Array, array)


@dataclass(frozen=True)
class Shade:
    """A range that is marked behind the curves: a KL band (axis y), the clip range of a ratio (axis x)."""

    low: float
    high: float
    axis: Literal["x", "y"] = "y"
    label: str = ""


@dataclass(frozen=True)
class Mark:
    """A line across the chart: where the cursor stands (axis x), the optimum (axis y)."""

    x: float
    label: str = ""
    axis: Literal["x", "y"] = "x"


@dataclass(frozen=True)
class Chart:
    """What one plot shows.

    x_range, y_range: fixed limits, or None to take them from the data. x_ticks, y_ticks: (value, label) pairs, or None
    for round numbers. log_y: the y axis is logarithmic; values of 0 and less are left out. empty: the sentence shown
    while there is nothing to draw; it should say what will appear and what makes it appear.
    """

    title: str = ""
    x_label: str = ""
    y_label: str = ""
    series: Sequence[Series] = ()
    shades: Sequence[Shade] = ()
    marks: Sequence[Mark] = ()
    log_y: bool = False
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    x_ticks: tuple[tuple[float, str], ...] | None = None
    y_ticks: tuple[tuple[float, str], ...] | None = None
    empty: str = "Nothing to show yet."

    def __post_init__(self) -> None:
        for name in ("series", "shades", "marks"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("x_range", "y_range"):
            limits = getattr(self, name)
            if limits is not None and not (np.all(drawable(np.array(limits))) and limits[0] < limits[1]):
                raise ChartError(f"{name} is {limits}; it must be two finite numbers, the smaller first")
        if self.log_y and self.y_range is not None and self.y_range[0] <= 0:
            raise ChartError(f"y_range is {self.y_range}; on a logarithmic axis both limits must be above 0")

    @property
    def has_data(self) -> bool:
        """Whether at least one point can be drawn."""
        return any(bool(np.any(drawable(s.x) & drawable(s.y, self.log_y))) for s in self.series)
