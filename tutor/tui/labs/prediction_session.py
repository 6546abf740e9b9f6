"""One policy's values learned from the same episodes by Monte Carlo and by TD, side by side. Knows no screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tutor.rl.episodes import StepFrame, named_policy, sample_action, take_step
from tutor.rl.planning import PlanningError, solve
from tutor.rl.prediction import (
    Episode,
    ValueUpdate,
    monte_carlo_updates,
    n_step_updates,
    td_lambda_updates,
    td_updates,
)
from tutor.tui.labs.step_session import OWN_NUMBERS, GridSession
from tutor.tui.labs.value_map import Array

MOST_EPISODES = 2000
LONGEST = 500  # steps of an episode on a grid that has no limit of its own
MOST_BACK = 500  # steps that can be taken back


@dataclass(frozen=True)
class Known:
    """Where the two methods stand. mc, td: V[S]. steps: of the episode that is being walked. errors: RMS of (mc, td)
    after every complete episode, before the first, too. mc_updates, td_updates: what this episode has taught so far."""

    mc: Array
    td: Array
    steps: tuple[StepFrame, ...] = ()
    errors: tuple[tuple[float, float], ...] = ()
    mc_updates: tuple[ValueUpdate, ...] = ()
    td_updates: tuple[ValueUpdate, ...] = ()


class PredictionSession(GridSession):
    """known: the present; episode_mc, episode_td: the values before this episode. Another alpha holds from the next
    step on."""

    lab_id = "prediction"
    begins = frozenset({"grid", "policy", "method", "n", "lambda", "seed", *OWN_NUMBERS})

    def _begin(self) -> None:
        self._make_env()
        self.problem = ""
        self.true: Array | None = None
        try:
            self.policy = named_policy(self.env, str(self.parameters["policy"]))
            self.true = solve(*self.env.transitions(), self.gamma, self.policy)
        except PlanningError as error:
            self.problem = str(error)
        zeros = np.zeros(self.env.n_states)
        self.known = Known(zeros, zeros, errors=(self._errors(zeros, zeros),))
        self._past: list[tuple[Known, Array, Array]] = []
        self._start_episode()

    def _start_episode(self) -> None:
        self.episode_mc, self.episode_td = self.known.mc, self.known.td

    # What is the case

    @property
    def alpha(self) -> float:
        return float(self.parameters["alpha"])

    @property
    def method(self) -> str:
        return str(self.parameters["method"])

    @property
    def t(self) -> int:
        """Complete episodes."""
        return len(self.known.errors) - 1

    @property
    def over(self) -> bool:
        return bool(self.problem) or self.t >= MOST_EPISODES

    @property
    def ended(self) -> bool:
        """Whether the episode that is shown is complete: the next step begins another."""
        return bool(self.known.steps) and self._last(self.known.steps[-1])

    @property
    def cut_off(self) -> bool:
        """Whether the episode that is shown ended by its length alone: what its last state is held to be worth stands
        for the rest, in both methods."""
        return self.ended and not self.env.is_terminal(self.state)

    def _last(self, step: StepFrame) -> bool:
        return step.ended or step.t + 1 >= LONGEST

    @property
    def state(self) -> int:
        """Where the agent is."""
        return self.known.steps[-1].next_state if self.known.steps else self.env.start

    @property
    def returns(self) -> Array:
        """[T]: G_t of the episode so far."""
        rewards = [step.reward for step in self.known.steps]
        total, found = 0.0, []
        for reward in reversed(rewards):
            total = reward + self.gamma * total
            found.append(total)
        return np.array(found[::-1])

    def _errors(self, mc: Array, td: Array) -> tuple[float, float]:
        """RMS over the states that are no end, of both."""
        if self.true is None:
            return 0.0, 0.0
        true = self.true[self.live]
        return tuple(float(np.sqrt(((v[self.live] - true) ** 2).mean())) for v in (mc, td))  # type: ignore[return-value]

    # What can be done

    def act(self, action: int | None = None) -> bool:
        """One step by hand, or of the policy; the first of a new episode after the end of the last."""
        if self.over:
            return False
        self._remember()
        self._learn((*self.known.steps, self._step(self.known.steps, action)))
        return True

    def _remember(self) -> None:
        """Keep the present for `undo`; begin a new episode after the end of the last."""
        self._past = [*self._past[-MOST_BACK:], (self.known, self.episode_mc, self.episode_td)]
        if self.ended:
            self._start_episode()
            self.known = replace(self.known, steps=(), mc_updates=(), td_updates=())

    def step(self) -> bool:
        return self.act()

    def _step(self, steps: Sequence[StepFrame], action: int | None) -> StepFrame:
        """Dice of its own for every step, so that undo is free: from seed, episode and step."""
        t, state = len(steps), steps[-1].next_state if steps else self.env.start
        dice = np.random.default_rng((self.seed, self.t, t, 1))
        chosen = sample_action(self.policy, state, dice)
        return take_step(self.env, state, chosen if action is None else action, t, dice)

    def _learn(self, steps: tuple[StepFrame, ...]) -> None:
        """TD learns at once; Monte Carlo when the episode is over."""
        done = self._last(steps[-1])
        episode = Episode.from_steps(steps)
        td = tuple(self._td_updates(episode, done))
        values = td[-1].values if td else self.episode_td
        self.known = replace(self.known, steps=steps, td=values, td_updates=td)
        if done:
            mc = tuple(monte_carlo_updates(self.episode_mc, episode, self.gamma, self.alpha))
            after = mc[-1].values
            errors = (*self.known.errors, self._errors(after, values))
            self.known = replace(self.known, mc=after, mc_updates=mc, errors=errors)

    def _td_updates(self, episode: Episode, done: bool) -> Sequence[ValueUpdate]:
        """What the method beside Monte Carlo has learned of the episode so far."""
        values, numbers = self.episode_td, (self.gamma, self.alpha)
        if self.method == "td-lambda":
            return list(td_lambda_updates(values, episode, *numbers, float(self.parameters["lambda"])))
        if self.method == "n-step":
            n = int(self.parameters["n"])
            made = n_step_updates(values, episode, *numbers, n)
            return [update for update in made if done or update.t + n <= len(episode.rewards)]
        return list(td_updates(values, episode, *numbers))

    def finish(self) -> bool:
        """The rest of this episode, or a whole one, by the policy: one step back for `undo`."""
        if self.over:
            return False
        self._remember()
        steps = list(self.known.steps)
        while not steps or not self._last(steps[-1]):
            steps.append(self._step(steps, None))
        self._learn(tuple(steps))
        return True

    def undo(self) -> bool:
        """Take the last step back."""
        if not self._past:
            return False
        self.known, self.episode_mc, self.episode_td = self._past.pop()
        return True

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able: the values before this episode, its actions, the errors so far."""
        steps = self.known.steps
        errors = self.known.errors[:-1] if self.ended else self.known.errors
        return {
            "parameters": dict(self.parameters),
            "mc": self.episode_mc.tolist(),
            "td": self.episode_td.tolist(),
            "actions": "".join(str(step.action) for step in steps),
            "errors": [list(pair) for pair in errors],
        }

    def _replay(self, state: Mapping[str, Any]) -> None:
        mc, td = (np.array(state[name], dtype=np.float64) for name in ("mc", "td"))
        errors = tuple((float(mc_error), float(td_error)) for mc_error, td_error in state["errors"])
        shapes = mc.shape == td.shape == (self.env.n_states,)
        if not (
            shapes
            and np.isfinite(mc).all()
            and np.isfinite(td).all()
            and 1 <= len(errors) <= MOST_EPISODES + 1
        ):
            raise ValueError("not the values of this grid")
        actions = str(state["actions"])
        if len(actions) > LONGEST or set(actions) - set("0123"):
            raise ValueError("not the actions of a gridworld")
        self.known = Known(mc, td, errors=errors)
        self._start_episode()
        for action in actions:
            self.act(int(action))
        self._past = []
