"""What control is told, and the frames it yields. K seeds are the first axis of every array."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tutor.rl.behaviour import BEHAVIOURS, Behaviour
from tutor.rl.changes import Changes
from tutor.rl.environments.tabular import Array, Indices, Mask
from tutor.rl.ranges import MOST_EPISODES, check_count, check_fraction, check_step_size
from tutor.rl.schedules import Schedule, constant

MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class ControlConfig:
    """What the four algorithms share. Raises ValueError that names what is out of its range.

    alpha: step size in (0, 1]. behaviour: how actions are chosen. epsilon: the chance to explore, in [0, 1].
    temperature: of softmax, above 0. most_steps: an episode that goes on so long is truncated, because a greedy
    policy may walk in circles for ever. initial: what every action is worth at first. keep_every: every so many
    episodes, and in the first frame and the last, a frame carries the action values; 0: in these two only.
    changes: of alpha, epsilon and the temperature; those that are added while it runs are followed, too.
    """

    episodes: int = 500
    alpha: Schedule = field(default=constant(0.5))
    epsilon: Schedule = field(default=constant(0.1))
    behaviour: Behaviour = "epsilon-greedy"
    temperature: Schedule = field(default=constant(1.0))
    most_steps: int = 10_000
    initial: float = 0.0
    keep_every: int = 0
    changes: Changes = field(default_factory=Changes, compare=False)

    def __post_init__(self) -> None:
        check_count("episodes", self.episodes, MOST_EPISODES)
        check_count("most_steps", self.most_steps, MOST_STEPS)
        self.alpha.checked(check_step_size)
        self.epsilon.checked(_check_epsilon)
        self.temperature.checked(_check_temperature)
        if self.behaviour not in BEHAVIOURS:
            raise ValueError(f"behaviour is {self.behaviour!r}; it must be one of {', '.join(BEHAVIOURS)}")
        if not math.isfinite(self.initial):
            raise ValueError(f"initial is {self.initial}; it must be a finite number")
        if self.keep_every < 0:
            raise ValueError(f"keep_every is {self.keep_every}; it must be at least 0")
        for change in self.changes.made:
            _CHECKS[change.name](change.value)

    @property
    def exploration(self) -> Schedule:
        """The schedule that the behaviour follows: of epsilon, or of the temperature."""
        return self.epsilon if self.behaviour == "epsilon-greedy" else self.temperature

    def alphas(self) -> Array:
        """[episodes + 1]: the step size in each episode, and after the last."""
        return self.changes.followed("alpha", self.alpha.over(self.episodes))

    def levels(self) -> Array:
        """[episodes + 1]: epsilon or the temperature, alike."""
        name = "epsilon" if self.behaviour == "epsilon-greedy" else "temperature"
        return self.changes.followed(name, self.exploration.over(self.episodes))


def _check_epsilon(value: float) -> float:
    return check_fraction("epsilon", value)


def _check_temperature(value: float) -> float:
    if not 0 < value < math.inf:
        raise ValueError(f"temperature is {value}; it must be above 0 and finite")
    return value


_CHECKS = {"alpha": check_step_size, "epsilon": _check_epsilon, "temperature": _check_temperature}


@dataclass(frozen=True, eq=False)
class ControlState:
    """Everything from which a run of one seed goes on: to undo is to go on from an earlier frame's state.

    tables: [n, 1, S, A], two for double Q-learning. state, action: what comes next. steps: taken in this
    episode. episode: complete ones. discounted, discount: the return so far, and what the next reward counts.
    rng_state: the generator's, before the next throw: the same action meets the same dice.
    """

    tables: Array
    state: int
    action: int
    steps: int
    episode: int
    discounted: float
    discount: float
    rng_state: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class ControlStep:
    """One update, with every number in it: new = old + alpha td_error, td_error = target - old.

    t: steps taken in the episode before this one. target: reward + gamma next_value, and the reward alone where
    the episode terminated. next_values[A]: Q(S', .) by which next_action was chosen. next_action: the one whose
    value is next_value; None for expected SARSA, which weighs all by next_policy[A]; both None where nothing
    follows. table: which of two tables was updated (double Q-learning), else 0. level: epsilon or temperature.
    """

    t: int
    state: int
    action: int
    reward: float
    next_state: int
    terminated: bool
    truncated: bool
    next_values: Array
    next_policy: Array | None
    next_action: int | None
    next_value: float
    target: float
    td_error: float
    old: float
    new: float
    alpha: float
    level: float
    table: int


@dataclass(frozen=True, eq=False)
class ControlFrame:
    """After `update` complete episodes.

    With scalars a frame is an episode, the first frame is none (update 0): its return (discounted by gamma) and
    its length, [K], and whether it was truncated. first_policy[K, A]: how the next episode's first action will
    be chosen. action_values[K, S, A] (mean of the tables; -inf where an action cannot be chosen): where the
    config keeps them. In full detail a frame is one step, and returns and lengths are those of its episode so
    far; action_values are always there, and `step` and `state` as above.
    """

    update: int
    returns: Array
    lengths: Indices
    truncated: Mask
    first_policy: Array
    action_values: Array | None
    step: ControlStep | None = None
    state: ControlState | None = None
