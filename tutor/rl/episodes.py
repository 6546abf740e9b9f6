"""Walking a gridworld: one step at a time, or a whole episode as a generator of frames."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutor.rl.dice import Standing, standing
from tutor.rl.environments.gridworld import ACTIONS, Gridworld
from tutor.rl.planning import check_policy, optimal_policy

Policy = NDArray[np.float64]  # (S, A), rows sum to 1


@dataclass(frozen=True, slots=True)
class StepFrame:
    """One step: S_t, A_t, R_{t+1}, S_{t+1}.

    t: steps taken before this one. moved: the direction the dice chose; it differs from `action` when the
    agent slipped. terminated: the world ended the episode. truncated: only the step limit did, so the next
    state still has its value. dice: where the generator stood before the slip was drawn.
    """

    t: int
    state: int
    action: int
    moved: int
    reward: float
    next_state: int
    terminated: bool
    truncated: bool
    dice: Standing

    @property
    def rng_state(self) -> Mapping[str, Any]:
        """The generator's state before the slip was drawn. Restored, the same action slips the same way again, and
        another action meets the same dice."""
        return self.dice.mapping()

    @property
    def slipped(self) -> bool:
        return self.moved != self.action

    @property
    def ended(self) -> bool:
        return self.terminated or self.truncated


def take_step(env: Gridworld, state: int, action: int, t: int, rng: np.random.Generator) -> StepFrame:
    """Act once, as step number t of an episode (from 0). Draws one uniform number. Raises GridworldError."""
    dice = standing(rng)
    moved = env.slipped(action, rng)
    next_state, reward, terminated = env.move(state, moved)
    truncated = not terminated and env.step_limit is not None and t + 1 >= env.step_limit
    return StepFrame(t, state, action, moved, reward, next_state, terminated, truncated, dice)


def walk(env: Gridworld, policy: ArrayLike, rng: np.random.Generator) -> Iterator[StepFrame]:
    """One episode under policy[S, A], until it terminates or truncates (on a grid without a limit: maybe
    never).

    Each step draws two uniform numbers: one for the action, one for the slip. Raises PlanningError for a
    bad policy.
    """
    chances = _cumulative(check_policy(policy, env.n_states, env.n_actions))
    return _walk(env, chances, rng)


def _walk(env: Gridworld, chances: list[list[float]], rng: np.random.Generator) -> Iterator[StepFrame]:
    state, t, ended = env.reset(rng), 0, False
    while not ended:
        frame = take_step(env, state, bisect_right(chances[state], rng.random()), t, rng)
        yield frame
        state, t, ended = frame.next_state, t + 1, frame.ended


def sample_action(policy: Policy, state: int, rng: np.random.Generator) -> int:
    """An action of policy[S, A] in `state`. Draws one uniform number."""
    return bisect_right(_cumulative(policy[state : state + 1])[0], rng.random())


def _cumulative(policy: Policy) -> list[list[float]]:
    """Cumulative probabilities whose last is exactly 1, so that rounding never picks an action of
    probability 0."""
    sums = policy.cumsum(axis=-1)
    rows: list[list[float]] = (sums / sums[:, -1:]).tolist()
    return rows


def uniform_policy(env: Gridworld) -> Policy:
    """Every action equally likely everywhere."""
    return np.full((env.n_states, env.n_actions), 1 / env.n_actions)


def greedy_policy(env: Gridworld) -> Policy:
    """An optimal policy of the grid at its gamma. Raises EndlessPolicyError when gamma = 1 and never ending
    pays best."""
    return optimal_policy(*env.transitions(), env.gamma)


def constant_policy(env: Gridworld, action: int) -> Policy:
    """The same action everywhere."""
    policy = np.zeros((env.n_states, env.n_actions))
    policy[:, action] = 1
    return policy


def named_policy(env: Gridworld, name: str) -> Policy:
    """The policy that lessons call `random`, `optimal`, `up`, `right`, `down` or `left`. Raises
    ValueError."""
    if name == "random":
        return uniform_policy(env)
    if name == "optimal":
        return greedy_policy(env)
    if name in ACTIONS:
        return constant_policy(env, ACTIONS.index(name))
    raise ValueError(f"there is no policy {name!r}; the policies are: random, optimal, {', '.join(ACTIONS)}")
