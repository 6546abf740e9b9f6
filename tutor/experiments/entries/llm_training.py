"""Training the toy language model: supervised, a reward model, RLHF, and a verifier's reward."""

from collections.abc import Mapping
from dataclasses import replace

from tutor.experiments import llm_parameters as given
from tutor.experiments.descriptions import Experiment, LabDescription
from tutor.experiments.entries.shared import RUN_SPEED, SEED, experiment_of
from tutor.experiments.parameters import Parameter, Value

LOSS = {
    "loss": "loss/reward_model",
    "accuracy": "accuracy/reward_model",
    "held_out_loss": "loss/reward_model_held_out",
    "held_out_accuracy": "accuracy/reward_model_held_out",
}
_POLICY = (
    "objective/kl",
    "objective/kl_k1",
    "objective/kl_k2",
    "objective/kl_k3",
    "objective/scores",
    "objective/entropy",
    "objective/unique",
    "objective/length",
    "policy/probability",
    "policy/clipfrac_avg",
    "policy/approxkl_avg",
    "val/ratio",
    "loss/policy_avg",
)
METRICS = (
    *_POLICY,
    "objective/gold",
    "beta",
    "loss/value_avg",
    "val/explained_variance",
)
HELD_OUT_METRICS = ("accuracy/held_out", "accuracy/held_out_greedy")  # only where sums are held out
RLVR_METRICS = (
    "accuracy/train",
    "accuracy/train_greedy",
    "accuracy/best_of",
    *HELD_OUT_METRICS,
    *_POLICY,
)
SHIPPED_SEED = 3  # of the run of `sft` that made the shipped model


def _reward_model_updates(values: Mapping[str, Value]) -> int:
    """Steps of 64 pairs at most; a fifth of the pairs is held out."""
    pairs = int(values["pairs"])
    return int(values["epochs"]) * -(-(pairs - round(pairs * 0.2)) // 64)


def _one(
    id: str,
    title: str,
    sentence: str,
    parameters: tuple[Parameter, ...],
    metrics: tuple[str, ...],
    series: tuple[str, ...] = (),
    judged: str = "",
) -> Experiment:
    made = experiment_of("llm_training", id, title, sentence, parameters, metrics, series)
    updates = _reward_model_updates if id == "reward-model" else made.updates
    return replace(made, updates=updates, judged=judged, fixed=True, torch=True)


EXPERIMENTS: tuple[Experiment, ...] = (
    _one(
        "sft",
        "Supervised fine-tuning",
        "The toy language model learns, from nothing, to answer as its corpus does.",
        given.SFT,
        ("loss/sft", "loss/sft_held_out", "policy/probability"),
    ),
    _one(
        "reward-model",
        "A reward model",
        "A model learns from pairs of answers which of two people prefer (Bradley-Terry).",
        given.REWARD_MODEL,
        tuple(LOSS.values()),
    ),
    _one(
        "rlhf",
        "RLHF",
        "PPO makes the toy model's answers what the reward model likes, at a price for KL.",
        given.RLHF,
        METRICS,
        judged="objective/gold",
    ),
    _one(
        "kl-control",
        "KL control",
        "RLHF without a price for KL, with a fixed one, and with one that adapts: proxy, truth, KL.",
        given.KL_CONTROL,
        METRICS,
        ("none", "fixed", "adaptive"),
        judged="objective/gold",
    ),
    _one(
        "rlvr",
        "Sums with a verifier",
        "Right sums pay +1, wrong ones -1, at the end: PPO, GRPO and REINFORCE.",
        given.RLVR,
        RLVR_METRICS,
        ("ppo", "grpo", "reinforce"),
    ),
)

LABS: tuple[LabDescription, ...] = (
    LabDescription(
        id="rlhf",
        title="RLHF",
        sentence="Three stages live: SFT, reward model, PPO; the four models; be the rater whose taste it all follows.",
        parameters=(
            given.STAGE,
            given.RLHF_VIEW,
            given.SFT_UPDATES,
            given.PICKS,
            *given.RLHF_LAB,
            replace(SEED, default=SHIPPED_SEED),
            RUN_SPEED,
        ),
        main="stage",
        presets=(
            {"stage": "sft"},
            {"stage": "reward-model"},
            {"stage": "ppo", "controller": "adaptive", "beta": 0.8},
            {"stage": "ppo", "controller": "fixed", "beta": 0.05},
            {"stage": "ppo", "controller": "none"},
        ),
    ),
    LabDescription(
        id="kl",
        title="KL control",
        sentence="RLHF without a price for KL, with a fixed and an adaptive one: proxy, truth, KL, and the answers.",
        parameters=(*given.KL_LAB, *given.KL_CONTROL, SEED, RUN_SPEED),
        main="beta",
        presets=(
            {"fair": False, "beta": given.BETA.default, "target": 1.5},
            {"fair": True, "beta": given.BETA.default},
            {"fair": False, "beta": 0.5, "target": 1.5},
            {"fair": False, "beta": given.BETA.default, "target": 5.0},
        ),
    ),
    LabDescription(
        id="verifier",
        title="Verifier",
        sentence="Sums that a verifier pays for: PPO, GRPO, REINFORCE; whether they learn or sharpen what was there.",
        parameters=(
            *given.VERIFIER_LAB,
            *(replace(p, default=20) if p.name == "held_out" else p for p in given.RLVR),
            SEED,
            RUN_SPEED,
        ),
        main="held_out",
        presets=(
            {"held_out": 20, "learning_rate": 0.001},
            {"held_out": 0, "learning_rate": 0.001},
            {"held_out": 50, "learning_rate": 0.001},
            {"held_out": 20, "learning_rate": 0.004},
        ),
    ),
)
