"""What reinforcement learning on the toy model is told, and the frames it yields; plain data, without torch.

Shapes: B answers, padded on the right to N tokens. A row's mask is True at its tokens, `<eos>` included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tutor.rl.ranges import check_between, check_count, check_fraction, check_positive

Floats = NDArray[np.float64]
Tokens = NDArray[np.int64]
Mask = NDArray[np.bool_]

Algorithm = Literal["ppo", "grpo", "reinforce"]
ALGORITHMS: tuple[Algorithm, ...] = ("ppo", "grpo", "reinforce")
Controller = Literal["none", "fixed", "adaptive"]
CONTROLLERS: tuple[Controller, ...] = ("none", "fixed", "adaptive")
Fault = Literal["", "frozen-actor", "moving-reference", "reward-on-padding", "raw-reward", "bad-critic"]
FAULTS: tuple[Fault, ...] = (
    "",
    "frozen-actor",
    "moving-reference",
    "reward-on-padding",
    "raw-reward",
    "bad-critic",
)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """One run. Raises ValueError that names what is out of its range.

    algorithm: `ppo` has a critic and GAE; `grpo` compares the answers of a group to one prompt; `reinforce` compares
    each answer with the mean of the others. updates: how many. batch: answers in an update. limit: most tokens of an
    answer. epochs, minibatches: how often the batch is gone through, and in how many parts. lr: of Adam, falling
    linearly to `final_lr` of it. epsilon, value_epsilon: clip ranges of ratio and value. value_weight: the critic's
    loss counts so much. controller: of the KL penalty: beta 0; beta as it is; or steered, every update, so that the
    sampled KL of an answer nears `target` nats (Ziegler et al. 2019, section 2.2, with its own gain). group: answers
    to one prompt. entropy_weight: paid for a nat of a token's entropy. fault: something built wrong, to be found.
    """

    algorithm: Algorithm = "ppo"
    updates: int = 60
    batch: int = 64
    limit: int = 16
    epochs: int = 2
    minibatches: int = 2
    lr: float = 1.5e-3
    final_lr: float = 1.0
    betas: tuple[float, float] = (0.9, 0.95)
    adam_epsilon: float = 1e-5
    max_gradient_norm: float = 1.0
    epsilon: float = 0.2
    value_epsilon: float = 0.2
    value_weight: float = 0.1
    gamma: float = 1.0
    lambda_: float = 0.95
    controller: Controller = "fixed"
    beta: float = 0.05
    target: float = 1.5
    gain: float = 0.3
    group: int = 8
    entropy_weight: float = 0.0
    fault: Fault = ""

    def __post_init__(self) -> None:
        for name, count, most in (
            ("updates", self.updates, 10_000),
            ("batch", self.batch, 4096),
            ("limit", self.limit, 24),
            ("epochs", self.epochs, 100),
            ("minibatches", self.minibatches, self.batch),
        ):
            check_count(name, count, most)
        for name, positive, highest in (
            ("lr", self.lr, 1.0),
            ("epsilon", self.epsilon, 1e6),
            ("value_epsilon", self.value_epsilon, 1e6),
            ("target", self.target, 1e3),
        ):
            check_positive(name, positive, highest)
        for name, fraction in (("final_lr", self.final_lr), ("gamma", self.gamma), ("lambda", self.lambda_)):
            check_fraction(name, fraction)
        check_between("beta", self.beta, 0, 1e3)
        for name, value, known in (
            ("algorithm", self.algorithm, ALGORITHMS),
            ("controller", self.controller, CONTROLLERS),
            ("fault", self.fault, FAULTS),
        ):
            if value not in known:
                raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(filter(None, known))}")
        if self.batch < 2:
            raise ValueError(f"batch is {self.batch}; it must be at least 2")
        if self.algorithm == "grpo" and (self.group < 2 or self.batch % self.group):
            raise ValueError(
                f"group is {self.group}; it must be at least 2 and divide the batch of {self.batch}"
            )
        if self.controller == "adaptive" and self.beta == 0:
            raise ValueError("beta is 0; a controller that multiplies it needs it above 0")


@dataclass(frozen=True)
class Answer:
    """One sampled answer. text: without `<eos>`. score: what the reward model or the verifier says. gold: how good it
    really is. kl: exact KL to the reference, nats, summed over its tokens. ended: it came to `<eos>`."""

    prompt: str
    text: str
    score: float
    gold: float
    kl: float
    ended: bool


@dataclass(frozen=True, eq=False)
class TokenBatch:
    """The batch that one update learned from, token by token; every array but the last three is (B, N), 0 on padding.

    tokens, mask. old_log_prob: log pi_old(token | state), of the policy that drew it; ref_log_prob: the reference's.
    kl: exact KL of the two policies in the token's state, nats. kl_k1: old_log_prob - ref_log_prob, the sample that
    the reward is charged for. reward: -beta kl_k1, plus the score at the last token. value, next_value: the critic's,
    before the update; 0 after the last token. delta = reward + gamma next_value - value. advantage: GAE's (GRPO and
    REINFORCE: the answer's, at each of its tokens). returns: advantage + value, what the critic is fitted to. weight:
    the advantage as the objective has it (PPO: whitened). prompts: B texts. score, gold (B,): of each answer.
    """

    tokens: Tokens
    mask: Mask
    old_log_prob: Floats
    ref_log_prob: Floats
    kl: Floats
    kl_k1: Floats
    reward: Floats
    value: Floats
    next_value: Floats
    delta: Floats
    advantage: Floats
    returns: Floats
    weight: Floats
    prompts: tuple[str, ...]
    score: Floats
    gold: Floats


@dataclass(frozen=True, eq=False)
class TokenEpoch:
    """The batch under actor and critic after so many epochs (0: before the first); arrays (B, N), 0 on padding.

    ratio = exp(log_prob - old_log_prob). clipped: the token pushes no more. objective: min(r A, clip(r) A) with the
    batch's `weight` as A. value: the critic's. surrogate, clip_fraction, approx_kl (half mean squared log ratio): means
    over the tokens."""

    epoch: int
    log_prob: Floats
    ratio: Floats
    clipped: Mask
    objective: Floats
    value: Floats
    surrogate: float
    clip_fraction: float
    approx_kl: float


@dataclass(frozen=True, eq=False)
class Inside:
    """One update with every number in it. epochs: 0 to the last. beta: the penalty's coefficient in this update.
    watched: pi(watched word) before it and after each step of the optimiser. config: of the run, for the formulas."""

    batch: TokenBatch
    epochs: tuple[TokenEpoch, ...]
    beta: float
    watched: tuple[float, ...]
    config: TrainingConfig


@dataclass(frozen=True, eq=False)
class TrainingFrame:
    """After `update` updates; 0: before the first.

    metrics: of the answers sampled from the policy as it is now, and (from update 1 on) of the update that led to it.
    answers: the first of those sampled. inside: in full detail, of the update that led here; None at 0.
    """

    update: int
    metrics: Mapping[str, float]
    answers: tuple[Answer, ...]
    inside: Inside | None = None


@dataclass(frozen=True)
class ScoredPair:
    """Two answers to a prompt, and what the reward model gives the one that the rater prefers, and the other."""

    prompt: str
    preferred: str
    other: str
    preferred_score: float
    other_score: float


@dataclass(frozen=True)
class RewardModelFrame:
    """After `update` steps of the optimiser; 0: before the first, with the losses of a model that prefers nothing.

    loss: Bradley-Terry, -log sigmoid(preferred - other), mean over the minibatch before the step, nats. accuracy: share
    of the minibatch's pairs whose preferred answer scores higher, before the step. held_out_loss, held_out_accuracy: of
    the pairs held out, after the step (ties count half). pairs: some that are not learned from, scored after it."""

    update: int
    loss: float
    accuracy: float
    held_out_loss: float
    held_out_accuracy: float
    pairs: tuple[ScoredPair, ...] = ()


@dataclass(frozen=True)
class StageFrame:
    """After `update` updates. metrics: `loss/sft`, nats a token of the batch that is learned from next (not at the
    last); `loss/sft_held_out`, of unseen answers, and `policy/probability`, of the word that RLHF watches, now and
    then, first and last. answers: prompt and sampled answer, where the unseen ones are looked at."""

    update: int
    metrics: Mapping[str, float]
    answers: tuple[tuple[str, str], ...] = ()
