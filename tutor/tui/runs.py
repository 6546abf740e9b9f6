"""Runs that a lesson asks for, off the screen's thread, and stopped when nobody waits for them any more."""

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any


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
