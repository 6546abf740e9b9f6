"""Labs that run experiments of the catalogue in a process of their own."""

from dataclasses import replace

from tutor.experiments.descriptions import Experiment, LabDescription
from tutor.experiments.entries import learning
from tutor.experiments.entries.shared import RUN_SPEED, SEED
from tutor.experiments.parameters import Parameter

_CLIFF = next(experiment for experiment in learning.EXPERIMENTS if experiment.id == "cliff")


def _side(name: str, default: str) -> Parameter:
    sentence = f"The algorithm on the {name}: its greedy path, and its curve in the plots."
    return Parameter(name, "choice", default, sentence, choices=_CLIFF.series)


EXPERIMENTS: tuple[Experiment, ...] = ()

LABS = (
    LabDescription(
        id="control",
        title="Control",
        sentence="SARSA and Q-learning side by side on the cliff: what they earn, and what they have learned.",
        parameters=(
            _side("left", "sarsa"),
            _side("right", "q-learning"),
            *(replace(p, default=10) if p.name == "seeds" else p for p in _CLIFF.parameters),
            SEED,
            RUN_SPEED,
        ),
        main="epsilon",
        presets=(
            {"epsilon": 0.1},
            {"epsilon": 0.3},
            {"epsilon": 0.1, "epsilon_schedule": "linear"},
            {"epsilon": 0.1, "right": "expected-sarsa"},
            {"behaviour": "softmax"},
        ),
    ),
)
