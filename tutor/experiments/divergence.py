"""What is left of a run that diverged: its numbers from before its values began to grow. The rest is no data."""

from collections.abc import Sequence

import numpy as np

from tutor.experiments.frames import Frame

GREW = 10.0  # times the largest number at the beginning: a value that stays above it until the end is on its way out


def sound(frames: Sequence[Frame], series: str) -> list[Frame]:
    """Without those frames of `series`, which diverged, from which on some metric stays above GREW times the largest
    size that it had in its first frame (1 at least), in any seed."""
    own = [frame for frame in frames if frame.series == series]
    first = min(
        (_onset(own, name) for name in {name for frame in own for name in frame.metrics}), default=np.inf
    )
    return [frame for frame in frames if frame.series != series or frame.update < first]


def _onset(frames: Sequence[Frame], metric: str) -> float:
    """The update from which on it is too large; infinity where it is not so at the end."""
    sizes = [(f.update, float(np.abs(f.metrics[metric]).max())) for f in frames if metric in f.metrics]
    most = GREW * max(1.0, sizes[0][1])
    onset = np.inf
    for update, size in reversed(sizes):
        if size <= most or np.isinf(size):  # minus infinity: a policy that never arrives
            break
        onset = float(update)
    return onset
