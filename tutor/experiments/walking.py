"""Experiments in which a fixed policy walks a grid: `episode` and `policy-return`."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice

import numpy as np

from tutor.experiments.frames import Frame
from tutor.experiments.grids import grid_title
from tutor.experiments.parameters import ParameterError, Value
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import make
from tutor.rl.episodes import Policy, named_policy, walk
from tutor.rl.planning import EndlessPolicyError, solve


def episode(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """One frame per step, until every seed's episode is over; update = steps taken, 0 before the first.

    metrics: `episode/reward`, of that step; `objective/episode_return`, the discounted return so far. A
    seed whose episode is over keeps its return and has reward 0. detail: the StepFrame of the first seed;
    None before it begins and after it ends.
    """
    env, policy = world(values)
    walks = [islice(walk(env, policy, np.random.default_rng(seed)), int(values["steps"])) for seed in seeds]
    returns, discount = np.zeros(len(seeds)), 1.0
    yield Frame("episode", 0, {"episode/reward": np.zeros(len(seeds)), "objective/episode_return": returns})
    for update in count(1):
        steps = [next(each, None) for each in walks]
        if not any(steps):
            return
        rewards = np.array([step.reward if step else 0.0 for step in steps])
        returns = returns + discount * rewards
        discount *= env.gamma
        yield Frame(
            "episode", update, {"episode/reward": rewards, "objective/episode_return": returns}, steps[0]
        )


def policy_return(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """One frame: `objective/return`, the exact value of the start. detail: V[S]. Nothing is random: every
    seed agrees."""
    env, policy = world(values)
    try:
        V = solve(*env.transitions(), env.gamma, policy)
    except EndlessPolicyError:
        raise endless(values) from None
    yield Frame("policy-return", 0, {"objective/return": np.full(len(seeds), V[env.start])}, V)


def world(values: Mapping[str, Value]) -> tuple[Gridworld, Policy]:
    """The grid and the policy that the parameters name. Raises ParameterError."""
    env = make(
        str(values["grid"]),
        gamma=float(values["gamma"]),
        slip=float(values["slip"]),
        step_reward=float(values["step_reward"]),
    )
    try:
        return env, named_policy(env, str(values["policy"]))
    except EndlessPolicyError:
        raise endless(values) from None


def no_optimum(values: Mapping[str, Value]) -> ParameterError:
    """What to say when at gamma 1 no policy is the best."""
    return ParameterError(
        f"gamma is 1, and on {str(values['grid'])[:60]} with slip {values['slip']:g} and step_reward "
        f"{values['step_reward']:g} some state has no way to an end, or never ending pays best, so there "
        "are no optimal values; take gamma below 1"
    )


def endless(values: Mapping[str, Value]) -> ParameterError:
    """What to say when the policy may never end at gamma 1."""
    return ParameterError(
        f"gamma is 1, and on {grid_title(str(values['grid']))} with slip {values['slip']:g} and step_reward "
        f"{values['step_reward']:g} the policy {values['policy']!r} may never end, so its return is not "
        "finite; take gamma below 1 or another policy"
    )
