"""Dynamic programming by sweeps: policy evaluation and value iteration, in place or synchronous."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.detail import Detail
from tutor.rl.planning.backups import check_values, greedy_with_ties
from tutor.rl.planning.model import (
    Array,
    Mask,
    Model,
    PlanningError,
    check_count,
    check_model,
    check_policy,
    ended,
    refuse_endless,
    refuse_no_way_out,
)

MOST_SWEEPS = 100_000


@dataclass(frozen=True, eq=False)
class SweepFrame:
    """One sweep: every state backed up once, in the order of their numbers.

    sweep: 0 is before the first. delta: the largest change of a value; infinite at sweep 0. converged:
    delta was below theta, so this is the last frame. in_place: a backup saw the values that the same sweep
    had already changed. At detail `full` also before[S], the values that the sweep began with; V[S], what it
    made of them; Q[S, A], the action values its backups computed (0 at sweep 0); evaluated[S, A], the policy
    whose values these are, None in value iteration. Arrays are read-only.
    """

    sweep: int
    delta: float
    converged: bool
    in_place: bool
    before: Array | None = None
    V: Array | None = None
    Q: Array | None = None
    evaluated: Array | None = None

    @cached_property
    def policy(self) -> Array | None:
        """[S, A]: the policy evaluated, else the one greedy in Q, with its ties."""
        if self.evaluated is not None or self.Q is None:
            return self.evaluated
        return greedy_with_ties(self.Q)

    def partial(self, states: int) -> Array:
        """V[S] in the middle of the sweep, when the first `states` states had been backed up. Needs detail
        `full`."""
        V = full(self.V)
        return np.where(np.arange(V.size) < states, V, full(self.before))

    def seen(self, state: int) -> Array:
        """V[S] as the backup of `state` saw it: `action_backup(model, frame.seen(s), s, a).total` is Q[s, a].
        Needs detail `full`."""
        return self.partial(state if self.in_place else 0)


def policy_evaluation(
    model: Model,
    policy: ArrayLike,
    *,
    theta: float = 1e-10,
    max_sweeps: int = 10_000,
    in_place: bool = False,
    values: ArrayLike | None = None,
    detail: Detail = "full",
) -> Iterator[SweepFrame]:
    """V of policy[S, A] by expectation backups: V(s) <- sum_a pi(a|s) sum p [r + gamma V(s')].

    Sutton & Barto, 2nd edition, section 4.1. Begins with a frame of values[S] (0 unless given; states that
    are over are 0 always) and ends with the first sweep whose delta is below theta, or with max_sweeps.
    Raises at once PlanningError for a bad number, policy or model, EndlessPolicyError where gamma = 1 and
    the policy never ends; while iterating PlanningError when a value outgrows float64.
    """
    P, R = check_model(*model.transitions(), model.gamma)
    pi = check_one_policy(policy, R)
    if model.gamma == 1:
        refuse_endless(np.einsum("sa,sat->st", pi, P), ended(P, R))
    sweeps = Sweeps(P, R, model.gamma, theta, max_sweeps, in_place, detail, pi)
    return sweeps.run(sweeps.begin(values))


def value_iteration(
    model: Model,
    *,
    theta: float = 1e-10,
    max_sweeps: int = 10_000,
    in_place: bool = False,
    values: ArrayLike | None = None,
    detail: Detail = "full",
) -> Iterator[SweepFrame]:
    """V* by optimality backups: V(s) <- max_a sum p [r + gamma V(s')].

    Sutton & Barto, 2nd edition, equation 4.10. Frames and errors as of `policy_evaluation`;
    EndlessPolicyError where gamma = 1 and some state has no way to an end. At gamma = 1, and from values of
    0, walking for ever without pay counts as 0: where every end costs, that is what it finds.
    """
    P, R = check_model(*model.transitions(), model.gamma)
    if model.gamma == 1:
        refuse_no_way_out(P, R)
    sweeps = Sweeps(P, R, model.gamma, theta, max_sweeps, in_place, detail)
    return sweeps.run(sweeps.begin(values))


@dataclass(frozen=True, eq=False)
class Sweeps:
    """What every sweep of a run shares: the checked model P[S, A, S], R[S, A], and how to sweep.

    policy: whose values are sought; None: the best. Raises PlanningError for theta and max_sweeps.
    """

    P: Array
    R: Array
    gamma: float
    theta: float
    max_sweeps: int
    in_place: bool
    detail: Detail = "full"
    policy: Array | None = None

    def __post_init__(self) -> None:
        check_theta(self.theta)
        check_count("max_sweeps", self.max_sweeps, 1, MOST_SWEEPS)

    @cached_property
    def _over(self) -> Mask:
        return ended(self.P, self.R)

    @cached_property
    def _rows(self) -> Array:
        """P as (S A, S): one product looks ahead everywhere."""
        return np.ascontiguousarray(self.P).reshape(self.R.size, -1)

    def begin(self, values: ArrayLike | None) -> Array:
        """The values before the first sweep."""
        if values is None:
            return _frozen(np.zeros(len(self.R)))
        return _frozen(np.where(self._over, 0.0, check_values(values, len(self.R))))

    def run(self, V: Array) -> Iterator[SweepFrame]:
        """Sweep 0, which is V[S] as it is, and the sweeps from there on."""
        yield self._frame(0, math.inf, V, V, np.zeros(self.R.shape))
        for sweep in range(1, self.max_sweeps + 1):
            before = V
            V, Q = self._in_place(V) if self.in_place else self._synchronous(V)
            delta = float(np.abs(V - before).max())
            if not math.isfinite(delta):
                raise PlanningError(
                    f"in sweep {sweep} a value grew past what a float64 holds; take smaller rewards"
                )
            frame = self._frame(sweep, delta, before, V, Q)
            yield frame
            if frame.converged:
                return

    def _synchronous(self, V: Array) -> tuple[Array, Array]:
        with np.errstate(over="ignore", invalid="ignore"):
            Q = self.R + self.gamma * (self._rows @ V).reshape(self.R.shape)
        return Q.max(axis=1) if self.policy is None else (self.policy * Q).sum(axis=1), Q

    def _in_place(self, V: Array) -> tuple[Array, Array]:
        V, Q, gamma = V.copy(), np.zeros(self.R.shape), self.gamma
        with np.errstate(over="ignore", invalid="ignore"):
            for s in np.flatnonzero(~self._over).tolist():
                q = self.R[s] + gamma * (self.P[s] @ V)
                Q[s] = q
                V[s] = q.max() if self.policy is None else self.policy[s] @ q
        return V, Q

    def _frame(self, sweep: int, delta: float, before: Array, V: Array, Q: Array) -> SweepFrame:
        converged = delta < self.theta
        if self.detail == "scalars":
            return SweepFrame(sweep, delta, converged, self.in_place)
        return SweepFrame(sweep, delta, converged, self.in_place, before, _frozen(V), _frozen(Q), self.policy)


def full(array: Array | None) -> Array:
    """An array that only frames of detail `full` carry. Raises PlanningError where it is missing."""
    if array is None:
        raise PlanningError('this frame carries metrics only; ask for detail "full"')
    return array


def check_one_policy(policy: ArrayLike, R: Array) -> Array:
    """policy[S, A] as float64; raises PlanningError, also for a batch of them."""
    pi = check_policy(policy, *R.shape)
    if pi.ndim != 2:
        raise PlanningError(f"the policy has shape {pi.shape}; it must be {R.shape}: one policy at a time")
    return pi


def check_theta(theta: float) -> None:
    """Raises PlanningError unless theta is a positive number."""
    if not 0 < theta < math.inf:
        raise PlanningError(f"theta is {theta}; it must be a number above 0")


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
