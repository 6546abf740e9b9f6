"""Experiments in which the values of a fixed policy are learned: `mc-prediction`, `td-prediction`, `mc-and-td`,
`td-vs-mc`, `n-step-walk`.

Every frame is an episode, 0 before the first, and carries `value/rms_error` and `value/max_error`: how far the
estimate is from the exact values, over the states that the policy can visit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from tutor.experiments.frames import Frame
from tutor.experiments.learning import generators, named, schedule, side_by_side
from tutor.experiments.parameters import Value
from tutor.experiments.walking import endless, world
from tutor.rl.environments.random_walk import random_walk
from tutor.rl.environments.tabular import Array, FiniteMDP
from tutor.rl.evaluation import errors, reachable
from tutor.rl.planning import EndlessPolicyError, solve
from tutor.rl.prediction import (
    PredictionConfig,
    PredictionFrame,
    Traces,
    lambda_return,
    monte_carlo,
    n_step_td,
    td,
    td_lambda,
)
from tutor.rl.schedules import Schedule, constant

Method = Callable[..., Iterator[PredictionFrame]]
STEPS_AHEAD = (1, 2, 4, 8, 16)  # n of the curves of `n-step-walk`


def mc_prediction(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """Monte Carlo on a grid."""
    method = partial(monte_carlo, first_visit=values["visits"] == "first")
    return _on_grid("mc-prediction", method, values, seeds)


def td_prediction(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """TD(0), n-step TD, TD(lambda) or the offline lambda-return on a grid."""
    return _on_grid("td-prediction", _td_method(values), values, seeds)


def mc_and_td(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """Monte Carlo and a method that bootstraps, on the same episodes of a grid."""
    methods: dict[str, Method] = {"mc": monte_carlo, "td": _td_method(values)}
    return side_by_side([_on_grid(name, method, values, seeds) for name, method in methods.items()])


def _td_method(values: Mapping[str, Value]) -> Method:
    traces: Traces = "replacing" if values["traces"] == "replacing" else "accumulating"
    lambda_ = float(values["lambda"])
    methods: dict[str, Method] = {
        "td": td,
        "n-step": partial(n_step_td, n=int(values["n"])),
        "td-lambda": partial(td_lambda, lambda_=lambda_, traces=traces),
        "lambda-return": partial(lambda_return, lambda_=lambda_),
    }
    return methods[str(values["method"])]


def td_vs_mc(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """TD(0) and Monte Carlo on the same episodes of a random walk (Sutton & Barto, example 6.2)."""
    methods: dict[str, tuple[Method, str]] = {"td": (td, "td_alpha"), "mc": (monte_carlo, "mc_alpha")}
    return side_by_side(
        [
            _on_walk(series, method, values, constant(float(values[alpha])), seeds)
            for series, (method, alpha) in methods.items()
        ]
    )


def n_step_walk(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """n-step TD with several n on the same episodes of a random walk (Sutton & Barto, example 7.1)."""
    alpha = constant(float(values["alpha"]))
    return side_by_side(
        [_on_walk(f"n-{n}", partial(n_step_td, n=n), values, alpha, seeds) for n in STEPS_AHEAD]
    )


def _on_grid(
    series: str, method: Method, values: Mapping[str, Value], seeds: Sequence[int]
) -> Iterator[Frame]:
    env, policy = world(values)
    try:
        exact = solve(*env.transitions(), env.gamma, policy)
    except EndlessPolicyError:
        raise endless(values) from None
    return _curve(series, method, env, policy, _config(values, schedule(values, "alpha")), exact, seeds)


def _on_walk(
    series: str, method: Method, values: Mapping[str, Value], alpha: Schedule, seeds: Sequence[int]
) -> Iterator[Frame]:
    env = random_walk(int(str(values["walk"]).removeprefix("walk-")))
    policy = np.ones((env.n_states, 1))
    exact = solve(*env.transitions(), env.gamma, policy)
    return _curve(series, method, env, policy, _config(values, alpha), exact, seeds)


def _config(values: Mapping[str, Value], alpha: Schedule) -> PredictionConfig:
    return PredictionConfig(episodes=int(values["episodes"]), alpha=alpha, initial=float(values["initial"]))


def _curve(
    series: str,
    method: Method,
    env: FiniteMDP,
    policy: Array,
    config: PredictionConfig,
    exact: Array,
    seeds: Sequence[int],
) -> Iterator[Frame]:
    counted = reachable(env.tabular(), policy)

    def frames() -> Iterator[Frame]:
        for frame in method(env, policy, config, generators(seeds)):
            rms, largest = errors(frame.values, exact, counted)
            yield Frame(series, frame.update, {"value/rms_error": rms, "value/max_error": largest})

    return named(series, frames())
