"""The clip lab: move ratio, advantage and epsilon, and see where the clipped objective stops pushing."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult

from tutor.experiments import Value, find_lab
from tutor.tui.labs import clip_model
from tutor.tui.labs import clip_words as words
from tutor.tui.labs.base import LabView
from tutor.tui.labs.clip_keys import KEYS
from tutor.tui.labs.clip_panes import ClipPanes
from tutor.tui.labs.clip_session import PUSHES, ClipSession, next_example, with_old
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.widgets.facts import Facts

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


class Lab(LabView):
    """The keys act on the session; the panes show it."""

    DEFAULT_CSS = """
    Lab #head { height: 1; background: $panel; }
    """
    BINDINGS = KEYS

    def __init__(
        self,
        parameters: Mapping[str, Value],
        state: Mapping[str, Any] | None = None,
        *,
        embedded: bool = False,
    ) -> None:
        super().__init__(parameters, state, embedded=embedded)
        self.session = ClipSession(parameters) if state is None else ClipSession.from_state(state, parameters)
        self._note: Line = words.half_a_sample(self.session.point)
        self._asking = False
        self._sample = ("", "")  # prompt and token, which decide whether the model can be asked
        self._head, self._panes = Facts(id="head"), ClipPanes()

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def lab_state(self) -> dict[str, Any]:
        return self.session.to_state()

    def title(self) -> str:
        return words.title(self.session.point, self.tutor.glyphs, hidden=self._asking)

    def status(self) -> str:
        return words.status(self.session)

    # What is drawn

    def compose(self) -> ComposeResult:
        if self.embedded:
            yield self._head
        yield self._panes

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.redraw())

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Everything anew: another size, theme or set of signs."""
        self._panes.place(self.size.width, self.size.height - int(self.embedded))
        self._head.refresh()
        self._show()

    def _show(self) -> None:
        self._panes.show(self.session.point, self._note, hidden=self._asking)
        if self.embedded:
            left, right = " " + self.title(), self.status() + " "
            gap = " " * max(1, self.size.width - len(left) - len(right))
            self._head.show([[(left, "strong"), (gap + right, "muted")]])

    def _changed(self, note: Line | None = None) -> None:
        self._note = note or []
        self._show()
        sample = self.session.point.prompt, self.session.point.token
        if sample != self._sample:
            self._sample = sample
            self.refresh_bindings()
        self.post_message(self.Changed(self))

    # Acting

    def _move(self, moved: bool, end: str) -> None:
        """After a key: a note where it could go no further."""
        self._changed(None if moved else [(f" {end}", "muted")])

    def action_ratio(self, by: int) -> None:
        moved = self.session.move_ratio(by)
        old, end = self.session.point.old, "That is the end of the plot; o takes any ratio."
        if by > 0 and old and self.session.point.ratio >= 1 / old - 1e-9:
            end = "The new probability is 1 already: more there cannot be."
        self._move(moved, end)

    def action_advantage(self, by: int) -> None:
        self._move(self.session.move_advantage(by), "No further by this key; o takes any advantage.")

    def action_epsilon(self, by: int) -> None:
        self._move(
            self.session.move_epsilon(by), "No further by this key; o takes any epsilon between 0 and 1."
        )

    def action_flip(self) -> None:
        self._move(self.session.flip(), "A = 0 has no other sign.")

    def action_undo(self) -> None:
        self._move(self.session.undo(), "Nothing to take back.")

    def action_reset(self) -> None:
        self.session.reset()
        self._changed()

    def action_preset(self) -> None:
        self.session.begin(next_example(self.session))
        self._changed()

    def action_model(self) -> None:
        point = self.session.point
        if not clip_model.offers(point):
            self._changed(
                [(" This example has no prompt and token to ask the model about: n, or o.", "muted")]
            )
            return

        def ask() -> Line:
            old = clip_model.probability(point)
            self.session.go(with_old(point, old))
            name = words.named(point, self.tutor.glyphs)
            return [
                (f" The toy model gives {name} ", ""),
                (words.probability(old), "policy"),
                (": that is the old one now.", ""),
            ]

        self._try(ask)

    def _try(self, act: Callable[[], Line]) -> None:
        """Do it, or say in one line why not. `act` gives a note."""
        try:
            self._changed(act())
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import clip_pages as pages

        self._asking = True
        moved = self.session.go(self.session.question())
        self._changed()

        def answered(choice: int | None) -> None:
            self._asking = False
            if choice is None:
                if moved:
                    self.session.undo()
                self._changed()
            else:
                self._changed(pages.judged(self.session, PUSHES[choice]))

        self.app.push_screen(pages.question(self.session.point, self.tutor.glyphs), answered)

    def action_explain(self) -> None:
        from tutor.tui.labs import clip_pages as pages

        self.app.push_screen(
            pages.explanation(self.session.point, self.tutor.glyphs, self._panes.plot_in_words())
        )

    def action_code(self) -> None:
        from tutor.tui.labs import clip_pages as pages

        self.app.push_screen(pages.code())

    def action_export(self) -> None:
        from tutor.tui.labs.clip_export import export_session

        try:
            written = export_session(self.session)
        except OSError as error:
            self.notify(f"Nothing was written: {error}", severity="warning", markup=False)
            return
        text = f"{len(written)} files, {written[0].name} and the plot beside it, in {written[0].parent}"
        self.notify(text, title="Exported", markup=False, timeout=10)

    def action_options(self) -> None:
        from tutor.tui.screens.parameters import ParametersScreen

        def chosen(values: Mapping[str, Value] | None) -> None:
            if values:
                self.set_parameters(values)

        parameters = find_lab("clip").parameters
        self.app.push_screen(ParametersScreen("Clip: options", parameters, self.session.parameters), chosen)

    def set_parameters(self, values: Mapping[str, Value]) -> None:
        """Use what was typed; both probabilities give the ratio."""

        def apply() -> Line:
            known = bool(self.session.point.old)
            self.session.apply(values)
            if known and not self.session.point.old and values.get("old") != 0:
                return [
                    (" No old and new probability give this ratio (at most 1 each): only r counts.", "muted")
                ]
            return words.half_a_sample(self.session.point)

        self._try(apply)
