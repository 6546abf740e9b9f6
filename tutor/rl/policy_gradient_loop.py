"""One update of every seed at once: walk, judge, improve. Internal to `policy_gradient` and `trust_region`."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tutor.rl.architectures import make_policy
from tutor.rl.detail import Detail
from tutor.rl.divergence import DivergedError, beyond, bounded
from tutor.rl.environments.tabular import Array, FiniteMDP
from tutor.rl.evaluation import exact_returns
from tutor.rl.live_states import LiveStates
from tutor.rl.policies import Forward, Policy
from tutor.rl.policy_batches import Batch, make_batch, samples_of
from tutor.rl.policy_gradient_frames import (
    Epoch,
    Inside,
    PolicyGradientConfig,
    PolicyGradientFrame,
    PolicyGradientState,
    Samples,
)
from tutor.rl.policy_updates import Improvement, Improver, Look, Memory, Objective, mean_entropy, mean_kl
from tutor.rl.policy_walks import Walkers
from tutor.rl.ranges import check_seeds
from tutor.rl.rollout import Position
from tutor.rl.surrogate import clip_is_active

Generators = Sequence[np.random.Generator]
MakeImprover = Callable[[Policy, int], Improver]  # of an architecture, and a number of seeds


def run(
    name: str,
    env: FiniteMDP,
    config: PolicyGradientConfig,
    rngs: Generators,
    make_improver: MakeImprover,
    *,
    critic: bool = True,
    minibatches: int = 1,
    detail: Detail = "scalars",
    resume: PolicyGradientState | None = None,
) -> Iterator[PolicyGradientFrame]:
    """The frames of a run. critic: V is learned, else 0 throughout. Raises ValueError for a bad seed count, or detail
    that cannot be had."""
    full, scalars = detail == "full", detail == "scalars"
    if (check_seeds(len(rngs)) > 1 and not scalars) or (resume and scalars):
        raise ValueError("samples are shown, and gone on from, for one seed in full detail only")
    if full and minibatches > 1:
        raise ValueError(f"minibatches is {minibatches}; in full detail an epoch is the whole batch, so 1")
    learner = Learner(name, env, config, rngs, make_improver, critic, minibatches, detail)
    return learner.frames(resume)


class Learner:
    """The parameters and values of K seeds, and where their environments stand. now: the policies as they are."""

    def __init__(
        self,
        name: str,
        env: FiniteMDP,
        config: PolicyGradientConfig,
        rngs: Generators,
        make_improver: MakeImprover,
        critic: bool,
        minibatches: int,
        detail: Detail,
    ) -> None:
        self._name, self._mdp, self._config, self._rngs = name, env.tabular(), config, rngs
        self._critic, self._minibatches = critic, minibatches
        self._full, self._kept = detail == "full", detail != "scalars"
        self.live = LiveStates(self._mdp)
        self.policy = make_policy(env, self.live.states, config.policy, config.n_hidden)
        self._improver = make_improver(self.policy, len(rngs))
        self.now = self.policy.forward(self.policy.initial(rngs))
        self._values = np.zeros((len(rngs), self._mdp.n_states))
        self._walkers = Walkers(self._mdp, config, rngs)
        self._update = 0

    def frames(self, resume: PolicyGradientState | None) -> Iterator[PolicyGradientFrame]:
        """Update by update; the first frame is before the first, unless it goes on from a state."""
        if resume is None:
            yield self._frame(self._returns(), None)
        else:
            self._thaw(resume)
        while self._update < self._config.updates:
            yield self._advance()

    def next_batch(self) -> Batch:
        """Walk on under the policy as it is; what the next update would learn from."""
        walk = self._walkers.walk(self.live.policy(self.now.probs))
        n_actions = self._mdp.n_actions
        return make_batch(
            walk, self._values, self.live, n_actions, self._config, self._minibatches, self._rngs
        )

    def _advance(self) -> PolicyGradientFrame:
        old = self.now
        beta = self._improver.memory.beta
        batch = self.next_batch()
        self._update += 1
        with np.errstate(over="ignore", invalid="ignore"):
            improved = self._improver.improve(old, batch, keep=self._full)
        self.now = improved.after
        if self._critic:
            self._values = batch.improved_values(self._config.critic_rate)
        if not (bounded(self.now.theta) and bounded(self._values)):
            seeds = beyond(self.now.theta, self._values)
            raise DivergedError(self._name, self._update, self._improver.advice, seeds)
        metrics = self._returns() | self._metrics(old, batch, improved)
        return self._frame(metrics, self._inside(old, batch, improved, beta) if self._full else None)

    def _returns(self) -> dict[str, Array]:
        """The exact J, when it is due."""
        if self._update % self._config.evaluate_every and self._update < self._config.updates:
            return {}
        return {"objective/return": exact_returns(self._mdp, self.live.policy(self.now.probs))}

    def _metrics(self, old: Forward, batch: Batch, improved: Improvement) -> dict[str, Array]:
        episodes = batch.walk.episode_return
        judged = {
            "policy/kl": mean_kl(old, self.now, batch.visits),
            "objective/entropy": mean_entropy(self.now, batch.visits),
            "val/explained_variance": batch.explained_variance,
            "loss/value_avg": batch.value_loss,
        }
        if not self._critic:
            del judged["val/explained_variance"], judged["loss/value_avg"]
        if np.isfinite(episodes).all():
            judged["objective/episode_return"] = episodes
        return improved.metrics | judged

    def _frame(self, metrics: dict[str, Array], inside: Inside | None) -> PolicyGradientFrame:
        state = self._freeze() if self._kept else None
        return PolicyGradientFrame(
            update=self._update,
            metrics=metrics,
            policy=self.live.policy(self.now.probs),
            values=self._values,
            theta=self.now.theta,
            inside=inside,
            state=state,
        )

    def _inside(self, old: Forward, batch: Batch, improved: Improvement, beta: Array) -> Inside:
        samples, objective = samples_of(batch, old), self._improver.objective
        epochs = tuple(
            _epoch(e, look, old, samples, batch.visits, self.live, objective, self._config.epsilon)
            for e, look in enumerate(improved.looks)
        )
        used = float(beta[0]) if "beta" in improved.metrics else None
        return Inside(samples, epochs, batch.values[0], self._values[0], used, improved.trust_region)

    def _freeze(self) -> PolicyGradientState:
        memory, walkers = self._improver.memory, self._walkers
        return PolicyGradientState(
            update=self._update,
            theta=self.now.theta,
            moments=memory.moments.copy(),
            steps_taken=memory.steps_taken,
            values=self._values,
            states=walkers.position.states,
            steps=walkers.position.steps,
            earned=walkers.earned,
            beta=memory.beta,
            rng_state=self._rngs[0].bit_generator.state,
        )

    def _thaw(self, state: PolicyGradientState) -> None:
        """Stand where `_freeze` was called, the generator included."""
        self._update, self._values = state.update, state.values
        with np.errstate(over="ignore"):
            self.now = self.policy.forward(state.theta)
        self._improver.memory = Memory(state.moments.copy(), state.steps_taken, state.beta)
        self._walkers.position = Position(state.states, state.steps)
        self._walkers.earned = state.earned
        self._rngs[0].bit_generator.state = dict(state.rng_state)


def _epoch(
    number: int,
    look: Look,
    old: Forward,
    samples: Samples,
    visits: Array,
    live: LiveStates,
    objective: Objective,
    epsilon: float,
) -> Epoch:
    log_prob = look.at.log_probs[0, live.place[samples.state], samples.action]
    log_ratio = log_prob - samples.old_log_prob
    ratio = np.exp(log_ratio)
    clipped = clip_is_active(ratio, samples.weight, epsilon)
    value = objective.value(ratio, log_prob, samples.weight, epsilon)
    return Epoch(
        epoch=number,
        policy=live.policy(look.at.probs)[0],
        log_prob=log_prob,
        ratio=ratio,
        clipped=clipped,
        objective=value,
        surrogate=float(value.mean()),
        kl=float(mean_kl(old, look.at, visits)[0]),
        approx_kl=float((log_ratio**2).mean() / 2),
        clip_fraction=float(clipped.mean()),
        entropy=float(mean_entropy(look.at, visits)[0]),
        gradient=None if look.gradient is None else live.change(look.gradient)[0],
        gradient_norm=None if look.norm is None else float(look.norm[0]),
    )
