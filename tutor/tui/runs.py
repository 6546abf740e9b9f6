"""Runs that a lesson asks for, off the screen's thread, and stopped when nobody waits for them any more."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from time import monotonic
from typing import Any

EVERY = 0.25  # seconds between two words on how far a run is


@contextmanager
def told_how_far(show: Callable[[str], None]) -> Iterator[None]:
    """Within, `show` is called in this event loop with `update 12 of 60` while a thread started here waits for a run;
    never afterwards."""
    from tutor.experiments.running import heard_by

    loop, last, waits = asyncio.get_running_loop(), monotonic(), True

    def shown(text: str) -> None:
        if waits:
            show(text)

    def told(id: str, parameters: Mapping[str, object], update: int) -> None:
        nonlocal last
        if monotonic() - last >= EVERY:
            last = monotonic()
            loop.call_soon_threadsafe(shown, _how_far(id, parameters, update))

    token = heard_by.set(told)
    try:
        yield
    finally:
        waits = False
        heard_by.reset(token)


def _how_far(id: str, parameters: Mapping[str, object], update: int) -> str:
    from tutor.experiments import find_experiment

    experiment = find_experiment(id)
    total = experiment.updates(experiment.values(parameters))
    return f"{experiment.unit} {update}" + (f" of {total}" if total else "")


def frames_of(experiment: str, parameters: Mapping[str, object], stop: Event) -> tuple[Any, ...] | None:
    """All frames of a run, or None when it was stopped. Raises what `tutor.experiments.run` raises."""
    from tutor.experiments import all_frames

    return all_frames(experiment, parameters, stop)


def metric_of(frames: tuple[Any, ...]) -> Callable[..., float]:
    """`metric(series, name, update)` over these frames."""
    from tutor.experiments import metric_value

    def metric(series: str, name: str, update: int | str) -> float:
        return metric_value(frames, series, name, update if isinstance(update, int) else "last")

    return metric


def reason(error: BaseException) -> str:
    """One line for people: why a run gave nothing."""
    text = str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__
