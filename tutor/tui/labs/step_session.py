"""What sessions of steps share: parameters and what another value begins anew, a grid, a state that may be damaged.

Knows no screen.
"""

from collections.abc import Mapping, Set
from typing import Any, ClassVar, Self

from tutor.experiments import ParameterError, Value, find_lab
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import make

SEEDS = 1_000_000
OWN_NUMBERS = ("gamma", "slip", "step_reward")  # what every map brings with it
MOST_RUNS = 10  # that can be brought back
DAMAGED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError, ParameterError)


class LeftRuns:
    """Runs that were left for another, to be brought back: whole, for beginning one makes all its parts anew."""

    parameters: dict[str, Value]

    def __init__(self) -> None:
        self._earlier: list[dict[str, Any]] = []  # their fields

    def _leave(self) -> None:
        """Keep this run: another is about to begin."""
        run = {name: part for name, part in vars(self).items() if name != "_earlier"}
        self._earlier = [*self._earlier[1 - MOST_RUNS :], {**run, "parameters": dict(self.parameters)}]

    def _bring_back(self) -> bool:
        """The last one, at the present speed; False when there is none."""
        if not self._earlier:
            return False
        earlier, speed = self._earlier, self.parameters.get("speed")
        self.__dict__ = earlier.pop()
        self._earlier = earlier
        if speed is not None:
            self.parameters["speed"] = speed
        return True


class StepSession(LeftRuns):
    """A run that follows from its parameters and from what the learner did.

    A subclass gives: `lab_id`; `begins`, the parameters of which another value begins another run; the run itself
    (`_begin`, `t`, `over`, `step`, `_undo`); what is kept of it (`to_state`, `_replay`). `_begin` makes every part of
    the run anew and changes none that is there: a run that was left for another can be brought back as it was.
    """

    lab_id: ClassVar[str]
    begins: ClassVar[Set[str]] = frozenset()

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        """parameters: resolved, by name."""
        self.parameters: dict[str, Value] = dict(parameters)
        super().__init__()
        self._begin()

    # What a subclass gives

    def _begin(self) -> None:
        """A run of `self.parameters`, nothing done in it yet."""
        raise NotImplementedError

    @property
    def t(self) -> int:
        """How many steps have been taken."""
        raise NotImplementedError

    @property
    def over(self) -> bool:
        raise NotImplementedError

    def step(self) -> bool:
        """One step; False, and nothing happens, when there is none to take."""
        raise NotImplementedError

    def _undo(self) -> bool:
        """Take the last step back; False when there is none."""
        raise NotImplementedError

    @property
    def touched(self) -> bool:
        """Whether anything has been done in this run."""
        return self.t > 0

    def to_state(self) -> dict[str, Any]:
        """JSON-able: `parameters`, and what `_replay` needs."""
        raise NotImplementedError

    def _replay(self, state: Mapping[str, Any]) -> None:
        """Do in this new run what `state` tells of. Raises one of DAMAGED where it makes no sense."""
        raise NotImplementedError

    # What all share

    @property
    def seed(self) -> int:
        return int(self.parameters["seed"])

    @classmethod
    def resolve(cls, given: Mapping[str, object]) -> dict[str, Value]:
        """Every parameter of the lab; the grid's own numbers where none is given. Raises ParameterError."""
        return find_lab(cls.lab_id).values(given)

    def undo(self) -> bool:
        """Take the last step back; with none, bring the run back that was left for this one. False with neither."""
        if self._undo():
            return True
        return self._bring_back()

    def reset(self) -> None:
        """The same from its start."""
        if self.touched:
            self._leave()
        self._restart()

    def _restart(self) -> None:
        self._begin()

    def reseed(self) -> None:
        """Other dice."""
        self.set_parameters({"seed": (self.seed + 1) % SEEDS})

    def set_parameters(self, changes: Mapping[str, Value]) -> None:
        """Another grid brings its own numbers where `changes` has none. Raises ParameterError."""
        changed = {name: value for name, value in changes.items() if value != self.parameters.get(name)}
        dropped = OWN_NUMBERS if "grid" in changed else ()
        kept = {name: value for name, value in self.parameters.items() if name not in dropped}
        parameters = self.resolve({**kept, **changed})
        if self.begins & changed.keys():
            self._leave()
        self.parameters = parameters
        self._follow(changed.keys())

    def _follow(self, changed: Set[str]) -> None:
        """What other values of the parameters in `changed` bring about."""
        if self.begins & changed:
            self._begin()

    @classmethod
    def from_state(cls, state: object, parameters: Mapping[str, Value]) -> Self:
        """The session that `to_state` described; a new one with `parameters` when the state is damaged."""
        try:
            if not isinstance(state, Mapping):
                raise TypeError("not the state of a lab")
            session = cls(cls.resolve(state["parameters"]))
            session._replay(state)
        except DAMAGED:
            return cls(parameters)
        return session


class GridSession(StepSession):
    """A session on the grid `env`, which `_make_env` makes."""

    env: Gridworld
    live: list[int]  # states that end no episode

    def _make_env(self) -> None:
        numbers = {name: float(self.parameters[name]) for name in OWN_NUMBERS}
        self.env = make(str(self.parameters["grid"]), **numbers)
        self.live = [s for s in range(self.env.n_states) if not self.env.is_terminal(s)]

    @property
    def gamma(self) -> float:
        return float(self.parameters["gamma"])


class CursorSession(GridSession):
    """A session on a grid with a cursor, a state that is looked at. It stays where the grid stays the same."""

    cursor: int

    def move(self, action: int) -> None:
        """The cursor to the next cell in the direction of an action."""
        from tutor.tui.labs.value_map import moved

        self.look(moved(self.env, self.cursor, action))

    def look(self, state: int) -> None:
        self.cursor = state

    def _follow(self, changed: Set[str]) -> None:
        cursor, cells = self.cursor, self.env.cells
        super()._follow(changed)
        if self.env.cells == cells:
            self.cursor = cursor
