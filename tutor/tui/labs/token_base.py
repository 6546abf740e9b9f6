"""What the labs that read the toy model share: running by itself, beginning anew, options, a model that is missing."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widget import Widget

from tutor.experiments import LabDescription, Value
from tutor.toy_llm.checkpoint import CheckpointError, load_model
from tutor.toy_llm.inference import ToyModel
from tutor.tui.labs.base import LabView
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.token_missing import NoModel
from tutor.tui.widgets.facts import Facts

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

SPEEDS = (1, 2, 3, 4, 6, 8, 12, 20, 30)


class Session(Protocol):
    """An episode, or two, as far as such a lab knows it."""

    parameters: dict[str, Value]

    @property
    def t(self) -> int: ...
    @property
    def over(self) -> bool: ...
    def undo(self) -> bool: ...
    def reset(self) -> None: ...
    def reseed(self) -> None: ...
    def set_parameters(self, changes: Mapping[str, Value]) -> None: ...
    def to_state(self) -> dict[str, Any]: ...


S = TypeVar("S", bound=Session)


class ModelLab(LabView, Generic[S]):
    """A lab with a session of its own kind.

    Subclasses give the description, the session (`begin`), the panes, and what is drawn (`draw`, `draw_plots`,
    `place`), what one step is (`step`) and its name. Without a model that can be read there is no session: one line
    says so, and no key acts.
    """

    DEFAULT_CSS = """
    ModelLab #head { height: 1; background: $panel; }
    """

    session: S
    unit = "step"  # what `speed` counts

    def __init__(
        self,
        parameters: Mapping[str, Value],
        state: Mapping[str, Any] | None = None,
        *,
        embedded: bool = False,
    ) -> None:
        super().__init__(parameters, state, embedded=embedded)
        self.problem: CheckpointError | None = None
        try:
            self.session = self.begin(load_model())
        except CheckpointError as error:
            self.problem = error
        self._note: Line = []
        self._timer: Timer | None = None
        self._plots_drawn_at = 0.0
        self._head = Facts(id="head")

    # What a subclass gives

    def begin(self, model: ToyModel) -> S:
        """The session of `self.parameters` and `self.saved_state`."""
        raise NotImplementedError

    def description(self) -> LabDescription:
        raise NotImplementedError

    def panes(self) -> Widget:
        raise NotImplementedError

    def place(self, width: int, height: int) -> None:
        """Give the panes their places."""
        raise NotImplementedError

    def draw(self) -> None:
        """Show the session and the note; all but the plots."""
        raise NotImplementedError

    def draw_plots(self) -> None:
        """Show the plots, where there are any."""

    def step(self) -> bool:
        """One step of the policy; False when everything is over."""
        raise NotImplementedError

    def moved(self) -> None:
        """The session stands at another step."""

    def over_note(self) -> Line:
        """What is said to a step after the end."""
        raise NotImplementedError

    # What the screens ask

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    @property
    def running(self) -> bool:
        """Whether the policy acts by itself."""
        return self._timer is not None

    def lab_state(self) -> dict[str, Any]:
        return self.session.to_state() if self.problem is None else dict(self.saved_state or {})

    def status(self) -> str:
        if self.problem is not None:
            return ""
        steps = f"step {self.session.t}"
        return steps if self._timer is None else f"{self.session.parameters['speed']}/s  {steps}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a model only leaving is possible."""
        if self.problem is not None and action != "leave_lab":
            return False
        return super().check_action(action, parameters)

    # What is drawn

    def compose(self) -> ComposeResult:
        if self.embedded:
            yield self._head
        yield self.panes() if self.problem is None else NoModel(self.problem)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.redraw())

    def on_unmount(self) -> None:
        self.pause()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Everything anew: another size, theme or set of signs."""
        self._head.refresh()
        self.refresh_bindings()
        self._show_head()
        if self.problem is None:
            self.place(self.size.width, self.size.height - int(self.embedded))
            self.show()

    def show(self, *, plots: bool = True) -> None:
        self.draw()
        self._show_head()
        if plots:
            self._show_plots()

    def _show_head(self) -> None:
        if self.embedded:
            left, right = " " + self.title(), self.status() + " "
            gap = " " * max(1, self.size.width - len(left) - len(right))
            self._head.show([[(left, "strong"), (gap + right, "muted")]])

    def _show_plots(self) -> None:
        self._plots_drawn_at = time.monotonic()
        self.draw_plots()

    def changed(self, *, plots: bool = True) -> None:
        """Draw, and let the screen know."""
        self.show(plots=plots)
        self.post_message(self.Changed(self))

    # Acting

    def act(self, step: Callable[[], bool], *, plots: bool = True) -> bool:
        """Take one step; False when everything is over already."""
        done = step()
        self._note = [] if done else self.over_note()
        self.moved()
        self.changed(plots=plots)
        return done

    def action_step(self) -> None:
        self.pause()
        self.act(self.step)

    def action_undo(self) -> None:
        self.pause()
        self._note = [] if self.session.undo() else [("Nothing to take back.", "muted")]
        self.moved()
        self.changed()

    def action_reset(self) -> None:
        self._anew(self.session.reset)

    def action_seed(self) -> None:
        self._anew(self.session.reseed)

    def _anew(self, start: Callable[[], None]) -> None:
        self.pause()
        self._note = []
        start()
        self.moved()
        self.changed()

    def action_preset(self) -> None:
        presets = self.description().presets
        prompts = [preset["prompt"] for preset in presets]
        here = self.session.parameters["prompt"]
        following = presets[(prompts.index(here) + 1) % len(prompts) if here in prompts else 0]
        self._anew(lambda: self.session.set_parameters({**self.fresh(), **following}))

    def fresh(self) -> dict[str, Value]:
        """What goes back to its default with another prompt."""
        return {}

    # Running by itself

    def action_run(self) -> None:
        if self._timer is not None:
            self.pause()
        elif not self.tutor.settings.motion:
            self.act(self._to_the_end)
        elif self.act(self.step) and not self.session.over:
            self._timer = self.set_interval(1 / int(self.session.parameters["speed"]), self._tick)
            self._show_head()
            self.post_message(self.Changed(self))

    def _to_the_end(self) -> bool:
        """With motion switched off: all steps, one picture."""
        done = False
        while self.step():
            done = True
        return done

    def _tick(self) -> None:
        due = time.monotonic() - self._plots_drawn_at >= 1 / self.tutor.settings.plot_rate
        if not self.act(self.step, plots=due) or self.session.over:
            self.pause()

    def pause(self) -> None:
        """Stop the run, if there is one; its last plots are drawn."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            if self.is_attached:
                self._show_plots()
                self._show_head()
                self.post_message(self.Changed(self))

    def action_speed(self, by: int) -> None:
        speed = int(self.session.parameters["speed"])
        further = [s for s in SPEEDS if (s > speed if by > 0 else s < speed)]
        if further:
            self.session.parameters["speed"] = further[0] if by > 0 else further[-1]
        self._note = [(f"speed {self.session.parameters['speed']} {self.unit}s a second", "muted")]
        if self._timer is not None:
            self._timer.stop()
            self._timer = self.set_interval(1 / int(self.session.parameters["speed"]), self._tick)
        self.changed()

    def action_options(self) -> None:
        from tutor.tui.labs.token_options import TokenOptions

        self.pause()
        description = self.description()

        def chosen(values: Mapping[str, Value] | None) -> None:
            if values is not None:
                self.set_parameters(values)

        title = f"{description.title}: options"
        self.app.push_screen(TokenOptions(title, description.parameters, self.session.parameters), chosen)

    def set_parameters(self, values: Mapping[str, Value]) -> None:
        """Use other parameters; the session's own `set_parameters` says what that does to the episode."""
        self._note = []
        self.session.set_parameters(values)
        self.moved()
        self.changed()
