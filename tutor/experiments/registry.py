"""What can be run and what can be played with. A new experiment or lab is one entry in `entries/`.

Nothing heavy is imported until an experiment runs: `check` and the palette only need the names.
"""

from tutor.experiments.descriptions import Experiment, LabDescription
from tutor.experiments.entries import (
    clip,
    clip_truth,
    gae,
    learning,
    llm_training,
    planning,
    policy_gradient,
    running,
    tokens,
    training_labs,
    walking,
)

_TOPICS = (
    walking,
    planning,
    learning,
    running,
    policy_gradient,
    gae,
    tokens,
    clip,
    clip_truth,
    training_labs,
    llm_training,
)


class UnknownExperiment(KeyError):  # noqa: N818  (the name that callers rely on)
    """No experiment has this id; the message names those that there are."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownLab(UnknownExperiment):
    """No lab has this id; the message names those that there are."""


def catalogue() -> dict[str, Experiment]:
    """Every experiment by id, in the order of the course."""
    return {experiment.id: experiment for topic in _TOPICS for experiment in topic.EXPERIMENTS}


def labs() -> dict[str, LabDescription]:
    """Every lab by id, in the order of the course."""
    return {lab.id: lab for topic in _TOPICS for lab in topic.LABS}


def find_experiment(id: str) -> Experiment:
    """Raises UnknownExperiment."""
    known = catalogue()
    if id not in known:
        raise UnknownExperiment(f"there is no experiment {id!r}; the experiments are: {', '.join(known)}")
    return known[id]


def find_lab(id: str) -> LabDescription:
    """Raises UnknownLab."""
    known = labs()
    if id not in known:
        raise UnknownLab(f"there is no lab {id!r}; the labs are: {', '.join(known)}")
    return known[id]
