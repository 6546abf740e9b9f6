"""A run in a worker process, as far as it has come: gone on with, looked back on, begun anew. Knows no screen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Self

from tutor.experiments import Experiment, Frame, LabDescription, ParameterError, Value
from tutor.experiments.divergence import sound
from tutor.experiments.lending import are_lent
from tutor.experiments.recordings import (
    Recorded,
    check_recorded,
    find_recorded,
    recorded_of,
    torch_missing,
    trains,
)
from tutor.experiments.worker_run import Run
from tutor.tui.labs.run_changes import LiveChanges
from tutor.tui.labs.run_frames import HeldFrames, mark_of, same
from tutor.tui.labs.run_kept import Runs, restored

SEEDS = 1_000_000
PLAYED = 8.0  # seconds that a recorded run takes to be played, where no speed is set
State = Literal["new", "running", "paused", "returning", "done", "failed", "dead", "left"]


class RunSession:
    """The frames so far, and the run that makes more of them.

    Frames follow from parameters and seeds, so a run whose process is gone (left, killed, closed with the tutor) is
    taken up by making the same frames again: `returning`, as fast as it can, up to `_goal` frames. What is held
    already stays and is compared with what comes.

    updates: the updates that have come, ascending. cursor: the place in them that is looked at; None: the last.
    problem: one line, why the run failed or what is wrong with what came back. generation: another number whenever
    the frames begin anew. changed: called in another thread when `take` would find something.
    """

    _check: float | None  # a number of frame `_goal`, where that was made at an earlier visit
    most: int | None = None  # frames that are taken; what the process makes beyond them waits

    def __init__(
        self,
        experiment: Experiment,
        lab: LabDescription,
        parameters: Mapping[str, Value],
        start: Callable[[], Runs],
        changed: Callable[[], None],
        kept: tuple[int, float | None] = (0, None),
    ) -> None:
        """parameters: resolved, by name. kept: how many frames there were, and a number of the last of them."""
        self.experiment = experiment
        self.lab = lab
        self.parameters = dict(parameters)
        self.changes = LiveChanges(self.parameters, experiment.live)
        self.generation = 0
        self._no_torch = experiment.torch and torch_missing()
        self._start, self._changed = start, changed
        self._runs: Runs | None = None
        self._opened = False
        self._empty()
        self._goal, self._check = kept

    def _empty(self) -> None:
        self._held = HeldFrames()
        self.cursor: int | None = None
        self.problem = ""
        self._run: Run | None = None
        self._read = 0  # frames of `_run` that have been taken
        self._goal = 0
        self._check = None
        self._go_on = False  # when the goal is reached
        self.changes.begin()
        self.generation += 1

    # What is the case

    @property
    def frames(self) -> list[Frame]:
        return self._held.frames

    @property
    def updates(self) -> list[int]:
        return self._held.updates

    @property
    def state(self) -> State:
        if self._run is None:
            return "left" if self.frames or self._goal else "new"
        match self._run.state:
            case "stopped":
                return "left"
            case "running" | "paused" if self._goal:
                return "returning"
            case state:
                return state

    @property
    def waits_for_key(self) -> bool:
        """Whether nothing is being made before somebody runs or steps."""
        return self.state in ("new", "left")

    @property
    def before(self) -> int:
        """How many runs of others come first, where a class shares processes."""
        return 0 if self._run is None or self._run.ended else self._run.before

    @property
    def wait(self) -> float | None:
        """About how many seconds that takes; None where nobody knows."""
        return self._run.wait if self._run is not None else None

    @property
    def seeds(self) -> range:
        first = int(self.parameters["seed"])
        return range(first, first + int(self.parameters.get("seeds", 1)))

    @property
    def reached(self) -> int:
        """The last update that has come."""
        return self.updates[-1] if self.updates else 0

    @property
    def shown(self) -> int:
        """The update that is looked at."""
        return self.reached if self.cursor is None else self.updates[self.cursor]

    @property
    def goal(self) -> int:
        """While returning, about the update it returns to."""
        return max(self.reached, self._goal // self.width - 1)

    @property
    def width(self) -> int:
        """How many frames an update has: one a series."""
        return len(self.experiment.series)

    @property
    def series(self) -> tuple[str, ...]:
        """Those that have come."""
        return self._held.series

    @property
    def faulty(self) -> bool:
        """Whether it failed by itself, not by numbers that grew: there is nothing to learn from its curves."""
        return self.state == "failed" and self.diverged is None

    @property
    def traceback(self) -> str:
        """Of a failure that is a mistake of the program; else empty."""
        return "" if self._run is None else self._run.traceback

    @property
    def diverged(self) -> tuple[str, str] | None:
        """The series that did, and what it did, in words."""
        return None if self._run is None else self._run.diverged

    @property
    def sound_frames(self) -> Sequence[Frame]:
        """Those that are data; the last ones of a series that diverged are not."""
        return self.frames if self.diverged is None else sound(self.frames, self.diverged[0])

    def at(self, series: str, holds: Callable[[Frame], bool] = lambda _frame: True) -> Frame | None:
        """The newest frame of a series, of those that hold, that is not after the update looked at."""
        return self._held.at(series, self.shown, holds)

    def values(self) -> dict[str, Value]:
        """The parameters of the experiment, without the lab's own."""
        known = {parameter.name for parameter in self.experiment.parameters}
        return {name: value for name, value in self.parameters.items() if name in known}

    def made_of(self) -> set[str]:
        """The lab's parameters from which, besides the seed, the frames follow."""
        return set(self.values())

    @property
    def recorded(self) -> Recorded | None:
        """The run in place of which, or as which, frames are played, where torch is missing."""
        if not self._no_torch or not trains(self.experiment.id, self.values()):
            return None
        found = find_recorded(self.experiment.id, self.values(), self.seeds)
        return found or recorded_of(self.experiment.id)

    # What can be done

    def open(self) -> None:
        """Start the process, and make what was kept, or else the first frame of every series. Where processes are lent
        nothing is begun before somebody asks for a run."""
        if are_lent():
            return
        if self._run is None or self._run.state in ("stopped", "dead"):
            self._begin(max(len(self.frames), self._goal, self.width))

    def _begin(self, frames: int, *, go_on: bool = False) -> None:
        """Make the first so many frames, as fast as it can, and then pause or go on."""
        self._opened, self._runs = True, self._runs or self._start()
        self.problem, self._read, self._goal, self._go_on = "", 0, frames, go_on
        self.changes.begin()
        self._run = self._runs.run(
            self.experiment.id,
            self.values(),
            self.seeds,
            changed=lambda _run: self._changed(),
            paused=True,
        )
        if frames > 1:
            self._run.step(frames - 1)

    def go(self) -> None:
        """Run on from the last update; see `take` for what comes of it."""
        self.cursor = None
        if self._run is None or self._run.state in ("stopped", "dead"):
            self._begin(max(len(self.frames), self._goal, 1), go_on=True)
        elif self._goal:
            self._go_on = True
        else:
            self._run.set_speed(self._rate)
            self._run.resume()

    def pause(self) -> None:
        self._go_on = False
        if self._run is not None and self.state == "running":
            self._run.pause()

    def step(self) -> bool:
        """One update further: of those that have come, else of the run. False when there is none to come."""
        if self.cursor is not None:
            self.look(1)
            return True
        if self._run is None or self._run.state in ("stopped", "dead"):
            self._begin(max(len(self.frames) + self.width, self._goal))
        elif self._run.state in ("done", "failed"):
            return False
        elif not self._goal:
            self._run.step(self.width)
        return True

    def look(self, by: int) -> bool:
        """At another update of those that have come; at the last one follows what is to come. False at the end."""
        last = len(self.updates) - 1
        place = last if self.cursor is None else self.cursor
        moved = max(0, min(last, place + by))
        self.cursor = moved if 0 <= moved < last else None
        return moved != place and last >= 0

    def undo(self) -> bool:
        return self.look(-1)

    def reset(self) -> None:
        """The same run from its beginning, paused there."""
        self.changes.settle()
        if self.recorded is not None and not self._is_recorded:
            self._take_recorded()
        self._anew(0)

    def reseed(self) -> None:
        """Other random numbers for every seed. Raises ParameterError where only a recorded run is there."""
        seed = self.seeds[-1] + 1 if self.seeds[-1] < SEEDS - len(self.seeds) else 0
        self.check({"seed": seed})
        self.changes.settle()
        self.parameters["seed"] = seed
        self._anew(0)

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

    def set_parameters(self, changes: Mapping[str, Value]) -> None:
        """Change what is given. Another value of the experiment is run with up to where the run was, and on if it was
        running; the lab's own, the speed among them, leave the frames as they are. What is live is changed in the run
        that goes on. Raises as `check`, and changes nothing then."""
        self.check(changes)
        known = {name: self.changes.now(name) for name in self.parameters}
        changed = {name: value for name, value in changes.items() if value != known.get(name)}
        live = {name: float(changed[name]) for name in self.experiment.live if name in changed}
        others = self.made_of().intersection(changed) - live.keys()
        if live and not others and "changes" not in changes and self._goes_on:
            self._change(live)
            changed = {name: value for name, value in changed.items() if name not in live}
        elif live or others or "seed" in changed:
            self.changes.settle()
        self.parameters.update(changed)
        if {"seed", *self.made_of()}.intersection(changed):
            on = self.state == "running" or self._go_on
            self._anew(max(len(self.frames), self._goal), go_on=on)
        elif "speed" in changed and self._run is not None and not self._goal:
            self._run.set_speed(self._rate)

    @property
    def _goes_on(self) -> bool:
        """Whether there is a run in which something can still be changed."""
        alive = self._run is not None and self._run.state in ("running", "paused")
        return alive and self.goal > 0

    def _change(self, values: Mapping[str, float]) -> None:
        self.cursor = None
        self.changes.asked.update(values)
        if self._run is not None and not self._goal:  # else once what was made before is there
            self.changes.tell(self._run)

    def take_back(self) -> bool:
        """Undo the last change in the course of the run: what came of it is thrown away. False when there is none."""
        first = self.changes.take_back()
        if first is None:
            return False
        frames = [frame for frame in self.frames if frame.update < first]
        on = self.state == "running" or self._go_on
        if self._run is not None:
            self._run.stop()
        self._empty()
        for frame in frames:
            self._held.hold(frame)
        if self._opened:
            self._begin(max(len(frames), self.width), go_on=on)
        return True

    @property
    def _rate(self) -> float | None:
        """Frames a second; None: as fast as it can."""
        speed = float(self.parameters["speed"]) * self.width
        if self.recorded is not None and not speed:
            return self.width * (self.experiment.updates(self.recorded.values) or 1) / PLAYED
        return speed or None

    def _anew(self, frames: int, *, go_on: bool = False) -> None:
        if self._run is not None:
            self._run.stop()
        self._empty()
        if self._opened and (frames or go_on or not are_lent()):
            self._begin(max(frames, self.width), go_on=go_on)

    def take(self) -> list[Frame]:
        """Hold what has come since the last time; what of it is new."""
        run = self._run
        if run is None:
            return []
        held, before = len(self.frames), self._read
        arrived = run.frames[before : self.most]
        self._read += len(arrived)
        if before < held <= self._read and not same(run.frames[held - 1], self.frames[held - 1]):
            self.problem = "What was run again came out otherwise than before: 0 starts anew."
        fresh = arrived[max(0, held - before) :]
        for frame in fresh:
            self._held.hold(frame)
        self.changes.hear(run)
        if run.problem:
            self.problem = run.problem
        if self._goal and (self._read >= self._goal or run.state in ("done", "failed")):
            self._arrive(run)
        return fresh

    def _arrive(self, run: Run) -> None:
        """What was to be made again is there."""
        if self._check is not None and self.frames and mark_of(self.frames[-1]) != self._check:
            self.problem = "These are not the numbers of your last visit: the program has changed since."
        goal, self._goal, self._check = self._goal, 0, None
        if run.state in ("dead", "stopped"):
            self._goal = goal  # still to be made
            return
        self.changes.tell(run)
        if self._go_on:
            self.go()

    def close(self) -> None:
        """End the process; the frames stay."""
        self._go_on = False
        if self._runs is not None:
            self._runs.close()
            self._runs = None

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able: the frames follow from the parameters and how many there are."""
        count = max(len(self.frames), self._goal if self.state in ("left", "returning", "dead") else 0)
        check = mark_of(self.frames[-1]) if self.frames and count == len(self.frames) else self._check
        return {"parameters": dict(self.parameters), "frames": count, "check": check}

    @classmethod
    def from_state(
        cls,
        state: object,
        experiment: Experiment,
        lab: LabDescription,
        parameters: Mapping[str, Value],
        start: Callable[[], Runs],
        changed: Callable[[], None],
    ) -> Self:
        """The session that `to_state` described; a new one with `parameters` when the state is damaged. Its frames come
        back once it is opened."""
        try:
            found, kept = restored(state, lab)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, ParameterError):
            found, kept = parameters, (0, None)
        return cls(experiment, lab, found, start, changed, kept)
