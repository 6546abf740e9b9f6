"""What can be run and what can be played with. A new experiment or lab is one entry here.

Nothing heavy is imported until an experiment runs: `check` and the palette only need the names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import cast

from tutor.experiments import clip_parameters
from tutor.experiments.frames import Frame
from tutor.experiments.grids import GAMMA, GRID, POLICIES, SEEDS, SLIP, STEP_REWARD, WALKERS, resolve_grid
from tutor.experiments.parameters import Parameter, Value
from tutor.experiments.tokens import PROMPT, PROMPTS, TEMPERATURE, TEXT, TOKENS

Runner = Callable[[Mapping[str, Value], Sequence[int]], Iterator[Frame]]


class UnknownExperiment(KeyError):  # noqa: N818  (the name that callers rely on)
    """No experiment has this id; the message names those that there are."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownLab(UnknownExperiment):
    """No lab has this id; the message names those that there are."""


@dataclass(frozen=True)
class Experiment:
    """Something that runs over seeds and yields frames.

    id: as in lessons and commands. sentence: what it shows, for people. metrics: the names every series
    carries. series: the names of its curves. runner: (every parameter's value, seeds) -> frames. deterministic:
    whether every seed gives the same numbers, given every parameter's value.
    """

    id: str
    title: str
    sentence: str
    parameters: tuple[Parameter, ...]
    metrics: tuple[str, ...]
    series: tuple[str, ...]
    runner: Runner
    deterministic: Callable[[Mapping[str, Value]], bool] = lambda _values: False

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Every parameter's value: what is given, else the grid's own number, else the default. Raises
        ParameterError."""
        return resolve_grid(self.parameters, given)


@dataclass(frozen=True)
class LabDescription:
    """Something to play with: what may be set, and how it may begin.

    main: the parameter that `[` and `]` change. presets: settings that `n` goes through; the first is how
    it begins. check_fit: raises ParameterError where given values contradict each other.
    """

    id: str
    title: str
    sentence: str
    parameters: tuple[Parameter, ...]
    main: str
    presets: tuple[Mapping[str, Value], ...]
    check_fit: Callable[[Mapping[str, Value]], None] = lambda _given: None

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Every parameter's value: what is given, else the grid's own number, else the default. Raises
        ParameterError."""
        values = resolve_grid(self.parameters, given)
        self.check_fit({name: values[name] for name in given})
        return values


def _from(module: str, function: str) -> Runner:
    """The runner `tutor.experiments.<module>.<function>`, imported when it is first called."""

    def runner(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
        found = cast(Runner, getattr(import_module(f"tutor.experiments.{module}"), function))
        return found(values, seeds)

    return runner


_EXPERIMENTS = (
    Experiment(
        id="episode",
        title="One episode",
        sentence="A policy walks a grid from start to end: its reward at every step, and the return so far.",
        parameters=(
            GRID,
            Parameter("policy", "choice", "random", "How the agent acts.", choices=WALKERS),
            GAMMA,
            SLIP,
            STEP_REWARD,
            Parameter(
                "steps",
                "int",
                200,
                "Steps at most; the grid's own limit holds as well.",
                low=1,
                high=2000,
                step=10,
            ),
            SEEDS,
        ),
        metrics=("episode/reward", "objective/episode_return"),
        series=("episode",),
        runner=_from("walking", "episode"),
        deterministic=lambda values: values["policy"] == "optimal" and values["slip"] == 0,
    ),
    Experiment(
        id="policy-return",
        title="The return of a policy",
        sentence="The exact expected return of a policy from the start, by solving its Bellman equations.",
        parameters=(
            GRID,
            Parameter("policy", "choice", "random", "How the agent acts, everywhere.", choices=POLICIES),
            GAMMA,
            SLIP,
            STEP_REWARD,
            SEEDS,
        ),
        metrics=("objective/return",),
        series=("policy-return",),
        runner=_from("walking", "policy_return"),
        deterministic=lambda _values: True,
    ),
    Experiment(
        id="next-token",
        title="The next token",
        sentence="How likely the toy language model holds each token to be the next one of its answer.",
        parameters=(PROMPT, TEXT, TEMPERATURE, SEEDS),
        metrics=("policy/probability",),
        series=TOKENS,
        runner=_from("tokens", "next_token"),
        deterministic=lambda _values: True,
    ),
    Experiment(
        id="clip",
        title="The clipped surrogate",
        sentence="What PPO maximises for one sample: min(r A, clip(r, 1 - epsilon, 1 + epsilon) A).",
        parameters=clip_parameters.EXPERIMENT,
        metrics=("objective/surrogate",),
        series=("clip",),
        runner=_from("clip", "clip"),
        deterministic=lambda _values: True,
    ),
)

_SEED = Parameter("seed", "int", 0, "Which dice are thrown.", low=0, high=999_999, step=1)
_SPEED = Parameter("speed", "int", 4, "Steps per second when it runs by itself.", low=1, high=30, step=1)
_UNDISCOUNTED = Parameter(
    "gamma",
    "float",
    1.0,
    "Discount: what a reward is worth when it comes one step later; 1: it does not fade.",
    low=0,
    high=1,
    step=0.01,
)

_LABS = (
    LabDescription(
        id="gridworld",
        title="Gridworld",
        sentence="Walk a grid step by step, slip, and watch the reward and the return.",
        parameters=(
            GRID,
            SLIP,
            STEP_REWARD,
            GAMMA,
            _SEED,
            Parameter("policy", "choice", "random", "Who walks when it runs by itself.", choices=WALKERS),
            _SPEED,
        ),
        main="gamma",
        presets=(
            {"grid": "russell-norvig"},
            {"grid": "mouse"},
            {"grid": "rooms"},
            {"grid": "frozenlake-4x4"},
            {"grid": "cliff"},
        ),
    ),
    LabDescription(
        id="tour",
        title="Tour",
        sentence="A gridworld and a language model side by side: the same words for both.",
        parameters=(PROMPT, _UNDISCOUNTED, replace(_SEED, default=1), _SPEED),
        main="gamma",
        presets=tuple({"prompt": prompt} for prompt in PROMPTS),
    ),
    LabDescription(
        id="token",
        title="Token agent",
        sentence="Step a language model token by token: force a word, undo, change the temperature.",
        parameters=(
            PROMPT,
            TEXT,
            TEMPERATURE,
            _UNDISCOUNTED,
            _SEED,
            _SPEED,
        ),
        main="temperature",
        presets=tuple({"prompt": prompt} for prompt in PROMPTS),
    ),
    LabDescription(
        id="clip",
        title="Clip",
        sentence="Move ratio, advantage and epsilon, and see where the clipped objective stops pushing.",
        parameters=clip_parameters.LAB,
        main="epsilon",
        presets=clip_parameters.PRESETS,
        check_fit=clip_parameters.check_fit,
    ),
)


def catalogue() -> dict[str, Experiment]:
    """Every experiment by id, in the order of the course."""
    return {experiment.id: experiment for experiment in _EXPERIMENTS}


def labs() -> dict[str, LabDescription]:
    """Every lab by id, in the order of the course."""
    return {lab.id: lab for lab in _LABS}


def find_experiment(id: str) -> Experiment:
    """Raises UnknownExperiment."""
    known = catalogue()
    if id not in known:
        raise UnknownExperiment(f"there is no experiment {id!r}; the experiments are: {', '.join(known)}")
    return known[id]


def find_lab(id: str) -> LabDescription:
    """Raises UnknownLab."""
    known = labs()
    if id not in known:
        raise UnknownLab(f"there is no lab {id!r}; the labs are: {', '.join(known)}")
    return known[id]
