"""The experiment `clip`: the clipped surrogate of one sample."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tutor.experiments.frames import Frame
from tutor.experiments.parameters import Value
from tutor.rl.surrogate import clipped_surrogate


def clip(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """One frame: `objective/surrogate`, min(r A, clip(r, 1 - epsilon, 1 + epsilon) A) (PPO, arXiv 1707.06347,
    equation 7). Nothing is random: every seed agrees."""
    surrogate = clipped_surrogate(
        float(values["ratio"]), float(values["advantage"]), float(values["epsilon"])
    )
    yield Frame("clip", 0, {"objective/surrogate": np.full(len(seeds), float(surrogate))})
