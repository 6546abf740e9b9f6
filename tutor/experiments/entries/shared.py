"""Parameters that several labs share."""

from tutor.experiments.parameters import Parameter

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
