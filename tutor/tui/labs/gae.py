"""The GAE lab: a table of a few steps, lambda live, and every advantage with its numbers put in."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen

from tutor.experiments import Value
from tutor.tui.labs import gae_words as words
from tutor.tui.labs.gae_panes import GaePanes
from tutor.tui.labs.gae_session import ANSWERS, CHANGE, GaeSession, next_example
from tutor.tui.labs.gridworld_words import Line, number, symbol
from tutor.tui.labs.lab_keys import key, keys, main
from tutor.tui.labs.session_lab import SessionLab

ROW, COLUMN = "another step", "from the rewards to the values and back"
NUMBER = f"the number in brackets, {CHANGE:g} up or down"
END: Line = [("No further.", "muted")]


class Lab(SessionLab[GaeSession]):
    """The arrows move in the table, + and - change its numbers, `[` and `]` lambda."""

    BINDINGS = [
        *main("lambda", "lambda", "lambda down or up: from TD to Monte Carlo"),
        Binding("up", "row(-1)", "table", key_display="arrows", tooltip=ROW),
        Binding("down", "row(1)", "table", show=False, tooltip=ROW),
        Binding("left", "column('reward')", "table", show=False, tooltip=COLUMN),
        Binding("right", "column('value')", "table", show=False, tooltip=COLUMN),
        Binding("plus,equals_sign", "number(1)", "number", key_display="+ -", tooltip=NUMBER),
        Binding("minus", "number(-1)", "number", show=False, tooltip=NUMBER),
        key("predict", tooltip="predict what another lambda makes of this advantage, then see"),
        key("explain", "why", "what the numbers say, and the plot in words"),
        key("undo", tooltip="take the last change back"),
        key("preset"),
        key("options", "options", "type lambda, gamma, rewards and values"),
        key("reset", "reset", "back to where this example began", "0"),
        *keys("code", "export"),
    ]
    lab_id = "gae"

    def begin(self) -> GaeSession:
        self._asking = False
        self._panes = GaePanes()
        if self.saved_state is None:
            return GaeSession(self.parameters)
        return GaeSession.from_state(self.saved_state, self.parameters)

    def title(self) -> str:
        return words.title(self.session, self.tutor.glyphs)

    def status(self) -> str:
        return words.status(self.session)

    def panes(self) -> GaePanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height, self.session.table.steps + 2)

    def draw(self) -> None:
        self._panes.show(self.session, self._note, hidden=self._asking)

    # Acting

    def _moved(self, moved: bool) -> None:
        self.changed([] if moved else END)

    def action_lambda(self, by: int) -> None:
        self._moved(self.session.move_lambda(by))

    def action_row(self, by: int) -> None:
        self._moved(self.session.move(by))

    def action_column(self, column: str) -> None:
        self._moved(self.session.turn("value" if column == "value" else "reward"))

    def action_number(self, by: int) -> None:
        self._moved(self.session.change(by))

    def next_preset(self) -> None:
        self.session.begin(next_example(self.session))

    def moved(self) -> None:
        if self.is_attached:
            self.place(self.size.width, self.size.height - int(self.embedded))

    def set_session(self, values: Mapping[str, Value]) -> None:
        self.session.apply(values)

    # Pages over the lab

    def action_predict(self) -> None:
        from tutor.tui.labs.predict import PredictScreen

        self._asking = True
        self.changed([])
        question, answers = words.predicted(self.session, self.tutor.glyphs)

        def answered(choice: int | None) -> None:
            self._asking = False
            self.changed([] if choice is None else self._judged(choice, answers))

        self.app.push_screen(PredictScreen(question, answers), answered)

    def _judged(self, choice: int, answers: Sequence[str]) -> Line:
        """Set lambda to the end that was asked about, and say what came of it."""
        truth = ANSWERS.index(self.session.truth())
        self.session.set_lambda(self.session.other_lambda)
        glyphs, t = self.tutor.glyphs, self.session.step
        name = symbol(words.signs_of(glyphs).advantage, t, glyphs)
        now = f"; {name} = {number(self.session.table.advantages[t], glyphs)} now."
        if choice == truth:
            return [("Right", "strong"), (f": {answers[truth]}{now}", "")]
        return [(f"You said {answers[choice]}", "strong"), (f": {answers[truth]}{now}", "")]

    def explanation(self) -> Screen[None]:
        from tutor.tui.labs.gae_explain import explain
        from tutor.tui.labs.reader import ReaderScreen

        texts = explain(self.session, self.tutor.glyphs)
        texts.append(f"The plot in words: {self._panes.plot_in_words(self.session)}")
        return ReaderScreen("What the numbers say", [Content(text) for text in texts])

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.rl.returns import gae_advantages

        return (gae_advantages,)

    def export(self) -> list[Path]:
        from tutor.tui.labs.gae_export import export_session

        return export_session(self.session)
