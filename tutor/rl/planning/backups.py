"""One backup: looking one step ahead from a state, action by action, with every term of the sum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.planning.model import Array, Mask, Model, PlanningError

TIE = 1e-9  # sweeps stop a little early, so equally good actions differ by about this much


@dataclass(frozen=True)
class Term:
    """One outcome's share of a backup, p [r + gamma V(s')]; where the episode ends there is no V(s').

    next_value: V(s') as the backup saw it; 0 when terminated.
    """

    probability: float
    reward: float
    gamma: float
    next_state: int
    next_value: float
    terminated: bool

    @property
    def total(self) -> float:
        return self.probability * (self.reward + self.gamma * self.next_value)


@dataclass(frozen=True)
class Backup:
    """Q(s, a) = sum of p [r + gamma V(s')] over what can happen (Sutton & Barto, 2nd edition, equation 4.6)."""

    state: int
    action: int
    terms: tuple[Term, ...]

    @property
    def total(self) -> float:
        return sum(term.total for term in self.terms)


def action_backup(model: Model, values: ArrayLike, state: int, action: int) -> Backup:
    """The backup of one (state, action) on values[S], outcome by outcome as the model lists them."""
    V = check_values(values, model.n_states)
    terms = (
        Term(
            probability,
            reward,
            model.gamma,
            next_state,
            0.0 if terminated else float(V[next_state]),
            terminated,
        )
        for probability, next_state, reward, terminated in model.outcomes(state, action)
    )
    return Backup(state, action, tuple(terms))


def action_values(P: Array, R: Array, gamma: float, values: Array) -> Array:
    """Q[S, A] = R + gamma P V: one look ahead from values[S] (Sutton & Barto, equation 4.6)."""
    return R + gamma * (P @ values)


def greedy_with_ties(Q: ArrayLike, tie: float = TIE) -> Array:
    """policy[..., A]: every action whose Q[..., A] is the greatest, all equally likely.

    tie: how far below the greatest still counts, relative to the largest number in Q but at least 1.
    """
    Q = np.asarray(Q, dtype=np.float64)
    short = Q.max(axis=-1, keepdims=True) - Q
    best = (short <= tolerance(Q, tie)).astype(np.float64)
    policy: Array = best / best.sum(axis=-1, keepdims=True)
    return policy


def improve(policy: Array, Q: Array, best: Array, tie: float) -> tuple[Array, Mask]:
    """(policy[S, A], changed[S]): rows that some action beats are replaced by those of best[S, A].

    Ties are kept: a row stays while no action is better than it by more than `tie` (relative as above).
    """
    changed: Mask = Q.max(axis=1) > (policy * Q).sum(axis=1) + tolerance(Q, tie)
    return np.where(changed[:, None], best, policy), changed


def tolerance(Q: Array, tie: float) -> float:
    """`tie` in the units of Q."""
    return tie * max(1.0, float(np.abs(Q).max()))


def check_values(values: ArrayLike, n_states: int) -> Array:
    """V[S] as float64; raises PlanningError."""
    V = np.asarray(values, dtype=np.float64)
    if V.shape != (n_states,):
        raise PlanningError(f"the values have shape {V.shape}; it must be ({n_states},)")
    if not np.isfinite(V).all():
        state = int(np.flatnonzero(~np.isfinite(V))[0])
        raise PlanningError(f"values[{state}] is {V[state]}; it must be a finite number")
    return V
