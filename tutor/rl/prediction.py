"""What a fixed policy is worth, learned from experience: Monte Carlo, TD(0), n-step TD, TD(lambda).

Sutton & Barto, 2nd edition, chapters 5, 6, 7 and 12. Every method is a generator of frames over K seeds. Which
episodes are met does not depend on the method: the same generator gives all of them the same data. The
`…_updates` functions show what one given episode teaches.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.batches import EpisodeStream
from tutor.rl.detail import Detail
from tutor.rl.divergence import DivergedError, beyond, bounded
from tutor.rl.environments.tabular import Array, FiniteMDP, Tabular
from tutor.rl.planning import check_policy
from tutor.rl.ranges import MOST_EPISODES, check_count, check_seeds, check_step_size
from tutor.rl.schedules import Schedule, constant
from tutor.rl.value_updates import (
    Episode,
    Kernel,
    Traces,
    ValueUpdate,
    lambda_return_kernel,
    lambda_return_updates,
    monte_carlo_kernel,
    monte_carlo_updates,
    n_step_kernel,
    n_step_updates,
    td_kernel,
    td_lambda_kernel,
    td_lambda_updates,
    td_updates,
    updates_of,
)

__all__ = [
    "Episode",
    "PredictionConfig",
    "PredictionFrame",
    "Traces",
    "ValueUpdate",
    "lambda_return",
    "lambda_return_updates",
    "monte_carlo",
    "monte_carlo_updates",
    "n_step_td",
    "n_step_updates",
    "td",
    "td_lambda",
    "td_lambda_updates",
    "td_updates",
]

ADVICE = "a smaller alpha, a smaller lambda, or replacing traces"
MOST_STEPS = 1_000_000
Generators = Sequence[np.random.Generator]


@dataclass(frozen=True)
class PredictionConfig:
    """What the methods share. Raises ValueError that names what is out of its range.

    alpha: step size in (0, 1]. most_steps: an episode that goes on so long is truncated. initial: what every
    state is worth at first, but for those in which the episode is over: these are worth 0.
    """

    episodes: int = 100
    alpha: Schedule = field(default=constant(0.1))
    most_steps: int = 10_000
    initial: float = 0.0

    def __post_init__(self) -> None:
        check_count("episodes", self.episodes, MOST_EPISODES)
        check_count("most_steps", self.most_steps, MOST_STEPS)
        self.alpha.checked(check_step_size)
        if not math.isfinite(self.initial):
            raise ValueError(f"initial is {self.initial}; it must be a finite number")


@dataclass(frozen=True, eq=False)
class PredictionFrame:
    """values[K, S] after `update` complete episodes.

    With scalars a frame is an episode, the first frame is none. In full detail a frame is one update of one
    seed: `step` has its numbers, and rng_state is the generator's before the episode was walked.
    """

    update: int
    values: Array
    step: ValueUpdate | None = None
    rng_state: Mapping[str, Any] | None = None


def monte_carlo(
    env: FiniteMDP,
    policy: ArrayLike,
    config: PredictionConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    *,
    first_visit: bool = False,
) -> Iterator[PredictionFrame]:
    """V(S_t) towards the return G_t, every visit or the first in an episode (section 5.1, constant alpha).

    An episode that was cut off counts what its last state is held to be worth. detail "full": for one seed.
    Raises ValueError or PlanningError for bad input, DivergedError while iterating.
    """
    return _frames("mc", monte_carlo_kernel(first_visit), env, policy, config, rngs, detail)


def td(
    env: FiniteMDP,
    policy: ArrayLike,
    config: PredictionConfig,
    rngs: Generators,
    detail: Detail = "scalars",
) -> Iterator[PredictionFrame]:
    """TD(0): V(S) towards R + gamma V(S') after every step (equation 6.2). Raises as `monte_carlo`."""
    return _frames("td", td_kernel(), env, policy, config, rngs, detail)


def n_step_td(
    env: FiniteMDP,
    policy: ArrayLike,
    config: PredictionConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    *,
    n: int,
) -> Iterator[PredictionFrame]:
    """V(S_t) towards n rewards and the value of the state they lead to (equation 7.2). Raises as `monte_carlo`."""
    return _frames("n-step", n_step_kernel(n), env, policy, config, rngs, detail)


def td_lambda(
    env: FiniteMDP,
    policy: ArrayLike,
    config: PredictionConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    *,
    lambda_: float,
    traces: Traces = "accumulating",
) -> Iterator[PredictionFrame]:
    """Every state by the TD error times its eligibility trace (equations 12.5 to 12.7). Raises as `monte_carlo`."""
    return _frames("td-lambda", td_lambda_kernel(lambda_, traces), env, policy, config, rngs, detail)


def lambda_return(
    env: FiniteMDP,
    policy: ArrayLike,
    config: PredictionConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    *,
    lambda_: float,
) -> Iterator[PredictionFrame]:
    """V(S_t) towards its lambda-return once the episode is over (equation 12.4). Raises as `monte_carlo`."""
    return _frames("lambda-return", lambda_return_kernel(lambda_), env, policy, config, rngs, detail)


def _frames(
    name: str,
    kernel: Kernel,
    env: FiniteMDP,
    policy: ArrayLike,
    config: PredictionConfig,
    rngs: Generators,
    detail: Detail,
) -> Iterator[PredictionFrame]:
    mdp = env.tabular().limited(config.most_steps)
    pi = check_policy(policy, mdp.n_states, mdp.n_actions)
    if check_seeds(len(rngs)) > 1 and detail == "full":
        raise ValueError("single updates are shown for one seed only")
    episodes = _updates if detail == "full" else _episodes
    return episodes(name, kernel, mdp, pi, config, rngs)


def _first_values(mdp: Tabular, config: PredictionConfig, n_seeds: int) -> Array:
    return np.tile(np.where(mdp.terminal, 0.0, config.initial), (n_seeds, 1))


def _episodes(
    name: str, kernel: Kernel, mdp: Tabular, policy: Array, config: PredictionConfig, rngs: Generators
) -> Iterator[PredictionFrame]:
    values = _first_values(mdp, config, len(rngs))
    yield PredictionFrame(0, values.copy())
    stream = EpisodeStream(mdp, policy, rngs)
    for update, alpha in enumerate(config.alpha.over(config.episodes)[:-1].tolist(), 1):
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in kernel(values, stream.next(), alpha):
                pass
        if not bounded(values):
            raise DivergedError(name, update, ADVICE, beyond(values))
        yield PredictionFrame(update, values.copy())


def _updates(
    name: str, kernel: Kernel, mdp: Tabular, policy: Array, config: PredictionConfig, rngs: Generators
) -> Iterator[PredictionFrame]:
    values = _first_values(mdp, config, 1)
    rng_state = rngs[0].bit_generator.state
    yield PredictionFrame(0, values.copy(), rng_state=rng_state)
    stream = EpisodeStream(mdp, policy, rngs, block=1)
    for episode, alpha in enumerate(config.alpha.over(config.episodes)[:-1].tolist()):
        with np.errstate(over="ignore", invalid="ignore"):
            steps = list(updates_of(kernel, values, stream.next(), alpha))
        if not bounded(values):
            raise DivergedError(name, episode + 1, ADVICE)
        for step in steps:
            yield PredictionFrame(episode + (step is steps[-1]), step.values[None], step, rng_state)
        rng_state = rngs[0].bit_generator.state
