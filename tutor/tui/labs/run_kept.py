"""What a session of runs is made from: whoever runs experiments, and the state that was kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tutor.experiments import LabDescription, ParameterError, Value
from tutor.experiments.worker_run import Run

MOST_FRAMES = 1_000_000  # that are made again


class Runs(Protocol):
    """What runs experiments elsewhere: `tutor.experiments.worker.Worker`."""

    def run(
        self,
        id: str,
        parameters: Mapping[str, object],
        seeds: Sequence[int] | None = None,
        *,
        changed: Callable[[Run], None],
        paused: bool = False,
        speed: float | None = None,
    ) -> Run: ...
    def close(self) -> None: ...


Kept = tuple[Mapping[str, Value], tuple[int, float | None]]


def restored(state: object, lab: LabDescription, otherwise: Mapping[str, Value]) -> Kept:
    """Parameters, how many frames there were and a number of the last; `otherwise` and none of a damaged state."""
    try:
        return _restored(state, lab)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, ParameterError):
        return otherwise, (0, None)


def _restored(state: object, lab: LabDescription) -> Kept:
    """Raises what a damaged state makes it."""
    if not isinstance(state, Mapping) or type(state["frames"]) is not int:
        raise TypeError("not the state of a run")
    if not 0 <= state["frames"] <= MOST_FRAMES:
        raise ValueError("not the frames of a run")
    check = state["check"]
    return lab.values(state["parameters"]), (state["frames"], None if check is None else float(check))
