"""What every experiment yields: named numbers of one update of one curve, with the seed axis first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # naming experiments, as `check` and the palette do, needs no numpy
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Frame:
    """The state of one series after `update` updates (0 = before the first).

    metrics: metric name (`objective/return`, …) -> float64 [K], one number per seed.
    detail: the engine's own frame, for the lab that looks inside.
    """

    series: str
    update: int
    metrics: Mapping[str, NDArray[np.float64]]
    detail: Any = field(default=None, compare=False)


Frames = Iterator[Frame]


def metric_value(frames: Iterable[Frame], series: str, name: str, update: int | Literal["last"]) -> float:
    """A metric of one series at one update (or at the `"last"`), its mean over the seeds.

    Raises LookupError that says what there is instead.
    """
    frames = tuple(frames)
    of_series = [frame for frame in frames if frame.series == series]
    if not of_series:
        raise LookupError(
            f"there is no series {series!r}; the series are: {_listed(f.series for f in frames)}"
        )
    with_metric = [frame for frame in of_series if name in frame.metrics]
    if not with_metric:
        known = _listed(metric for frame in of_series for metric in frame.metrics)
        raise LookupError(f"{series} has no metric {name!r}; its metrics are: {known}")
    if update == "last":
        return float(with_metric[-1].metrics[name].mean())
    for frame in with_metric:
        if frame.update == update:
            return float(frame.metrics[name].mean())
    updates = [frame.update for frame in with_metric]
    many = f"there are {len(updates)} from {updates[0]} to {updates[-1]}"
    there = f"there is {_listed(map(str, updates))}" if len(updates) <= 10 else many
    raise LookupError(f'{series} has no {name} at update {update!r}; {there}, or "last"')


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names)) or "none"
