"""One sample under the clipped surrogate: moved, typed, taken back, asked about. Knows no screen."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from tutor.experiments import ParameterError, Value, find_lab
from tutor.experiments.clip_parameters import LAB, check_fit
from tutor.experiments.parameters import resolve
from tutor.rl.surrogate import clip_is_active, clipped_surrogate, clipped_surrogate_gradient

Side = Literal["below", "inside", "above"]
SIDES: tuple[Side, ...] = ("below", "inside", "above")
Push = Literal["up", "down", "clipped", "flat"]
PUSHES: tuple[Push, ...] = ("up", "down", "clipped", "flat")

RATIO_KEYS = (0.05, 0.1, 3.0)  # step, lowest and highest that keys reach: the range that the plot shows
ADVANTAGE_KEYS = (0.1, -3.0, 3.0)
EPSILON_KEYS = (0.05, 0.05, 0.95)
MOST_RATIO = 1000.0  # as the parameter
KEPT = 100  # points that undo goes back


@dataclass(frozen=True)
class Point:
    """A sample and the clip range. old and new: the action's probabilities, both 0 when only the ratio is known."""

    ratio: float
    advantage: float
    epsilon: float
    old: float = 0.0
    new: float = 0.0
    prompt: str = ""
    token: str = ""

    @property
    def low(self) -> float:
        """1 - epsilon."""
        return 1 - self.epsilon

    @property
    def high(self) -> float:
        """1 + epsilon."""
        return 1 + self.epsilon

    @property
    def side(self) -> Side:
        """Where the ratio is; the edges belong to the inside, as they still push."""
        return "below" if self.ratio < self.low else "above" if self.ratio > self.high else "inside"

    @property
    def clipped_ratio(self) -> float:
        """clip(r, 1 - epsilon, 1 + epsilon)."""
        return min(max(self.ratio, self.low), self.high)

    @property
    def unclipped(self) -> float:
        """r A."""
        return self.ratio * self.advantage

    @property
    def clipped(self) -> float:
        """clip(r, 1 - epsilon, 1 + epsilon) A."""
        return self.clipped_ratio * self.advantage

    @property
    def surrogate(self) -> float:
        """The smaller of both: what is maximised."""
        return float(clipped_surrogate(self.ratio, self.advantage, self.epsilon))

    @property
    def gradient(self) -> float:
        """Its derivative with respect to the ratio."""
        return float(clipped_surrogate_gradient(self.ratio, self.advantage, self.epsilon))

    @property
    def push(self) -> Push:
        """What this sample does to the probability of its action; `flat`: A = 0, nothing to clip."""
        if bool(clip_is_active(self.ratio, self.advantage, self.epsilon)):
            return "clipped"
        return "up" if self.gradient > 0 else "down" if self.gradient < 0 else "flat"


def point_of(values: Mapping[str, Value]) -> Point:
    """The point that parameters describe: both probabilities give the ratio; one of them and the ratio the other.

    Where that would make a probability above 1, none is known. Raises ParameterError when two probabilities make a
    ratio that is out of the lab's range.
    """
    ratio, old, new = (float(values[name]) for name in ("ratio", "old", "new"))
    if old > 0 and new > 0:
        ratio = new / old
        if not ratio <= MOST_RATIO:
            raise ParameterError(f"new / old is {ratio:.3g}; the ratio must be at most {MOST_RATIO:g}")
    elif old > 0:
        new = ratio * old
    elif new > 0 and ratio > 0:
        old = new / ratio
    if not (0 < old <= 1 and new <= 1):
        old = new = 0.0
    epsilon = float(values["epsilon"])
    return Point(
        ratio=_on_the_edge(round(ratio, 12), epsilon),
        advantage=float(values["advantage"]),
        epsilon=epsilon,
        old=round(old, 15),
        new=round(new, 15),
        prompt=str(values["prompt"]),
        token=str(values["token"]),
    )


def _on_the_edge(ratio: float, epsilon: float) -> float:
    """The ratio; exactly 1 - epsilon or 1 + epsilon where only rounding keeps it from there."""
    edges = (1 - epsilon, 1 + epsilon)
    return next((edge for edge in edges if math.isclose(ratio, edge, rel_tol=1e-9)), ratio)


def stepped(value: float, by: int, keys: tuple[float, float, float]) -> float:
    """The next multiple of the step in direction `by`, within what keys reach; the value itself at the end."""
    step, low, high = keys
    there = math.floor(value / step + 1e-9) + 1 if by > 0 else math.ceil(value / step - 1e-9) - 1
    moved = min(max(round(there * step, 9), low), high)
    return moved if (moved - value) * by > 0 else value


class ClipSession:
    """The point, where it came from, and the questions asked. `start` is what `reset` goes back to."""

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        """parameters: resolved, by name. Raises ParameterError (see `point_of`)."""
        self.seed = int(parameters["seed"])
        self.start = self.point = point_of(parameters)
        self.history: list[Point] = []
        self.asked = self.right = 0

    @property
    def parameters(self) -> dict[str, Value]:
        """As the options show them."""
        return {**asdict(self.point), "seed": self.seed}

    # What can be done

    def go(self, point: Point) -> bool:
        """To another point; False when it is the one that there is."""
        if point == self.point:
            return False
        self.history = [*self.history[-KEPT + 1 :], self.point]
        self.point = point
        return True

    def undo(self) -> bool:
        """Back to the point before; False when there is none."""
        if not self.history:
            return False
        self.point = self.history.pop()
        return True

    def reset(self) -> None:
        """Back to where the example began."""
        self.go(self.start)

    def move_ratio(self, by: int) -> bool:
        """One step; with probabilities known, only as far as the new one stays at most 1. False at the end."""
        ratio = stepped(self.point.ratio, by, RATIO_KEYS)
        if self.point.old:
            ratio = min(ratio, max(self.point.ratio, 1 / self.point.old))
        return self._change(ratio=ratio, new=0.0)

    def move_advantage(self, by: int) -> bool:
        return self._change(advantage=stepped(self.point.advantage, by, ADVANTAGE_KEYS))

    def move_epsilon(self, by: int) -> bool:
        return self._change(epsilon=stepped(self.point.epsilon, by, EPSILON_KEYS))

    def flip(self) -> bool:
        """The same sample with the other sign of A."""
        return self._change(advantage=-self.point.advantage or 0.0)

    def _change(self, **changes: Value) -> bool:
        values = asdict(self.point) | changes
        if values["ratio"] == self.point.ratio:
            values["new"] = self.point.new
        return self.go(point_of(values))

    def apply(self, changes: Mapping[str, Value]) -> None:
        """What was typed into the options: of ratio, old and new the one that was not typed follows. Raises
        ParameterError, and changes nothing, when they do not fit."""
        check_fit(changes)
        values = asdict(self.point) | {name: value for name, value in changes.items() if name != "seed"}
        if "ratio" in changes and "new" not in changes:
            values["new"] = 0.0
        if "ratio" in changes and changes.get("new") and "old" not in changes:
            values["old"] = 0.0
        if changes.get("old") == 0 and "new" not in changes:
            values["new"] = 0.0
        self.go(point_of(values))
        self.seed = int(changes.get("seed", self.seed))

    def begin(self, parameters: Mapping[str, Value]) -> None:
        """Another example; undo still goes back."""
        self.start = point_of(parameters)
        self.go(self.start)

    def question(self) -> Point:
        """The next sample to predict: every case comes up, A = 0 now and then; the same seed asks the same."""
        dice = np.random.default_rng(
            (self.seed, self.asked, 1)
        )  # a last 0 would be lost: numpy takes (7, 0) for 7
        epsilon = self.point.epsilon
        low, high = (
            (0.3 * (1 - epsilon), 1 - epsilon),
            (1 - epsilon, 1 + epsilon),
            (1 + epsilon, 2 + epsilon),
        )[int(dice.integers(3))]
        ratio = float(dice.uniform(low + 0.1 * (high - low), high - 0.1 * (high - low)))
        advantage = float(dice.choice([0, *[0.5, 1, 1.5, 2] * 2])) * float(dice.choice([-1, 1])) or 0.0
        return Point(ratio=round(ratio, 3), advantage=advantage, epsilon=epsilon)

    def answered(self, said: Push) -> bool:
        """Count an answer about the present point; whether it was right."""
        right = said == self.point.push
        self.asked, self.right = self.asked + 1, self.right + right
        return right

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; all that undo, reset and the questions need."""
        return {
            "point": asdict(self.point),
            "start": asdict(self.start),
            "history": [asdict(point) for point in self.history],
            "seed": self.seed,
            "asked": self.asked,
            "right": self.right,
        }

    @classmethod
    def from_state(cls, state: object, parameters: Mapping[str, Value]) -> "ClipSession":
        """The session that `to_state` described; a new one with `parameters` when the state is damaged."""
        try:
            return cls._restore(state)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return cls(parameters)

    @classmethod
    def _restore(cls, state: object) -> "ClipSession":
        if not isinstance(state, Mapping) or not isinstance(state["history"], Sequence):
            raise TypeError("not the state of a clip lab")
        session = cls(resolve(LAB, {**state["start"], "seed": state["seed"]}))
        session.history = [point_of(resolve(LAB, point)) for point in state["history"][-KEPT:]]
        session.point = point_of(resolve(LAB, state["point"]))
        asked, right = int(state["asked"]), int(state["right"])
        if not 0 <= right <= asked:
            raise ValueError("more right answers than questions")
        session.asked, session.right = asked, right
        return session


def example(session: ClipSession) -> tuple[int, int]:
    """(which of the examples the point is, counted from 1, or 0; how many there are)."""
    lab = find_lab("clip")
    points = [point_of(lab.values(preset)) for preset in lab.presets]
    return (points.index(session.point) + 1 if session.point in points else 0), len(points)


def next_example(session: ClipSession) -> Mapping[str, Value]:
    """The values of the example after the one that was begun."""
    lab = find_lab("clip")
    values = [lab.values(preset) for preset in lab.presets]
    points = [point_of(each) for each in values]
    place = points.index(session.start) + 1 if session.start in points else 0
    return {**values[place % len(points)], "seed": session.seed}


def with_old(point: Point, old: float) -> Point:
    """The same sample with another old probability: the new one stays, or follows from the ratio where there is none.

    Raises ParameterError.
    """
    return point_of(asdict(replace(point, old=old)))
