"""The clinic's twelve cases, run: each first as it was built wrong, then with that alone put right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from tutor.experiments.clinic_frames import SampledWalk, Walks
from tutor.experiments.entries.clinic import metrics_of, updates_of
from tutor.experiments.frames import Frame
from tutor.experiments.learning import generators, named
from tutor.experiments.parameters import Value
from tutor.experiments.registry import find_experiment
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import make
from tutor.rl.episodes import walk
from tutor.rl.policy_gradient import ppo
from tutor.rl.policy_gradient_frames import PolicyGradientConfig, PolicyGradientFrame, PPOConfig, TRPOConfig
from tutor.rl.trust_region import trpo

Values = Mapping[str, Value]
WALKS, LONGEST = 8, 60  # walks that a frame shows, and most steps of one
ROUNDING = 1e-6  # of single precision: a KL below it is 0
TOY: Values = {"controller": "fixed", "beta": 0.05}  # every case of the toy model, but for what it says


@dataclass(frozen=True)
class ToyCase:
    """PPO on the toy model. shared: other settings of both runs; broken: of the broken one alone."""

    fault: str
    broken: Values
    shared: Values = field(default_factory=dict)

    def frames(self, series: str, updates: int, seeds: Sequence[int]) -> Iterator[Frame]:
        from tutor.experiments.llm_training import rlhf

        wrong = self.broken if series == "broken" else {}
        usual = find_experiment("rlhf").values({})
        for frame in rlhf({**usual, **TOY, **self.shared, **wrong, "updates": updates}, seeds):
            yield replace(frame, series=series)


@dataclass(frozen=True)
class GridCase:
    """A policy gradient on a grid."""

    fault: str
    grid: str
    algorithm: Callable[..., Iterator[PolicyGradientFrame]]
    mended: PolicyGradientConfig
    broken: PolicyGradientConfig

    def frames(self, series: str, updates: int, seeds: Sequence[int]) -> Iterator[Frame]:
        env, config = make(self.grid), replace(getattr(self, series), updates=updates)
        longest = min(config.most_steps, env.step_limit or LONGEST, LONGEST)
        for frame in self.algorithm(env, config, generators(seeds)):
            dice = np.random.default_rng((seeds[0], frame.update))  # apart from those of the run
            walks = tuple(sampled(env, frame.policy[0], dice, longest) for _ in range(WALKS))
            yield Frame(series, frame.update, frame.metrics, Walks(frame.update, walks))


def sampled(env: Gridworld, policy: np.ndarray, dice: np.random.Generator, longest: int) -> SampledWalk:
    """One walk under policy[S, A], of `longest` steps at most."""
    steps = list(islice(walk(env, policy, dice), longest))
    last = steps[-1]
    total = sum(env.gamma**t * step.reward for t, step in enumerate(steps))
    mark = env.character(last.next_state) if last.terminated else ""
    return SampledWalk(tuple(step.action for step in steps), mark, total)


_SHORT_WALKS = PPOConfig(most_steps=20)
_LONG_STEPS = TRPOConfig(delta=0.03)

CASES: tuple[ToyCase | GridCase, ...] = (
    ToyCase("reward-on-padding", {"fault": "reward-on-padding"}),
    ToyCase("no-kl", {"controller": "none"}),
    ToyCase("frozen-actor", {"fault": "frozen-actor"}),
    ToyCase("large-epsilon", {"epsilon": 1000.0}, {"epochs": 4, "learning_rate": 0.003}),
    GridCase("no-line-search", "russell-norvig", trpo, _LONG_STEPS, replace(_LONG_STEPS, line_search=False)),
    ToyCase("bad-critic", {"fault": "bad-critic"}),
    ToyCase("moving-reference", {"fault": "moving-reference"}),
    ToyCase("raw-reward", {"fault": "raw-reward"}),
    ToyCase("entropy-collapse", {"entropy_weight": -1.0}),
    GridCase("truncation", "rooms", ppo, _SHORT_WALKS, replace(_SHORT_WALKS, truncation_is_end=True)),
    ToyCase("large-rate", {"learning_rate": 0.02}),
    ToyCase("many-epochs", {"epochs": 10}),
)


def case_of(values: Values) -> ToyCase | GridCase:
    return CASES[int(values["case"]) - 1]


def clinic(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """All updates of `broken`, then all of `mended`, from the same seeds; see `frames_of`."""
    for series in ("broken", "mended"):
        yield from frames_of(int(values["case"]), series, updates_of(values), seeds)


def frames_of(number: int, series: str, updates: int, seeds: Sequence[int]) -> Iterator[Frame]:
    """One of the two runs of case `number`, with the metrics of its kind; what is smaller than ROUNDING is given as 0.
    detail: the first seed's `TrainingFrame`, or `Walks` of its policy."""
    kept = metrics_of(number)
    for frame in named(series, CASES[number - 1].frames(series, updates, seeds)):
        found = {name: frame.metrics[name] for name in kept if name in frame.metrics}
        yield replace(frame, metrics={name: _without_rounding(values) for name, values in found.items()})


def _without_rounding(values: np.ndarray) -> np.ndarray:
    return np.where(np.abs(values) < ROUNDING, 0.0, values)
