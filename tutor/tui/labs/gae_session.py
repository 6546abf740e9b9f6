"""A table of generalised advantages: looked at, changed, taken back. Knows no screen."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from tutor.experiments import Value, find_lab
from tutor.experiments.gae_parameters import LAB, MOST, check_fit, numbers_of
from tutor.experiments.parameters import resolve
from tutor.rl.returns import discounted_returns, gae_advantages

Column = Literal["reward", "value"]
KEPT = 100  # tables that undo goes back
LAMBDA_STEP = 0.05
CHANGE = 0.1  # of a number by one key
ROUNDING = 1e-12  # relative to the largest number of the table
Answer = Literal["larger", "smaller", "same"]
ANSWERS: tuple[Answer, ...] = ("larger", "smaller", "same")


@dataclass(frozen=True)
class Table:
    """Rewards [T] and values [T+1] of one episode (the last value 0 where it ended), and what GAE makes of them."""

    rewards: tuple[float, ...]
    values: tuple[float, ...]
    gamma: float
    lambda_: float

    @property
    def steps(self) -> int:
        """T."""
        return len(self.rewards)

    @cached_property
    def deltas(self) -> list[float]:
        """The TD errors: delta_t = R_{t+1} + gamma V(S_{t+1}) - V(S_t)."""
        return self.advantages_at(0.0)

    @cached_property
    def advantages(self) -> list[float]:
        return self.advantages_at(self.lambda_)

    @cached_property
    def returns(self) -> list[float]:
        """G_t, with the last value in the place of what was cut off."""
        rewards = np.array(self.rewards)
        rewards[-1] += self.gamma * self.values[-1]
        found: list[float] = discounted_returns(rewards, np.full(self.steps, self.gamma)).tolist()
        return found

    def beyond_values(self, t: int) -> float:
        """G_t - V(S_t): the advantage at lambda 1."""
        return self.advantages_at(1.0)[t]

    def advantages_at(self, lambda_: float) -> list[float]:
        """A_t of every step, for any lambda (Schulman et al. 2016, equation 16); 0 where only rounding is left."""
        discounts = np.full(self.steps, self.gamma)
        found = gae_advantages(np.array(self.rewards), discounts, np.array(self.values), lambda_)
        dust = ROUNDING * max(1.0, *map(abs, (*self.rewards, *self.values)))
        return [0.0 if abs(advantage) < dust else float(advantage) for advantage in found]


def table_of(values: Mapping[str, Value]) -> Table:
    """The table that parameters describe. Raises ParameterError."""
    return Table(
        numbers_of("rewards", str(values["rewards"])),
        numbers_of("values", str(values["values"])),
        float(values["gamma"]),
        float(values["lambda"]),
    )


def written(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:.6g}" for number in numbers)


class GaeSession:
    """The table, the number under the cursor, and the tables before. `start` is what `reset` goes back to."""

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        """parameters: resolved, by name. Raises ParameterError."""
        self.start = self.table = table_of(parameters)
        self.history: list[Table] = []
        self.row = 0
        self.column: Column = "reward"

    @property
    def parameters(self) -> dict[str, Value]:
        table = self.table
        return {
            "lambda": table.lambda_,
            "gamma": table.gamma,
            "rewards": written(table.rewards),
            "values": written(table.values),
        }

    @property
    def step(self) -> int:
        """The step whose advantage is explained: that of the cursor; under the last value the last one."""
        return min(self.row, self.table.steps - 1)

    # What can be done

    def go(self, table: Table) -> bool:
        """To another table; False when it is the one that there is."""
        if table == self.table:
            return False
        self.history = [*self.history[-KEPT + 1 :], self.table]
        self.table = table
        self._keep_inside()
        return True

    def _keep_inside(self) -> None:
        self.row = min(self.row, self.table.steps - (self.column == "reward"))

    def undo(self) -> bool:
        """Back to the table before; False when there is none."""
        if not self.history:
            return False
        self.table = self.history.pop()
        self._keep_inside()
        return True

    def reset(self) -> None:
        self.go(self.start)

    def begin(self, parameters: Mapping[str, Value]) -> None:
        """Another example; undo still goes back."""
        self.start = table_of(parameters)
        self.go(self.start)

    def apply(self, changes: Mapping[str, Value]) -> None:
        """What was typed into the options. Raises ParameterError, and changes nothing, when it does not fit."""
        values = {**self.parameters, **changes}
        check_fit(values)
        self.go(table_of(values))

    def move(self, rows: int) -> bool:
        """The cursor up or down; False at the end."""
        last = self.table.steps - (self.column == "reward")
        row = min(max(self.row + rows, 0), last)
        moved, self.row = row != self.row, row
        return moved

    def turn(self, column: Column) -> bool:
        """The cursor to rewards or values; False where it is there."""
        moved, self.column = column != self.column, column
        self._keep_inside()
        return moved

    def move_lambda(self, by: int) -> bool:
        return self.set_lambda(round(min(max(self.table.lambda_ + by * LAMBDA_STEP, 0.0), 1.0), 9))

    def set_lambda(self, lambda_: float) -> bool:
        return self.go(replace(self.table, lambda_=lambda_))

    def change(self, by: int) -> bool:
        """The number under the cursor, one step up or down; False at the end."""
        rewards, values = list(self.table.rewards), list(self.table.values)
        numbers = rewards if self.column == "reward" else values
        numbers[self.row] = round(min(max(numbers[self.row] + by * CHANGE, -MOST), MOST), 9)
        return self.go(replace(self.table, rewards=tuple(rewards), values=tuple(values)))

    # Predicting

    @property
    def other_lambda(self) -> float:
        """The end that lambda is farther from: what a prediction asks about."""
        return 0.0 if self.table.lambda_ >= 0.5 else 1.0

    def truth(self) -> Answer:
        """What becomes of the advantage of the step under the cursor at that end."""
        after = self.table.advantages_at(self.other_lambda)[self.step]
        before = self.table.advantages[self.step]
        if abs(after - before) < 1e-9:
            return "same"
        return "larger" if after > before else "smaller"

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; all that undo and reset need."""
        return {
            "table": asdict(self.table),
            "start": asdict(self.start),
            "history": [asdict(table) for table in self.history],
            "row": self.row,
            "column": self.column,
        }

    @classmethod
    def from_state(cls, state: object, parameters: Mapping[str, Value]) -> "GaeSession":
        """The session that `to_state` described; a new one with `parameters` when the state is damaged."""
        try:
            return cls._restore(state)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return cls(parameters)

    @classmethod
    def _restore(cls, state: object) -> "GaeSession":
        if not isinstance(state, Mapping) or not isinstance(state["history"], list):
            raise TypeError("not the state of this lab")
        session = cls(_values(state["start"]))
        session.history = [table_of(_values(kept)) for kept in state["history"][-KEPT:]]
        session.table = table_of(_values(state["table"]))
        session.column = "value" if state["column"] == "value" else "reward"
        session.row = max(0, int(state["row"]))
        session._keep_inside()
        return session


def _values(kept: Mapping[str, Any]) -> dict[str, Value]:
    """A kept table as parameters, checked like typed ones."""
    values = resolve(
        LAB,
        {
            "lambda": kept["lambda_"],
            "gamma": kept["gamma"],
            "rewards": ",".join(map(repr, map(float, kept["rewards"]))),
            "values": ",".join(map(repr, map(float, kept["values"]))),
        },
    )
    check_fit(values)
    return values


def next_example(session: GaeSession) -> Mapping[str, Value]:
    """The values of the example after the one that was begun."""
    lab = find_lab("gae")
    values = [lab.values(preset) for preset in lab.presets]
    tables = [table_of(each) for each in values]
    place = tables.index(session.start) + 1 if session.start in tables else 0
    return values[place % len(values)]


def example(session: GaeSession) -> tuple[int, int]:
    """(which of the examples was begun, counted from 1, or 0; how many there are)."""
    lab = find_lab("gae")
    tables = [table_of(lab.values(preset)) for preset in lab.presets]
    return (tables.index(session.start) + 1 if session.start in tables else 0), len(tables)
