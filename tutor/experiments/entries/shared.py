"""What several entries share: parameters, and an experiment with a runner of its own."""

from collections.abc import Mapping

from tutor.experiments.descriptions import Experiment, runner_from
from tutor.experiments.parameters import Parameter, Value

SEED = Parameter("seed", "int", 0, "Which random numbers are drawn.", low=0, high=999_999, step=1)
SPEED = Parameter("speed", "int", 4, "Steps per second when it runs by itself.", low=1, high=30, step=1)
RUN_SPEED = Parameter(
    "speed",
    "int",
    0,
    "Updates per second of every curve; 0: as fast as it can.",
    low=0,
    high=100,
    step=5,
)
UNDISCOUNTED = Parameter(
    "gamma",
    "float",
    1.0,
    "Discount: what a reward is worth when it comes one step later; 1: it does not fade.",
    low=0,
    high=1,
    step=0.01,
)


def updates_of(values: Mapping[str, Value]) -> int:
    return int(values["updates"])


def experiment_of(
    module: str,
    id: str,
    title: str,
    sentence: str,
    parameters: tuple[Parameter, ...],
    metrics: tuple[str, ...],
    series: tuple[str, ...] = (),
) -> Experiment:
    """Of so many updates, run by the function of its name in that module; its one curve has its name, too."""
    return Experiment(
        id=id,
        title=title,
        sentence=sentence,
        parameters=parameters,
        metrics=metrics,
        series=series or (id,),
        runner=runner_from(module, id.replace("-", "_")),
        updates=updates_of,
    )
