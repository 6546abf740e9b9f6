"""Predict, then see: what may come of an action, to choose from before the dice are thrown."""

from collections.abc import Sequence

from textual.binding import Binding
from textual.content import Content

from tutor.tui.labs.list_screen import ListScreen


class PredictScreen(ListScreen[int | None]):
    """A question and numbered answers; enter gives the one that is pointed at, esc takes the question back."""

    columns = 56
    BINDINGS = [
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("enter,space", "choose", "answer"),
        Binding("escape,q,p", "dismiss", "take it back"),
    ]
    keys = "a number points   enter answers   esc takes it back"

    def __init__(self, question: str, answers: Sequence[str]) -> None:
        super().__init__(question, len(answers))
        self.answers = tuple(answers)

    def answer(self, place: int, pointer: str) -> Content:
        return Content.assemble(
            (pointer, "$accent bold"), (f" {place + 1}  ", "$primary bold"), self.answers[place]
        )

    def action_choose(self) -> None:
        self.dismiss(self.cursor)
