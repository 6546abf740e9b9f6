"""What policy gradients are told, and the frames they yield. K seeds are the first axis of every array."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tutor.rl.architectures import ARCHITECTURES, Architecture
from tutor.rl.environments.tabular import Array, Indices, Mask
from tutor.rl.ranges import check_between, check_count, check_fraction, check_positive

MOST_UPDATES = 10_000
MOST_STEPS = 10_000
MOST_ENVIRONMENTS = 1_000
Optimiser = Literal["adam", "sgd"]
OPTIMISERS: tuple[Optimiser, ...] = ("adam", "sgd")


@dataclass(frozen=True, kw_only=True)
class PolicyGradientConfig:
    """What all algorithms share. Raises ValueError that names what is out of its range.

    updates: of the policy. n_envs: environments of each seed, side by side. steps: of each environment in an update;
    0: one whole episode of each. most_steps: an episode is truncated after so many at the latest. policy: a table of
    logits, or a network of n_hidden tanh units. optimiser, learning_rate: of the policy's parameters. lambda_: of
    GAE. critic_rate: how far V(s) moves towards the mean of its targets, in (0, 1]. normalise: advantages to mean 0
    and standard deviation 1 in each batch. entropy_bonus: coefficient of the mean entropy in the objective. epsilon:
    the clip range; who does not clip counts by it. evaluate_every: so many updates, and in the first frame and the
    last, J is computed exactly. truncation_is_end: built wrong, to see what it does: where an episode was truncated
    nothing is said to follow, as if it had terminated.
    """

    updates: int = 80
    n_envs: int = 8
    steps: int = 64
    most_steps: int = 1000
    policy: Architecture = "network"
    n_hidden: int = 32
    optimiser: Optimiser = "adam"
    learning_rate: float = 0.03
    lambda_: float = 0.95
    critic_rate: float = 0.5
    normalise: bool = True
    entropy_bonus: float = 0.0
    epsilon: float = 0.2
    evaluate_every: int = 1
    truncation_is_end: bool = False

    def __post_init__(self) -> None:
        check_count("updates", self.updates, MOST_UPDATES)
        check_count("n_envs", self.n_envs, MOST_ENVIRONMENTS)
        if self.steps:
            check_count("steps", self.steps, MOST_STEPS)
        check_count("most_steps", self.most_steps, MOST_STEPS)
        check_count("n_hidden", self.n_hidden, 1024)
        check_count("evaluate_every", self.evaluate_every, MOST_UPDATES)
        check_positive("learning_rate", self.learning_rate, 1000)
        check_fraction("lambda", self.lambda_)
        check_positive("critic_rate", self.critic_rate, 1)
        check_between("entropy_bonus", self.entropy_bonus, 0, 10)
        check_positive("epsilon", self.epsilon, 1)
        for name, value, known in (
            ("policy", self.policy, ARCHITECTURES),
            ("optimiser", self.optimiser, OPTIMISERS),
        ):
            if value not in known:
                raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(known)}")


@dataclass(frozen=True, kw_only=True)
class ReinforceConfig(PolicyGradientConfig):
    """Whole episodes, one step of the optimiser. baseline: V(s), learned beside it, is taken off the return."""

    baseline: bool = False
    steps: int = 0
    normalise: bool = False


@dataclass(frozen=True, kw_only=True)
class ActorCriticConfig(PolicyGradientConfig):
    """One step of the optimiser in an update, on GAE's advantages."""


@dataclass(frozen=True, kw_only=True)
class PPOConfig(PolicyGradientConfig):
    """epochs: how often the batch is gone through. minibatches: into how many parts it is split, once an update."""

    epochs: int = 10
    minibatches: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("epochs", self.epochs, 1000)
        samples = self.n_envs * (self.steps or 1)
        check_count("minibatches", self.minibatches, samples)


@dataclass(frozen=True, kw_only=True)
class PPOKLConfig(PPOConfig):
    """beta: the first coefficient of the penalty. target_kl: what an update's KL is steered to, in nats."""

    beta: float = 1.0
    target_kl: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive("beta", self.beta, 1e6)
        check_positive("target_kl", self.target_kl, 10)


@dataclass(frozen=True, kw_only=True)
class TRPOConfig(PolicyGradientConfig):
    """delta: the KL that a step may have, in nats. damping: added to the Fisher matrix's diagonal; 0: off.
    cg_iterations: of the conjugate gradient. line_search: halve the step, up to `backtracks` times, until surrogate
    and KL are as they should be; without it the whole step is taken, whatever comes."""

    delta: float = 0.01
    damping: float = 1e-3
    cg_iterations: int = 10
    line_search: bool = True
    backtracks: int = 12

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive("delta", self.delta, 10)
        check_between("damping", self.damping, 0, 10)
        check_count("cg_iterations", self.cg_iterations, 1000)
        check_count("backtracks", self.backtracks, 100)


@dataclass(frozen=True, eq=False)
class Samples:
    """The batch of one seed, environment after environment, in the order of time: [n] each.

    env, t: which environment, and which step of its rollout. value, next_value: V before the update (next_value is 0
    where the episode terminated; where it was truncated, V of the state it was cut off in). delta = reward + gamma
    next_value - value. advantage: GAE's (for REINFORCE: return, less the baseline). returns: what V is fitted to,
    advantage + value. weight: the advantage as the update uses it, normalised if the config says so. old_log_prob:
    log pi_old(action | state).
    """

    env: Indices
    t: Indices
    state: Indices
    action: Indices
    reward: Array
    next_state: Indices
    terminated: Mask
    truncated: Mask
    value: Array
    next_value: Array
    delta: Array
    advantage: Array
    returns: Array
    weight: Array
    old_log_prob: Array

    def __len__(self) -> int:
        return len(self.state)


@dataclass(frozen=True, eq=False)
class Epoch:
    """The batch under the policy after so many epochs (0: the policy that walked), [n] for each sample.

    objective: what the sample adds to the mean that is maximised (clip: min(r A, clip(r) A); unclipped: r A; plain
    log-prob steps: A log pi). clipped: it does not push any more (where nothing is clipped: it would not). kl: exact,
    old to this, mean over the batch's states; approx_kl: half mean squared log ratio. gradient[S, A]: the objective's
    gradient with respect to the logits, from here to the next epoch, and gradient_norm, of the one with respect to
    the parameters; None after the last epoch.
    """

    epoch: int
    policy: Array  # [S, A]
    log_prob: Array
    ratio: Array
    clipped: Mask
    objective: Array
    surrogate: float  # mean of `objective`
    kl: float
    approx_kl: float
    clip_fraction: float
    entropy: float
    gradient: Array | None = None
    gradient_norm: float | None = None


@dataclass(frozen=True, eq=False)
class Try:
    """One length of TRPO's step: fraction of the whole one, how the surrogate changes, KL, and whether it was taken."""

    fraction: float
    improvement: float
    kl: float
    accepted: bool


@dataclass(frozen=True, eq=False)
class TrustRegionStep:
    """How TRPO came to its step. gradient, direction (x, with (F + damping) x = gradient): [P]. residuals: squared
    length of what the conjugate gradient has not solved, before its first iteration and after each. length: how many
    x the whole step is, sqrt(2 delta / x (F + damping) x). tries: the line search; none accepted: nothing moved."""

    gradient: Array
    direction: Array
    residuals: Array
    length: float
    tries: tuple[Try, ...]


@dataclass(frozen=True, eq=False)
class Inside:
    """One update of one seed with every number in it. epochs: from 0, before, to the last; TRPO has these two.

    old_values, new_values: V[S] before and after. beta: the penalty's coefficient in this update (`ppo_kl`).
    """

    samples: Samples
    epochs: tuple[Epoch, ...]
    old_values: Array
    new_values: Array
    beta: float | None = None
    trust_region: TrustRegionStep | None = None

    @property
    def old_policy(self) -> Array:
        """[S, A]."""
        return self.epochs[0].policy

    @property
    def new_policy(self) -> Array:
        """[S, A]."""
        return self.epochs[-1].policy


@dataclass(frozen=True, eq=False)
class PolicyGradientState:
    """Everything from which a run of one seed goes on: to undo is to go on from an earlier frame's state.

    theta[1, P]. moments[2, 1, P], steps_taken: of the optimiser. values[1, S]. states, steps, earned: [1, N], where
    each environment stands, and its episode's return so far. beta[1]. rng_state: the generator's.
    """

    update: int
    theta: Array
    moments: Array
    steps_taken: int
    values: Array
    states: Indices
    steps: Indices
    earned: Array
    beta: Array
    rng_state: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class PolicyGradientFrame:
    """After `update` updates; 0: before the first.

    metrics: name -> [K]; at update 0 only `objective/return`. That one is there where J was computed, and
    `objective/episode_return` (mean discounted return of the episodes that ended) where every seed ended one; the
    others in every update (see `policy_gradient`). policy[K, S, A], values[K, S], theta[K, P]: after the update.
    inside, state: in full detail.
    """

    update: int
    metrics: Mapping[str, Array]
    policy: Array
    values: Array
    theta: Array
    inside: Inside | None = None
    state: PolicyGradientState | None = field(default=None, repr=False)
