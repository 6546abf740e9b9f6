"""Exact values of a finite Markov decision process with transitions P[S, A, S] and expected rewards R[S,
A]."""

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.planning.backups import action_values, improve
from tutor.rl.planning.model import (
    Array,
    EndlessPolicyError,
    PlanningError,
    check_model,
    check_policy,
    ended,
    refuse_endless,
)

EXACT_TIE = 1e-11  # what rounding leaves of a tie between exact values
_MOST_ROUNDS = 1000


def solve(P: ArrayLike, R: ArrayLike, gamma: float, policy: ArrayLike) -> Array:
    """V[..., S] of a policy[..., S, A], by the linear system (I - gamma P_pi) V = R_pi.

    Sutton & Barto, 2nd edition, equation 4.4 at its fixed point. States that no action leaves and that pay
    nothing are 0. Raises EndlessPolicyError when gamma = 1 and from some state the policy never reaches
    such a state; PlanningError when gamma, a row of P or a row of the policy is no probability, when shapes
    do not match, or a value is too large for a float64.
    """
    P, R = check_model(P, R, gamma)
    policy = check_policy(policy, *R.shape)
    over = ended(P, R)
    if gamma == 1:
        refuse_endless(_followed(P, policy), over)
    R_pi = (policy * R).sum(-1)  # (..., S)
    A = _followed(P, np.where(over[:, None], 0.0, policy))
    A *= -gamma
    diagonal = np.arange(len(P))
    A[..., diagonal, diagonal] += 1
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            V: Array = np.linalg.solve(A, R_pi[..., None])[..., 0]
    except np.linalg.LinAlgError:
        raise EndlessPolicyError(
            "the policy takes too long to end for its value to be computed at this gamma"
        ) from None
    if not np.isfinite(V).all():
        raise PlanningError("a value is past what a float64 holds; take smaller rewards")
    return V


def _followed(P: Array, policy: Array) -> Array:
    """P_pi[..., S, S]: the chain that policy[..., S, A] makes."""
    P_pi: Array = np.einsum("...sa,sat->...st", policy, P)
    return P_pi


def optimal_policy(P: ArrayLike, R: ArrayLike, gamma: float) -> Array:
    """policy[S, A] that no other beats in any state, by policy iteration from the uniform policy.

    A row changes only to a strictly better action (ties are kept), so a state where all actions are equally
    good keeps them all, and at gamma = 1 the result is the best of the policies that end (a cycle that pays
    nothing is never entered). Raises EndlessPolicyError when gamma = 1 and going round for ever pays best
    or cannot be helped.
    """
    P, R = np.asarray(P, dtype=np.float64), np.asarray(R, dtype=np.float64)
    policy = np.full(R.shape, 1 / R.shape[-1])
    for _ in range(_MOST_ROUNDS):
        Q = action_values(P, R, gamma, solve(P, R, gamma, policy))
        policy, changed = improve(policy, Q, np.eye(R.shape[-1])[Q.argmax(axis=1)], EXACT_TIE)
        if not changed.any():
            break
    return policy


def optimal_values(P: ArrayLike, R: ArrayLike, gamma: float) -> Array:
    """V*[S], the exact value of `optimal_policy`. Raises as it does."""
    return solve(P, R, gamma, optimal_policy(P, R, gamma))
