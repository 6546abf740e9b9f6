"""Policy iteration: evaluate the policy, improve it, until it is stable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike

from tutor.rl.detail import Detail
from tutor.rl.planning.backups import action_values, greedy_with_ties, improve
from tutor.rl.planning.exact import EXACT_TIE, solve
from tutor.rl.planning.model import Array, Mask, Model, check_count, check_model, refuse_no_way_out
from tutor.rl.planning.sweeps import MOST_SWEEPS, SweepFrame, Sweeps, check_one_policy, full

MOST_ROUNDS = 1000


@dataclass(frozen=True, eq=False)
class PolicyIterationFrame(SweepFrame):
    """One sweep of evaluation, or one improvement. Fields as of SweepFrame, and:

    round: from 1. improvement: whether this frame replaced the policy; V is then what it was before, Q looks
    ahead from V, delta is the last evaluation's. changed[S]: the rows that it replaced (none while
    evaluating). stable: nothing was left to improve, so this is the last frame.
    """

    round: int = 1
    improvement: bool = False
    changed: Mask | None = None
    stable: bool = False


def policy_iteration(
    model: Model,
    *,
    policy: ArrayLike | None = None,
    evaluation_sweeps: int = 0,
    theta: float = 1e-10,
    max_rounds: int = MOST_ROUNDS,
    in_place: bool = False,
    detail: Detail = "full",
) -> Iterator[PolicyIterationFrame]:
    """Policy iteration from policy[S, A] (uniform unless given), with tie-keeping.

    Sutton & Barto, 2nd edition, section 4.3. A row changes only where some action is better than it, and then
    to all the best ones; so equally good actions never take turns for ever. evaluation_sweeps: 0 evaluates
    exactly, in one frame, by the linear system; n by at most n sweeps a round, fewer once delta is below
    theta (1 is nearly value iteration). Raises at once PlanningError for a bad number, policy or model; while
    iterating EndlessPolicyError where gamma = 1 and a policy on the way never ends.
    """
    P, R = check_model(*model.transitions(), model.gamma)
    if model.gamma == 1:
        refuse_no_way_out(P, R)
    pi = np.full(R.shape, 1 / R.shape[1]) if policy is None else check_one_policy(policy, R)
    rounds = check_count("max_rounds", max_rounds, 1, MOST_ROUNDS)
    check_count("evaluation_sweeps", evaluation_sweeps, 0, MOST_SWEEPS)
    sweeps = Sweeps(P, R, model.gamma, theta, max(evaluation_sweeps, 1), in_place, policy=pi)
    frames = _rounds(sweeps, rounds, exact=evaluation_sweeps == 0)
    return frames if detail == "full" else map(_scalars, frames)


def _rounds(sweeps: Sweeps, rounds: int, exact: bool) -> Iterator[PolicyIterationFrame]:
    V, nothing = sweeps.begin(None), np.zeros(len(sweeps.R), dtype=bool)
    for number in range(1, rounds + 1):
        for frame in _exact(sweeps, V) if exact else islice(sweeps.run(V), 1, None):
            evaluation = PolicyIterationFrame(**vars(frame), round=number, changed=nothing)
            yield evaluation
        improvement = _improvement(sweeps, evaluation)
        yield improvement
        if improvement.stable:
            return
        V, sweeps = full(improvement.V), replace(sweeps, policy=improvement.evaluated)


def _exact(sweeps: Sweeps, before: Array) -> Iterator[SweepFrame]:
    """The one frame that evaluates the policy by the linear system."""
    V = solve(sweeps.P, sweeps.R, sweeps.gamma, full(sweeps.policy))
    Q = action_values(sweeps.P, sweeps.R, sweeps.gamma, V)
    yield SweepFrame(1, float(np.abs(V - before).max()), True, False, V, V, Q, sweeps.policy)


def _improvement(sweeps: Sweeps, evaluation: PolicyIterationFrame) -> PolicyIterationFrame:
    V = full(evaluation.V)
    Q = action_values(sweeps.P, sweeps.R, sweeps.gamma, V)
    policy, changed = improve(full(sweeps.policy), Q, greedy_with_ties(Q, EXACT_TIE), EXACT_TIE)
    return replace(
        evaluation,
        improvement=True,
        in_place=False,
        before=V,
        Q=Q,
        evaluated=policy,
        changed=changed,
        stable=evaluation.converged and not changed.any(),
    )


def _scalars(frame: PolicyIterationFrame) -> PolicyIterationFrame:
    return replace(frame, before=None, V=None, Q=None, evaluated=None, changed=None)
