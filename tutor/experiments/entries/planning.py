"""Values and planning, and the bandit: experiments and labs."""

from tutor.experiments.descriptions import Experiment
from tutor.experiments.entries.planning_labs import LABS

__all__ = ["EXPERIMENTS", "LABS"]

EXPERIMENTS: tuple[Experiment, ...] = ()
