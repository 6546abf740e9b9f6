"""What the clip does not hold: one batch of the toy language model gone through with and without it."""

from collections.abc import Mapping
from dataclasses import replace

from tutor.experiments.descriptions import Experiment, LabDescription, runner_from
from tutor.experiments.entries.shared import RUN_SPEED, SEED
from tutor.experiments.grids import SEEDS
from tutor.experiments.llm_parameters import BATCH, EPSILON, LEARNING_RATE
from tutor.experiments.parameters import Parameter, Value
from tutor.experiments.tokens import PROMPTS, PromptParameter, WordsParameter

CHANGES = ("own", "others", "momentum", "earlier", "first_order", "real")  # of log pi, by a step
PARAMETERS = (
    PromptParameter("prompt", "text", PROMPTS[1], "What every answer of the batch answers.", fewest=1),
    WordsParameter(
        "word", "text", "sunny", "An answer that begins with it scores 1, any other 0.", fewest=1, most=1
    ),
    replace(EPSILON, sentence="How far from 1 the ratio is still pushed, where it is clipped."),
    replace(LEARNING_RATE, default=0.0003, step=0.0001),
    Parameter("steps", "int", 24, "How often Adam steps on the one batch.", low=1, high=200, step=6),
    replace(BATCH, sentence="Answers in the batch."),
    SEEDS,
)
FOLLOWED = Parameter(
    "token", "int", 1, "Which token of the batch is looked at; 1 is the word.", low=1, high=8, step=1
)
VIEW = Parameter(
    "view",
    "choice",
    "clipped",
    "Beside the ratio: what moved it, with the clip or without, or how much of the batch is clipped.",
    choices=("clipped", "unclipped", "batch"),
)


def _steps(values: Mapping[str, Value]) -> int:
    return int(values["steps"])


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        id="clip-truth",
        title="What the clip does not hold",
        sentence="A word's ratio, step by step on one batch, with the clip and without; and what still moves it.",
        parameters=PARAMETERS,
        metrics=(
            "policy/ratio",
            "policy/probability",
            "objective/surrogate",
            "policy/kl",
            "policy/clipfrac_avg",
            *(f"change/{name}" for name in CHANGES),
        ),
        series=("clipped", "unclipped"),
        runner=runner_from("llm_training", "clip_truth"),
        updates=_steps,
        unit="step",
        fixed=True,
        torch=True,
    ),
)

LABS: tuple[LabDescription, ...] = (
    LabDescription(
        id="clip-truth",
        title="What the clip holds",
        sentence="A word's ratio on a real batch, with the clip and without, and what still moves it past the range.",
        parameters=(*PARAMETERS, FOLLOWED, VIEW, SEED, RUN_SPEED),
        main="epsilon",
        presets=(
            {"prompt": PROMPTS[1], "word": "sunny", "learning_rate": 0.0003, "epsilon": 0.2},
            {"prompt": PROMPTS[1], "word": "sunny", "learning_rate": 0.0001, "epsilon": 0.2},
            {"prompt": PROMPTS[1], "word": "cold", "learning_rate": 0.0003, "epsilon": 0.2},
            {"prompt": PROMPTS[2], "word": "I", "learning_rate": 0.0003, "epsilon": 0.2},
        ),
    ),
)
