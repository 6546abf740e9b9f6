"""A run in a worker process, as far as it has come: gone on with, looked back on, begun anew. Knows no screen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from tutor.experiments import Experiment, Frame, LabDescription, Value
from tutor.experiments.divergence import sound
from tutor.experiments.lending import are_lent
from tutor.experiments.worker_run import Run
from tutor.tui.labs.run_changes import LiveChanges
from tutor.tui.labs.run_choice import RunChoice
from tutor.tui.labs.run_frames import HeldFrames, mark_of
from tutor.tui.labs.run_kept import Runs, restored

State = Literal["new", "running", "paused", "returning", "done", "failed", "dead", "left"]
GONE = ("stopped", "dead")  # states of a run that nothing more comes of, though more was to come


class RunSession(RunChoice):
    """The frames so far, and the run that makes more of them.

    Frames follow from parameters and seeds, so a run whose process is gone (left, killed, closed with the tutor) is
    taken up by making the same frames again: `returning`, as fast as it can, up to `_goal` frames. What is held
    already stays and is compared with what comes.

    updates: the updates that have come, ascending. cursor: the place in them that is looked at; None: the last.
    run: the present one, to be read; it is steered from here. problem: one line, why the run failed or what is wrong
    with what came back. generation: another number whenever the frames begin anew. changed: called in another thread
    when `take` would find something.
    """

    def __init__(
        self,
        experiment: Experiment,
        lab: LabDescription,
        parameters: Mapping[str, Value],
        start: Callable[[], Runs],
        changed: Callable[[], None],
        state: object = None,
    ) -> None:
        """parameters: resolved, by name, for where `state`, what `to_state` gave, is None or damaged. Its frames come
        back once it is opened."""
        found, kept = restored(state, lab, parameters)
        super().__init__(experiment, lab, found)
        self.changes = LiveChanges(self.parameters, experiment.live)
        self.generation = 0
        self._start, self._changed = start, changed
        self._runs: Runs | None = None
        self._opened = False
        self._empty(*kept)

    def _empty(self, goal: int = 0, check: float | None = None) -> None:
        """goal: frames that are still to be made. check: a number of the last of them, as it was at the last visit."""
        self._held = HeldFrames()
        self.cursor: int | None = None
        self.problem = ""
        self.run = Run(self.experiment.id, {}, state="stopped")
        self._goal, self._check = goal, check
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
        match self.run.state:
            case "stopped":
                return "left" if self.frames or self._goal else "new"
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
        return 0 if self.run.ended else self.run.before

    @property
    def most(self) -> int | None:
        """How many frames are taken; what the process makes beyond them waits."""
        return None

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
    def series(self) -> tuple[str, ...]:
        """Those that have come."""
        return self._held.series

    @property
    def faulty(self) -> bool:
        """Whether it failed by itself, not by numbers that grew: there is nothing to learn from its curves."""
        return self.state == "failed" and self.run.diverged is None

    @property
    def sound_frames(self) -> Sequence[Frame]:
        """Those that are data; the last ones of a series that diverged are not."""
        return self.frames if self.run.diverged is None else sound(self.frames, self.run.diverged[0])

    def at(self, series: str, holds: Callable[[Frame], bool] = lambda _frame: True) -> Frame | None:
        """The newest frame of a series, of those that hold, that is not after the update looked at."""
        return self._held.at(series, self.shown, holds)

    # What can be done

    def open(self) -> None:
        """Start the process, and make what was kept, or else the first frame of every series. Where processes are lent
        nothing is begun before somebody asks for a run."""
        if self.run.state in GONE and not are_lent():
            self._begin(max(len(self.frames), self._goal, self.width))

    def _begin(self, frames: int, *, go_on: bool = False) -> None:
        """Make the first so many frames, as fast as it can, and then pause or go on."""
        self._opened, self._runs = True, self._runs or self._start()
        self.problem, self._goal, self._go_on = "", frames, go_on
        self._held.make_again()
        self.changes.begin()
        self.run = self._runs.run(
            self.experiment.id,
            self.values(),
            self.seeds,
            changed=lambda _run: self._changed(),
            paused=True,
        )
        if frames > 1:
            self.run.step(frames - 1)

    def go(self) -> None:
        """Run on from the last update; see `take` for what comes of it."""
        self.cursor = None
        if self.run.state in GONE:
            self._begin(max(len(self.frames), self._goal, 1), go_on=True)
        elif self._goal:
            self._go_on = True
        else:
            self.run.set_speed(self._rate)
            self.run.resume()

    def pause(self) -> None:
        self._go_on = False
        if self.state == "running":
            self.run.pause()

    def finish(self) -> None:
        """All updates are there: a run that was to pause after them ends."""
        if self.run.state == "paused" and not self._goal:
            self.run.resume()

    def step(self) -> bool:
        """One update further: of those that have come, else of the run. False when there is none to come."""
        if self.cursor is not None:
            self.look(1)
            return True
        if self.run.state in GONE:
            self._begin(max(len(self.frames) + self.width, self._goal))
        elif self.run.state in ("done", "failed"):
            return False
        elif not self._goal:
            self.run.step(self.width)
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
        seed = self.next_seed
        self.check({"seed": seed})
        self.changes.settle()
        self.parameters["seed"] = seed
        self._anew(0)

    def set_parameters(self, changes: Mapping[str, Value]) -> None:
        """Change what is given. Another value of the experiment is run with up to where the run was, and on if it was
        running; the lab's own, the speed among them, leave the frames as they are. What is live is changed in the run
        that goes on. Raises as `check`, and changes nothing then."""
        self.check(changes)
        changed = self.changes.other(changes)
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
        elif "speed" in changed and not self._goal:
            self.run.set_speed(self._rate)

    @property
    def _goes_on(self) -> bool:
        """Whether there is a run in which something can still be changed."""
        return not self.run.ended and self.goal > 0

    def _change(self, values: Mapping[str, float]) -> None:
        self.cursor = None
        self.changes.asked.update(values)
        if not self._goal:  # else once what was made before is there
            self.changes.tell(self.run)

    def take_back(self) -> bool:
        """Undo the last change in the course of the run: what came of it is thrown away. False when there is none."""
        first = self.changes.take_back()
        if first is None:
            return False
        frames = [frame for frame in self.frames if frame.update < first]
        on = self.state == "running" or self._go_on
        self.run.stop()
        self._empty()
        for frame in frames:
            self._held.hold(frame)
        if self._opened:
            self._begin(max(len(frames), self.width), go_on=on)
        return True

    def _anew(self, frames: int, *, go_on: bool = False) -> None:
        self.run.stop()
        self._empty()
        if self._opened and (frames or go_on or not are_lent()):
            self._begin(max(frames, self.width), go_on=go_on)

    def take(self) -> list[Frame]:
        """Hold what has come since the last time; what of it is new."""
        run = self.run
        fresh = self._held.take(run.frames, self.most)
        if self._held.differ:
            self.problem = "What was run again came out otherwise than before: 0 starts anew."
        self.changes.hear(run)
        if run.problem:
            self.problem = run.problem
        there = self._held.made >= self._goal or run.ended
        if self._goal and there and run.state not in GONE:
            self._arrive()
        return fresh

    def _arrive(self) -> None:
        """What was to be made again is there."""
        if self._check is not None and self.frames and mark_of(self.frames[-1]) != self._check:
            self.problem = "These are not the numbers of your last visit: the program has changed since."
        self._goal, self._check = 0, None
        self.changes.tell(self.run)
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
