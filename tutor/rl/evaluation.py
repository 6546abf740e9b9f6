"""How good a policy, or an estimate of values, really is: exact numbers of a known world, without dice."""

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.environments.tabular import Array, FiniteMDP, Mask, Tabular
from tutor.rl.planning import EndlessPolicyError, check_policy, optimal_values, solve


def exact_return(env: FiniteMDP, policy: ArrayLike) -> float:
    """J, the expected return from the start under policy[S, A] (no step limit).

    At gamma = 1 a policy that may go round for ever has no finite one unless that pays nothing: it is minus infinity
    where going round costs, infinity where it only pays. Raises PlanningError for a bad policy.
    """
    mdp = env.tabular()
    pi = check_policy(policy, mdp.n_states, mdp.n_actions)
    seen = _visited(mdp, pi)
    P, R = _followed(mdp, pi)
    P, R, start = P[seen][:, seen], R[seen], int(seen[: mdp.start].sum())
    try:
        return float(solve(P[:, None], R[:, None], mdp.gamma, np.ones((len(R), 1)))[start])
    except EndlessPolicyError:
        if mdp.gamma < 1:
            raise
        return _endless_return(P, R, start)


def _endless_return(P: Array, R: Array, start: int) -> float:
    """Undiscounted, of a chain P[S, S] that never leaves some of its states (`round`) once it is there."""
    leads = (P > 0) | np.eye(len(P), dtype=bool)
    for _ in range(len(P).bit_length()):
        leads = leads @ leads
    round: Mask = np.asarray((leads <= leads.T).all(axis=1), dtype=bool)
    paid = R[round]
    if paid.any():
        return -np.inf if (paid < 0).any() else np.inf
    P = np.where(round[:, None], np.eye(len(P)), P)  # it is over there, for all that it still gets
    return float(solve(P[:, None], R[:, None], 1.0, np.ones((len(R), 1)))[start])


def optimal_return(env: FiniteMDP) -> float:
    """The best J from the start. States that no policy meets do not matter. Raises EndlessPolicyError when gamma = 1
    and going round for ever pays best or cannot be helped."""
    mdp = env.tabular()
    P, R = mdp.transitions()
    seen = _visited(mdp, np.full(R.shape, 1 / R.shape[1]))
    V = optimal_values(P[seen][:, :, seen], R[seen], mdp.gamma)
    return float(V[int(seen[: mdp.start].sum())])


def exact_returns(env: FiniteMDP, policies: Array) -> Array:
    """J[K] of policies[K, S, A], each as `exact_return`."""
    mdp = env.tabular()
    if mdp.gamma < 1:
        P, R = mdp.transitions()
        returns: Array = solve(P, R, mdp.gamma, policies)[:, mdp.start]
        return returns
    return np.array([exact_return(mdp, policy) for policy in policies])


def exact_advantages(env: FiniteMDP, policies: Array) -> tuple[Array, Array]:
    """(V[K, S], A[K, S, A]) of policies[K, S, A], A(s, a) = Q(s, a) - V(s). Raises PlanningError."""
    mdp = env.tabular()
    P, R = mdp.transitions()
    V = solve(P, R, mdp.gamma, policies)
    Q = R + mdp.gamma * (P @ V[:, None, :, None])[..., 0]
    return V, np.where(mdp.terminal[:, None], 0.0, Q - V[..., None])


def expected_visits(env: FiniteMDP, policies: Array) -> Array:
    """d[K, S]: how often a state is visited in an episode under policies[K, S, A], each visit after t steps counted
    gamma^t (Sutton & Barto, 2nd edition, section 13.2). States that end an episode count 0. Raises PlanningError.
    """
    mdp = env.tabular()
    P, R = mdp.transitions()
    solve(P, R, mdp.gamma, policies)  # refuses what never ends
    live = ~mdp.terminal
    P_pi = np.einsum("ksa,sat->kts", policies, P)[:, live][:, :, live]
    start = (np.flatnonzero(live) == mdp.start).astype(np.float64)
    visits = np.zeros(policies.shape[:2])
    visits[:, live] = np.linalg.solve(np.eye(len(start)) - mdp.gamma * P_pi, start[:, None])[..., 0]
    return visits


def exact_gradient(env: FiniteMDP, policies: Array) -> Array:
    """dJ / dz[K, S, A] of the logits of policies[K, S, A]: d(s) pi(a | s) A(s, a), the policy gradient theorem (Sutton
    & Barto, 2nd edition, equation 13.5; here with the advantage). Raises PlanningError."""
    return expected_visits(env, policies)[..., None] * policies * exact_advantages(env, policies)[1]


def reachable(mdp: Tabular, policy: Array) -> Mask:
    """[S]: states with a decision to make that an episode under policy[S, A] can visit."""
    return _visited(mdp, policy) & ~mdp.terminal


def _followed(mdp: Tabular, policy: Array) -> tuple[Array, Array]:
    """P[S, S] and R[S] of the chain that policy[S, A] makes."""
    P, R = mdp.transitions()
    return np.einsum("sa,sat->st", policy, P), (policy * R).sum(axis=1)


def _visited(mdp: Tabular, policy: Array) -> Mask:
    """[S]: the start, and every state that it leads to."""
    possible = _followed(mdp, policy)[0] > 0
    found = np.zeros(mdp.n_states, dtype=bool)
    found[mdp.start] = True
    for _ in range(mdp.n_states):
        grown = found | possible[found].any(axis=0)
        if (grown == found).all():
            break
        found = grown
    return found


def errors(values: Array, true_values: Array, counted: Mask) -> tuple[Array, Array]:
    """(root mean square, largest) error of values[K, S] over the states counted[S], [K] each."""
    wrong = np.ascontiguousarray(np.abs(values - true_values)[:, counted])
    return np.sqrt((wrong**2).mean(axis=1)), wrong.max(axis=1)
