"""The band in which an adaptive KL penalty is to keep the KL of an answer, and how often it does."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tutor.experiments.parameters import Value

WARM_UP = 15  # updates that the controller is given to get there
LATE = 10  # last updates of the fixed run, whose mean KL the fair comparison aims at
BELOW, ABOVE = 2 / 3, 4 / 3  # of the target: 1 to 2 nats around 1.5
LEAST_TARGET = 0.01


def target_of(parameters: Mapping[str, Value], fixed: NDArray[np.float64]) -> float | None:
    """What the adaptive runs aim at, nats; where every seed has a target of its own, the mean of them. fixed: [U, K],
    the KL of the fixed runs so far. None while it is not known yet."""
    if not parameters.get("fair"):
        return float(parameters["target"])
    if len(fixed) <= int(parameters["updates"]):
        return None
    return float(np.maximum(fixed[-LATE:].mean(0), LEAST_TARGET).mean())


def band_of(target: float) -> tuple[float, float]:
    """From two to four thirds of the target: (1, 2) around 1.5 nats."""
    return target * BELOW, target * ABOVE


def share_inside(updates: NDArray[np.float64], kl: NDArray[np.float64], band: tuple[float, float]) -> float:
    """The share of `kl` [U, K] from update WARM_UP on that lies in the band; nan before there is any."""
    late = kl[updates >= WARM_UP]
    return float(((late >= band[0]) & (late <= band[1])).mean()) if late.size else float("nan")
