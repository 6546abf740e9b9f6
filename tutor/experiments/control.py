"""Experiments in which an agent learns to act: `sarsa`, `q-learning`, `double-q`, `cliff`, `maximisation-bias`."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from tutor.experiments.changes import changes_of
from tutor.experiments.frames import Frame
from tutor.experiments.learning import generators, named, schedule, side_by_side
from tutor.experiments.parameters import Value
from tutor.experiments.walking import no_optimum
from tutor.rl.behaviour import Behaviour, greedy
from tutor.rl.changes import Changes
from tutor.rl.control import (
    ControlConfig,
    ControlFrame,
    double_q_learning,
    expected_sarsa,
    q_learning,
)
from tutor.rl.control import sarsa as sarsa_learning
from tutor.rl.environments.maps import make
from tutor.rl.environments.maximisation_bias import LEFT
from tutor.rl.environments.maximisation_bias import maximisation_bias as maximisation_bias_world
from tutor.rl.environments.tabular import Array, FiniteMDP
from tutor.rl.evaluation import exact_return, optimal_return
from tutor.rl.planning import EndlessPolicyError
from tutor.rl.schedules import constant

ALGORITHMS: Mapping[str, Callable[..., Iterator[ControlFrame]]] = {
    "sarsa": sarsa_learning,
    "q-learning": q_learning,
    "expected-sarsa": expected_sarsa,
    "double-q": double_q_learning,
}
JUDGED = 20  # times that the greedy policy is judged along a run
RECENT = 100  # episodes in the mean of what is earned: a single one tells little


def sarsa(
    values: Mapping[str, Value], seeds: Sequence[int], changes: Changes | None = None
) -> Iterator[Frame]:
    """One frame per episode, 0 before the first; see `_curve` for the metrics."""
    return _curve("sarsa", _grid(values), _config(values, changes), seeds)


def q_learning_run(
    values: Mapping[str, Value], seeds: Sequence[int], changes: Changes | None = None
) -> Iterator[Frame]:
    """As `sarsa`."""
    return _curve("q-learning", _grid(values), _config(values, changes), seeds)


def double_q(
    values: Mapping[str, Value], seeds: Sequence[int], changes: Changes | None = None
) -> Iterator[Frame]:
    """As `sarsa`."""
    return _curve("double-q", _grid(values), _config(values, changes), seeds)


def cliff(
    values: Mapping[str, Value], seeds: Sequence[int], changes: Changes | None = None
) -> Iterator[Frame]:
    """Four algorithms on the cliff (Sutton & Barto, example 6.6), update by update."""
    env, config = make("cliff", gamma=float(values["gamma"])), _config(values, changes)
    return side_by_side([_curve(series, env, config, seeds) for series in ALGORITHMS])


def maximisation_bias(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """Example 6.7: `policy/left`, the probability that the next episode begins by going left."""
    env = maximisation_bias_world(int(values["actions"]))
    config = ControlConfig(
        episodes=int(values["episodes"]),
        alpha=constant(float(values["alpha"])),
        epsilon=constant(float(values["epsilon"])),
    )

    def curve(series: str) -> Iterator[Frame]:
        for frame in ALGORITHMS[series](env, config, generators(seeds)):
            yield Frame(series, frame.update, {"policy/left": frame.first_policy[:, LEFT]})

    return side_by_side([named(series, curve(series)) for series in ("q-learning", "double-q")])


def _grid(values: Mapping[str, Value]) -> FiniteMDP:
    """Raises ParameterError where, at gamma 1, never ending pays best: then there is nothing to learn."""
    env = make(
        str(values["grid"]),
        gamma=float(values["gamma"]),
        slip=float(values["slip"]),
        step_reward=float(values["step_reward"]),
    )
    try:
        optimal_return(env)
    except EndlessPolicyError:
        raise no_optimum(values) from None
    return env


def _config(values: Mapping[str, Value], changes: Changes | None) -> ControlConfig:
    behaviour: Behaviour = "softmax" if values["behaviour"] == "softmax" else "epsilon-greedy"
    episodes = int(values["episodes"])
    return ControlConfig(
        episodes=episodes,
        alpha=schedule(values, "alpha"),
        epsilon=schedule(values, "epsilon"),
        behaviour=behaviour,
        temperature=schedule(values, "temperature"),
        most_steps=int(values["most_steps"]),
        keep_every=max(1, episodes // JUDGED),
        changes=Changes(changes_of(str(values["changes"]))) if changes is None else changes,
    )


def _curve(series: str, env: FiniteMDP, config: ControlConfig, seeds: Sequence[int]) -> Iterator[Frame]:
    """`objective/episode_return`, discounted, `episode/length` and `episode/truncated` (1 where the episode was
    cut off) of every episode; `objective/return`, the exact J of the greedy policy (ties shared alike; minus infinity
    where that walks in circles at gamma 1), at update 0, some between and the last; there too, but for update 0,
    `objective/recent_return`, the mean of the last 100 episodes, or of all that there are. detail: Q[S, A] of the
    first seed where J is judged, else None."""

    def frames() -> Iterator[Frame]:
        recent: deque[Array] = deque(maxlen=RECENT)
        for frame in ALGORITHMS[series](env, config, generators(seeds)):
            if frame.update:
                recent.append(frame.returns)
            first = None if frame.action_values is None else frame.action_values[0]
            metrics = _metrics(env, frame)
            if first is not None and recent:
                metrics["objective/recent_return"] = sum(recent, np.zeros(len(seeds))) / len(recent)
            yield Frame(series, frame.update, metrics, first)

    return named(series, frames())


def _metrics(env: FiniteMDP, frame: ControlFrame) -> dict[str, Array]:
    metrics: dict[str, Array] = {}
    if frame.update:
        metrics["objective/episode_return"] = frame.returns
        metrics["episode/length"] = frame.lengths.astype(np.float64)
        metrics["episode/truncated"] = frame.truncated.astype(np.float64)
    if frame.action_values is not None:
        J = [exact_return(env, greedy(Q)) for Q in frame.action_values]
        metrics["objective/return"] = np.array(J)
    return metrics
