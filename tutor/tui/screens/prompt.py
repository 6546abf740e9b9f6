"""A line to type, over another screen."""

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tutor.tui.screens.dialog import Dialog
from tutor.tui.widgets.field import Field


class PromptField(Field):
    """Keeps what is pasted whole: lines that are pasted become one, a `/` between them."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = "/".join(event.text.split())
        self.insert_text_at_cursor("".join(letter for letter in text if letter.isprintable()))


class PromptScreen(Dialog[str | None]):
    """question: what to type. problem: what is wrong with a text, empty for one that is right; it is said while
    the learner types, and enter takes no text that has one. Gives the text, or None after esc."""

    CSS = """
    PromptScreen { align: center middle; background: $background 60%; }
    PromptScreen Vertical { width: 78; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
    PromptScreen Static { height: auto; }
    PromptScreen Field, PromptScreen Field:focus { background: $background; margin: 1 0; }
    PromptScreen #problem { min-height: 2; }
    """
    columns = 78
    BINDINGS = [Binding("escape", "cancel", "cancel")]

    def __init__(
        self, question: str, value: str, problem: Callable[[str], str], *, longest: int = 200
    ) -> None:
        super().__init__()
        self.question = question
        self.problem = problem
        self._field = PromptField(value, longest=longest)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content.styled(self.question, "bold"), markup=False)
            yield self._field
            yield Static(id="problem", markup=False)
            yield Static(Content.styled("enter takes it   esc cancels", "$muted"), markup=False)

    def on_input_changed(self) -> None:
        text = self._field.value.strip()
        self._say(self.problem(text) if text else "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = self._field.value.strip()
        if problem := self.problem(text):
            self._say(problem)
        else:
            self.dismiss(text)

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Static).update(Content.styled(problem, "$error"))

    def action_cancel(self) -> None:
        self.dismiss(None)
