"""Predict, then see: what may come of an action, to choose from before the dice are thrown."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tutor.tui.screens.dialog import Dialog

AROUND = 8  # rows around the answers: a question of two lines, the keys, air


class PredictScreen(Dialog[int | None]):
    """A question and numbered answers; the number or enter chooses, esc takes the question back."""

    CSS = """
    PredictScreen { align: center middle; background: $background 60%; }
    PredictScreen Static { width: 56; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
    PredictScreen.low Static { padding: 0 2; }
    """
    columns = 56
    BINDINGS = [
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("enter,space", "choose", "choose"),
        Binding("escape,q,p", "dismiss", "take it back"),
    ]

    def __init__(self, question: str, answers: Sequence[str]) -> None:
        super().__init__()
        self.question = question
        self.answers = tuple(answers)
        self.cursor = 0

    def compose(self) -> ComposeResult:
        yield Static(self._content(), markup=False)

    def on_resize(self) -> None:
        self.set_class(self._low, "low")
        self.query_one(Static).update(self._content())

    @property
    def _low(self) -> bool:
        """Whether the screen has no row to spare; then the air goes first, and the key line stays in sight."""
        return self.app.size.height < len(self.answers) + AROUND

    def _content(self) -> Content:
        pointer = self.app.glyphs.pointer  # type: ignore[attr-defined]
        gap = [] if self._low else [Content("")]
        lines = [Content.styled(self.question, "bold"), *gap]
        for index, answer in enumerate(self.answers):
            on = index == self.cursor
            lines.append(
                Content.assemble(
                    (pointer if on else " ", "$accent bold"), (f" {index + 1}  ", "$primary bold"), answer
                )
            )
        lines += [*gap, Content("a number or enter answers   esc takes it back").stylize("$muted")]
        return Content("\n").join(lines)

    def action_move(self, by: int) -> None:
        self.cursor = (self.cursor + by) % len(self.answers)
        self.query_one(Static).update(self._content(), layout=False)

    def action_choose(self) -> None:
        self.dismiss(self.cursor)

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character.isdecimal() and 1 <= int(event.character) <= len(self.answers):
            event.stop()
            self.dismiss(int(event.character) - 1)
