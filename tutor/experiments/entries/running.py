"""Labs that run experiments of the catalogue in a process of their own."""

from dataclasses import replace

from tutor.experiments.descriptions import Experiment, LabDescription
from tutor.experiments.entries import learning
from tutor.experiments.entries.shared import RUN_SPEED, SEED
from tutor.experiments.parameters import Parameter

_BY_ID = {experiment.id: experiment for experiment in learning.EXPERIMENTS}
_CLIFF, _MC_AND_TD = _BY_ID["cliff"], _BY_ID["mc-and-td"]


def _side(name: str, default: str) -> Parameter:
    sentence = f"The algorithm on the {name}: its greedy path, and its curve in the plots."
    return Parameter(name, "choice", default, sentence, choices=_CLIFF.series)


def _run(experiment: Experiment, seeds: int) -> tuple[Parameter, ...]:
    """The parameters of a lab that runs it, with so many seeds unless told otherwise."""
    own = (replace(p, default=seeds) if p.name == "seeds" else p for p in experiment.parameters)
    return (*own, SEED, RUN_SPEED)


EXPERIMENTS: tuple[Experiment, ...] = ()

LABS = (
    LabDescription(
        id="prediction-runs",
        title="Prediction runs",
        sentence="How far Monte Carlo and TD are from the true values, over many episodes and many seeds.",
        parameters=_run(_MC_AND_TD, 20),
        main="alpha",
        presets=(
            {"grid": "mouse"},
            {"grid": "mouse", "method": "n-step"},
            {"grid": "mouse", "method": "td-lambda"},
            {"grid": "russell-norvig"},
            {"grid": "frozenlake-4x4"},
            {"grid": "rooms"},
        ),
    ),
    LabDescription(
        id="control",
        title="Control",
        sentence="SARSA and Q-learning side by side on the cliff: what they earn, and what they have learned.",
        parameters=(
            _side("left", "sarsa"),
            _side("right", "q-learning"),
            *_run(_CLIFF, 10),
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
