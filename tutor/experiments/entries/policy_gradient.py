"""Policy gradients, from REINFORCE to PPO and TRPO: experiments, and a lab of single updates."""

from tutor.experiments import policy_gradient_parameters as given
from tutor.experiments.descriptions import Experiment, LabDescription, runner_from
from tutor.experiments.entries.shared import experiment_of
from tutor.experiments.parameters import Parameter

SHORT = (
    "objective/return",
    "policy/kl",
    "policy/clipfrac_avg",
    "objective/entropy",
    "val/explained_variance",
)
POLICY_METRICS = (
    "objective/return",
    "policy/kl",
    "policy/approxkl_avg",
    "policy/clipfrac_avg",
    "val/ratio",
    "objective/entropy",
    "policy/gradient_norm",
    "loss/policy_avg",
)
RIVALS = ("ppo", "trpo", "trpo-no-line-search", "unclipped", "log-prob")
METRICS = (*POLICY_METRICS, "loss/value_avg", "val/explained_variance")


def _one(
    id: str,
    title: str,
    sentence: str,
    parameters: tuple[Parameter, ...],
    metrics: tuple[str, ...] = METRICS,
    series: tuple[str, ...] = (),
) -> Experiment:
    return experiment_of("policy_gradient", id, title, sentence, parameters, metrics, series)


EXPERIMENTS: tuple[Experiment, ...] = (
    _one(
        "reinforce",
        "REINFORCE",
        "The policy gradient from whole returns, without and with a baseline.",
        given.REINFORCE,
        POLICY_METRICS,
        ("reinforce", "baseline"),
    ),
    _one(
        "actor-critic",
        "Actor-critic",
        "A critic judges every step (GAE), the actor takes one step of the gradient.",
        given.ACTOR_CRITIC,
    ),
    _one(
        "ppo",
        "PPO",
        "Many epochs on the same batch; who has moved out of the clip range is pushed no further.",
        given.PPO,
    ),
    _one(
        "ppo-kl",
        "PPO with a KL penalty",
        "PPO's other form: not clipped, but every move costs KL, at a price that adapts.",
        given.PPO_KL,
        (*METRICS, "beta"),
    ),
    _one(
        "trpo",
        "TRPO",
        "The natural gradient, as far as a KL of delta allows, with a line search.",
        given.TRPO,
        (*METRICS, "trpo/step"),
    ),
    _one(
        "unclipped",
        "PPO without its clip",
        "Many epochs on the same batch, and nothing that holds the ratio.",
        given.UNCLIPPED,
    ),
    _one(
        "ppo-vs-trpo",
        "PPO against TRPO",
        "Five ways to improve a policy, many seeds: who learns, who falls, and how far each step goes.",
        given.PPO_VS_TRPO,
        SHORT,
        RIVALS,
    ),
    _one(
        "stability",
        "Who falls on the way",
        "As ppo-vs-trpo, and PPO with a KL penalty: six ways to improve a policy.",
        given.STABILITY,
        SHORT,
        (*RIVALS, "ppo-kl"),
    ),
    _one(
        "clip-fraction",
        "Does clipping become rarer?",
        "The share of samples that PPO clips, without and with an entropy bonus.",
        given.CLIP_FRACTION,
        SHORT,
        ("ppo", "ppo-entropy"),
    ),
    Experiment(
        id="tightrope",
        title="The tightrope",
        sentence="Along TRPO's step: the return that the surrogate promises, and the true one.",
        parameters=given.TIGHTROPE,
        metrics=("objective/return", "policy/kl"),
        series=("true", "surrogate", "exact-surrogate"),
        runner=runner_from("policy_gradient", "tightrope"),
        updates=lambda values: int(values["longest"]),
        fixed=True,
    ),
)

LABS: tuple[LabDescription, ...] = (
    LabDescription(
        id="policy-gradient",
        title="Policy gradient",
        sentence="One episode, one update: every step's return, advantage and push, and the policy that comes of it.",
        parameters=given.POLICY_GRADIENT,
        main="learning_rate",
        presets=tuple(
            {"grid": grid} for grid in ("russell-norvig", "mouse", "rope", "frozenlake-4x4", "rooms")
        ),
    ),
)
