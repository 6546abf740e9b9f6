"""Policy gradients, an episode and its update at a time, every number of them at hand. Knows no screen."""

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from tutor.experiments import Value
from tutor.experiments.policy_gradient import config_of
from tutor.rl.divergence import DivergedError
from tutor.rl.policy_gradient import actor_critic, reinforce
from tutor.rl.policy_gradient_frames import (
    ActorCriticConfig,
    PolicyGradientConfig,
    PolicyGradientFrame,
    PolicyGradientState,
    ReinforceConfig,
)
from tutor.rl.returns import discounted_returns
from tutor.tui.labs.policy_gradient_kept import curve_of, found, kept
from tutor.tui.labs.policy_gradient_update import Curve, Known, Push
from tutor.tui.labs.step_session import OWN_NUMBERS, CursorSession
from tutor.tui.labs.value_map import Array

MOST_EPISODES = 1000
MOST_STEPS = 200  # of an episode, where the grid has no lower limit of its own
GAE_STEPS, DECIMALS = 4, 3  # of an episode, that the GAE lab is given
MOST_BACK = 200  # acts that can be taken back
Config = TypeVar("Config", bound=PolicyGradientConfig)
HOW = ("learning_rate", "lambda", "critic_rate")  # may change from one update to the next


class PolicyGradientSession(CursorSession):
    """known: the present. cursor: the cell that is looked at; row: the step of the episode that is looked at there,
    None in a cell that the episode did not visit. Another learning rate, lambda or critic rate holds from the next
    episode on; another method begins anew from the same seed, and undo brings back what was before."""

    lab_id = "policy-gradient"
    begins = frozenset({"grid", "seed", *OWN_NUMBERS})

    def _begin(self) -> None:
        self._make_env()
        self._past: list[tuple[Known, dict[str, Value]]] = []  # before an act, and how it would go on
        self._how = self.how
        self._stand(self._first({}))

    def _first(self, others: Mapping[str, Curve]) -> Known:
        frame = self._frame(self.parameters, None)
        curve = Curve(true=(float(frame.metrics["objective/return"][0]),))
        return Known(self.method, frame, self.how, curve, others=others)

    def _stand(self, known: Known) -> None:
        """Be there, and look at the first step."""
        self.known, self.problem = known, ""
        self.row: int | None = None
        self.cursor = self.env.start
        if known.steps:
            self.look_at(0)

    def _follow(self, changed: Set[str]) -> None:
        if self.begins & changed:
            super()._follow(changed)
        elif changed & {"method", *HOW}:
            self._remember()
            if "method" in changed:
                self._another_method()
        self._how = self.how

    def _another_method(self) -> None:
        now = self.known
        others = {**now.others, now.method: now.curve}
        others.pop(self.method, None)
        self._stand(self._first(others))

    # What is the case

    @property
    def method(self) -> str:
        return str(self.parameters["method"])

    @property
    def how(self) -> dict[str, Value]:
        return {name: self.parameters[name] for name in HOW}

    @property
    def t(self) -> int:
        """Episodes, and updates."""
        return self.known.frame.update

    @property
    def over(self) -> bool:
        return self.t >= MOST_EPISODES

    @property
    def learns_values(self) -> bool:
        return self.method != "reinforce"

    @property
    def rate(self) -> float:
        """The learning rate of the update that is shown."""
        return float(self.known.how["learning_rate"])

    @property
    def policy(self) -> Array:
        """[S, A]."""
        policy: Array = self.known.frame.policy[0]
        return policy

    @property
    def old_policy(self) -> Array:
        """[S, A]: before the update that is shown."""
        return self.known.inside.old_policy if self.known.steps else self.policy

    @property
    def values(self) -> Array:
        """V[S] as it is now learned."""
        values: Array = self.known.frame.values[0]
        return values

    @property
    def returns(self) -> Array:
        """[n]: G_t of the episode; where it was cut off, what its last state is held to be worth follows."""
        return self.returns_of(self.known)

    def returns_of(self, known: Known) -> Array:
        """[n]: as `returns`, of an update of this run."""
        samples = known.samples
        rewards = samples.reward.copy()
        if samples.truncated[-1]:
            rewards[-1] += self.gamma * samples.next_value[-1]
        return discounted_returns(rewards, self.gamma)

    def push(self, row: int) -> Push:
        """What the step in that row of the episode does."""
        inside = self.known.inside
        samples = inside.samples
        state, action = samples.state[row], samples.action[row]
        score = -inside.old_policy[state]
        score[action] += 1
        gradient = inside.epochs[0].gradient
        assert gradient is not None  # noqa: S101  (only the last epoch has none)
        return Push(
            score,
            self.rate / len(samples) * float(samples.weight[row]),
            int((samples.state == state).sum()),
            self.rate * gradient[state],
        )

    def beginning(self) -> dict[str, Value]:
        """The first steps of the episode as parameters of the GAE lab: rewards, and V as the critic held
        it, to the decimals that are shown here."""
        samples, n = self.known.samples, min(GAE_STEPS, self.known.steps)
        values = (*samples.value[:n], samples.next_value[n - 1])
        return {
            "lambda": self.parameters["lambda"],
            "gamma": self.gamma,
            "rewards": ", ".join(f"{round(float(x), DECIMALS):g}" for x in samples.reward[:n]),
            "values": ", ".join(f"{round(float(x), DECIMALS):g}" for x in values),
        }

    # What can be done

    def step(self) -> bool:
        """One episode and the update that it makes; False at the end, or where it diverges (`problem` says so)."""
        if self.over:
            return False
        try:
            known = self.ahead()
        except DivergedError as error:
            self.problem = str(error)
            return False
        self._remember()
        self._stand(known)
        return True

    def ahead(self) -> Known:
        """Where the next episode and its update will lead. Raises DivergedError."""
        now = self.known
        return self._after(now.frame.state, self.how, now.curve, now.others)

    def _after(
        self,
        before: PolicyGradientState | None,
        how: Mapping[str, Value],
        curve: Curve,
        others: Mapping[str, Curve],
    ) -> Known:
        frame = self._frame({**self.parameters, **how}, before)
        known = Known(self.method, frame, how, curve, before, others)
        total = float(discounted_returns(known.samples.reward, self.gamma)[0])
        true = float(frame.metrics["objective/return"][0])
        return replace(known, curve=Curve((*curve.returns, total), (*curve.true, true)))

    def _frame(self, values: Mapping[str, Value], before: PolicyGradientState | None) -> PolicyGradientFrame:
        """The first frame, or the one of the update after `before`: a table of logits, the plain gradient, an episode
        an update."""
        rngs = [np.random.default_rng(self.seed)]
        if self.method == "actor-critic":
            config = _single(config_of(ActorCriticConfig, values))
            return next(actor_critic(self.env, config, rngs, "full", resume=before))
        plain = _single(replace(config_of(ReinforceConfig, values), baseline=self.method == "baseline"))
        return next(reinforce(self.env, plain, rngs, "full", resume=before))

    def _remember(self) -> None:
        self._past = [*self._past[1 - MOST_BACK :], (self.known, self._how)]

    def _undo(self) -> bool:
        """Take the last update back, or the last change of the method or of what shapes the next update."""
        if not self._past:
            return False
        known, how = self._past.pop()
        self.parameters.update(how, method=known.method)
        self._how = how
        if known is not self.known:
            self._stand(known)
        return True

    # What is looked at

    def move_row(self, by: int) -> bool:
        """Look at another step of the episode; False where there is none."""
        if not self.known.steps:
            return False
        here = -1 if self.row is None and by > 0 else self.row or 0
        row = min(max(here + by, 0), self.known.steps - 1)
        moved = row != self.row
        self.look_at(row)
        return moved

    def look_at(self, row: int) -> None:
        """Look at a step of the episode, and at its cell."""
        self.row, self.cursor = row, int(self.known.samples.state[row])

    def move_cell(self, by: int) -> None:
        """Look at the next cell in the order of the map, or the one before; round at the end."""
        at = self.live.index(self.cursor) if self.cursor in self.live else 0
        self.look(self.live[(at + by) % len(self.live)])

    def look(self, state: int) -> None:
        """Look at a cell, and at the first step that the episode took there."""
        visits = np.flatnonzero(self.known.samples.state == state).tolist() if self.known.steps else []
        self.cursor, self.row = state, visits[0] if visits else None

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able: the curves, and the state before the last update, from which it is made again."""
        known = self.known
        return {
            "parameters": dict(self.parameters),
            "before": None if known.before is None else kept(known.before),
            "how": dict(known.how),
            "curves": {
                name: [list(curve.returns), list(curve.true)]
                for name, curve in {**known.others, known.method: known.curve}.items()
            },
            "row": self.row,
            "cursor": self.cursor,
        }

    def _replay(self, state: Mapping[str, Any]) -> None:
        curves = {str(name): curve_of(pair, MOST_EPISODES) for name, pair in state["curves"].items()}
        curve = curves.pop(self.method)
        pattern = self.known.frame.state
        assert pattern is not None  # noqa: S101  (in full detail every frame has one)
        if state["before"] is None:
            self.known = replace(self.known, others=curves)
        else:
            before = found(state["before"], pattern)
            if len(curve.returns) != before.update + 1 or before.update >= MOST_EPISODES:
                raise ValueError("not the curve of this run")
            how = self.resolve({**self.parameters, **{name: state["how"][name] for name in HOW}})
            shorter = Curve(curve.returns[:-1], curve.true[:-1])
            self._stand(self._after(before, {name: how[name] for name in HOW}, shorter, curves))
        self._find(state["row"], int(state["cursor"]))

    def _find(self, row: object, cursor: int) -> None:
        if not 0 <= cursor < self.env.n_states:
            raise ValueError("not a cell of this grid")
        self.look(cursor)
        if row is not None:
            if not (isinstance(row, int) and 0 <= row < self.known.steps):
                raise ValueError("not a step of this episode")
            self.look_at(row)


def _single(config: Config) -> Config:
    """One whole episode an update, a table of logits, the plain gradient; J exact after each."""
    return replace(
        config,
        updates=MOST_EPISODES,
        n_envs=1,
        steps=0,
        most_steps=MOST_STEPS,
        policy="softmax",
        optimiser="sgd",
        normalise=False,
        evaluate_every=1,
    )
