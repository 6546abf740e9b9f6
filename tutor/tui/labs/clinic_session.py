"""A case of the clinic, as far as it has come: the broken run, what was answered, and once that is over the mended run.
Knows no screen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tutor.experiments import Experiment, LabDescription, Value
from tutor.experiments.clinic import case_of
from tutor.experiments.clinic_faults import BY_ID, Fault, Kind
from tutor.experiments.clinic_signs import Reading
from tutor.experiments.entries.clinic import CASES, ON_A_GRID
from tutor.tui.labs.run_kept import Runs
from tutor.tui.labs.run_session import RunSession, State

BROKEN, MENDED = "broken", "mended"
Ended = Literal["", "solved", "shown"]
ENDS: tuple[Ended, ...] = ("", "solved", "shown")


@dataclass(frozen=True)
class Diagnosis:
    """What was answered to a case. tried: wrong answers, by id, in their order. ended: how it came out."""

    tried: tuple[str, ...] = ()
    ended: Ended = ""


class ClinicSession(RunSession):
    """The frames of both runs come one after the other; those of the mended one are not taken before the fault is named
    or shown."""

    def __init__(
        self,
        experiment: Experiment,
        lab: LabDescription,
        parameters: Mapping[str, Value],
        start: Callable[[], Runs],
        changed: Callable[[], None],
        state: object = None,
    ) -> None:
        """As of every run; answers that make no sense are left out."""
        super().__init__(experiment, lab, parameters, start, changed, state)
        self.diagnoses = _diagnoses(state)

    # What is the case

    @property
    def case(self) -> int:
        return int(self.parameters["case"])

    @property
    def kind(self) -> Kind:
        return "grid" if self.case in ON_A_GRID else "toy"

    @property
    def fault(self) -> Fault:
        return BY_ID[case_of(self.parameters).fault]

    @property
    def diagnosis(self) -> Diagnosis:
        return self.diagnoses.get(self.case, Diagnosis())

    @property
    def known(self) -> bool:
        """Whether the fault has been named or shown."""
        return bool(self.diagnosis.ended)

    def count(self, ended: Ended) -> int:
        """How many cases came out so."""
        return sum(diagnosis.ended == ended for diagnosis in self.diagnoses.values())

    @property
    def total(self) -> int:
        """The number of the last update."""
        return self.experiment.updates(self.values()) or 0

    @property
    def most(self) -> int | None:
        """Of the broken run, as long as the fault is not known."""
        return None if self.known else self.total + 1

    @property
    def width(self) -> int:
        """Frames come one by one: first all of one run, then all of the other."""
        return 1

    @property
    def goal(self) -> int:
        return min(super().goal, self.total)

    def has_all(self, series: str) -> bool:
        """Whether the run has come to its end."""
        last = self._held.at(series, self.total, lambda _frame: True)
        return last is not None and last.update == self.total

    @property
    def state(self) -> State:
        """Done, with the broken run, as long as the fault is not known."""
        found = super().state
        waits = not self.known and self.has_all(BROKEN)
        return "done" if waits and found in ("running", "paused") else found

    def values(self) -> dict[str, Value]:
        """The lab has no updates of its own to set."""
        return {"updates": 0, **super().values()}

    def reading(self, series: str) -> Reading:
        """The curves of a run so far."""
        return Reading(self.frames, series)

    # What can be done

    def step(self) -> bool:
        waits = self.cursor is None and self.state == "done"
        return False if waits else super().step()

    def set_parameters(self, changes: Mapping[str, Value]) -> None:
        """Another case begins at its beginning."""
        if changes.get("case", self.case) != self.case:
            self._drop()
        super().set_parameters(changes)

    def _drop(self) -> None:
        self.run.stop()
        self._empty()

    def next_case(self, by: int = 1) -> None:
        """From the last one to the first; where torch is missing, with the seed that is recorded."""
        seed = 0 if self._no_torch else self.parameters["seed"]
        self.set_parameters({"case": (self.case - 1 + by) % CASES + 1, "seed": seed})

    def _take_recorded(self) -> None:
        """Of this case."""
        self.parameters["seed"] = 0

    def answer(self, fault: str) -> bool:
        """Name the fault, by its id; whether that is right."""
        if self.known:
            return fault == self.fault.id
        right = fault == self.fault.id
        tried = self.diagnosis.tried
        self._settle(
            Diagnosis(tried, "solved") if right else Diagnosis(tuple(dict.fromkeys((*tried, fault))))
        )
        return right

    def show_answer(self) -> None:
        """Give it up."""
        if not self.known:
            self._settle(Diagnosis(self.diagnosis.tried, "shown"))

    def _settle(self, diagnosis: Diagnosis) -> None:
        self.diagnoses[self.case] = diagnosis
        if self.known:
            self.go()

    # What is kept

    def to_state(self) -> dict[str, Any]:
        told = {str(case): [list(d.tried), d.ended] for case, d in self.diagnoses.items()}
        return {**super().to_state(), "diagnoses": told}


def _diagnoses(state: object) -> dict[int, Diagnosis]:
    told = state.get("diagnoses") if isinstance(state, Mapping) else None
    found = {}
    for case in range(1, CASES + 1):
        match told.get(str(case)) if isinstance(told, Mapping) else None:
            case [list(tried), str(ended)] if ended in ENDS and all(fault in BY_ID for fault in tried):
                found[case] = Diagnosis(tuple(dict.fromkeys(tried)), ended)
    return found
