"""The clip lab: move ratio, advantage and epsilon, and see where the clipped objective stops pushing."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from tutor.experiments import ParameterError, Value
from tutor.tui.labs import clip_model
from tutor.tui.labs import clip_words as words
from tutor.tui.labs.clip_panes import ClipPanes
from tutor.tui.labs.clip_session import PUSHES, ClipSession, next_example, with_old
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, main, pair
from tutor.tui.labs.session_lab import SessionLab

RATIO, ADVANTAGE, EPSILON = (f"{name} down or up" for name in ("the ratio r", "the advantage A", "epsilon"))


class Lab(SessionLab[ClipSession]):
    """The keys move one sample under the clipped objective; what it does can be predicted."""

    BINDINGS = [
        *pair("left", "right", "ratio", "r, A", RATIO, "arrows"),
        Binding("down", "advantage(-1)", "A", show=False, tooltip=ADVANTAGE),
        Binding("up", "advantage(1)", "A", show=False, tooltip=ADVANTAGE),
        *main("epsilon", "epsilon", EPSILON),
        key("preset"),
        key("options", "options", "type ratio, probabilities, advantage, epsilon"),
        key("explain", "explain", "what the numbers say, and the plot in words"),
        key("predict", tooltip="predict what a sample does, then see"),
        key("undo", tooltip="take the last change back"),
        Binding("f", "flip", "flip A", tooltip="the other sign of A"),
        key("reset", "reset", "back to where this example began", "0"),
        Binding(
            "w",
            "truth",
            "what happens",
            tooltip="what really happens: this clip on a real batch, step by step",
        ),
        Binding("t", "model", "old from the model", show=False, tooltip="old probability from the toy model"),
        key("code"),
        key("export", tooltip="save numbers and plot (CSV, text, SVG) in a new folder here"),
    ]
    lab_id = "clip"

    def begin(self) -> ClipSession:
        self._asking = False
        self._sample = ("", "")  # prompt and token, which decide whether the model can be asked
        self._panes = ClipPanes()
        if self.saved_state is None:
            session = ClipSession(self.parameters)
        else:
            session = ClipSession.from_state(self.saved_state, self.parameters)
        self._note = words.half_a_sample(session.point)
        return session

    def title(self) -> str:
        return words.title(self.session.point, self.tutor.glyphs, hidden=self._asking)

    def status(self) -> str:
        return words.status(self.session)

    def panes(self) -> ClipPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def draw(self) -> None:
        self._panes.show(self.session.point, self._note, hidden=self._asking)

    def changed(self, note: Line | None = None, *, plots: bool = True) -> None:
        super().changed(note or [], plots=plots)
        sample = self.session.point.prompt, self.session.point.token
        if sample != self._sample:
            self._sample = sample
            self.refresh_bindings()

    # Acting

    def _move(self, moved: bool, end: str) -> None:
        """After a key: a note where it could go no further."""
        self.changed(None if moved else [(end, "muted")])

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

    def next_preset(self) -> None:
        self.session.begin(next_example(self.session))

    def action_model(self) -> None:
        point = self.session.point
        if not clip_model.offers(point):
            self.changed([("This example has no prompt and token to ask the model about: n, or o.", "muted")])
            return

        def ask() -> Line:
            old = clip_model.probability(point)
            self.session.go(with_old(point, old))
            name = words.named(point, self.tutor.glyphs)
            return [
                (f"The toy model gives {name} ", ""),
                (words.probability(old), "policy"),
                (": that is the old one now.", ""),
            ]

        self._try(ask)

    def action_truth(self) -> None:
        """The lab on what the clip holds, with this clip range."""
        self.tutor.open_lab("clip-truth", {"epsilon": self.session.point.epsilon})

    def _try(self, act: Callable[[], Line]) -> None:
        """Do it, or say in one line why not. `act` gives a note."""
        try:
            self.changed(act())
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs import clip_pages as pages

        self._asking = True
        moved = self.session.go(self.session.question())
        self.changed()

        def answered(choice: int | None) -> None:
            self._asking = False
            if choice is None:
                if moved:
                    self.session.undo()
                self.changed()
            else:
                self.changed(pages.judged(self.session, PUSHES[choice]))

        self.app.push_screen(pages.question(self.session.point, self.tutor.glyphs), answered)

    def explanation(self) -> Screen[None]:
        from tutor.tui.labs import clip_pages as pages

        return pages.explanation(self.session.point, self.tutor.glyphs, self._panes.plot_in_words())

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.tui.labs.clip_pages import CODE

        return CODE

    def export(self) -> list[Path]:
        from tutor.tui.labs.clip_export import export_session

        return export_session(self.session)

    def use(self, values: Mapping[str, Value]) -> None:
        """Use what was typed; both probabilities give the ratio."""
        known = bool(self.session.point.old)
        try:
            self.session.apply(values)
        except ValueError as error:
            raise ParameterError(str(error)) from None
        if known and not self.session.point.old and values.get("old") != 0:
            lost = " No old and new probability give this ratio (at most 1 each): only r counts."
            self.changed([(lost, "muted")])
        else:
            self.changed(words.half_a_sample(self.session.point))
