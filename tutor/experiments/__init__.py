"""Names: experiment id + parameters + seeds -> frames; and the labs there are. Importing this imports no
numpy."""

from tutor.experiments.descriptions import Experiment, LabDescription
from tutor.experiments.frames import Frame, Frames, metric_value
from tutor.experiments.grids import following_grid, grid_title, resolve_grid
from tutor.experiments.parameters import Parameter, ParameterError, Value, resolve
from tutor.experiments.registry import (
    UnknownExperiment,
    UnknownLab,
    catalogue,
    find_experiment,
    find_lab,
    labs,
)
from tutor.experiments.running import all_frames, cached_frames, run

__all__ = [
    "Experiment",
    "Frame",
    "Frames",
    "LabDescription",
    "Parameter",
    "ParameterError",
    "UnknownExperiment",
    "UnknownLab",
    "Value",
    "all_frames",
    "cached_frames",
    "catalogue",
    "find_experiment",
    "find_lab",
    "following_grid",
    "grid_title",
    "labs",
    "metric_value",
    "resolve",
    "resolve_grid",
    "run",
]
