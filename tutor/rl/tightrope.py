"""The tightrope: along the step from a policy, what the surrogate promises and what the return really is.

J is exact, by the linear system. At the policy itself all agree, and the exact surrogate has the slope of J as well;
further on only J is true: the data are of the old policy, and the batch has its luck besides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from tutor.rl.environments.tabular import Array, FiniteMDP
from tutor.rl.evaluation import exact_advantages, exact_returns, expected_visits
from tutor.rl.policy_gradient_frames import TRPOConfig
from tutor.rl.policy_gradient_loop import Learner
from tutor.rl.policy_updates import mean_kl, total
from tutor.rl.ranges import check_between, check_seeds
from tutor.rl.trust_region import TrustRegion, whole_step

LARGEST_MULTIPLE = 1000
MOST_UPDATES_BEFORE = 1000


@dataclass(frozen=True, kw_only=True)
class TightropeConfig:
    """update: TRPO's updates before the slice. multiples: where to look, in steps of `trpo.delta`; below 0: back.

    Raises ValueError that names what is out of its range.
    """

    update: int = 20
    multiples: tuple[float, ...] = tuple(float(x) for x in range(13))
    trpo: TRPOConfig = field(default_factory=TRPOConfig)

    def __post_init__(self) -> None:
        check_between("update", self.update, 0, MOST_UPDATES_BEFORE)
        if not self.multiples:
            raise ValueError("multiples is empty; there must be at least one place to look")
        for multiple in self.multiples:
            check_between("multiple", multiple, -LARGEST_MULTIPLE, LARGEST_MULTIPLE)


@dataclass(frozen=True, eq=False)
class TightropeFrame:
    """At `multiple` steps along the direction, [K] each.

    surrogate: what the batch promises, J(old) + n mean((r - 1) A) over its samples, n the expected number of steps of
    an episode, discounted. exact_surrogate: the same without sampling and with exact advantages, J(old) + sum_s d(s)
    sum_a pi(a | s) A_old(s, a) (TRPO, arXiv 1502.05477, equation 3). returns: the true J. kl: from the old policy,
    mean over the batch's states. policy[K, S, A].
    """

    multiple: float
    surrogate: Array
    exact_surrogate: Array
    returns: Array
    kl: Array
    policy: Array


def tightrope(
    env: FiniteMDP, config: TightropeConfig, rngs: Sequence[np.random.Generator]
) -> Iterator[TightropeFrame]:
    """A frame for each multiple, along the step that TRPO would take next, after `update` updates.

    Raises ValueError for a bad seed count; while iterating PlanningError where the old policy never ends at gamma 1.
    """
    check_seeds(len(rngs))
    return _slice(env, config, rngs)


def _slice(
    env: FiniteMDP, config: TightropeConfig, rngs: Sequence[np.random.Generator]
) -> Iterator[TightropeFrame]:
    learner = _learned(env, config, rngs)
    policy, old, batch, live = learner.policy, learner.now, learner.next_batch(), learner.live
    step = whole_step(policy, old, batch, config.trpo)
    before = live.policy(old.probs)
    visits, advantages = expected_visits(env, before), exact_advantages(env, before)[1]
    sampled = visits.sum(axis=1)[:, None, None] * batch.mean_advantages()
    J = exact_returns(env, before)
    for multiple in config.multiples:
        with np.errstate(over="ignore"):
            now = policy.forward(old.theta + multiple * step)
        probs = live.policy(now.probs)
        change = np.expm1(np.where(sampled == 0, 0.0, now.log_probs - old.log_probs))
        yield TightropeFrame(
            multiple=multiple,
            surrogate=J + total(change * sampled),
            exact_surrogate=J + total(visits[..., None] * probs * advantages),
            returns=exact_returns(env, probs),
            kl=mean_kl(old, now, batch.visits),
            policy=probs,
        )


def _learned(env: FiniteMDP, config: TightropeConfig, rngs: Sequence[np.random.Generator]) -> Learner:
    """After `update` updates of TRPO, without a J that nobody looks at."""
    updates = max(config.update, 1)
    quiet = replace(config.trpo, updates=updates, evaluate_every=updates)
    learner = Learner(
        "trpo",
        env,
        quiet,
        rngs,
        lambda policy, n_seeds: TrustRegion(policy, quiet, n_seeds),
        True,
        1,
        "scalars",
    )
    for _ in islice(learner.frames(None), config.update + 1):
        pass
    return learner
