"""T steps of K seeds with N environments each under a fixed policy. Arrays are [T, K, N].

An environment whose episode is over begins the next one at the start, in the same step. Everything that a step
decides is a lookup by a flat index, and each seed has a generator of its own: seed k's steps are the same
whichever seeds run beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.dice import normal
from tutor.rl.environments.tabular import Array, FiniteMDP, Indices, Mask, Tabular, sample, thresholds
from tutor.rl.planning import check_policy

_BLOCK = 64  # steps of dice drawn ahead: few enough to stay in the cache


@dataclass(frozen=True, eq=False)
class Position:
    """Where every environment stands, [K, N]: its state, and the steps taken in its episode."""

    states: Indices
    steps: Indices


@dataclass(frozen=True, eq=False)
class Rollout:
    """S_t, A_t, R_{t+1}, S_{t+1} of every step, [T, K, N].

    next_states: where the step led, before a new episode begins. terminated: the world ended the episode.
    truncated: only the step limit did, so the next state still has its value. last: where to go on.
    """

    states: Indices
    actions: Indices
    rewards: Array
    next_states: Indices
    terminated: Mask
    truncated: Mask
    last: Position
    gamma: float

    def with_truncation_for_end(self) -> "Rollout":
        """What a program sees that does not tell the two apart: every truncation as a termination."""
        ended = self.terminated | self.truncated
        return replace(self, terminated=ended, truncated=np.zeros_like(ended))

    def bootstrapped(self, values: Array) -> tuple[Array, Array, Array]:
        """(rewards, discounts, values[T + 1, K, N]) for `tutor.rl.returns`, from the critic's values[K, S].

        A discount is 0 where an episode is over; where it was truncated, gamma V of the state it was cut off
        in is added to the reward.
        """
        K, S = values.shape
        of_seed = np.arange(0, K * S, S)[:, None]
        rewards, flat = self.rewards, values.ravel()
        if self.truncated.any():
            cut_off = np.nonzero(self.truncated)
            rewards = rewards.copy()
            rewards[cut_off] += self.gamma * values[cut_off[1], self.next_states[cut_off]]
        discounts = np.where(self.terminated | self.truncated, 0.0, self.gamma)
        visited = np.concatenate([self.states, self.last.states[None]])
        visited += of_seed
        return rewards, discounts, flat.take(visited)


def rollout(
    env: FiniteMDP,
    policy: ArrayLike,
    rngs: Sequence[np.random.Generator],
    *,
    steps: int,
    n_envs: int = 1,
    begin: Position | None = None,
) -> Rollout:
    """Act `steps` times in each environment, under policy[S, A] or a policy for each seed, [K, S, A].

    begin: the position to go on from; None: every environment at its start. Raises ValueError when a count is
    below 1, PlanningError for a bad policy.
    """
    for name, count in (("steps", steps), ("n_envs", n_envs), ("seeds", len(rngs))):
        if count < 1:
            raise ValueError(f"{name} is {count}; it must be at least 1")
    mdp = env.tabular()
    policy = check_policy(policy, mdp.n_states, mdp.n_actions)
    walked = _walk(mdp, policy, rngs, steps, begin or _at_start(mdp, len(rngs), n_envs))
    outcomes = walked.outcomes
    rewards = mdp.rewards.ravel().take(outcomes, mode="clip")
    if mdp.noise is not None:
        rewards += mdp.noise[walked.states, walked.actions] * walked.noise
    shape = (steps, len(rngs), n_envs)
    return Rollout(
        states=walked.states.reshape(shape),
        actions=walked.actions.reshape(shape),
        rewards=rewards.reshape(shape),
        next_states=mdp.next_states.ravel().take(outcomes, mode="clip").reshape(shape),
        terminated=mdp.ends.ravel().take(outcomes, mode="clip").reshape(shape),
        truncated=walked.truncated.reshape(shape),
        last=walked.last,
        gamma=mdp.gamma,
    )


class _Walked(NamedTuple):
    """[T, K N]; what an outcome pays and where it leads is looked up afterwards. noise: standard normal."""

    states: Indices
    actions: Indices
    outcomes: Indices
    truncated: Mask
    noise: Array
    last: Position


def _at_start(mdp: Tabular, n_seeds: int, n_envs: int) -> Position:
    return Position(np.full((n_seeds, n_envs), mdp.start), np.zeros((n_seeds, n_envs), dtype=np.intp))


def _walk(
    mdp: Tabular, policy: Array, rngs: Sequence[np.random.Generator], steps: int, begin: Position
) -> _Walked:
    K, N = begin.states.shape
    states = np.empty((steps + 1, K * N), dtype=np.intp)
    actions, outcomes = (np.empty((steps, K * N), dtype=np.intp) for _ in range(2))
    truncated = np.zeros((steps, K * N), dtype=bool)
    noise = np.empty((0 if mdp.noise is None else steps, K * N))
    base = np.repeat(np.arange(K), N) * mdp.n_states if policy.ndim == 3 and K > 1 else None
    chances = thresholds(policy)
    after = np.where(mdp.ends, mdp.start, mdp.next_states).ravel()
    ends = mdp.ends.ravel()
    states[0], count = begin.states.ravel(), begin.steps.ravel()
    throws = _throws(rngs, 2 if mdp.noise is None else 4, N, steps)
    now = 0
    while now < steps:
        first, now = now, min(steps, now + _steps_left(mdp, count, steps))
        for t, dice in zip(range(first, now), throws, strict=False):
            state = states[t]
            action = sample(chances, state if base is None else state + base, dice[0], out=actions[t])
            outcome = mdp.outcome(state, action, dice[1], out=outcomes[t])
            if mdp.noise is not None:
                noise[t] = normal(dice[2], dice[3])
            after.take(outcome, mode="clip", out=states[t + 1])
        count = _count(ends.take(outcomes[first:now], mode="clip"), count)
        cut = truncated[now - 1] = count == mdp.step_limit
        states[now][cut], count[cut] = mdp.start, 0
    last = Position(states[-1].reshape(K, N), count.reshape(K, N))
    return _Walked(states[:-1], actions, outcomes, truncated, noise, last)


def _count(ended: Mask, before: Indices) -> Indices:
    """[K N]: the steps of each episode after those that ended[T, K N] tells of, so many having gone before."""
    T = len(ended)
    since = T - np.maximum.reduce(ended * np.arange(1, T + 1)[:, None], axis=0)
    return np.where(since < T, since, before + T)


def _throws(rngs: Sequence[np.random.Generator], width: int, n_envs: int, steps: int) -> Iterator[Array]:
    """[width, K N] uniform numbers for each step; drawn some steps ahead, never more than there are."""
    for first in range(0, steps, _BLOCK):
        block = min(_BLOCK, steps - first)
        dice = np.empty((block, width, len(rngs), n_envs))
        for k, rng in enumerate(rngs):
            dice[:, :, k] = rng.random((block, width, n_envs))
        yield from dice.reshape(block, width, -1)


def _steps_left(mdp: Tabular, count: Indices, enough: int) -> int:
    """How many steps can be taken before any environment can reach the step limit; `enough` where there is none."""
    return enough if mdp.step_limit is None else int(mdp.step_limit - count.max())
