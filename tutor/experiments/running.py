"""Running an experiment here and now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from operator import index
from threading import Event

from tutor.experiments.changes import changes_of
from tutor.experiments.frames import Frame
from tutor.experiments.parameters import ParameterError, Value
from tutor.experiments.registry import find_experiment
from tutor.rl.changes import Changes


def run(
    id: str,
    parameters: Mapping[str, object],
    seeds: Iterable[int] | None = None,
    changes: Changes | None = None,
) -> Iterator[Frame]:
    """The frames of experiment `id`, one number per seed in every metric.

    seeds: whole numbers from 0 up; None: 0 … n-1 with n the parameter `seeds`. What a seed gives does not
    depend on the others. changes: see `live_changes`. Raises UnknownExperiment and ParameterError at once;
    ParameterError while iterating when the parameters, each in its range, have no answer together (gamma 1 and a
    policy that never ends).
    """
    experiment = find_experiment(id)
    values = experiment.values(parameters)
    checked = _checked(range(int(values["seeds"])) if seeds is None else seeds)
    return experiment.runner(values, checked, changes)


def live_changes(id: str, parameters: Mapping[str, object]) -> Changes | None:
    """What is changed in the course of such a run, to be given to `run` and added to while it goes on; None where
    nothing can be. Raises as `run` does."""
    experiment = find_experiment(id)
    if not experiment.live:
        return None
    return Changes(changes_of(str(experiment.values(parameters)["changes"])))


def cached_frames(id: str, parameters: Mapping[str, object]) -> tuple[Frame, ...]:
    """All frames of a run, kept for the next who asks for the same. Raises as `run` does, and RunStoppedError when the
    program is left meanwhile."""
    values = find_experiment(id).values(parameters)
    return _frames(id, tuple(sorted(values.items())))


@lru_cache(maxsize=64)
def _frames(id: str, values: tuple[tuple[str, Value], ...]) -> tuple[Frame, ...]:
    frames = _maker(id, dict(values), None)
    if frames is None:
        raise RunStoppedError(f"the run of {id} was stopped")
    return frames


class RunStoppedError(ValueError):
    """A run that somebody still waited for was stopped."""


Told = Callable[[str, Mapping[str, object], int], None]
heard_by: ContextVar[Told | None] = ContextVar("heard_by", default=None)
"""Who is told, in the thread that waits for a run: its id, its parameters, and the update that it has come to."""


def tell_progress(id: str, parameters: Mapping[str, object], update: int) -> None:
    """Called by whoever makes whole runs."""
    told = heard_by.get()
    if told is not None:
        told(id, parameters, update)


Maker = Callable[[str, Mapping[str, object], Event | None], tuple[Frame, ...] | None]


def all_frames(
    id: str, parameters: Mapping[str, object], stop: Event | None = None
) -> tuple[Frame, ...] | None:
    """Every frame of a run, or None once `stop` is set; made where `make_runs_by` says. Raises as `run` does."""
    return _maker(id, parameters, stop)


def _here(id: str, parameters: Mapping[str, object], stop: Event | None) -> tuple[Frame, ...] | None:
    frames = []
    for frame in run(id, parameters):
        if stop is not None and stop.is_set():
            return None
        frames.append(frame)
        tell_progress(id, parameters, frame.update)
    return tuple(frames)


_maker: Maker = _here


def make_runs_by(maker: Maker | None) -> None:
    """How whole runs are made from now on; None: here, in the thread that asks."""
    global _maker
    _maker = maker or _here


def _checked(seeds: Iterable[int]) -> tuple[int, ...]:
    if not isinstance(seeds, Iterable):
        raise ParameterError(f"seeds is {seeds!r}; it must be whole numbers, such as range({seeds!r})")
    checked = tuple(_seed(seed) for seed in seeds)
    if not checked:
        raise ParameterError("seeds is empty; at least one seed must run")
    return checked


def _seed(seed: int) -> int:
    try:
        number = -1 if isinstance(seed, bool) else index(seed)
    except TypeError:
        number = -1
    if number < 0:
        raise ParameterError(f"seeds has {str(seed)[:60]!r}; a seed must be a whole number of at least 0")
    return number
