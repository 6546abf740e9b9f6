"""The clinic's list of faults: one is named, and what speaks against it is told until it is the right one."""

from collections.abc import Callable, Collection

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tutor.charts.text import clean
from tutor.experiments.clinic_faults import FAULTS
from tutor.tui.screens.dialog import Dialog

AROUND = 8  # rows around the answers: question, what is said to one, keys, air


class AnswersScreen(Dialog[str | None]):
    """Every fault by its number. Gives the right one once it was named, None when the learner goes back.

    judge: takes an answer's id and says what speaks against it; empty: it is right. tried: ids of wrong answers.
    """

    CSS = """
    AnswersScreen { align: center middle; background: $background 60%; }
    AnswersScreen Static { width: 70; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
    AnswersScreen.low Static { padding: 0 1; }
    """
    columns = 70
    BINDINGS = [
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("enter,space", "choose", "answer"),
        Binding("escape,q,p", "dismiss", "back to the curves"),
    ]

    def __init__(self, question: str, judge: Callable[[str], str], tried: Collection[str]) -> None:
        super().__init__()
        self.question = question
        self.cursor = 0
        self.said = ""
        self._judge, self._tried = judge, set(tried)
        self._typed = 0

    def compose(self) -> ComposeResult:
        yield Static(self._content(), markup=False)

    def on_resize(self) -> None:
        self.set_class(self._low, "low")
        self._show()

    @property
    def _low(self) -> bool:
        """Whether there is no row to spare."""
        return self.app.size.height < len(FAULTS) + AROUND

    def _show(self) -> None:
        self.query_one(Static).update(self._content())

    def _content(self) -> Content:
        glyphs = self.app.glyphs  # type: ignore[attr-defined]
        gap = [] if self._low else [Content("")]
        lines = [Content.styled(self.question, "bold"), *gap]
        for place, fault in enumerate(FAULTS):
            wrong = fault.id in self._tried
            lines.append(
                Content.assemble(
                    (glyphs.pointer if place == self.cursor else " ", "$accent bold"),
                    (glyphs.wrong if wrong else " ", "$error"),
                    (f"{place + 1:>3}  ", "$primary bold"),
                    (fault.name, "$muted" if wrong else ""),
                )
            )
        said = clean(self.said, not glyphs.sub_digits)
        lines += [*gap, Content(said)] if said else []
        lines += [
            *gap,
            Content("a number or up, down   enter answers   esc back to the curves").stylize("$muted"),
        ]
        return Content("\n").join(lines)

    def action_move(self, by: int) -> None:
        self._typed = 0
        self.cursor = (self.cursor + by) % len(FAULTS)
        self._show()

    def action_choose(self) -> None:
        fault, self._typed = FAULTS[self.cursor], 0
        against = self._judge(fault.id)
        if not against:
            self.dismiss(fault.id)
            return
        self._tried.add(fault.id)
        self.said = f"Not {fault.name}. {against}"
        self._show()

    def on_key(self, event: events.Key) -> None:
        """A digit points; a second one makes it a number of two."""
        if not (event.character and event.character.isdecimal() and event.character.isascii()):
            return
        event.stop()
        digit = int(event.character)
        number = self._typed * 10 + digit
        self._typed = number if 1 <= number <= len(FAULTS) else digit
        if 1 <= self._typed <= len(FAULTS):
            self.cursor = self._typed - 1
            self._show()
