"""The parameters of policy gradients, shared by experiments and labs."""

from collections.abc import Mapping
from dataclasses import replace

from tutor.experiments.clip_parameters import EPSILON as CLIP_RANGE
from tutor.experiments.entries.shared import SEED, SPEED
from tutor.experiments.grids import SEEDS, on_grid
from tutor.experiments.parameters import Parameter, Value

UPDATES = Parameter("updates", "int", 80, "How often the policy is updated.", low=1, high=10_000, step=10)
ENVS = Parameter("envs", "int", 8, "Environments of a seed that walk side by side.", low=1, high=1000, step=1)
STEPS = Parameter(
    "steps",
    "int",
    64,
    "Steps of each environment in an update; 0: one whole episode of each.",
    low=0,
    high=10_000,
    step=16,
)
POLICY = Parameter(
    "policy",
    "choice",
    "network",
    "A network that sees row and column, or a table with a logit for each state and action.",
    choices=("network", "softmax"),
)
HIDDEN = Parameter("hidden", "int", 32, "Units of the network's hidden layer.", low=1, high=1024, step=8)
OPTIMISER = Parameter(
    "optimiser",
    "choice",
    "adam",
    "How the gradient becomes a step: Adam, or the plain gradient.",
    choices=("adam", "sgd"),
)
LEARNING_RATE = Parameter(
    "learning_rate", "float", 0.03, "How long a step of the policy is.", low=1e-6, high=1000, step=0.01
)
LAMBDA = Parameter(
    "lambda",
    "float",
    0.95,
    "Of GAE: 0 trusts the critic after one step, 1 the whole return.",
    low=0,
    high=1,
    step=0.05,
)
CRITIC_RATE = Parameter(
    "critic_rate",
    "float",
    0.5,
    "How far V of a state moves towards the mean of its targets.",
    low=0.001,
    high=1,
    step=0.1,
)
NORMALISE = Parameter(
    "normalise", "flag", True, "Whether the advantages of a batch are brought to mean 0 and spread 1."
)
ENTROPY_BONUS = Parameter(
    "entropy_bonus",
    "float",
    0.0,
    "What the policy is paid, in the objective, for a nat of entropy.",
    low=0,
    high=10,
    step=0.01,
)
EPOCHS = Parameter("epochs", "int", 10, "How often a batch is gone through.", low=1, high=1000, step=1)
MINIBATCHES = Parameter(
    "minibatches", "int", 1, "Into how many parts a batch is split.", low=1, high=1024, step=1
)
EPSILON = replace(CLIP_RANGE, sentence="How far from 1 the ratio is still pushed.")
TARGET_KL = Parameter(
    "target_kl",
    "float",
    0.01,
    "The KL of an update, in nats, that the penalty is steered to.",
    low=1e-6,
    high=10,
    step=0.005,
)
BETA = Parameter(
    "beta",
    "float",
    1.0,
    "The penalty's first coefficient; it is halved and doubled.",
    low=1e-6,
    high=1e6,
    step=0.5,
)
DELTA = Parameter(
    "delta", "float", 0.01, "The KL, in nats, that a step of TRPO may have.", low=1e-6, high=10, step=0.01
)
DAMPING = Parameter(
    "damping", "float", 1e-3, "Added to the Fisher matrix's diagonal; 0: off.", low=0, high=10, step=0.01
)
LINE_SEARCH = Parameter(
    "line_search", "flag", True, "Whether TRPO's step is halved until surrogate and KL are as they should be."
)

_WALKED = (UPDATES, ENVS, STEPS, POLICY, HIDDEN)
_JUDGED = (LAMBDA, CRITIC_RATE, NORMALISE, ENTROPY_BONUS)
_CLIMBED = (OPTIMISER, LEARNING_RATE)
_PASSES = (EPOCHS, MINIBATCHES)
_TRUST = (DELTA, DAMPING)


def _set(parameters: tuple[Parameter, ...], **defaults: Value) -> tuple[Parameter, ...]:
    """The parameters, with other defaults."""
    return tuple(replace(p, default=defaults.get(p.name, p.default)) for p in parameters)


_ON = on_grid("russell-norvig")
REINFORCE = (*_ON, UPDATES, ENVS, POLICY, HIDDEN, *_CLIMBED, CRITIC_RATE, ENTROPY_BONUS, SEEDS)
ACTOR_CRITIC = (*_ON, *_WALKED, *_CLIMBED, *_JUDGED, SEEDS)
PPO = (*_ON, *_WALKED, *_CLIMBED, *_PASSES, EPSILON, *_JUDGED, SEEDS)
UNCLIPPED = PPO
PPO_KL = (*_ON, *_WALKED, *_set(_CLIMBED, learning_rate=0.01), *_PASSES, TARGET_KL, BETA, *_JUDGED, SEEDS)
TRPO = (*_ON, *_WALKED, *_TRUST, LINE_SEARCH, *_JUDGED, SEEDS)
PPO_VS_TRPO = (
    *_ON, *_WALKED, *_CLIMBED, *_PASSES, EPSILON, *_set(_TRUST, delta=0.03), *_JUDGED, SEEDS,
)  # fmt: skip
KL_LEARNING_RATE = replace(
    LEARNING_RATE, name="kl_learning_rate", default=0.01, sentence="The learning rate of ppo-kl alone."
)
STABILITY = (*PPO_VS_TRPO[:-1], TARGET_KL, KL_LEARNING_RATE, SEEDS)
CLIP_FRACTION = _set(PPO, entropy_bonus=0.05)
TIGHTROPE = (
    *on_grid("rooms"),
    Parameter(
        "update", "int", 20, "TRPO's updates before the slice is taken.", low=0, high=1000, step=5
    ),
    Parameter(
        "longest", "int", 12, "How far to look, in steps of that delta.", low=1, high=1000, step=1
    ),
    *_TRUST, ENVS, STEPS, POLICY, HIDDEN, LAMBDA, CRITIC_RATE, SEEDS,
)  # fmt: skip

METHOD = Parameter(
    "method",
    "choice",
    "reinforce",
    "What each step is weighed by: its return, less a baseline, or a critic's advantage.",
    choices=("reinforce", "baseline", "actor-critic"),
)
POLICY_GRADIENT = (
    METHOD,
    *_ON,
    *_set((LEARNING_RATE, LAMBDA, CRITIC_RATE), learning_rate=3.0, critic_rate=0.1),  # plain steps of a table
    SEED,
    SPEED,
)

FIELDS: Mapping[str, str] = {
    "lambda": "lambda_",
    "envs": "n_envs",
    "hidden": "n_hidden",
}  # where names differ
