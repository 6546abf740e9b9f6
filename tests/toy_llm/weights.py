"""Weights at random, large enough that every part of the model matters (those of a fresh model hardly do)."""

import numpy as np

from tutor.toy_llm.inference import Array
from tutor.toy_llm.shape import SHAPE


def random_arrays(seed: int = 7) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 0.25, size).astype(np.float32) for name, size in SHAPE.weights().items()}
