"""Exact values of a finite Markov decision process with transitions P[S, A, S] and expected rewards R[S,
A]."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_MOST_ROUNDS = 1000


class PlanningError(ValueError):
    """The problem is not a Markov decision process, or has no finite answer; the message says why."""


class EndlessPolicyError(PlanningError):
    """At gamma = 1 a policy that never ends has no finite value."""


def solve(P: ArrayLike, R: ArrayLike, gamma: float, policy: ArrayLike) -> Array:
    """V[..., S] of a policy[..., S, A], by the linear system (I - gamma P_pi) V = R_pi.

    Sutton & Barto, 2nd edition, equation 4.4 at its fixed point. States that no action leaves and that pay
    nothing are 0. Raises EndlessPolicyError when gamma = 1 and from some state the policy never reaches
    such a state; PlanningError when gamma, a row of P or a row of the policy is no probability, or shapes
    do not match.
    """
    P, R, policy = _checked(P, R, gamma, policy)
    live = ~_ended(P, R)
    P_pi = np.einsum("...sa,sat->...st", policy, P)  # (..., S, S)
    if gamma == 1:
        _refuse_endless(P_pi, live)
    R_pi = (policy * R).sum(-1)  # (..., S)
    A = np.eye(int(live.sum())) - gamma * P_pi[..., live, :][..., live]
    V = np.zeros(R_pi.shape)
    try:
        V[..., live] = np.linalg.solve(A, R_pi[..., live, None])[..., 0]
    except np.linalg.LinAlgError:
        raise EndlessPolicyError(
            "the policy takes too long to end for its value to be computed at this gamma"
        ) from None
    return V


def action_values(P: Array, R: Array, gamma: float, values: Array) -> Array:
    """Q[S, A] = R + gamma P V: one look ahead from values[S] (Sutton & Barto, equation 4.6)."""
    return R + gamma * (P @ values)


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
        values = solve(P, R, gamma, policy)
        q = action_values(P, R, gamma, values)
        better = q.max(axis=1) > values + 1e-11 * max(1.0, float(np.abs(values).max()))
        if not better.any():
            break
        policy[better] = np.eye(R.shape[-1])[q.argmax(axis=1)[better]]
    return policy


def optimal_values(P: ArrayLike, R: ArrayLike, gamma: float) -> Array:
    """V*[S], the exact value of `optimal_policy`. Raises as it does."""
    return solve(P, R, gamma, optimal_policy(P, R, gamma))


def check_policy(policy: ArrayLike, n_states: int, n_actions: int) -> Array:
    """The policy as float64 [..., S, A]; raises PlanningError, naming the first row that is no
    probability."""
    policy = np.asarray(policy, dtype=np.float64)
    if policy.ndim < 2 or policy.shape[-2:] != (n_states, n_actions):
        raise PlanningError(f"the policy has shape {policy.shape}; it must end in ({n_states}, {n_actions})")
    _check_rows("policy", policy)
    return policy


def _checked(P: ArrayLike, R: ArrayLike, gamma: float, policy: ArrayLike) -> tuple[Array, Array, Array]:
    P, R = np.asarray(P, dtype=np.float64), np.asarray(R, dtype=np.float64)
    if P.ndim != 3 or P.shape[0] != P.shape[2] or R.shape != P.shape[:2]:
        raise PlanningError(f"P has shape {P.shape} and R {R.shape}; they must be (S, A, S) and (S, A)")
    if not 0 <= gamma <= 1:
        raise PlanningError(f"gamma is {gamma}; it must be between 0 and 1")
    if not np.isfinite(R).all():
        raise PlanningError("R has an entry that is not a finite number")
    _check_rows("P", P)
    return P, R, check_policy(policy, *R.shape)


def _check_rows(name: str, rows: Array) -> None:
    good = (rows >= 0).all(-1) & (np.abs(rows.sum(-1) - 1) < 1e-8)
    if not good.all():
        where = tuple(int(i) for i in np.argwhere(~good)[0])
        raise PlanningError(
            f"{name}{list(where)} is no probability distribution: it sums to {rows[where].sum():.6g} and its "
            f"least entry is {rows[where].min():.6g}; entries must be at least 0 and sum to 1"
        )


def _ended(P: Array, R: Array) -> NDArray[np.bool_]:
    """[S]: states that no action leaves and that pay nothing."""
    stays = np.diagonal(P, axis1=0, axis2=2).T  # (S, A)
    ended: NDArray[np.bool_] = ((stays > 1 - 1e-12) & (R == 0)).all(axis=1)
    return ended


def _refuse_endless(P_pi: Array, live: NDArray[np.bool_]) -> None:
    """Raise when some state of P_pi[..., S, S] cannot reach a state that is not live."""
    ends = np.broadcast_to(~live, P_pi.shape[:-1])
    possible = P_pi > 0
    for _ in range(live.size):
        grown = ends | (possible & ends[..., None, :]).any(-1)
        if (grown == ends).all():
            break
        ends = grown
    if ends.all():
        return
    states = sorted({int(index[-1]) for index in np.argwhere(~ends)})
    named = ", ".join(map(str, states[:5])) + (f" and {len(states) - 5} more" if len(states) > 5 else "")
    raise EndlessPolicyError(
        f"at gamma = 1 a policy that never ends has no finite value, and from state {named} this one never "
        "ends; take gamma below 1, or a policy that reaches an end"
    )
