"""What planning knows of the world, and when that is a Markov decision process with a finite answer."""

from dataclasses import dataclass
from numbers import Integral
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutor.rl.environments.gridworld import Outcome

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class PlanningError(ValueError):
    """The problem is not a Markov decision process, or has no finite answer; the message says why."""


class EndlessPolicyError(PlanningError):
    """At gamma = 1 a policy that never ends has no finite value."""


class Model(Protocol):
    """A world whose dynamics are known; `Gridworld` is one."""

    @property
    def n_states(self) -> int: ...
    @property
    def n_actions(self) -> int: ...
    @property
    def gamma(self) -> float: ...

    def transitions(self) -> tuple[Array, Array]:
        """P[S, A, S], R[S, A]: probability of the next state and expected reward."""
        ...

    def outcomes(self, state: int, action: int) -> list[Outcome]:
        """(probability, next_state, reward, terminated) of everything that `action` can lead to."""
        ...


@dataclass(frozen=True, eq=False)
class TabularModel:
    """A model given by its arrays P[S, A, S] and R[S, A]. Raises PlanningError when they are none.

    R is an expectation, so every outcome of (s, a) pays R[s, a]. States that no action leaves and that pay
    nothing end the episode.
    """

    P: Array
    R: Array
    gamma: float

    def __post_init__(self) -> None:
        P, R = check_model(self.P, self.R, self.gamma)
        object.__setattr__(self, "P", P)
        object.__setattr__(self, "R", R)

    @property
    def n_states(self) -> int:
        return len(self.R)

    @property
    def n_actions(self) -> int:
        return len(self.R[0])

    def transitions(self) -> tuple[Array, Array]:
        return self.P, self.R

    def outcomes(self, state: int, action: int) -> list[Outcome]:
        ends, reward, row = ended(self.P, self.R), float(self.R[state, action]), self.P[state, action]
        return [(float(row[s]), int(s), reward, bool(ends[s])) for s in np.flatnonzero(row)]


def check_model(P: ArrayLike, R: ArrayLike, gamma: float) -> tuple[Array, Array]:
    """P[S, A, S] and R[S, A] as float64; raises PlanningError, naming what is no decision process."""
    P, R = np.asarray(P, dtype=np.float64), np.asarray(R, dtype=np.float64)
    if P.ndim != 3 or P.shape[0] != P.shape[2] or R.shape != P.shape[:2] or not R.size:
        raise PlanningError(f"P has shape {P.shape} and R {R.shape}; they must be (S, A, S) and (S, A)")
    if not 0 <= gamma <= 1:
        raise PlanningError(f"gamma is {gamma}; it must be between 0 and 1")
    if not np.isfinite(R).all():
        raise PlanningError("R has an entry that is not a finite number")
    _check_rows("P", P)
    return P, R


def check_policy(policy: ArrayLike, n_states: int, n_actions: int) -> Array:
    """The policy as float64 [..., S, A]; raises PlanningError, naming the first row that is no
    probability."""
    policy = np.asarray(policy, dtype=np.float64)
    if policy.ndim < 2 or policy.shape[-2:] != (n_states, n_actions):
        raise PlanningError(f"the policy has shape {policy.shape}; it must end in ({n_states}, {n_actions})")
    _check_rows("policy", policy)
    return policy


def check_count(name: str, value: int, low: int, high: int) -> int:
    """A whole number in its range; raises PlanningError."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise PlanningError(f"{name} is {value}; it must be a whole number between {low} and {high}")
    return int(value)


def _check_rows(name: str, rows: Array) -> None:
    good = (rows >= 0).all(-1) & (np.abs(rows.sum(-1) - 1) < 1e-8)
    if not good.all():
        where = tuple(int(i) for i in np.argwhere(~good)[0])
        raise PlanningError(
            f"{name}{list(where)} is no probability distribution: it sums to {rows[where].sum():.6g} and its "
            f"least entry is {rows[where].min():.6g}; entries must be at least 0 and sum to 1"
        )


def ended(P: Array, R: Array) -> Mask:
    """[S]: states that no action leaves and that pay nothing."""
    stays = np.diagonal(P, axis1=0, axis2=2).T  # (S, A)
    found: Mask = ((stays > 1 - 1e-12) & (R == 0)).all(axis=1)
    return found


def can_end(P: Array, R: Array) -> Mask:
    """[S]: states from which some policy reaches a state that is over (see `ended`)."""
    return _reaching(P.max(axis=1), ended(P, R))


def refuse_endless(P_pi: Array, over: Mask) -> None:
    """Raises EndlessPolicyError when some state of P_pi[..., S, S] never reaches one that is over[S]."""
    if named := _named(~_reaching(P_pi, over)):
        raise EndlessPolicyError(
            f"at gamma = 1 a policy that never ends has no finite value, and from {named} this one never "
            "ends; take gamma below 1, or a policy that reaches an end"
        )


def refuse_no_way_out(P: Array, R: Array) -> None:
    """Raises EndlessPolicyError when from some state no policy ever ends."""
    if named := _named(~can_end(P, R)):
        raise EndlessPolicyError(
            f"at gamma = 1 every state must have a way to an end, and {named} has none; take gamma below 1, "
            "or open a way"
        )


def _reaching(edges: Array, targets: Mask) -> Mask:
    """[..., S]: states with a way along the positive entries of edges[..., S, S] to one of targets[S]."""
    reach = np.broadcast_to(targets, edges.shape[:-1])
    possible = edges > 0
    for _ in range(targets.size):
        grown: Mask = reach | (possible & reach[..., None, :]).any(-1)
        if (grown == reach).all():
            break
        reach = grown
    return reach


def _named(found: Mask) -> str:
    """`state 0, 1, 2, 3, 4 and 7 more`; empty when none is found."""
    states = sorted({int(index[-1]) for index in np.argwhere(found)})
    more = f" and {len(states) - 5} more" if len(states) > 5 else ""
    return f"state {', '.join(map(str, states[:5]))}{more}" if states else ""
