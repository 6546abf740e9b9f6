"""Labs on training by policy gradients over many seeds, and on the step that is too big."""

from dataclasses import replace

from tutor.experiments import policy_gradient_parameters as given
from tutor.experiments.descriptions import Experiment, LabDescription
from tutor.experiments.entries.ppo_inside import PPO_INSIDE, PPO_INSIDE_TOKENS
from tutor.experiments.entries.shared import RUN_SPEED, SEED
from tutor.experiments.parameters import Parameter

SEEDS = 10  # that a lab runs unless told otherwise
CURVES = Parameter(
    "curves",
    "choice",
    "line-search",
    "Which three of the six are in the plots; the table has all.",
    choices=("line-search", "clip", "penalty", "mixed"),
)

EXPERIMENTS: tuple[Experiment, ...] = ()


def _of_a_lab(parameters: tuple[Parameter, ...], seeds: int = SEEDS) -> tuple[Parameter, ...]:
    """The parameters of an experiment, with the lab's number of seeds, its first seed and speed."""
    own = (replace(p, default=seeds) if p.name == "seeds" else p for p in parameters)
    return (*own, SEED, RUN_SPEED)


LABS = (
    PPO_INSIDE,
    PPO_INSIDE_TOKENS,
    LabDescription(
        id="stability",
        title="Stability",
        sentence="PPO by clip or KL penalty, TRPO, and three ways without safeguards, many seeds: who falls, how far.",
        parameters=(CURVES, *_of_a_lab(given.STABILITY)),
        main="delta",
        presets=(
            {"curves": "line-search", "damping": 0.001},
            {"curves": "line-search", "damping": 0.1},
            {"curves": "clip"},
            {"curves": "clip", "learning_rate": 0.1},
            {"curves": "penalty"},
            {"curves": "mixed", "grid": "mouse"},
        ),
    ),
    LabDescription(
        id="clip-fraction",
        title="Clip fraction",
        sentence="Does clipping become rarer while PPO learns? Without and with an entropy bonus.",
        parameters=_of_a_lab(given.CLIP_FRACTION),
        main="entropy_bonus",
        presets=({"grid": "russell-norvig"}, {"grid": "rooms"}, {"grid": "frozenlake-4x4"}),
    ),
    LabDescription(
        id="tightrope",
        title="Tightrope",
        sentence="Walk along one step of the policy: the return that the surrogate promises, and the true one.",
        parameters=_of_a_lab(given.TIGHTROPE, seeds=1),
        main="update",
        presets=({"grid": "rooms"}, {"grid": "russell-norvig"}, {"grid": "mouse"}),
    ),
)
