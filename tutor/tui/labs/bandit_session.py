"""A k-armed bandit played by hand and by a method that learns from both. Knows no screen."""

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import numpy as np

from tutor.experiments import ParameterError, Value
from tutor.experiments.bandits import draw_bandit, method
from tutor.rl.bandit_methods import BanditFrame, Method, known
from tutor.rl.bandits import begin, pull, throw
from tutor.rl.environments.bandit import Array, BanditError
from tutor.tui.labs.step_session import StepSession

MOST_PULLS = 10_000
MAIN = {"epsilon-greedy": "epsilon", "ucb": "c", "gradient": "step_size"}


class BanditSession(StepSession):
    """frames[t] is what is known after t pulls. cursor: the arm that the learner points at. forced[t]: whether pull
    t + 1 was the learner's. shown: whether the true means are."""

    lab_id = "bandit"
    begins = frozenset({"arms", "kind", "mean", "seed", "initial", "method"})
    shown = False

    def _begin(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        self.bandit = draw_bandit(self.parameters, [self._rng])
        self.method: Method = method(self.parameters)
        self.frames: list[BanditFrame] = [begin(self.bandit, self.method)]
        self.forced: list[bool] = []
        self.cursor = 0

    # What is the case

    @property
    def t(self) -> int:
        return len(self.frames) - 1

    @property
    def over(self) -> bool:
        return self.t >= MOST_PULLS

    @property
    def frame(self) -> BanditFrame:
        return self.frames[-1]

    @property
    def is_gradient(self) -> bool:
        """Whether the estimates are preferences."""
        return self.parameters["method"] == "gradient"

    @property
    def main(self) -> str:
        """The parameter that says how much the method explores."""
        return MAIN[str(self.parameters["method"])]

    @property
    def estimates(self) -> Array:
        row: Array = known(self.frame.estimates)[0]
        return row

    @property
    def counts(self) -> Array:
        row: Array = known(self.frame.counts)[0]
        return row

    @property
    def policy(self) -> Array:
        """[k]: how likely the method is to pull each arm next."""
        row: Array = self.method.policy(self.method.scores(self.frame))[0]
        return row

    @property
    def means(self) -> Array:
        """[k]: q*(a), what each arm really pays on average."""
        row: Array = self.bandit.means[0]
        return row

    @property
    def best(self) -> int:
        return int(self.means.argmax())

    @property
    def optimal_share(self) -> float:
        """How often the best arm was pulled."""
        return float(self.counts[self.best]) / self.t if self.t else 0.0

    def regrets(self) -> Array:
        """[t + 1]: the regret after every pull."""
        return np.array([float(frame.regret[0]) for frame in self.frames])

    # What can be done

    def step(self) -> bool:
        """One pull of the method."""
        return self._pull(None)

    def steps(self, most: int) -> int:
        """So many pulls of the method; how many there were."""
        return sum(self.step() for _ in range(most))

    def pull(self) -> bool:
        """Pull the arm that the learner points at; the method learns from it, too."""
        return self._pull(self.cursor)

    def _pull(self, arm: int | None) -> bool:
        if self.over:
            return False
        state = self._rng.bit_generator.state
        actions = None if arm is None else np.array([arm])
        made = pull(self.bandit, self.method, self.frame, throw([self._rng]), actions)
        self.frames.append(replace(made, rng_states=(state,)))
        self.forced.append(arm is not None)
        return True

    def _undo(self) -> bool:
        """Take the last pull back, dice and all."""
        if not self.t:
            return False
        self._rng.bit_generator.state = self.frames.pop().rng_states[0]
        self.forced.pop()
        return True

    def move(self, by: int) -> None:
        self.cursor = (self.cursor + by) % self.bandit.n_arms

    @classmethod
    def resolve(cls, given: Mapping[str, object]) -> dict[str, Value]:
        parameters = super().resolve(given)
        try:
            method(parameters)
        except BanditError as error:
            raise ParameterError(str(error)) from error
        return parameters

    def _follow(self, changed: Set[str]) -> None:
        """How much it explores holds from the next pull on."""
        self.method = method(self.parameters)
        super()._follow(changed)

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; the frames follow from the parameters and from which arms the learner pulled."""
        forced = {
            str(t): int(known_action(frame)) for t, frame in enumerate(self.frames[1:]) if self.forced[t]
        }
        return {"parameters": dict(self.parameters), "pulls": self.t, "forced": forced, "shown": self.shown}

    def _replay(self, state: Mapping[str, Any]) -> None:
        """A parameter that was changed in the midst holds from the first pull on in the game that is played again."""
        forced = {int(t): int(arm) for t, arm in state["forced"].items()}
        pulls = int(state["pulls"])
        if not 0 <= pulls <= MOST_PULLS or not all(0 <= arm < self.bandit.n_arms for arm in forced.values()):
            raise ValueError("not a game of this bandit")
        for t in range(pulls):
            self._pull(forced.get(t))
        self.shown = bool(state["shown"])


def known_action(frame: BanditFrame) -> int:
    """The arm of a frame that is a pull. Raises BanditError for the first frame."""
    if frame.actions is None:
        raise BanditError("nothing was pulled before the first frame")
    return int(frame.actions[0])
