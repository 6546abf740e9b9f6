"""Two agents that take their steps together: one in a gridworld, one that writes an answer. Knows no screen."""

from collections.abc import Mapping
from typing import Any

from tutor.experiments import Value, find_lab
from tutor.toy_llm.inference import ToyModel
from tutor.tui.labs import token_session
from tutor.tui.labs.gridworld_session import GridworldSession
from tutor.tui.labs.step_session import DAMAGED, SEEDS, LeftRuns
from tutor.tui.labs.token_session import TokenSession

WORLD = {"grid": "russell-norvig", "policy": "optimal"}  # few steps to the end, and it slips
MOST_STEPS = 1000


class TourSession(LeftRuns):
    """`t` steps have been taken together. An episode that is over waits while the other goes on; taking a step back
    takes it back in both, where both had taken it."""

    def __init__(self, parameters: Mapping[str, Value], model: ToyModel, steps: int = 0) -> None:
        """parameters: resolved, by name. steps: how many are taken at once; raises ValueError when both episodes are
        over before."""
        super().__init__()
        self.parameters = dict(parameters)
        self._model = model
        self._begin()
        for _ in range(steps):
            if not self.step():
                raise ValueError("there are steps after the end of both episodes")

    def reset(self) -> None:
        """Both from their start, with the same dice."""
        if self.t:
            self._leave()
        self._begin()

    def _begin(self) -> None:
        shared = {"gamma": self.gamma, "seed": self.seed}
        self.world = GridworldSession(GridworldSession.resolve({**WORLD, **shared}))
        own = {"prompt": self.parameters["prompt"], **shared}
        self.answer = TokenSession(token_session.resolve_parameters(own), self._model)
        self.t = 0

    @property
    def gamma(self) -> float:
        return float(self.parameters["gamma"])

    @property
    def seed(self) -> int:
        return int(self.parameters["seed"])

    @property
    def over(self) -> bool:
        return self.world.over and self.answer.over

    def step(self) -> bool:
        """One step of both policies; False, and nothing happens, when both episodes are over."""
        if self.over or self.t >= MOST_STEPS:
            return False
        self.world.act(self.world.policy_action())
        self.answer.sample()
        self.t += 1
        return True

    def undo(self) -> bool:
        """Take the last step back in both; with none, bring back the walk that was left for this one. False with
        neither."""
        if not self.t:
            return self._bring_back()
        self.t -= 1
        for episode in (self.world, self.answer):
            if episode.t > self.t:
                episode.undo()
        return True

    def reseed(self) -> None:
        """New random numbers for both."""
        self._leave()
        self.parameters["seed"] = (self.seed + 1) % SEEDS
        self._begin()

    def set_parameters(self, changes: Mapping[str, Value]) -> None:
        """Change what is given. Another prompt or seed begins anew; gamma and speed leave the episodes as they are."""
        changed = {name: value for name, value in changes.items() if value != self.parameters.get(name)}
        anew = bool({"prompt", "seed"} & changed.keys())
        if anew:
            self._leave()
        self.parameters.update(changed)
        if anew:
            self._begin()
        elif "gamma" in changed:
            self.world.set_gamma(self.gamma)
            self.answer.set_gamma(self.gamma)

    def to_state(self) -> dict[str, Any]:
        """JSON-able; everything follows from the parameters and the number of steps."""
        return {"parameters": dict(self.parameters), "steps": self.t}

    @classmethod
    def from_state(cls, state: object, parameters: Mapping[str, Value], model: ToyModel) -> "TourSession":
        """The session that `to_state` described; a new one with `parameters` when the state is damaged."""
        try:
            return cls(*_restored(state, model))
        except DAMAGED:
            return cls(parameters, model)


def _restored(state: object, model: ToyModel) -> tuple[Mapping[str, Value], ToyModel, int]:
    if not isinstance(state, Mapping) or type(state["steps"]) is not int:
        raise TypeError("not the state of a tour")
    if not 0 <= state["steps"] <= MOST_STEPS:
        raise ValueError("not the steps of a tour")
    return find_lab("tour").values(state["parameters"]), model, state["steps"]
