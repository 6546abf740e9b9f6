"""The token lab: a language model as an agent, stepped token by token, forced, taken back."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from tutor.experiments import Value
from tutor.tui.labs import token_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, keys, main
from tutor.tui.labs.step_lab import next_of
from tutor.tui.labs.token_base import ModelLab
from tutor.tui.labs.token_panes import TokenPanes
from tutor.tui.labs.token_session import TokenSession

TEMPERATURES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0)
OVER: Line = [("Nothing happens", "error"), (": no token after the end.", "")]
POINT = "point at another token, up or down the list"
OPTIONS = "set all options: a prompt of your own, temperature, gamma, seed, speed"


class Lab(ModelLab[TokenSession]):
    """The cursor points at a token of the policy, which can be forced."""

    BINDINGS = [
        key("step", "sample", "act: the model samples its next token"),
        Binding("up", "point(-1)", "choose", show=False, tooltip=POINT),
        Binding("down", "point(1)", "choose", show=False, tooltip=POINT),
        Binding("enter", "force", "force", tooltip="act: force the token that the cursor points at"),
        key("run", tooltip="let the model answer to the end, or pause it"),
        key("undo", tooltip="take the last token back, its dice too"),
        *main("temperature", "temp.", "temperature down or up"),
        key("options", tooltip=OPTIONS),
        key("explain"),
        key("preset", tooltip="the next prompt"),
        *keys("reset", "seed"),
        Binding("pageup", "point(-8)", "8 tokens up", show=False),
        Binding("pagedown", "point(8)", "8 tokens down", show=False),
        Binding("home", "point(-999)", "the likeliest token", show=False),
        Binding("end", "point(999)", "the least likely token", show=False),
        *keys("faster", "slower", "code"),
        key("export", tooltip="save tokens and plots (CSV, text, SVG) in a new folder here"),
    ]
    lab_id = "token"
    unit = "token"

    def begin(self) -> TokenSession:
        self.cursor = 0  # place in the ranking of tokens
        self._panes = TokenPanes()
        if self.saved_state is None:
            return TokenSession(self.parameters, self.model)
        return TokenSession.from_state(self.saved_state, self.parameters, self.model)

    def title(self) -> str:
        return "Token agent" if self.problem is not None else words.title(self.session, self.tutor.glyphs)

    def panes(self) -> TokenPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def draw(self) -> None:
        self._panes.show(self.session, self.cursor, self._note)

    def draw_plots(self) -> None:
        self._panes.show_plots(self.session)

    def step(self) -> bool:
        return self.session.sample() is not None

    def over_note(self) -> Line:
        return OVER

    def moved(self) -> None:
        """The cursor: on the likeliest token; at the end on the one that was chosen last."""
        session = self.session
        last = session.tokens[-1:] if session.over else ()
        self.cursor = next((place for place, token in enumerate(session.ranking()) if token in last), 0)

    def fresh(self) -> dict[str, Value]:
        return {"text": ""}

    # Keys of this lab alone

    def action_force(self) -> None:
        self.pause()
        token = self.session.ranking()[self.cursor]
        self.act(lambda: self.session.force(token) is not None)

    def action_point(self, by: int) -> None:
        self.pause()
        self._note = []
        self.cursor = max(0, min(len(self.session.ranking()) - 1, self.cursor + by))
        self.show(plots=False)

    def action_temperature(self, by: int) -> None:
        temperature = next_of(TEMPERATURES, self.session.temperature, by)
        if temperature is None:
            return
        token = self.session.ranking()[self.cursor]
        self.session.set_parameters({"temperature": temperature})
        self.cursor = self.session.ranking().index(token)  # stays on its token
        self.changed(plots=False)

    # Pages over the lab

    def explanation(self) -> Screen[None]:
        from tutor.tui.labs import token_pages as pages

        plots = self._panes.plots_in_words() if self.session.frames else []
        return pages.explanation(self.session, self.tutor.glyphs, plots)

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.tui.labs.token_pages import CODE

        return CODE

    def export(self) -> list[Path]:
        from tutor.tui.labs.token_export import export_session

        return export_session(self.session)
