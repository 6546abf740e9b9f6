"""Which run it is: the experiment, its parameters and seeds; where torch is missing, the recorded one."""

from collections.abc import Mapping

from tutor.experiments import Experiment, LabDescription, ParameterError, Value
from tutor.experiments.recordings import (
    Recorded,
    check_recorded,
    find_recorded,
    recorded_of,
    torch_missing,
    trains,
)

SEEDS = 1_000_000
PLAYED = 8.0  # seconds that a recorded run takes to be played, where no speed is set


class RunChoice:
    """parameters: the lab's, resolved, by name. What follows from them in the run is `values`, and what names those in
    the lab `made_of`, which a subclass may give otherwise."""

    def __init__(self, experiment: Experiment, lab: LabDescription, parameters: Mapping[str, Value]) -> None:
        self.experiment = experiment
        self.lab = lab
        self.parameters = dict(parameters)
        self._no_torch = experiment.torch and torch_missing()

    def values(self) -> dict[str, Value]:
        """The parameters of the experiment, without the lab's own."""
        known = {parameter.name for parameter in self.experiment.parameters}
        return {name: value for name, value in self.parameters.items() if name in known}

    def made_of(self) -> set[str]:
        """The lab's parameters from which, besides the seed, the frames follow."""
        return set(self.values())

    @property
    def seeds(self) -> range:
        first = int(self.parameters["seed"])
        return range(first, first + int(self.parameters.get("seeds", 1)))

    @property
    def next_seed(self) -> int:
        """The first one after them, from which on there are as many."""
        return self.seeds[-1] + 1 if self.seeds[-1] < SEEDS - len(self.seeds) else 0

    @property
    def width(self) -> int:
        """How many frames an update has: one a series."""
        return len(self.experiment.series)

    @property
    def _rate(self) -> float | None:
        """Frames a second; None: as fast as it can."""
        speed = float(self.parameters["speed"]) * self.width
        if self.recorded is not None and not speed:
            return self.width * (self.experiment.updates(self.recorded.values) or 1) / PLAYED
        return speed or None

    @property
    def recorded(self) -> Recorded | None:
        """The run in place of which, or as which, frames are played, where torch is missing."""
        if not self._no_torch or not trains(self.experiment.id, self.values()):
            return None
        found = find_recorded(self.experiment.id, self.values(), self.seeds)
        return found or recorded_of(self.experiment.id)

    def check(self, changes: Mapping[str, Value]) -> None:
        """Raises ParameterError where only recorded runs are there, and the changes ask for another."""
        now, begins = self.parameters, {"seed", *self.made_of()}
        other = any(now[name] != value for name, value in changes.items() if name in begins)
        if not self._no_torch or not other:
            return
        self.parameters = {**now, **changes}
        try:
            check_recorded(self.experiment.id, self.values(), self.seeds)
        finally:
            self.parameters = now

    @property
    def _is_recorded(self) -> bool:
        """Whether the parameters are those of the recorded run."""
        try:
            check_recorded(self.experiment.id, self.values(), self.seeds)
        except ParameterError:
            return False
        return True

    def _take_recorded(self) -> None:
        """The parameters of the recorded run, which is the one that the lab opens with."""
        standard = self.lab.values({})
        self.parameters.update(
            {name: standard[name] for name in ("seed", *self.made_of()) if name in standard}
        )
