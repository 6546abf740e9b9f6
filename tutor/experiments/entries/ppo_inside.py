"""The labs on one update of PPO: on a grid, and on the tokens of a language model."""

from dataclasses import replace

from tutor.experiments import llm_parameters as llm
from tutor.experiments import policy_gradient_parameters as given
from tutor.experiments.descriptions import LabDescription
from tutor.experiments.entries.shared import RUN_SPEED, SEED, SPEED
from tutor.experiments.grids import on_grid
from tutor.experiments.parameters import Parameter

PPO_INSIDE = LabDescription(
    id="ppo-inside",
    title="Inside PPO",
    sentence="One update of PPO taken apart: every sample's numbers, from its reward to the gradient.",
    parameters=(
        *on_grid("russell-norvig"),
        replace(given.EPSILON, default=0.2),
        replace(given.LEARNING_RATE, default=0.1),
        replace(given.EPOCHS, default=4, high=100),
        replace(given.STEPS, default=24, sentence="Samples of an update.", low=2, high=128, step=1),
        given.LAMBDA,
        given.NORMALISE,
        replace(given.POLICY, default="softmax"),
        Parameter(
            "update", "int", 2, "Which update; those before it are made first.", low=1, high=20, step=1
        ),
        SEED,
        SPEED,
    ),
    main="epsilon",
    presets=(
        {"grid": "russell-norvig", "policy": "softmax", "learning_rate": 0.1, "update": 2},
        {"grid": "russell-norvig", "policy": "softmax", "learning_rate": 0.1, "update": 8},
        {"grid": "russell-norvig", "policy": "network", "learning_rate": 0.03, "update": 2},
        {"grid": "mouse", "policy": "softmax", "learning_rate": 0.3, "update": 1},
    ),
)

PPO_INSIDE_TOKENS = LabDescription(
    id="ppo-inside-tokens",
    title="Inside PPO: tokens",
    sentence="One update of RLHF taken apart: every token's reward, KL, value, advantage, ratio and clip.",
    parameters=(
        Parameter(
            "update", "int", 6, "Which update; those before it are made first.", low=1, high=60, step=1
        ),
        llm.EPSILON,
        llm.LEARNING_RATE,
        llm.EPOCHS,
        llm.MINIBATCHES,
        llm.BETA,
        llm.LAMBDA,
        llm.BATCH,
        SEED,
        RUN_SPEED,
    ),
    main="epsilon",
    presets=(
        {"update": 6, "epochs": 2, "learning_rate": llm.LEARNING_RATE.default},
        {"update": 1, "epochs": 2, "learning_rate": llm.LEARNING_RATE.default},
        {"update": 30, "epochs": 2, "learning_rate": llm.LEARNING_RATE.default},
        {"update": 6, "epochs": 8, "learning_rate": llm.LEARNING_RATE.default},
    ),
)
