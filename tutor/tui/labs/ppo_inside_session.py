"""Updates of PPO on a grid, epoch by epoch, with a sample and one of its numbers to look at. Knows no screen."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from itertools import takewhile
from typing import Any

import numpy as np

from tutor.experiments import ParameterError, Value
from tutor.experiments.policy_gradient import config_of
from tutor.rl.detail import Detail
from tutor.rl.divergence import DivergedError
from tutor.rl.evaluation import exact_returns
from tutor.rl.policy_gradient import ppo
from tutor.rl.policy_gradient_frames import Epoch, Inside, PolicyGradientFrame, PPOConfig, Samples
from tutor.tui.labs.step_session import GridSession

MOST_UPDATES = 200  # that may be gone through
EPOCH = 8  # steps of a walk that take as long as an epoch
SOON = 600  # such steps are not worth a thread: some 25 ms
LIVE = ("epsilon", "learning_rate", "epochs", "lambda", "normalise")  # shape an update, not its samples


class PpoInsideSession(GridSession):
    """The frames seen so far, and the place among them.

    update, epoch: what is shown is the batch of that update under the policy after so many of its epochs. row: the
    sample that is looked at; column: the name of its number. settings: of every update, by LIVE: what changes them
    does so from the update shown on. problem: why there is no further update. at_once: whether updates are made as
    soon as they are asked for, however long that takes; else a long one is `lacking` until `make_one` has made it.
    """

    lab_id = "ppo-inside"
    begins = frozenset({"grid", "gamma", "slip", "step_reward", "steps", "policy", "seed", "update"})
    row, column = 0, "next_state"
    at_once = True

    def _begin(self) -> None:
        """Make the updates that come first. Raises ParameterError when not even one can be made."""
        self._make_env()
        self.problem = ""
        self.settings: list[dict[str, Value]] = []
        self._returns: dict[int, float] = {}
        self.update = self.epoch = 0
        live = self._live()
        self.frames = [next(ppo(self.env, self._config(live), self._rngs(), "full"))]
        self._ask([live] * int(self.parameters["update"]))
        if not (self.settings or self.lacking):
            raise ParameterError(self.problem)

    def _live(self) -> dict[str, Value]:
        return {name: self.parameters[name] for name in LIVE}

    def _rngs(self) -> list[np.random.Generator]:
        return [np.random.default_rng(self.seed)]

    def _config(self, live: Mapping[str, Value]) -> PPOConfig:
        config = config_of(PPOConfig, {**self.parameters, **live, "updates": MOST_UPDATES, "envs": 1})
        return replace(config, evaluate_every=MOST_UPDATES)  # J is computed when it is asked for

    def _extend(self, live: Mapping[str, Value]) -> bool:
        """Make the next update, in full if it may be looked at; False, and `problem` says why, when it diverges."""
        number = len(self.settings) + 1
        shown = number >= min(int(self.parameters["update"]), len(self._wanted) or number)
        detail: Detail = "full" if shown else "state"
        source = ppo(self.env, self._config(live), self._rngs(), detail, resume=self.frames[-1].state)
        try:
            self.frames.append(next(source))
        except DivergedError as error:
            self.problem = str(error)
            return False
        self.settings.append(dict(live))
        return True

    # Making updates, at once or bit by bit

    @property
    def lacking(self) -> int:
        """Updates that are still to be made before there is one to look at."""
        return max(0, len(self._wanted) - len(self.settings))

    @property
    def wanted(self) -> int:
        """While some are lacking, the number of the last of them."""
        return len(self._wanted)

    def _ask(self, wanted: Sequence[dict[str, Value]], epoch: int = 0) -> bool:
        """Look at the last of the updates of these settings, in that epoch, once it is made: now, unless it is left
        to `make_one`. False when it cannot be made."""
        alike = (mine == other for mine, other in zip(self.settings, wanted, strict=False))
        kept = sum(takewhile(bool, alike))
        if kept == len(wanted) and self.frames[kept].inside is None:
            kept -= 1
        self._cut(kept)
        self._wanted, self._epoch = list(wanted), epoch
        if not self.lacking:
            self._arrive()
        elif self.at_once or self._work <= SOON:
            while self.lacking:
                self.make_one()
        return not self.problem

    @property
    def _work(self) -> int:
        """About how much is lacking, in steps of a walk."""
        steps = int(self.parameters["steps"])
        return sum(steps + EPOCH * int(each["epochs"]) for each in self._wanted[len(self.settings) :])

    def make_one(self) -> None:
        """Make one of those that are lacking. The only thing that may happen in another thread."""
        if not self._extend(self._wanted[len(self.settings)]):
            self._wanted = list(self.settings)  # as far as it goes
            if self.settings and self.frames[-1].inside is None:
                self.frames.pop()  # the next one to make: in full
                self.settings.pop()
        if self.settings and not self.lacking:
            self._arrive()

    def _arrive(self) -> None:
        self._wanted = []
        self.update = len(self.settings)
        self.epoch = max(0, min(self._epoch, self.epochs))
        self.look(self.row)

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
        settings = self._wanted if self.lacking else self.settings[: self.update]
        return settings[-1].get(name, self.parameters[name])

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
        if self.over:
            return False
        if self.update == len(self.settings):
            return self._further()
        self.update, self.epoch = self.update + 1, 0
        self.look(self.row)
        return True

    def _further(self) -> bool:
        """The next update, which has not been made yet; False, and all stays as it is, when it diverges."""
        epoch = self.epoch
        if self._ask([*self.settings, self._live()]):
            return True
        self.epoch = epoch
        return False

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
        self.row = row if self.lacking else max(0, min(row, len(self.samples) - 1))

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
        elif changed & set(LIVE) and not self._ask(
            [*self.settings[: self.update - 1], self._live()], self.epoch
        ):
            raise ParameterError(self.problem)

    def _cut(self, updates: int) -> None:
        """Forget all but the first updates."""
        self.problem = ""
        self._returns = {update: J for update, J in self._returns.items() if update <= updates}
        self.frames, self.settings = self.frames[: updates + 1], self.settings[:updates]

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; the frames follow from the parameters and the settings."""
        settings = self._wanted if self.lacking else self.settings[: self.update]
        return {
            "parameters": dict(self.parameters),
            "settings": [dict(each) for each in settings],
            "epoch": self._epoch if self.lacking else self.epoch,
            "row": self.row,
            "column": self.column,
        }

    def _replay(self, state: Mapping[str, Any]) -> None:
        settings = [self._checked(each) for each in state["settings"]]
        if not int(self.parameters["update"]) <= len(settings) <= MOST_UPDATES:
            raise ValueError("not a place in this run")
        self.row, self.column = int(state["row"]), str(state["column"])
        if not self._ask(settings, int(state["epoch"])):
            raise ValueError(self.problem)

    def _checked(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Settings of an update that may be damaged. Raises ParameterError, KeyError."""
        values = self.resolve({**self.parameters, **{name: given[name] for name in LIVE}})
        return {name: values[name] for name in LIVE}


class PatientSession(PpoInsideSession):
    """Leaves what takes long to `make_one`."""

    at_once = False
