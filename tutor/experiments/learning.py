"""What prediction and control experiments share: generators of random numbers, schedules, series side by side."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tutor.experiments.frames import Frame
from tutor.experiments.parameters import ParameterError, Value
from tutor.rl.divergence import DivergedError
from tutor.rl.schedules import Schedule, constant, exponential, linear


def generators(seeds: Sequence[int]) -> list[np.random.Generator]:
    """One for each seed, at its beginning."""
    return [np.random.default_rng(seed) for seed in seeds]


def schedule(values: Mapping[str, Value], name: str) -> Schedule:
    """How `name` goes from its value to `<name>_end` over the episodes. Raises ParameterError."""
    start = float(values[name])
    kind = values.get(f"{name}_schedule", "constant")
    if kind == "constant":
        return constant(start)
    shape = linear if kind == "linear" else exponential
    try:
        return shape(start, float(values[f"{name}_end"]), max(1, int(values["episodes"]) - 1))
    except ValueError as error:
        raise ParameterError(f"{name}: {error}") from None


def named(series: str, frames: Iterator[Frame]) -> Iterator[Frame]:
    """The frames; should the run diverge, it is said of this series."""
    try:
        yield from frames
    except DivergedError as error:
        raise DivergedError(series, error.update, error.advice, error.seeds) from None


def side_by_side(curves: Sequence[Iterator[Frame]]) -> Iterator[Frame]:
    """Frames of equally long curves, update by update, each as soon as it is made. Raises ValueError at the end of the
    shortest where they are not equally long."""
    ended = 0
    while not ended:
        for frames in curves:
            frame = next(frames, None)
            if frame is None:
                ended += 1
            elif not ended:
                yield frame
            else:
                break
    if ended < len(curves):
        raise ValueError("the curves are not equally long")
