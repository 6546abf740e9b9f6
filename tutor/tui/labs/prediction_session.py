"""One policy's values learned from the same episodes by Monte Carlo and by TD, side by side. Knows no screen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tutor.rl.divergence import LARGEST, DivergedError
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
ADVICE = "a smaller alpha or lambda"
LONGEST = 500  # steps of an episode on a grid that has no limit of its own
SLICE = 25  # steps between which others may have their turn
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


@dataclass(frozen=True)
class Place:
    """known, and the values of both methods before the episode that is being walked."""

    known: Known
    mc: Array
    td: Array


class PredictionSession(GridSession):
    """known: the present; episode_mc, episode_td: the values before this episode. diverged:
    why nothing more is learned since values left every bound."""

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
        self.diverged = ""
        self._past: list[Place] = []
        self._stand(Place(self.known, zeros, zeros))

    def _follow(self, changed: Set[str]) -> None:
        """Another alpha holds from the next step on."""
        self.diverged = ""
        super()._follow(changed)

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
        return bool(self.problem or self.diverged) or self.t >= MOST_EPISODES

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
        begun = self._begun()
        steps = (*begun.known.steps, self._step(begun.known.steps, action))
        for _ in self._learning(begun, steps):
            pass
        return not self.diverged

    def _begun(self) -> "Place":
        """Where the next step starts: after the end of an episode at the beginning of another."""
        if not self.ended:
            return self._place
        known = replace(self.known, steps=(), mc_updates=(), td_updates=())
        return Place(known, known.mc, known.td)

    @property
    def _place(self) -> "Place":
        return Place(self.known, self.episode_mc, self.episode_td)

    def _stand(self, place: "Place") -> None:
        self.known, self.episode_mc, self.episode_td = place.known, place.mc, place.td

    def step(self) -> bool:
        return self.act()

    def _step(self, steps: Sequence[StepFrame], action: int | None) -> StepFrame:
        """Dice of its own for every step, so that undo is free: from seed, episode and step."""
        t, state = len(steps), steps[-1].next_state if steps else self.env.start
        dice = np.random.default_rng((self.seed, self.t, t, 1))
        chosen = sample_action(self.policy, state, dice)
        return take_step(self.env, state, chosen if action is None else action, t, dice)

    def _learning(self, begun: "Place", steps: tuple[StepFrame, ...]) -> Iterator[None]:
        """What `_learned` learns; where values leave every bound nothing changes, and `diverged` says so."""
        try:
            yield from self._learned(begun, steps)
        except DivergedError as error:
            self.diverged = str(error)

    def _learned(self, begun: "Place", steps: tuple[StepFrame, ...]) -> Iterator[None]:
        """TD learns at once; Monte Carlo when the episode is over. Nothing changes before the end. Raises
        DivergedError."""
        done = self._last(steps[-1])
        episode = Episode.from_steps(steps)
        td: list[ValueUpdate] = []
        yield from self._gather(self._td_updates(begun.td, episode, done), td)
        values = td[-1].values if td else begun.td
        known = replace(begun.known, steps=steps, td=values, td_updates=tuple(td))
        if done:
            mc: list[ValueUpdate] = []
            yield from self._gather(monte_carlo_updates(begun.mc, episode, self.gamma, self.alpha), mc)
            errors = (*known.errors, self._errors(mc[-1].values, values))
            known = replace(known, mc=mc[-1].values, mc_updates=tuple(mc), errors=errors)
        self._past = [*self._past[-MOST_BACK:], self._place]
        self._stand(Place(known, begun.mc, begun.td))

    def _gather(self, updates: Iterable[ValueUpdate], into: list[ValueUpdate]) -> Iterator[None]:
        """Put them all into a list, and yield now and then. Raises DivergedError."""
        for count, update in enumerate(updates, 1):
            if not abs(update.error) < LARGEST:
                raise DivergedError(self.method, self.t + 1, ADVICE)
            into.append(update)
            if not count % SLICE:
                yield

    def _td_updates(self, values: Array, episode: Episode, done: bool) -> Iterator[ValueUpdate]:
        """What the method beside Monte Carlo has learned of the episode so far."""
        numbers = (self.gamma, self.alpha)
        if self.method == "td-lambda":
            return td_lambda_updates(values, episode, *numbers, float(self.parameters["lambda"]))
        if self.method == "n-step":
            n = int(self.parameters["n"])
            made = n_step_updates(values, episode, *numbers, n)
            return (update for update in made if done or update.t + n <= len(episode.rewards))
        return td_updates(values, episode, *numbers)

    def finishing(self) -> Iterator[None]:
        """The rest of this episode, or a whole one, by the policy: one step back for `undo`. It yields often, so that
        a screen need not wait for all of it; dropped before its end, it has changed nothing."""
        if self.over:
            return
        begun = self._begun()
        steps = list(begun.known.steps)
        while not steps or not self._last(steps[-1]):
            steps.append(self._step(steps, None))
            if not len(steps) % SLICE:
                yield
        yield from self._learning(begun, tuple(steps))

    def finish(self) -> bool:
        """`finishing` at once; False, and nothing happens, when there is nothing to learn."""
        before = self.known
        for _ in self.finishing():
            pass
        return self.known is not before

    @property
    def touched(self) -> bool:
        return bool(self.t or self.known.steps)

    def _undo(self) -> bool:
        """Take the last step back."""
        self.diverged = ""
        if not self._past:
            return False
        self._stand(self._past.pop())
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
        self._stand(Place(Known(mc, td, errors=errors), mc, td))
        for action in actions:
            self.act(int(action))
        self._past = []
