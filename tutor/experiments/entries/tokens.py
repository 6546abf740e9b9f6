"""The toy language model, token by token: experiments and labs."""

from dataclasses import replace

from tutor.experiments.descriptions import Experiment, LabDescription, runner_from
from tutor.experiments.entries.shared import SEED, SPEED, UNDISCOUNTED
from tutor.experiments.grids import SEEDS
from tutor.experiments.tokens import PROMPT, PROMPTS, TEMPERATURE, TEXT, TOKENS

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        id="next-token",
        title="The next token",
        sentence="How likely the toy language model holds each token to be the next one of its answer.",
        parameters=(PROMPT, TEXT, TEMPERATURE, SEEDS),
        metrics=("policy/probability",),
        series=TOKENS,
        runner=runner_from("tokens", "next_token"),
        deterministic=lambda _values: True,
    ),
)

LABS: tuple[LabDescription, ...] = (
    LabDescription(
        id="tour",
        title="Tour",
        sentence="A gridworld and a language model side by side: the same words for both.",
        parameters=(PROMPT, UNDISCOUNTED, replace(SEED, default=1), SPEED),
        main="gamma",
        presets=tuple({"prompt": prompt} for prompt in PROMPTS),
    ),
    LabDescription(
        id="token",
        title="Token agent",
        sentence="Step a language model token by token: force a word, undo, change the temperature.",
        parameters=(
            PROMPT,
            TEXT,
            TEMPERATURE,
            UNDISCOUNTED,
            SEED,
            SPEED,
        ),
        main="temperature",
        presets=tuple({"prompt": prompt} for prompt in PROMPTS),
    ),
)
