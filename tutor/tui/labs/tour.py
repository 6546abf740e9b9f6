"""The tour: one step in a gridworld beside one token of a language model, the same words under both."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.content import Content
from textual.screen import Screen

from tutor.tui.labs import tour_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import gamma, key, keys
from tutor.tui.labs.token_base import ModelLab
from tutor.tui.labs.tour_panes import TourPanes
from tutor.tui.labs.tour_session import TourSession

OVER: Line = [("Both are over", "error"), (": 0 starts again.", "")]
OPTIONS = "set all options: a prompt of your own, gamma, seed, speed"


class Lab(ModelLab[TourSession]):
    """Space steps both agents, u takes both back."""

    BINDINGS = [
        key("step", "step both", "both agents take a step"),
        key("run", tooltip="let both go on to their ends, or pause them"),
        key("undo", tooltip="take the last step of both back, dice too"),
        key("explain", tooltip="what each word means for both"),
        *gamma(),
        *keys("reset", "seed"),
        key("options", tooltip=OPTIONS),
        key("preset", tooltip="the next prompt"),
        *keys("faster", "slower", "code"),
        key("export", tooltip="save the steps of both (CSV) in a new folder here"),
    ]
    lab_id = "tour"
    gammas = (0.0, 0.5, 0.9, 0.95, 0.99, 1.0)

    def begin(self) -> TourSession:
        self._panes = TourPanes()
        if self.saved_state is None:
            return TourSession(self.parameters, self.model)
        return TourSession.from_state(self.saved_state, self.parameters, self.model)

    def title(self) -> str:
        return "Tour" if self.problem is not None else words.title(self.session, self.tutor.glyphs)

    def panes(self) -> TourPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def draw(self) -> None:
        self._panes.show(self.session, self._note)

    def step(self) -> bool:
        return self.session.step()

    def over_note(self) -> Line:
        return OVER

    # Pages over the lab

    def explanation(self) -> Screen[None]:
        from tutor.tui.labs.reader import ReaderScreen

        paragraphs = [Content(text) for text in words.explain(self.session, self.tutor.glyphs)]
        return ReaderScreen("The same words for both", paragraphs)

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.rl.episodes import take_step
        from tutor.toy_llm.episodes import take_token

        return take_step, take_token

    def export(self) -> list[Path]:
        from tutor.tui.labs.gridworld_export import steps_csv
        from tutor.tui.labs.lab_export import export_lab
        from tutor.tui.labs.token_export import tokens_csv

        both = {"gridworld": steps_csv(self.session.world), "tokens": tokens_csv(self.session.answer)}
        return export_lab("tour", f"tour-seed{self.session.seed}", both, {})
