"""Updates of PPO on a grid, epoch by epoch, with a sample and one of its numbers to look at. Knows no screen."""

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import numpy as np

from tutor.experiments import ParameterError, Value
from tutor.experiments.policy_gradient import config_of
from tutor.rl.divergence import DivergedError
from tutor.rl.evaluation import exact_returns
from tutor.rl.policy_gradient import ppo
from tutor.rl.policy_gradient_frames import Epoch, Inside, PolicyGradientFrame, PPOConfig, Samples
from tutor.tui.labs.step_session import GridSession

MOST_UPDATES = 200  # that may be gone through
LIVE = ("epsilon", "learning_rate", "epochs", "lambda", "normalise")  # shape an update, not its samples


class PpoInsideSession(GridSession):
    """The frames seen so far, and the place among them.

    update, epoch: what is shown is the batch of that update under the policy after so many of its epochs. row: the
    sample that is looked at; column: the name of its number. settings: of every update, by LIVE: what changes them
    does so from the update shown on. problem: why there is no further update.
    """

    lab_id = "ppo-inside"
    begins = frozenset({"grid", "gamma", "slip", "step_reward", "steps", "policy", "seed", "update"})
    row, column = 0, "next_state"

    def _begin(self) -> None:
        """Make the updates that come first. Raises ParameterError when not even one can be made."""
        self._make_env()
        self.problem = ""
        self.settings: list[dict[str, Value]] = []
        self._returns: dict[int, float] = {}
        live = self._live()
        self.frames = [next(ppo(self.env, self._config(live), self._rngs(), "full"))]
        while len(self.settings) < int(self.parameters["update"]) and self._extend(live):
            pass
        if not self.settings:
            raise ParameterError(self.problem)
        self.update, self.epoch = len(self.settings), 0
        self.look(self.row)

    def _live(self) -> dict[str, Value]:
        return {name: self.parameters[name] for name in LIVE}

    def _rngs(self) -> list[np.random.Generator]:
        return [np.random.default_rng(self.seed)]

    def _config(self, live: Mapping[str, Value]) -> PPOConfig:
        config = config_of(PPOConfig, {**self.parameters, **live, "updates": MOST_UPDATES, "envs": 1})
        return replace(config, evaluate_every=MOST_UPDATES)  # J is computed when it is asked for

    def _extend(self, live: Mapping[str, Value]) -> bool:
        """Make the next update; False, and `problem` says why, when it diverges."""
        source = ppo(self.env, self._config(live), self._rngs(), "full", resume=self.frames[-1].state)
        try:
            self.frames.append(next(source))
        except DivergedError as error:
            self.problem = str(error)
            return False
        self.settings.append(dict(live))
        return True

    # What is the case

    @property
    def frame(self) -> PolicyGradientFrame:
        """After the update that is shown."""
        return self.frames[self.update]

    @property
    def before(self) -> PolicyGradientFrame:
        """Before it."""
        return self.frames[self.update - 1]

    @property
    def inside(self) -> Inside:
        inside = self.frame.inside
        assert inside is not None  # noqa: S101  (full detail has it from update 1 on)
        return inside

    @property
    def samples(self) -> Samples:
        return self.inside.samples

    @property
    def now(self) -> Epoch:
        """The batch after the epoch that is shown."""
        return self.inside.epochs[self.epoch]

    @property
    def epochs(self) -> int:
        """How many this update has."""
        return len(self.inside.epochs) - 1

    @property
    def finished(self) -> bool:
        """Whether the last epoch of the update is shown."""
        return self.epoch == self.epochs

    def setting(self, name: str) -> Value:
        """What a parameter is in the update that is shown."""
        return self.settings[self.update - 1].get(name, self.parameters[name])

    def expected_return(self, update: int) -> float:
        """J, exact, of the policy after so many updates."""
        if update not in self._returns:
            J = exact_returns(self.env.tabular(), self.frames[update].policy)
            self._returns[update] = float(J[0])
        return self._returns[update]

    @property
    def epsilon(self) -> float:
        return float(self.setting("epsilon"))

    @property
    def t(self) -> int:
        """Epochs since the beginning."""
        made = sum(int(settings["epochs"]) for settings in self.settings[: self.update - 1])
        return made + self.epoch

    @property
    def over(self) -> bool:
        return self.finished and self.update == MOST_UPDATES

    # What can be done

    def step(self) -> bool:
        """The next epoch; after the last one the next update, before its first epoch."""
        if not self.finished:
            self.epoch += 1
            return True
        if self.over or (self.update == len(self.settings) and not self._extend(self._live())):
            return False
        self.update, self.epoch = self.update + 1, 0
        self.row = min(self.row, len(self.samples) - 1)
        return True

    def undo(self) -> bool:
        """Back by one epoch, as far as where the lab began."""
        if self.epoch:
            self.epoch -= 1
            return True
        if self.update <= int(self.parameters["update"]):
            return False
        self.update -= 1
        self.epoch = self.epochs
        self.problem = ""
        return True

    def look(self, row: int) -> None:
        """Another sample: the nearest that there is."""
        self.row = max(0, min(row, len(self.samples) - 1))

    def set_parameters(self, changes: Mapping[str, Value]) -> None:
        """What shapes an update alone does so from the one that is shown on, on the same samples; what shapes the
        samples begins anew. Raises ParameterError, and leaves all as it was, when it cannot be used."""
        before = dict(vars(self))
        try:
            super().set_parameters(changes)
        except ParameterError:
            vars(self).update(before)
            raise

    def _follow(self, changed: Set[str]) -> None:
        if self.begins & changed:
            self._begin()
        elif changed & set(LIVE):
            self._cut(self.update - 1)
            if not self._extend(self._live()):
                raise ParameterError(self.problem)
            self.epoch = min(self.epoch, self.epochs)

    def _cut(self, updates: int) -> None:
        """Forget all but the first updates."""
        self.problem = ""
        self._returns = {update: J for update, J in self._returns.items() if update <= updates}
        self.frames, self.settings = self.frames[: updates + 1], self.settings[:updates]

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; the frames follow from the parameters and the settings."""
        return {
            "parameters": dict(self.parameters),
            "settings": [dict(settings) for settings in self.settings[: self.update]],
            "epoch": self.epoch,
            "row": self.row,
            "column": self.column,
        }

    def _replay(self, state: Mapping[str, Any]) -> None:
        settings = [self._checked(each) for each in state["settings"]]
        if not int(self.parameters["update"]) <= len(settings) <= MOST_UPDATES:
            raise ValueError("not a place in this run")
        for number, each in enumerate(settings):
            if self.settings[number : number + 1] != [each]:
                self._cut(number)
                if not self._extend(each):
                    raise ValueError(self.problem)
        self.update = len(self.settings)
        self.epoch = max(0, min(int(state["epoch"]), self.epochs))
        self.column = str(state["column"])
        self.look(int(state["row"]))

    def _checked(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Settings of an update that may be damaged. Raises ParameterError, KeyError."""
        values = self.resolve({**self.parameters, **{name: given[name] for name in LIVE}})
        return {name: values[name] for name in LIVE}
