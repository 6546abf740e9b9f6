"""The clinic: twelve runs with something built wrong, known by their numbers alone."""

from collections.abc import Mapping
from dataclasses import replace

from tutor.experiments import llm_parameters as given
from tutor.experiments.descriptions import Experiment, LabDescription, runner_from
from tutor.experiments.entries.shared import RUN_SPEED, SEED
from tutor.experiments.grids import SEEDS
from tutor.experiments.parameters import Parameter, Value

CASES = 12
ON_A_GRID = (5, 10)  # the others train the toy model
USUAL_UPDATES = 40
OTHER_UPDATES = {5: 80, 10: 60, 12: 25}  # by case

TOY_METRICS = (
    "objective/scores",
    "objective/gold",
    "objective/kl",
    "policy/probability",
    "objective/entropy",
    "objective/unique",
    "objective/length",
    "policy/clipfrac_avg",
    "policy/approxkl_avg",
    "val/explained_variance",
    "loss/value_avg",
)
GRID_METRICS = (
    "objective/return",
    "objective/episode_return",
    "policy/kl",
    "objective/entropy",
    "policy/clipfrac_avg",
    "policy/approxkl_avg",
    "val/explained_variance",
    "loss/value_avg",
)

CASE = Parameter("case", "int", 1, "Which of the twelve runs.", low=1, high=CASES, step=1)
UPDATES = replace(
    given.UPDATES,
    default=0,
    low=0,
    sentence="How often the policy is updated; 0: as often as the case needs.",
)
FIRST = Parameter(
    "first", "int", 1, "The metric of the first plot, by its place in the table.", low=1, high=11, step=1
)


def metrics_of(case: int) -> tuple[str, ...]:
    """The metrics that its frames have, in the order of the table."""
    return GRID_METRICS if case in ON_A_GRID else TOY_METRICS


def updates_of(values: Mapping[str, Value]) -> int:
    """The number of the last update, of the broken run and of the mended one."""
    return int(values["updates"]) or OTHER_UPDATES.get(int(values["case"]), USUAL_UPDATES)


def on_a_grid(values: Mapping[str, Value]) -> bool:
    """Whether the case trains no language model."""
    return int(values["case"]) in ON_A_GRID


EXPERIMENTS = (
    Experiment(
        id="clinic",
        title="Clinic",
        sentence="A run with something built wrong, then the same run mended.",
        parameters=(CASE, UPDATES, SEEDS),
        metrics=tuple(dict.fromkeys((*TOY_METRICS, *GRID_METRICS))),
        series=("broken", "mended"),
        runner=runner_from("clinic", "clinic"),
        updates=updates_of,
        fixed=True,
        torch=True,
        light=on_a_grid,
    ),
)

LABS = (
    LabDescription(
        id="clinic",
        title="Clinic",
        sentence="Twelve runs with something built wrong: name the fault from curves and samples, then see it mended.",
        parameters=(CASE, FIRST, SEED, RUN_SPEED),
        main="case",
        presets=tuple({"case": case} for case in range(1, CASES + 1)),
    ),
)
