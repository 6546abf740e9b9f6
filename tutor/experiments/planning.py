"""Planning experiments: `policy-evaluation`, `value-iteration`, `policy-iteration`. Nothing in them is random."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps

import numpy as np
from numpy.typing import NDArray

from tutor.experiments.frames import Frame
from tutor.experiments.parameters import ParameterError, Value
from tutor.experiments.walking import endless, no_optimum, world
from tutor.rl import planning
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import make
from tutor.rl.planning import EndlessPolicyError, PlanningError, full

Array = NDArray[np.float64]
Numbers = dict[str, float]
Run = Callable[[Mapping[str, Value], Sequence[int]], Iterator[Frame]]


def _in_words(runner: Run) -> Run:
    """The runner; what planning refuses on the way is said as a matter of the parameters."""

    @wraps(runner)
    def run(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
        try:
            yield from runner(values, seeds)
        except EndlessPolicyError:
            raise endless(values) from None
        except PlanningError as error:
            raise ParameterError(f"on {str(values['grid'])[:60]} {error}") from None

    return run


@_in_words
def policy_evaluation(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """One frame per sweep. metrics: `value/delta` (from sweep 1 on); `value/max_error`, `value/rms_error`
    against the linear system; `objective/return`, of the policy. detail: the SweepFrame."""
    env, policy = world(values)
    _check_way(env, values)
    exact = planning.solve(*env.transitions(), env.gamma, policy)
    frames = planning.policy_evaluation(
        env,
        policy,
        theta=float(values["theta"]),
        max_sweeps=int(values["sweeps"]),
        in_place=bool(values["in_place"]),
    )
    for frame in frames:
        numbers = {**_errors(env, frame.V, exact), "objective/return": exact[env.start]}
        if frame.sweep:
            numbers["value/delta"] = frame.delta
        yield _frame("policy-evaluation", frame.sweep, numbers, seeds, frame)


@_in_words
def value_iteration(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """One frame per sweep. metrics as of `policy_evaluation`, errors against the optimal values,
    `objective/return` of the policy that is greedy in the values that the sweep leaves, ties shared (missing
    where at gamma 1 that policy never ends). detail: the SweepFrame."""
    env = _grid(values)
    best, judge = _optimum(env, values), _judge(env)
    frames = planning.value_iteration(
        env,
        theta=float(values["theta"]),
        max_sweeps=int(values["sweeps"]),
        in_place=bool(values["in_place"]),
    )
    for frame in frames:
        Q = planning.action_values(*env.transitions(), env.gamma, full(frame.V))
        numbers = {**_errors(env, frame.V, best), **judge(planning.greedy_with_ties(Q))}
        if frame.sweep:
            numbers["value/delta"] = frame.delta
        yield _frame("value-iteration", frame.sweep, numbers, seeds, frame)


@_in_words
def policy_iteration(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """One frame per round, 0 before the first. metrics: `objective/return`, of the policy that the round
    leaves behind; of the values that it was improved by, `value/delta`, their change in the last sweep of
    evaluation, and the errors against the optimal values. detail: the PolicyIterationFrame of the
    improvement."""
    env, policy = world(values)
    _check_way(env, values)
    best, judge = _optimum(env, values), _judge(env)
    yield _frame("policy-iteration", 0, judge(policy), seeds)
    frames = planning.policy_iteration(
        env,
        policy=policy,
        evaluation_sweeps=int(values["evaluation_sweeps"]),
        theta=float(values["theta"]),
        max_rounds=int(values["rounds"]),
        in_place=bool(values["in_place"]),
    )
    for frame in frames:
        if frame.improvement:
            numbers = {"value/delta": frame.delta, **_errors(env, frame.V, best), **judge(frame.policy)}
            yield _frame("policy-iteration", frame.round, numbers, seeds, frame)


def _frame(series: str, update: int, numbers: Numbers, seeds: Sequence[int], detail: object = None) -> Frame:
    metrics = {name: np.full(len(seeds), number) for name, number in numbers.items()}
    return Frame(series, update, metrics, detail)


def _grid(values: Mapping[str, Value]) -> Gridworld:
    env = make(
        str(values["grid"]),
        gamma=float(values["gamma"]),
        slip=float(values["slip"]),
        step_reward=float(values["step_reward"]),
    )
    _check_way(env, values)
    return env


def _check_way(env: Gridworld, values: Mapping[str, Value]) -> None:
    """Raises ParameterError on a grid whose start has no way to an end."""
    if not planning.can_end(*env.transitions())[env.start]:
        raise ParameterError(
            f"grid is {str(values['grid'])[:60]!r}, where no cell that ends the episode can be reached from "
            f"the start at slip {values['slip']:g}; it must have a way to one"
        )


def _optimum(env: Gridworld, values: Mapping[str, Value]) -> Array:
    """V*[S]. Raises ParameterError where there is none."""
    try:
        return planning.optimal_values(*env.transitions(), env.gamma)
    except EndlessPolicyError:
        raise no_optimum(values) from None


def _judge(env: Gridworld) -> Callable[[Array | None], Numbers]:
    """The exact return of each policy that it is shown; solved anew only for another policy than before."""
    known: tuple[Array | None, Numbers] = (None, {})

    def judge(policy: Array | None) -> Numbers:
        nonlocal known
        if policy is not None and (known[0] is None or not np.array_equal(policy, known[0])):
            known = (policy, _return(env, policy))
        return known[1]

    return judge


def _return(env: Gridworld, policy: Array) -> Numbers:
    try:
        return {"objective/return": float(planning.solve(*env.transitions(), env.gamma, policy)[env.start])}
    except EndlessPolicyError:
        return {}


def _errors(env: Gridworld, V: Array | None, exact: Array) -> Numbers:
    """Largest and root mean square error over the states in which something can still happen."""
    live = [not env.is_terminal(s) for s in range(env.n_states)]
    errors = np.abs(full(V) - exact)[live]
    return {"value/max_error": float(errors.max()), "value/rms_error": float(np.sqrt((errors**2).mean()))}
