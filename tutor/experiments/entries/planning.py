"""Values and planning, and the bandit: experiments and labs."""

from tutor.experiments.descriptions import Experiment, LabDescription

EXPERIMENTS: tuple[Experiment, ...] = ()

LABS: tuple[LabDescription, ...] = ()
