"""What is measured while one batch is gone through again and again, with and without the clip; plain data."""

import math
from dataclasses import dataclass

from tutor.rl.ranges import check_between, check_count, check_positive


@dataclass(frozen=True, kw_only=True)
class ClipTruthConfig:
    """Raises ValueError that names what is out of its range.

    prompt: what all answers of the batch answer. word: an answer that begins with it scores 1, any other 0. batch: how
    many answers. steps: of Adam, each on the whole batch. lr: of Adam. epsilon: the clip range; infinite: no clip.
    """

    prompt: str = "The weather today is"
    word: str = "sunny"
    batch: int = 64
    steps: int = 24
    lr: float = 3e-4
    epsilon: float = 0.2

    def __post_init__(self) -> None:
        check_count("batch", self.batch, 4096)
        check_between("batch", self.batch, 2, 4096)
        check_count("steps", self.steps, 1000)
        check_positive("lr", self.lr, 1.0)
        if not math.isinf(self.epsilon):
            check_positive("epsilon", self.epsilon, 1e6)


@dataclass(frozen=True)
class Change:
    """By how much one step of Adam changed log pi(token | state), nats.

    own, others, momentum: to first order, the inner product of the token's grad log pi before the step with the part
    of the step that comes from its own terms of the objective, from all other terms of the batch, and from the steps
    before (Adam's momentum). earlier: the part of momentum that the token's own terms once gave. real: what changed.
    """

    own: float
    others: float
    momentum: float
    earlier: float
    real: float

    @property
    def first_order(self) -> float:
        """All of the step, to first order."""
        return self.own + self.others + self.momentum


@dataclass(frozen=True)
class FollowedToken:
    """A token in its state, as it stands after a step.

    before: the answer's words before it. count: how often the batch has it there. advantage: the mean of those.
    old, probability: pi_old and pi of it. surrogate: the mean of its terms, min(r A, clip(r) A). clipped: none of them
    pushes any more. change: what the step that led here did; None before the first.
    """

    before: str
    word: str
    count: int
    advantage: float
    old: float
    probability: float
    surrogate: float
    clipped: bool
    change: Change | None = None

    @property
    def ratio(self) -> float:
        """pi / pi_old."""
        return self.probability / self.old


@dataclass(frozen=True)
class ClipTruthFrame:
    """After `step` steps. tokens: those that are followed, the rewarded word first. kl: exact KL(pi_old, pi) of a
    token's state, nats, mean over the batch. clip_fraction: share of the batch's tokens that push no more."""

    step: int
    tokens: tuple[FollowedToken, ...]
    kl: float
    clip_fraction: float
