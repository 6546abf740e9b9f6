"""The lab on prediction."""

from tutor.experiments.descriptions import LabDescription
from tutor.experiments.entries.shared import SEED, SPEED
from tutor.experiments.grids import GAMMA, GRID, POLICIES, SLIP, STEP_REWARD
from tutor.experiments.parameters import Parameter

PREDICTION = LabDescription(
    id="prediction",
    title="Prediction",
    sentence="Monte Carlo and TD learn a policy's values from the same episodes, side by side.",
    parameters=(
        GRID,
        Parameter("policy", "choice", "random", "The policy whose values are learned.", choices=POLICIES),
        Parameter("alpha", "float", 0.1, "How far an update moves a value.", low=0.001, high=1, step=0.05),
        GAMMA,
        SLIP,
        STEP_REWARD,
        Parameter(
            "method",
            "choice",
            "td",
            "What learns beside Monte Carlo.",
            choices=("td", "n-step", "td-lambda"),
        ),
        Parameter("n", "int", 4, "n-step: how many rewards it waits for.", low=1, high=100, step=1),
        Parameter("lambda", "float", 0.8, "td-lambda: how fast its traces fade.", low=0, high=1, step=0.1),
        SEED,
        SPEED,
    ),
    main="alpha",
    presets=tuple({"grid": grid} for grid in ("mouse", "russell-norvig", "frozenlake-4x4", "rooms")),
)
