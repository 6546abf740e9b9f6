"""Playing a k-armed bandit by a method of `bandit_methods`, pull by pull, for every seed at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from numbers import Integral

import numpy as np

from tutor.rl.bandit_methods import BanditFrame, Method, known
from tutor.rl.detail import Detail
from tutor.rl.environments.bandit import Actions, Array, Bandit, BanditError

MOST_STEPS = 1_000_000
_BLOCK = 256  # steps whose dice are thrown at once
_DICE = 3  # uniform numbers a step: one for the arm, two for its reward


def begin(bandit: Bandit, method: Method) -> BanditFrame:
    """The frame before the first pull."""
    shape, zeros = bandit.means.shape, np.zeros(bandit.n_seeds)
    return BanditFrame(
        0, zeros, estimates=np.full(shape, float(method.initial)), counts=np.zeros(shape), baseline=zeros
    )


def throw(rngs: Sequence[np.random.Generator]) -> Array:
    """dice[K, 3] of the next pull of every seed."""
    return np.stack([rng.random(_DICE) for rng in rngs])


def pull(
    bandit: Bandit, method: Method, frame: BanditFrame, dice: Array, actions: Actions | None = None
) -> BanditFrame:
    """The frame after one more pull for every seed, with dice[K, 3] as `throw` gives them.

    actions: pull these arms instead of those that the method would choose; it learns all the same. Raises
    BanditError when an arm does not exist.
    """
    return _pulled(bandit, method, frame, dice[:, 0], bandit.noise(dice[:, 1:].T), actions)


def play(
    bandit: Bandit,
    method: Method,
    rngs: Sequence[np.random.Generator],
    steps: int = 1000,
    detail: Detail = "full",
) -> Iterator[BanditFrame]:
    """The frame before the first pull, then one a pull, `steps` times; generator k throws seed k's dice.

    Each pull draws three uniform numbers a seed, whatever the method and the detail. Raises BanditError at
    once.
    """
    if isinstance(steps, bool) or not isinstance(steps, Integral) or not 1 <= steps <= MOST_STEPS:
        raise BanditError(f"steps is {steps}; it must be a whole number between 1 and {MOST_STEPS}")
    if len(rngs) != bandit.n_seeds:
        raise BanditError(f"there are {len(rngs)} generators; the bandit has {bandit.n_seeds} seeds")
    frames = _full if detail == "full" else _scalars
    return frames(bandit, method, rngs, int(steps))


def _full(
    bandit: Bandit, method: Method, rngs: Sequence[np.random.Generator], steps: int
) -> Iterator[BanditFrame]:
    frame = begin(bandit, method)
    yield frame
    for _ in range(steps):
        states = tuple(rng.bit_generator.state for rng in rngs)
        frame = replace(pull(bandit, method, frame, throw(rngs)), rng_states=states)
        yield frame


def _scalars(
    bandit: Bandit, method: Method, rngs: Sequence[np.random.Generator], steps: int
) -> Iterator[BanditFrame]:
    """The same pulls with their dice thrown in blocks; the numbers of a seed do not depend on the block."""
    frame = begin(bandit, method)
    yield BanditFrame(0, frame.regret)
    for first in range(0, steps, _BLOCK):
        dice = [rng.random((min(_BLOCK, steps - first), _DICE)).T for rng in rngs]  # K times (3, block)
        noise = np.stack([bandit.noise(each[1:]) for each in dice], axis=1)  # (block, K)
        for choice, reward in zip(np.stack([each[0] for each in dice], axis=1), noise, strict=True):
            frame = _pulled(bandit, method, frame, choice, reward)
            yield BanditFrame(frame.t, frame.regret, frame.actions, frame.rewards, frame.optimal)


def _pulled(
    bandit: Bandit,
    method: Method,
    frame: BanditFrame,
    choice: Array,
    noise: Array,
    actions: Actions | None = None,
) -> BanditFrame:
    """choice[K]: uniform numbers that choose the arm where actions[K] does not; noise[K]: `Bandit.noise`."""
    scores = method.scores(frame)
    policy = method.policy(scores)
    actions = _chosen(policy, choice) if actions is None else _checked_arms(actions, bandit)
    seeds = np.arange(bandit.n_seeds)
    rewards, gaps = bandit.rewards(actions, noise), bandit.gaps[seeds, actions]
    estimates, step_sizes = method.learn(frame, actions, rewards)
    counts = known(frame.counts).copy()
    counts[seeds, actions] += 1
    baseline = known(frame.baseline)
    return BanditFrame(
        t=frame.t + 1,
        regret=frame.regret + gaps,
        actions=actions,
        rewards=rewards,
        optimal=(gaps == 0).astype(np.float64),
        estimates=estimates,
        counts=counts,
        baseline=baseline + (rewards - baseline) / (frame.t + 1),
        scores=scores,
        policy=policy,
        step_sizes=step_sizes,
    )


def _chosen(policy: Array, choice: Array) -> Actions:
    """Arms[K] by the inverse of the cumulative policy[K, k], so an arm of probability 0 is never pulled."""
    sums = policy.cumsum(axis=1)
    chosen: Actions = (choice[:, None] >= sums / sums[:, -1:]).sum(axis=1)
    return chosen


def _checked_arms(actions: Actions, bandit: Bandit) -> Actions:
    actions = np.asarray(actions)
    if actions.shape != (bandit.n_seeds,) or not ((actions >= 0) & (actions < bandit.n_arms)).all():
        raise BanditError(
            f"the arms are {actions.tolist()}; each of the {bandit.n_seeds} seeds needs one of 0 to {bandit.n_arms - 1}"
        )
    return actions
