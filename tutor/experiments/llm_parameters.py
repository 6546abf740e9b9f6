"""The parameters of training the toy language model, shared by experiments and labs."""

from dataclasses import replace

from tutor.experiments.clip_parameters import EPSILON as CLIP_RANGE
from tutor.experiments.grids import SEEDS
from tutor.experiments.parameters import Parameter

UPDATES = Parameter("updates", "int", 60, "How often the policy is updated.", low=1, high=1000, step=10)
BATCH = Parameter("batch", "int", 64, "Answers that an update learns from.", low=2, high=1024, step=16)
LEARNING_RATE = Parameter(
    "learning_rate", "float", 0.0015, "How long Adam's steps are.", low=1e-6, high=1, step=0.0005
)
EPOCHS = Parameter("epochs", "int", 2, "How often a batch is gone through.", low=1, high=50, step=1)
MINIBATCHES = Parameter(
    "minibatches", "int", 2, "Into how many parts a batch is split.", low=1, high=64, step=1
)
EPSILON = replace(CLIP_RANGE, sentence="How far from 1 the ratio is still pushed.")
LAMBDA = Parameter(
    "lambda",
    "float",
    0.95,
    "Of GAE: 0 trusts the critic after one token, 1 the whole answer.",
    low=0,
    high=1,
    step=0.05,
)
CONTROLLER = Parameter(
    "controller",
    "choice",
    "adaptive",
    "What KL costs: nothing, always beta, or what brings it to the target.",
    choices=("none", "fixed", "adaptive"),
)
BETA = Parameter(
    "beta", "float", 0.05, "What a nat of KL to the reference costs.", low=0, high=100, step=0.05
)
FIRST_BETA = Parameter(
    "first_beta", "float", 0.8, "What a nat of KL costs before it adapts.", low=1e-6, high=100, step=0.1
)
TARGET = Parameter(
    "target",
    "float",
    1.5,
    "The KL of an answer, in nats, that beta is steered to.",
    low=0.01,
    high=100,
    step=0.5,
)
GAIN = Parameter(
    "gain", "float", 0.3, "How fast beta adapts; Ziegler et al. have 0.1.", low=0, high=4.9, step=0.1
)
FAIR = Parameter(
    "fair", "flag", False, "Whether the adaptive run aims at the KL that the fixed one ends with."
)
ENTROPY_WEIGHT = Parameter(
    "entropy_weight",
    "float",
    0.0,
    "What a nat of a token's entropy is paid in the objective.",
    low=-1,
    high=1,
    step=0.01,
)
FAULT = Parameter(
    "fault",
    "choice",
    "none",
    "Something built wrong, to see what it does to the curves.",
    choices=("none", "frozen-actor", "moving-reference", "reward-on-padding", "raw-reward", "bad-critic"),
)
INSIDE = Parameter("inside", "flag", False, "Whether frames carry the numbers of every token.")
HELD_OUT_SUMS = Parameter(
    "held_out", "int", 0, "Sums of the 100 that are never trained on.", low=0, high=50, step=20
)
GROUP = Parameter("group", "int", 8, "Answers to one prompt that GRPO compares.", low=2, high=64, step=2)
PAIRS = Parameter(
    "pairs", "int", 800, "Pairs of answers that somebody has compared.", low=10, high=5000, step=100
)
PICKS = Parameter(
    "picks", "text", "", "Your choices between pairs of answers, L or R each; none: a rule labels all pairs."
)
PASSES = replace(EPOCHS, default=3, sentence="How often the pairs are gone through.")

_PPO = (UPDATES, BATCH, LEARNING_RATE, EPOCHS, MINIBATCHES, EPSILON, LAMBDA)

SFT = (
    replace(UPDATES, default=1500, high=10_000, step=100),
    replace(BATCH, default=128),
    replace(LEARNING_RATE, default=0.003),
    SEEDS,
)
REWARD_MODEL = (PAIRS, PASSES, replace(LEARNING_RATE, default=0.001), PICKS, SEEDS)
RLHF_LAB = (CONTROLLER, replace(BETA, default=0.8), TARGET, GAIN, *_PPO, ENTROPY_WEIGHT)
RLHF = (*RLHF_LAB, FAULT, INSIDE, PICKS, SEEDS)
SFT_UPDATES = replace(SFT[0], name="sft_updates", sentence="How often the model is updated in stage 1.")
STAGE = Parameter(
    "stage",
    "choice",
    "sft",
    "Which of the three stages opens first.",
    choices=("sft", "reward-model", "ppo"),
)
RLHF_VIEW = Parameter(
    "view",
    "choice",
    "loss",
    "What the first plot shows; a stage that has no such plot begins with its own first.",
    choices=("loss", "accuracy", "probability", "reward", "kl", "beta", "inside"),
)
KL_CONTROL = (BETA, FIRST_BETA, TARGET, GAIN, FAIR, *_PPO, SEEDS)
KL_LAB = (
    Parameter(
        "run",
        "choice",
        "none",
        "Of which run proxy and truth, and the estimates of its KL, are drawn.",
        choices=("none", "fixed", "adaptive"),
    ),
    Parameter(
        "view",
        "choice",
        "hacking",
        "What is drawn beside the KL: proxy and truth of a run, the truth of all, beta, or estimates of the KL.",
        choices=("hacking", "gold", "proxy", "beta", "estimates"),
    ),
)
VERIFIER_LAB = (
    Parameter(
        "run",
        "choice",
        "ppo",
        "Of which run sampled, greedy and best answers are drawn in one plot.",
        choices=("ppo", "grpo", "reinforce"),
    ),
    Parameter(
        "view",
        "choice",
        "sharpening",
        "What is drawn beside the accuracy: one run's ways to answer, sums held out, KL, or entropy.",
        choices=("sharpening", "held-out", "kl", "entropy"),
    ),
)
RLVR = (
    HELD_OUT_SUMS,
    replace(BETA, default=0.02, sentence="What a nat of KL costs PPO; the others pay nothing."),
    GROUP,
    replace(UPDATES, default=50),
    replace(BATCH, default=256),
    replace(
        LEARNING_RATE, default=0.001, sentence="How long Adam's first steps are; the last ones are nearly 0."
    ),
    EPOCHS,
    replace(MINIBATCHES, default=4),
    EPSILON,
    LAMBDA,
    SEEDS,
)
