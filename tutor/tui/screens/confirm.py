"""A question before something is lost."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tutor.tui.screens.dialog import Dialog


class ConfirmScreen(Dialog[bool]):
    """`y` yes, `n` or esc no; nothing else does anything."""

    CSS = """
    ConfirmScreen { align: center middle; background: $background 60%; }
    ConfirmScreen Static { width: 60; max-width: 90%; height: auto; padding: 1 2; background: $panel; }
    """
    BINDINGS = [Binding("y", "answer(True)", "yes"), Binding("n,escape,q", "answer(False)", "no")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        keys = Content.assemble(("y", "$primary bold"), "  yes      ", ("n", "$primary bold"), "  no")
        yield Static(Content("\n\n").join([Content(self.question), keys]), markup=False)

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
