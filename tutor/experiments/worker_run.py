"""One run in a worker's process, as whoever asked for it sees and steers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tutor.experiments.frames import Frame
from tutor.rl.changes import Change

State = Literal["running", "paused", "done", "stopped", "failed", "dead"]
ENDED: tuple[State, ...] = ("done", "stopped", "failed", "dead")


@dataclass(eq=False)
class Run:
    """One run, as far as it has come. Its fields change in a thread of the worker's, each at once and whole.

    frames: those that have arrived; it only grows. state: `paused` runs on with `resume` or `step`; the others but
    `running` are ends. problem: why it failed or died, one line. traceback: of a failure that is a fault of the
    program, for a log. diverged: the series that did, and what it did, in words. changes: those that were asked for by
    `change`, once it is known from where on they hold. before: how many runs of others come first, where processes are
    shared; 0 once it has one. wait: about how many seconds that takes; None: nobody knows.
    """

    id: str
    parameters: Mapping[str, object]
    frames: list[Frame] = field(default_factory=list)
    state: State = "running"
    problem: str = ""
    traceback: str = ""
    diverged: tuple[str, str] | None = None
    changes: list[Change] = field(default_factory=list)
    before: int = 0
    wait: float | None = None
    _send: Callable[..., None] = field(default=lambda *_command: None, repr=False)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def pause(self) -> None:
        """Make no further frame; the one that is being made still comes."""
        self._go("paused", "pause")

    def resume(self) -> None:
        self._go("running", "resume")

    def step(self, frames: int = 1) -> None:
        """Make so many frames and pause."""
        self._go("paused", "step", frames)

    def set_speed(self, frames_per_second: float | None) -> None:
        """None: as fast as it can."""
        if not self.ended:
            self._send("speed", frames_per_second)

    def change(self, name: str, value: float) -> None:
        """Set a parameter that is live (see `Experiment`) from the first episode that has not begun."""
        if not self.ended:
            self._send("change", name, value)

    def stop(self) -> None:
        """End it; the frames stay. What is being made is thrown away."""
        self._go("stopped", "stop")

    def _go(self, state: State, *command: object) -> None:
        if not self.ended:
            self.state = state
            self._send(*command)
