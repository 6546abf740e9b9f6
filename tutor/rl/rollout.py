"""T steps of K seeds with N environments each under a fixed policy. Arrays are [T, K, N].

An environment whose episode is over begins the next one at the start, in the same step. Everything that a step
decides is a lookup by a flat index, and each seed has a generator of its own: seed k's steps are the same
whichever seeds run beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.dice import normal
from tutor.rl.environments.tabular import Array, FiniteMDP, Indices, Mask, Tabular, sample, thresholds
from tutor.rl.planning import check_policy


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

    def bootstrapped(self, values: Array) -> tuple[Array, Array, Array]:
        """(rewards, discounts, values[T + 1, K, N]) for `tutor.rl.returns`, from the critic's values[K, S].

        A discount is 0 where an episode is over; where it was truncated, gamma V of the state it was cut off
        in is added to the reward.
        """
        seeds = np.arange(len(values))[:, None]
        cut_off = self.gamma * values[seeds, self.next_states] * self.truncated
        discounts = np.where(self.terminated | self.truncated, 0.0, self.gamma)
        visited = np.concatenate([self.states, self.last.states[None]])
        return self.rewards + cut_off, discounts, values[seeds, visited]


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
    dice = _dice(mdp, rngs, steps, n_envs)
    begin = begin or _at_start(mdp, len(rngs), n_envs)
    states, actions, outcomes, truncated, last = _walk(mdp, policy, dice, begin)
    rewards = mdp.rewards.ravel().take(outcomes)
    if mdp.noise is not None:
        rewards += mdp.noise[states, actions] * normal(dice[:, 2], dice[:, 3])
    return Rollout(
        states=states,
        actions=actions,
        rewards=rewards,
        next_states=mdp.next_states.ravel().take(outcomes),
        terminated=mdp.ends.ravel().take(outcomes),
        truncated=truncated,
        last=last,
        gamma=mdp.gamma,
    )


def _dice(mdp: Tabular, rngs: Sequence[np.random.Generator], steps: int, n_envs: int) -> Array:
    """[T, 2, K, N]: for the action and the outcome; [T, 4, K, N] where rewards are noisy."""
    width = 2 if mdp.noise is None else 4
    dice = np.empty((steps, width, len(rngs), n_envs))
    for k, rng in enumerate(rngs):
        dice[:, :, k] = rng.random((steps, width, n_envs))
    return dice


def _at_start(mdp: Tabular, n_seeds: int, n_envs: int) -> Position:
    return Position(np.full((n_seeds, n_envs), mdp.start), np.zeros((n_seeds, n_envs), dtype=np.intp))


def _walk(
    mdp: Tabular, policy: Array, dice: Array, begin: Position
) -> tuple[Indices, Indices, Indices, Mask, Position]:
    """(states, actions, outcomes, truncated, last position); what an outcome pays is looked up afterwards."""
    T, _, K, N = dice.shape
    states, actions, outcomes = (np.empty((T, K * N), dtype=np.intp) for _ in range(3))
    truncated = np.zeros((T, K * N), dtype=bool)
    base = np.repeat(np.arange(K), N) * (mdp.n_states if policy.ndim == 3 else 0)
    chances = thresholds(policy)
    goes_on = (~mdp.ends).ravel().astype(np.intp)
    after = np.where(mdp.ends, mdp.start, mdp.next_states).ravel()
    dice = dice.reshape(T, -1, K * N)
    state, count = begin.states.ravel(), begin.steps.ravel().copy()
    check_at = _steps_left(mdp, count)
    for t in range(T):
        states[t] = state
        action = sample(chances, state + base, dice[t, 0], out=actions[t])
        outcome = mdp.outcome(state, action, dice[t, 1], out=outcomes[t])
        state = after.take(outcome, mode="clip")
        count += 1
        count *= goes_on.take(outcome, mode="clip")
        if t + 1 == check_at:
            cut = truncated[t] = count == mdp.step_limit
            state[cut], count[cut] = mdp.start, 0
            check_at += _steps_left(mdp, count)
    last = Position(state.reshape(K, N), count.reshape(K, N))
    shape = (T, K, N)
    return (
        states.reshape(shape),
        actions.reshape(shape),
        outcomes.reshape(shape),
        truncated.reshape(shape),
        last,
    )


def _steps_left(mdp: Tabular, count: Indices) -> int:
    """How many steps can be taken before any environment can reach the step limit; -1 where there is none."""
    return -1 if mdp.step_limit is None else int(mdp.step_limit - count.max())
