"""What one episode teaches about the values of states: Monte Carlo, TD and everything between, update by update.

The functions without underscore take a given episode and yield each update with its numbers, so that two
methods can be walked through beside each other on the same data. The kernels do the same for K seeds at once,
in place on values[K, S]; time is the first axis of a `Batch`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.batches import Batch
from tutor.rl.environments.tabular import Array, Indices, Mask
from tutor.rl.episodes import StepFrame
from tutor.rl.ranges import check_count, check_fraction, check_step_size
from tutor.rl.returns import lambda_returns, n_step_returns

Traces = Literal["accumulating", "replacing"]
TRACES: tuple[Traces, ...] = ("accumulating", "replacing")
MOST_STEPS_AHEAD = 100_000


@dataclass(frozen=True)
class Episode:
    """S_0, A_0, R_1, S_1, …: states has one more entry than actions and rewards.

    terminated: whether the world ended it; else it was cut off, and the last state still has its value.
    Raises ValueError when the lengths do not fit or there is no step.
    """

    states: tuple[int, ...]
    actions: tuple[int, ...]
    rewards: tuple[float, ...]
    terminated: bool = True

    def __post_init__(self) -> None:
        T = len(self.rewards)
        if T < 1 or len(self.actions) != T or len(self.states) != T + 1:
            raise ValueError(
                f"the episode has {len(self.states)} states, {len(self.actions)} actions and {T} rewards; it needs "
                "at least one reward, as many actions, and one state more"
            )

    @classmethod
    def from_steps(cls, steps: Sequence[StepFrame]) -> Self:
        """What was walked step by step."""
        states = (*(step.state for step in steps), *(step.next_state for step in steps[-1:]))
        rewards = tuple(step.reward for step in steps)
        terminated = bool(steps) and steps[-1].terminated
        return cls(states, tuple(step.action for step in steps), rewards, terminated)


@dataclass(frozen=True, eq=False)
class ValueUpdate:
    """V(S_t) <- V(S_t) + alpha (target - V(S_t)), with its numbers: new = old + alpha error.

    With traces every state s moves by alpha error traces[s], so `new` is only where S_t has got to. values[S]:
    all values afterwards. traces[S]: None for methods without.
    """

    t: int
    state: int
    action: int
    reward: float
    next_state: int
    target: float
    error: float
    old: float
    new: float
    alpha: float
    values: Array
    traces: Array | None


class Moved(NamedTuple):
    """One update of every seed, [K]; done: which seeds made it. traces: [K, S]."""

    t: int
    target: Array
    error: Array
    old: Array
    new: Array
    done: Mask
    traces: Array | None = None


Kernel = Callable[[Array, Batch, float], Iterator[Moved]]


def monte_carlo_kernel(first_visit: bool) -> Kernel:
    """Once the episode is over, each visited state towards its return (section 5.1, with a constant alpha)."""

    def kernel(values: Array, batch: Batch, alpha: float) -> Iterator[Moved]:
        done = _first_visits(batch, values.shape[1]) if first_visit else batch.valid
        return towards_targets(values, batch, alpha, lambda_returns(*_known(values, batch), 1.0), done)

    return kernel


def lambda_return_kernel(lambda_: float) -> Kernel:
    """Once the episode is over, each visited state towards its lambda-return, from the values as they were
    before (the offline lambda-return algorithm, section 12.1)."""
    check_fraction("lambda", lambda_)

    def kernel(values: Array, batch: Batch, alpha: float) -> Iterator[Moved]:
        return towards_targets(
            values, batch, alpha, lambda_returns(*_known(values, batch), lambda_), batch.valid
        )

    return kernel


def td_kernel() -> Kernel:
    """Every step, the state that was left towards R + gamma V(S') (section 6.1)."""
    return td_moves


def n_step_kernel(n: int) -> Kernel:
    """n steps later, or at the end, the state towards n rewards and the value of where they led (section 7.1)."""
    check_count("n", n, MOST_STEPS_AHEAD)

    def kernel(values: Array, batch: Batch, alpha: float) -> Iterator[Moved]:
        return n_step_moves(values, batch, alpha, n)

    return kernel


def td_lambda_kernel(lambda_: float, traces: Traces) -> Kernel:
    """Every step, all states by the TD error times how recently they were visited (section 12.2).

    accumulating: a visit adds 1 to a state's trace. replacing: it sets it to 1 (section 12.5).
    """
    check_fraction("lambda", lambda_)
    if traces not in TRACES:
        raise ValueError(f"traces is {traces!r}; it must be one of {', '.join(TRACES)}")

    def kernel(values: Array, batch: Batch, alpha: float) -> Iterator[Moved]:
        return td_lambda_moves(values, batch, alpha, lambda_, traces)

    return kernel


def monte_carlo_updates(
    values: ArrayLike, episode: Episode, gamma: float, alpha: float, *, first_visit: bool = False
) -> Iterator[ValueUpdate]:
    """The updates of values[S] that one episode makes, in the order of its steps. Raises ValueError."""
    return _updates(monte_carlo_kernel(first_visit), values, episode, gamma, alpha)


def td_updates(values: ArrayLike, episode: Episode, gamma: float, alpha: float) -> Iterator[ValueUpdate]:
    """As `monte_carlo_updates`, by TD(0): the first is known after one step."""
    return _updates(td_kernel(), values, episode, gamma, alpha)


def n_step_updates(
    values: ArrayLike, episode: Episode, gamma: float, alpha: float, n: int
) -> Iterator[ValueUpdate]:
    """As `monte_carlo_updates`, by n-step TD."""
    return _updates(n_step_kernel(n), values, episode, gamma, alpha)


def td_lambda_updates(
    values: ArrayLike,
    episode: Episode,
    gamma: float,
    alpha: float,
    lambda_: float,
    traces: Traces = "accumulating",
) -> Iterator[ValueUpdate]:
    """As `monte_carlo_updates`, by TD(lambda) with traces."""
    return _updates(td_lambda_kernel(lambda_, traces), values, episode, gamma, alpha)


def lambda_return_updates(
    values: ArrayLike, episode: Episode, gamma: float, alpha: float, lambda_: float
) -> Iterator[ValueUpdate]:
    """As `monte_carlo_updates`, by the offline lambda-return algorithm."""
    return _updates(lambda_return_kernel(lambda_), values, episode, gamma, alpha)


def updates_of(kernel: Kernel, values: Array, batch: Batch, alpha: float) -> Iterator[ValueUpdate]:
    """The updates of one seed, values[1, S] in place."""
    for move in kernel(values, batch, alpha):
        if move.done[0]:
            yield ValueUpdate(
                t=move.t,
                state=int(batch.states[move.t, 0]),
                action=int(batch.actions[move.t, 0]),
                reward=float(batch.rewards[move.t, 0]),
                next_state=int(batch.states[move.t + 1, 0]),
                target=float(move.target[0]),
                error=float(move.error[0]),
                old=float(move.old[0]),
                new=float(move.new[0]),
                alpha=alpha,
                values=values[0].copy(),
                traces=None if move.traces is None else move.traces[0].copy(),
            )


def _updates(
    kernel: Kernel, values: ArrayLike, episode: Episode, gamma: float, alpha: float
) -> Iterator[ValueUpdate]:
    check_fraction("gamma", gamma)
    check_step_size(alpha)
    own = np.array(values, dtype=np.float64)[None]
    if not 0 <= min(episode.states) <= max(episode.states) < own.shape[1]:
        raise ValueError(f"the episode visits states that values, which has {own.shape[1]}, does not have")
    states, actions = np.array(episode.states), np.array(episode.actions)
    rewards = np.array(episode.rewards, dtype=np.float64)
    batch = Batch.single(states, actions, rewards, gamma, episode.terminated)
    return updates_of(kernel, own, batch, alpha)


def _known(values: Array, batch: Batch) -> tuple[Array, Array, Array]:
    """(rewards, discounts, values[T + 1, K]) for `tutor.rl.returns`."""
    return batch.rewards, batch.discounts, values[np.arange(len(values)), batch.states]


def _rows(values: Array, batch: Batch) -> Indices:
    """[T + 1, K]: the place of every visited state in the flattened values."""
    rows: Indices = np.arange(len(values)) * values.shape[1] + batch.states
    return rows


def _first_visits(batch: Batch, n_states: int) -> Mask:
    """[T, K]: steps whose state was not visited before in the episode."""
    T, K = batch.rewards.shape
    seen, first = np.zeros((K, n_states), dtype=bool), np.zeros((T, K), dtype=bool)
    seeds = np.arange(K)
    for t in range(T):
        first[t] = ~seen[seeds, batch.states[t]]
        seen[seeds, batch.states[t]] = True
    return first & batch.valid


def towards_targets(values: Array, batch: Batch, alpha: float, targets: Array, done: Mask) -> Iterator[Moved]:
    """V(S_t) towards targets[t], one step after the other: a state met twice moves from where it then is."""
    flat, rows, step = values.reshape(-1), _rows(values, batch), alpha * done
    for t, target in enumerate(targets):
        old = flat[rows[t]]
        error = target - old
        new = flat[rows[t]] = old + step[t] * error
        yield Moved(t, target, error, old, new, done[t])


def td_moves(values: Array, batch: Batch, alpha: float) -> Iterator[Moved]:
    """TD(0): V(S_t) towards R + gamma V(S_t+1), as soon as the step is made."""
    flat, rows, step = values.reshape(-1), _rows(values, batch), alpha * batch.valid
    for t, reward in enumerate(batch.rewards):
        old = flat[rows[t]]
        target = reward + batch.discounts[t] * flat[rows[t + 1]]
        error = target - old
        new = flat[rows[t]] = old + step[t] * error
        yield Moved(t, target, error, old, new, batch.valid[t])


def n_step_moves(values: Array, batch: Batch, alpha: float, n: int) -> Iterator[Moved]:
    """n-step TD: V(S_t) towards n rewards and the value of the state that they led to."""
    flat, rows, step = values.reshape(-1), _rows(values, batch), alpha * batch.valid
    T = len(batch.rewards)
    nothing = np.zeros((T + 1, len(values)))
    paid = n_step_returns(batch.rewards, batch.discounts, nothing, n)
    counts = n_step_returns(np.zeros_like(batch.rewards), batch.discounts, nothing + 1, n)  # gamma^n, or 0
    for t in range(T):
        old = flat[rows[t]]
        target = paid[t] + counts[t] * flat[rows[min(t + n, T)]]
        error = target - old
        new = flat[rows[t]] = old + step[t] * error
        yield Moved(t, target, error, old, new, batch.valid[t])


def td_lambda_moves(
    values: Array, batch: Batch, alpha: float, lambda_: float, kind: Traces
) -> Iterator[Moved]:
    """TD(lambda): every V(s) by the TD error times its trace, which fades by gamma lambda a step."""
    flat, rows, step = values.reshape(-1), _rows(values, batch), alpha * batch.valid
    traces = np.zeros(values.shape)
    fading = np.zeros(len(values))
    for t, reward in enumerate(batch.rewards):
        traces *= fading[:, None]
        traces.reshape(-1)[rows[t]] = 1.0 if kind == "replacing" else traces.reshape(-1)[rows[t]] + 1.0
        old = flat[rows[t]]
        target = reward + batch.discounts[t] * flat[rows[t + 1]]
        error = target - old
        values += (step[t] * error)[:, None] * traces
        fading = lambda_ * batch.discounts[t]
        yield Moved(t, target, error, old, flat[rows[t]], batch.valid[t], traces)
