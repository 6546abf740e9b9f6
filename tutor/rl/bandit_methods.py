"""How to play a k-armed bandit: epsilon-greedy, upper confidence bounds, and the gradient bandit.

A method is a frozen configuration that says how likely each arm is and what it learns of a reward. Sutton &
Barto, Reinforcement Learning, 2nd edition, chapter 2.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tutor.rl.environments.bandit import MOST_PAY, Actions, Array, BanditError

MOST_PREFERENCE_STEP = 1000.0


@dataclass(frozen=True, eq=False)
class BanditFrame:
    """One pull for each of K seeds; also all that a method knows after it, so that undo is free.

    t: pulls so far, 0 before the first. regret[K]: what the pulled arms pay less than the best, on average,
    summed over the pulls. actions[K], rewards[K], optimal[K] (1.0 where the best arm was pulled): of this
    pull, None at t = 0. At detail `full` also: estimates[K, k], Q or the preferences H, after the pull;
    counts[K, k], pulls of each arm; baseline[K], the mean of the rewards so far; scores[K, k], by which arms
    were compared before the pull; policy[K, k], how likely each was; step_sizes[K]; rng_states, of the
    generators before the pull (restored, the same arm pays the same again).
    """

    t: int
    regret: Array
    actions: Actions | None = None
    rewards: Array | None = None
    optimal: Array | None = None
    estimates: Array | None = None
    counts: Array | None = None
    baseline: Array | None = None
    scores: Array | None = None
    policy: Array | None = None
    step_sizes: Array | None = None
    rng_states: tuple[Mapping[str, Any], ...] = ()


class Method(Protocol):
    """What plays a bandit."""

    @property
    def initial(self) -> float:
        """Every arm's estimate before the first pull."""
        ...

    def scores(self, frame: BanditFrame) -> Array:
        """[K, k]: by what the arms are compared for the next pull."""
        ...

    def policy(self, scores: Array) -> Array:
        """[K, k]: how likely each arm is to be pulled next."""
        ...

    def learn(self, frame: BanditFrame, actions: Actions, rewards: Array) -> tuple[Array, Array]:
        """(estimates[K, k] after the pull, step_sizes[K] that it took)."""
        ...


@dataclass(frozen=True)
class EpsilonGreedy:
    """The arm of the greatest estimate, or with probability epsilon any (section 2.2).

    step_size: None averages all rewards (equation 2.3); a number forgets old ones (2.5). initial: an estimate
    above every reward makes it try all arms (section 2.6). Raises BanditError.
    """

    epsilon: float = 0.1
    step_size: float | None = None
    initial: float = 0.0

    def __post_init__(self) -> None:
        _check("epsilon", self.epsilon, 0, 1)
        _check_step_size(1 if self.step_size is None else self.step_size, 1)
        _check("initial", self.initial, -MOST_PAY, MOST_PAY)

    def scores(self, frame: BanditFrame) -> Array:
        return known(frame.estimates)

    def policy(self, scores: Array) -> Array:
        policy: Array = self.epsilon / scores.shape[1] + (1 - self.epsilon) * _best(scores)
        return policy

    def learn(self, frame: BanditFrame, actions: Actions, rewards: Array) -> tuple[Array, Array]:
        return _averaged(frame, self.step_size, actions, rewards)


@dataclass(frozen=True)
class UpperConfidenceBound:
    """The arm of the greatest Q(a) + c sqrt(ln t / N(a)); arms never pulled come first (equation 2.10).

    step_size, initial: as for EpsilonGreedy. Raises BanditError.
    """

    c: float = 2.0
    step_size: float | None = None
    initial: float = 0.0

    def __post_init__(self) -> None:
        _check("c", self.c, 0, MOST_PAY)
        _check_step_size(1 if self.step_size is None else self.step_size, 1)
        _check("initial", self.initial, -MOST_PAY, MOST_PAY)

    def scores(self, frame: BanditFrame) -> Array:
        counts = known(frame.counts)
        bonus = self.c * np.sqrt(math.log(frame.t + 1) / np.maximum(counts, 1))
        return np.where(counts == 0, np.inf, known(frame.estimates) + bonus)

    def policy(self, scores: Array) -> Array:
        return _best(scores)

    def learn(self, frame: BanditFrame, actions: Actions, rewards: Array) -> tuple[Array, Array]:
        return _averaged(frame, self.step_size, actions, rewards)


@dataclass(frozen=True)
class GradientBandit:
    """Softmax over preferences H, moved along the gradient of the expected reward (equation 2.12).

    baseline: compare each reward with the mean of those before it (the first with itself), else with 0.
    Raises BanditError.
    """

    step_size: float = 0.1
    baseline: bool = True
    initial: float = 0.0

    def __post_init__(self) -> None:
        _check_step_size(self.step_size, MOST_PREFERENCE_STEP)
        _check("initial", self.initial, -MOST_PAY, MOST_PAY)

    def scores(self, frame: BanditFrame) -> Array:
        return known(frame.estimates)

    def policy(self, scores: Array) -> Array:
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        policy: Array = weights / weights.sum(axis=1, keepdims=True)
        return policy

    def learn(self, frame: BanditFrame, actions: Actions, rewards: Array) -> tuple[Array, Array]:
        before = known(frame.baseline) if frame.t else rewards
        better = rewards - before if self.baseline else rewards
        score = -self.policy(self.scores(frame))  # the gradient of ln pi(action): 1[a = action] - pi(a)
        score[np.arange(len(actions)), actions] += 1
        estimates = known(frame.estimates) + self.step_size * better[:, None] * score
        return estimates, np.full(len(actions), self.step_size)


def _averaged(
    frame: BanditFrame, step_size: float | None, actions: Actions, rewards: Array
) -> tuple[Array, Array]:
    """Q <- Q + alpha (R - Q) for the pulled arms, alpha = 1 / N or constant (equations 2.3 and 2.5)."""
    seeds, estimates = np.arange(len(actions)), known(frame.estimates).copy()
    pulls = known(frame.counts)[seeds, actions] + 1
    step_sizes = 1 / pulls if step_size is None else np.full(len(actions), step_size)
    old = estimates[seeds, actions]
    estimates[seeds, actions] = old + step_sizes * (rewards - old)
    return estimates, step_sizes


def _best(scores: Array) -> Array:
    """[K, k]: the arms of the greatest score, equally likely."""
    ties = scores == scores.max(axis=1, keepdims=True)
    policy: Array = ties / ties.sum(axis=1, keepdims=True)
    return policy


def known(array: Array | None) -> Array:
    """An array that only frames of detail `full` carry. Raises BanditError where it is missing."""
    if array is None:
        raise BanditError('this frame carries metrics only; ask for detail "full"')
    return array


def _check_step_size(step_size: float, most: float) -> None:
    if not 0 < step_size <= most:
        raise BanditError(f"step_size is {step_size}; it must be a number above 0 and at most {most:g}")


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise BanditError(f"{name} is {value}; it must be a number between {low:g} and {high:g}")
