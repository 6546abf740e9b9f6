"""A lab whose session takes steps: one by one, or by itself at a speed that can be changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from textual.timer import Timer

from tutor.experiments import Value
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.session_lab import Session, SessionLab

SPEEDS = (1, 2, 3, 4, 6, 8, 12, 20, 30)  # steps a second
AT_ONCE = 1000  # steps that `r` takes when nothing may move by itself


class Steps(Session, Protocol):
    """A session of steps, of which `t` have been taken."""

    parameters: dict[str, Value]

    @property
    def t(self) -> int: ...
    @property
    def over(self) -> bool: ...
    def set_parameters(self, changes: Mapping[str, Value]) -> None: ...


class DiceSteps(Steps, Protocol):
    """A session with dice: another seed throws others."""

    def reseed(self) -> None: ...


S = TypeVar("S", bound=Steps)
D = TypeVar("D", bound=DiceSteps)


class StepLab(SessionLab[S]):
    """`step` takes one step of the policy. gammas: what `[` and `]` go through where they change gamma."""

    unit = "step"
    gammas: Sequence[float] = ()
    at_once = AT_ONCE

    _timer: Timer | None = None

    def step(self) -> bool:
        """One step of the policy; False when there is none to take."""
        raise NotImplementedError

    def over_note(self) -> Line:
        """What is said when no step could be taken."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether the policy acts by itself."""
        return self._timer is not None

    def status(self) -> str:
        if self.problem is not None:
            return ""
        return f"{self.speed}/s  {self.where()}" if self.running else self.where()

    def where(self) -> str:
        """How far the session has gone."""
        return f"step {self.session.t}"

    def set_session(self, values: Mapping[str, Value]) -> None:
        self.session.set_parameters(values)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of the two names of gamma in the bottom line the one that can be drawn."""
        if action in ("gamma", "gamma_in_ascii") and self.tutor.ascii != (action == "gamma_in_ascii"):
            return False
        return super().check_action(action, parameters)

    # Acting

    def act(self, step: Callable[[], bool], *, plots: bool = True) -> bool:
        """Take one step; False when none could be taken, which is then said."""
        done = step()
        self.moved()
        self.changed([] if done else self.over_note(), plots=plots)
        return done

    def action_step(self) -> None:
        self.pause()
        self.act(self.step)

    def action_gamma(self, by: int) -> None:
        gamma = next_of(self.gammas, float(self.session.parameters["gamma"]), by)
        if gamma is not None:
            self.session.set_parameters({"gamma": gamma})
        self.changed([])

    def action_gamma_in_ascii(self, by: int) -> None:
        self.action_gamma(by)

    # Running by itself

    @property
    def speed(self) -> int:
        """Steps a second."""
        return int(self.session.parameters["speed"])

    def action_run(self) -> None:
        if self._timer is not None:
            self.pause()
        elif not self.tutor.settings.motion:
            self.act(self._to_the_end)
        elif self.act(self.step) and not self.session.over:
            self._timer = self.set_interval(1 / self.speed, self._tick)
            self._show_head()
            self.tell_changed()

    def _to_the_end(self) -> bool:
        """With motion switched off: many steps, one picture, which tells of the last of them."""
        for taken in range(self.at_once):
            if not self.step():
                return taken > 0
        return True

    def _tick(self) -> None:
        if not self.act(self.step, plots=self.plots_due) or self.session.over:
            self.pause()

    def pause(self) -> None:
        """Stop the run, if there is one; its last plots are drawn."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            if self.is_attached:
                self._show_plots()
                self._show_head()
                self.tell_changed()

    def action_speed(self, by: int) -> None:
        speed = next_of(SPEEDS, self.speed, by)
        if speed is not None:
            self.session.parameters["speed"] = int(speed)
        if self._timer is not None:
            self._timer.stop()
            self._timer = self.set_interval(1 / self.speed, self._tick)
        self.changed([(f"speed {self.speed} {self.unit}s a second", "muted")])


class DiceLab(StepLab[D]):
    """A lab whose steps are drawn by lot."""

    def action_seed(self) -> None:
        self.start_again(self.session.reseed)


def next_of(choices: Sequence[float], now: float, by: int) -> float | None:
    """The next choice above `now`, or below it when by < 0; None at the end. choices: ascending."""
    further = [c for c in choices if (c > now + 1e-9 if by > 0 else c < now - 1e-9)]
    return None if not further else further[0] if by > 0 else further[-1]
