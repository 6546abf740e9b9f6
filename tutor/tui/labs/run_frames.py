"""The frames of a run that are held: by series, to be looked up by update, and known again when they are made again."""

from bisect import bisect_right
from collections.abc import Callable, Sequence

import numpy as np

from tutor.experiments import Frame


class HeldFrames:
    """frames: all, as they came. updates: those that have come, ascending. made: how many the present run has made;
    differ: whether one that it made again is another than the one that is held, as far as that was looked at."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.updates: list[int] = []
        self.made = 0
        self.differ = False
        self._of_series: dict[str, tuple[list[int], list[Frame]]] = {}

    @property
    def series(self) -> tuple[str, ...]:
        """Those that have come."""
        return tuple(self._of_series)

    def make_again(self) -> None:
        """A run begins that makes them from the first on."""
        self.made, self.differ = 0, False

    def take(self, frames: Sequence[Frame], most: int | None) -> list[Frame]:
        """Hold what is new of those that the run has made, of the first `most`, and say what that is."""
        before, held = self.made, len(self.frames)
        arrived = frames[before:most]
        self.made += len(arrived)
        self.differ = before < held <= self.made and not _same(frames[held - 1], self.frames[held - 1])
        fresh = list(arrived[max(0, held - before) :])
        for frame in fresh:
            self.hold(frame)
        return fresh

    def hold(self, frame: Frame) -> None:
        """Take a further frame; each series' come in the order of their updates."""
        self.frames.append(frame)
        updates, frames = self._of_series.setdefault(frame.series, ([], []))
        updates.append(frame.update)
        frames.append(frame)
        if not self.updates or frame.update > self.updates[-1]:
            self.updates.append(frame.update)

    def at(self, series: str, update: int, holds: Callable[[Frame], bool]) -> Frame | None:
        """The newest frame of a series, of those that hold, that is not after `update`."""
        updates, frames = self._of_series.get(series, ([], []))
        places = range(bisect_right(updates, update) - 1, -1, -1)
        return next((frames[place] for place in places if holds(frames[place])), None)


def mark_of(frame: Frame) -> float:
    """A number by which the frame is known again: all that is finite in its metrics, added up."""
    return sum(float(values[np.isfinite(values)].sum()) for values in frame.metrics.values())


def _same(one: Frame, other: Frame) -> bool:
    """Whether a frame that was made again is the one that was held."""
    return (one.series, one.update, mark_of(one)) == (other.series, other.update, mark_of(other))
