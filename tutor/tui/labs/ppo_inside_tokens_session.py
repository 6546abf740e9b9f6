"""Updates of RLHF made in a worker process, one looked at token by token and epoch by epoch. Knows no screen."""

from collections.abc import Mapping
from typing import Any

from tutor.experiments import ParameterError, Value
from tutor.experiments.recordings import INSTALL, Recorded, recorded_named
from tutor.toy_llm.training_frames import Inside
from tutor.tui.labs.run_session import RunSession

MOST_UPDATES = 60  # that may be gone through
LEAST_FRAMES = 2  # before the first update there is nothing to take apart
RECORDING = "ppo-inside-tokens"


class TokenSession(RunSession):
    """The frames of the run, and the place in the one that is looked at.

    epoch: of that update. answer: of the batch; row: the token; column: the name of its number.
    """

    epoch = answer = row = 0
    column = "old"
    _of = 0  # the update that the epoch is of

    def values(self) -> dict[str, Value]:
        """A fixed price of KL, so that beta is what is charged, and every token's numbers in the frames."""
        return {**super().values(), "controller": "fixed", "updates": self.last, "inside": True}

    @property
    def recorded(self) -> Recorded | None:
        """Played where torch is missing: the first updates of what the lab opens with."""
        return recorded_named(RECORDING) if self._no_torch else None

    @property
    def last(self) -> int:
        """The last update that may be gone to."""
        return MOST_UPDATES if self.recorded is None else int(self.recorded.values["updates"])

    def check(self, changes: Mapping[str, Value]) -> None:
        """Raises ParameterError, too, for an update that is not recorded."""
        if int(changes.get("update", 1)) > self.last:
            raise ParameterError(f"update {self.last} is the last recorded: {INSTALL}")
        super().check(changes)

    @property
    def inside(self) -> Inside | None:
        """Of the update that is looked at; None while there is none."""
        frame = self.at("rlhf")
        if frame is None or frame.detail is None:
            return None
        inside: Inside | None = frame.detail.inside
        return inside

    @property
    def epochs(self) -> int:
        """How many the update has."""
        return 0 if self.inside is None else len(self.inside.epochs) - 1

    def visit(self, update: int) -> None:
        """Look at an update; where it has not been made yet, once it is."""
        if update <= self.reached:
            self.look(update - self.shown)
        elif self._opened:
            self.run.stop()
            self.cursor = None
            self._begin(update + 1)
        else:
            self._goal = max(self._goal, update + 1)

    def set_parameters(self, changes: Mapping[str, Value]) -> None:
        """Another update is gone to; what shapes updates runs them anew."""
        update = int(changes.get("update", self.parameters["update"]))
        to = update != self.parameters["update"]
        super().set_parameters(changes)
        if to:
            self.visit(update)

    def reset(self) -> None:
        super().reset()
        self._of = 0

    def _anew(self, frames: int, *, go_on: bool = False) -> None:
        super()._anew(max(frames, LEAST_FRAMES), go_on=go_on)

    def settle_place(self) -> bool:
        """After anything has come or moved: the place in the update that is there; False while there is none."""
        inside = self.inside
        if inside is None:
            return False
        if self._of != self.shown:
            self._of, self.epoch = self.shown, 0
        self.epoch = min(self.epoch, self.epochs)
        self.answer = min(self.answer, len(inside.batch.prompts) - 1)
        self.row = max(0, min(self.row, int(inside.batch.mask[self.answer].sum()) - 1))
        return True

    def further(self) -> bool:
        """The next epoch; after the last one the next update. False when there is none to come."""
        if self.inside is not None and self.epoch < self.epochs:
            self.epoch += 1
            return True
        return self.shown < self.last and super().step()

    def back(self) -> bool:
        """The epoch before; before the first one the last of the update before. False at the first update."""
        if self.epoch:
            self.epoch -= 1
            return True
        if self.shown <= 1:
            return False
        self.look(-1)
        self._of, self.epoch = self.shown, self.epochs
        return True

    # What is kept

    def to_state(self) -> dict[str, Any]:
        place = {"epoch": self.epoch, "answer": self.answer, "row": self.row, "column": self.column}
        return {**super().to_state(), "place": {**place, "update": self.shown}}

    def restore_place(self, state: object) -> None:
        """Go where the state was; what is damaged in it is left out."""
        place = state.get("place") if isinstance(state, Mapping) else None
        if not isinstance(place, Mapping):
            return
        for name in ("epoch", "answer", "row"):
            if type(place.get(name)) is int and place[name] >= 0:
                setattr(self, name, place[name])
        if isinstance(place.get("column"), str):
            self.column = place["column"]
        if type(place.get("update")) is int:
            self._of = place["update"]
