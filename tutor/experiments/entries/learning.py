"""Prediction and control, learning from experience: experiments and labs."""

from tutor.experiments.descriptions import Experiment, LabDescription

EXPERIMENTS: tuple[Experiment, ...] = ()

LABS: tuple[LabDescription, ...] = ()
