"""Generalised advantage estimation by hand: a lab."""

from tutor.experiments import gae_parameters
from tutor.experiments.descriptions import Experiment, LabDescription

EXPERIMENTS: tuple[Experiment, ...] = ()

LABS: tuple[LabDescription, ...] = (
    LabDescription(
        id="gae",
        title="GAE by hand",
        sentence="Four rewards and five values: how lambda makes advantages of them, between TD and Monte Carlo.",
        parameters=gae_parameters.LAB,
        main="lambda",
        presets=gae_parameters.PRESETS,
        check_fit=gae_parameters.check_fit,
    ),
)
