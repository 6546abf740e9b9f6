"""The clinic's list of faults: one is named, and what speaks against it is told until it is the right one."""

from collections.abc import Callable, Collection

from textual.binding import Binding
from textual.content import Content

from tutor.charts.text import clean
from tutor.experiments.clinic_faults import FAULTS
from tutor.tui.labs.list_screen import ListScreen


class AnswersScreen(ListScreen[str | None]):
    """Every fault by its number. Gives the right one once it was named, None when the learner goes back.

    judge: takes an answer's id and says what speaks against it; empty: it is right. tried: ids of wrong answers.
    """

    columns = 70
    BINDINGS = [
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("enter,space", "choose", "answer"),
        Binding("escape,q,p", "dismiss", "back to the curves"),
    ]
    keys = "a number or up, down   enter answers   esc back to the curves"

    def __init__(self, question: str, judge: Callable[[str], str], tried: Collection[str]) -> None:
        super().__init__(question, len(FAULTS))
        self.said = ""
        self._judge, self._tried = judge, set(tried)

    def answer(self, place: int, pointer: str) -> Content:
        fault, glyphs = FAULTS[place], self.app.glyphs  # type: ignore[attr-defined]
        wrong = fault.id in self._tried
        return Content.assemble(
            (pointer, "$accent bold"),
            (glyphs.wrong if wrong else " ", "$error"),
            (f"{place + 1:>3}  ", "$primary bold"),
            (fault.name, "$muted" if wrong else ""),
        )

    def told(self) -> str:
        return clean(self.said, not self.app.glyphs.sub_digits)  # type: ignore[attr-defined]

    def action_choose(self) -> None:
        fault, self._typed = FAULTS[self.cursor], 0
        against = self._judge(fault.id)
        if not against:
            self.dismiss(fault.id)
            return
        self._tried.add(fault.id)
        self.said = f"Not {fault.name}. {against}"
        self.show()
