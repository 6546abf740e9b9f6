"""Experiments in which a policy learns by its gradient: `reinforce`, `ppo`, `trpo` and so on, and `tightrope`.

Every frame carries the metrics of the catalogue entry; update 0 has `objective/return` alone. J is computed after every
update, so that no fall between two of them is missed. detail: the first seed's policy[S, A].
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from tutor.experiments.entries.policy_gradient import METRICS, SHORT
from tutor.experiments.frames import Frame
from tutor.experiments.learning import generators, named, side_by_side
from tutor.experiments.parameters import ParameterError, Value
from tutor.experiments.policy_gradient_parameters import FIELDS
from tutor.rl import policy_gradient as algorithms
from tutor.rl import tightrope as slices
from tutor.rl import trust_region
from tutor.rl.environments.maps import make
from tutor.rl.environments.tabular import FiniteMDP
from tutor.rl.policy_gradient_frames import (
    ActorCriticConfig,
    PolicyGradientConfig,
    PolicyGradientFrame,
    PPOConfig,
    PPOKLConfig,
    ReinforceConfig,
    TRPOConfig,
)

Values = Mapping[str, Value]
Config = TypeVar("Config", bound=PolicyGradientConfig)
Algorithm = Callable[..., Iterator[PolicyGradientFrame]]
Runs = Mapping[str, tuple[Algorithm, PolicyGradientConfig]]  # by series
_LONG = (
    *(name for name in METRICS if name not in SHORT),
    "trpo/step",
    "beta",
)  # left out where several are compared


def reinforce(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Two series: `reinforce`, and `baseline`, which takes V(s) off the return; without the critic's own metrics."""
    config = config_of(ReinforceConfig, values)
    curves = {"reinforce": config, "baseline": replace(config, baseline=True)}
    return side_by_side(
        [
            _curve(series, algorithms.reinforce, values, each, seeds, without=METRICS[-2:])
            for series, each in curves.items()
        ]
    )


def actor_critic(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    return _curve(
        "actor-critic", algorithms.actor_critic, values, config_of(ActorCriticConfig, values), seeds
    )


def ppo(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    return _curve("ppo", algorithms.ppo, values, config_of(PPOConfig, values), seeds)


def ppo_kl(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Besides, `beta`: the penalty's coefficient in the update."""
    return _curve("ppo-kl", algorithms.ppo_kl, values, config_of(PPOKLConfig, values), seeds)


def trpo(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Besides, `trpo/step`: the share of the whole step that the line search took."""
    return _curve("trpo", trust_region.trpo, values, config_of(TRPOConfig, values), seeds)


def unclipped(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    return _curve("unclipped", algorithms.unclipped, values, config_of(PPOConfig, values), seeds)


def ppo_vs_trpo(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Five series, update by update; the two of TRPO differ in the line search alone."""
    return _compared(_rivals(values), values, seeds)


def stability(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """The five of `ppo_vs_trpo`, number for number, and `ppo-kl` with its own learning rate."""
    penalised = config_of(PPOKLConfig, {**values, "learning_rate": values["kl_learning_rate"]})
    return _compared({**_rivals(values), "ppo-kl": (algorithms.ppo_kl, penalised)}, values, seeds)


def _rivals(values: Values) -> Runs:
    climbs, steps = config_of(PPOConfig, values), config_of(TRPOConfig, values)
    return {
        "ppo": (algorithms.ppo, climbs),
        "trpo": (trust_region.trpo, steps),
        "trpo-no-line-search": (trust_region.trpo, replace(steps, line_search=False)),
        "unclipped": (algorithms.unclipped, climbs),
        "log-prob": (algorithms.log_prob, climbs),
    }


def _compared(runs: Runs, values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """A series for each, by the metrics that all have."""
    return side_by_side(
        [_curve(series, run, values, config, seeds, without=_LONG) for series, (run, config) in runs.items()]
    )


def clip_fraction(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Two series: `ppo`, without an entropy bonus, and `ppo-entropy`, with it."""
    config = config_of(PPOConfig, values)
    curves = {"ppo": replace(config, entropy_bonus=0.0), "ppo-entropy": config}
    return side_by_side(
        [
            _curve(series, algorithms.ppo, values, each, seeds, without=_LONG)
            for series, each in curves.items()
        ]
    )


def tightrope(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Update u: u times the step of delta. What each series says the return is there: `true` the exact J, `surrogate`
    what the batch promises, `exact-surrogate` what a batch without end would; and `policy/kl`, from the policy at 0.
    detail: the first seed's policy[S, A]."""
    trust = replace(config_of(TRPOConfig, values), updates=max(1, int(values["update"])))
    multiples = tuple(float(u) for u in range(int(values["longest"]) + 1))
    config = slices.TightropeConfig(update=int(values["update"]), multiples=multiples, trpo=trust)

    def frames() -> Iterator[Frame]:
        for u, at in enumerate(slices.tightrope(world(values), config, generators(seeds))):
            says = {"true": at.returns, "surrogate": at.surrogate, "exact-surrogate": at.exact_surrogate}
            for series, returns in says.items():
                yield Frame(series, u, {"objective/return": returns, "policy/kl": at.kl}, at.policy[0])

    return named("trpo", frames())


def world(values: Values) -> FiniteMDP:
    """The grid that the parameters name."""
    return make(
        str(values["grid"]),
        gamma=float(values["gamma"]),
        slip=float(values["slip"]),
        step_reward=float(values["step_reward"]),
    )


def config_of(kind: type[Config], values: Values) -> Config:
    """The parameters that this kind of config has. Raises ParameterError where they do not fit each other."""
    known = {field.name for field in fields(kind)}
    own: dict[str, Any] = {FIELDS.get(name, name): value for name, value in values.items()}
    try:
        return kind(**{name: value for name, value in own.items() if name in known})
    except ValueError as error:
        raise ParameterError(str(error)) from None


def _curve(
    series: str,
    algorithm: Algorithm,
    values: Values,
    config: PolicyGradientConfig,
    seeds: Sequence[int],
    without: Sequence[str] = (),
) -> Iterator[Frame]:
    def frames() -> Iterator[Frame]:
        for frame in algorithm(world(values), config, generators(seeds)):
            metrics = {name: value for name, value in frame.metrics.items() if name not in hidden}
            yield Frame(series, frame.update, metrics, frame.policy[0])

    hidden = {"objective/episode_return", *without}  # not every seed need have ended an episode
    return named(series, frames())
