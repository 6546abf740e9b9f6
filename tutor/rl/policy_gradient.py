"""Policy gradients as generators of frames over K seeds: REINFORCE, actor-critic, PPO, and steps that are too big.

The objectives are means over samples of the batch, undiscounted in time, as is usual (the gamma^t of the policy
gradient theorem is left out). Metrics, [K] each: `policy/kl` (exact, old to new, mean over the batch's states),
`objective/entropy` (after the update, over the same states), `val/explained_variance` and `loss/value_avg` (mean
squared error) of V before the update (explained variance is nan where the returns do not vary),
`objective/episode_return`; and as means over the steps of the optimiser, each taken before its step:
`policy/clipfrac_avg` (where nothing is clipped: what would be), `policy/approxkl_avg`, `val/ratio`, `loss/policy_avg`
(minus the objective), `policy/gradient_norm`; `beta`, used in the update.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from tutor.rl.detail import Detail
from tutor.rl.environments.tabular import FiniteMDP
from tutor.rl.policies import Policy
from tutor.rl.policy_ascent import Ascent
from tutor.rl.policy_gradient_frames import (
    ActorCriticConfig,
    PolicyGradientConfig,
    PolicyGradientFrame,
    PolicyGradientState,
    PPOConfig,
    PPOKLConfig,
    ReinforceConfig,
)
from tutor.rl.policy_gradient_loop import MakeImprover, run
from tutor.rl.policy_updates import CLIPPED, LOG_PROB, UNCLIPPED, Objective

Generators = Sequence[np.random.Generator]
Frames = Iterator[PolicyGradientFrame]


def reinforce(
    env: FiniteMDP,
    config: ReinforceConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: PolicyGradientState | None = None,
) -> Frames:
    """One step along mean (G_t - V(s_t)) grad log pi(a_t | s_t), V = 0 without a baseline (Williams 1992; Sutton &
    Barto, 2nd edition, sections 13.3 and 13.4). Returns are whole: lambda is 1.

    detail "full", for one seed: every sample of an update. resume: go on from that state of an earlier full frame,
    under this config. Raises ValueError for a bad seed count, DivergedError while iterating.
    """
    whole = replace(config, lambda_=1.0)
    improver = _ascent(LOG_PROB, config)
    return run("reinforce", env, whole, rngs, improver, critic=config.baseline, detail=detail, resume=resume)


def actor_critic(
    env: FiniteMDP,
    config: ActorCriticConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: PolicyGradientState | None = None,
) -> Frames:
    """One step along mean A_t grad log pi(a_t | s_t), A of GAE (arXiv 1506.02438); otherwise as `reinforce`."""
    return run("actor-critic", env, config, rngs, _ascent(LOG_PROB, config), detail=detail, resume=resume)


def ppo(
    env: FiniteMDP,
    config: PPOConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: PolicyGradientState | None = None,
) -> Frames:
    """Epochs up the mean of min(r A, clip(r, 1 - epsilon, 1 + epsilon) A) (arXiv 1707.06347, equation 7).

    Full detail needs minibatches = 1; otherwise as `reinforce`.
    """
    return _epochs("ppo", CLIPPED, env, config, rngs, detail, resume)


def unclipped(
    env: FiniteMDP,
    config: PPOConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: PolicyGradientState | None = None,
) -> Frames:
    """As `ppo`, up the mean of r A: nothing holds it back (equation 6)."""
    return _epochs("unclipped", UNCLIPPED, env, config, rngs, detail, resume)


def log_prob(
    env: FiniteMDP,
    config: PPOConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: PolicyGradientState | None = None,
) -> Frames:
    """As `ppo`, up the mean of A log pi: the actor-critic's gradient, but many steps on the same batch."""
    return _epochs("log-prob", LOG_PROB, env, config, rngs, detail, resume)


def ppo_kl(
    env: FiniteMDP,
    config: PPOKLConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: PolicyGradientState | None = None,
) -> Frames:
    """As `ppo`, up the mean of r A - beta KL(old, new), beta adapted after every update (section 4, equation 8)."""

    def improver(policy: Policy, n_seeds: int) -> Ascent:
        return Ascent(
            UNCLIPPED,
            policy,
            config,
            n_seeds,
            epochs=config.epochs,
            minibatches=config.minibatches,
            target_kl=config.target_kl,
            beta=config.beta,
        )

    return run(
        "ppo-kl",
        env,
        config,
        rngs,
        improver,
        minibatches=config.minibatches,
        detail=detail,
        resume=resume,
    )


def _epochs(
    name: str,
    objective: Objective,
    env: FiniteMDP,
    config: PPOConfig,
    rngs: Generators,
    detail: Detail,
    resume: PolicyGradientState | None,
) -> Frames:
    improver = _ascent(objective, config, config.epochs, config.minibatches)
    return run(
        name, env, config, rngs, improver, minibatches=config.minibatches, detail=detail, resume=resume
    )


def _ascent(
    objective: Objective, config: PolicyGradientConfig, epochs: int = 1, minibatches: int = 1
) -> MakeImprover:
    return lambda policy, n_seeds: Ascent(
        objective, policy, config, n_seeds, epochs=epochs, minibatches=minibatches
    )
