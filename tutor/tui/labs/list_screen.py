"""A question and its numbered answers, over a lab."""

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tutor.tui.screens.dialog import Dialog
from tutor.tui.screens.painting import Result

AROUND = 8  # rows around the answers: the question, what is said to one, the keys, air


class ListScreen(Dialog[Result]):
    """A number, up and down point at an answer, and enter gives it. A subclass gives the lines of the answers
    (`answer`), what is said under them (`told`), the keys in words (`keys`) and what choosing does. cursor: the place
    of the answer that is pointed at.
    """

    SCOPED_CSS = False  # else Textual looks for it in subclasses by their own names
    CSS = """
    ListScreen { align: center middle; background: $background 60%; }
    ListScreen Static { max-width: 100%; height: auto; padding: 1 2; background: $panel; }
    ListScreen.low Static { padding: 0 1; }
    """
    keys = ""

    def __init__(self, question: str, count: int) -> None:
        super().__init__()
        self.question = question
        self.count = count
        self.cursor = 0
        self._typed = 0  # the number as far as it has been typed

    def answer(self, place: int, pointer: str) -> Content:
        """The line of an answer. pointer: what stands before the one that is pointed at, else a blank."""
        raise NotImplementedError

    def told(self) -> str:
        """What is said to the last answer."""
        return ""

    def compose(self) -> ComposeResult:
        box = Static(self._content(), markup=False)
        box.styles.width = self.columns
        yield box

    def on_resize(self) -> None:
        self.set_class(self._low, "low")
        self.show()

    @property
    def _low(self) -> bool:
        """Whether the screen has no row to spare; then the air goes first, and the key line stays in sight."""
        return self.app.size.height < self.count + AROUND

    def show(self) -> None:
        self.query_one(Static).update(self._content())

    def _content(self) -> Content:
        pointer = self.app.glyphs.pointer  # type: ignore[attr-defined]
        gap = [] if self._low else [Content("")]
        lines = [Content.styled(self.question, "bold"), *gap]
        lines += [self.answer(place, pointer if place == self.cursor else " ") for place in range(self.count)]
        said = self.told()
        lines += [*gap, Content(said)] if said else []
        return Content("\n").join([*lines, *gap, Content(self.keys).stylize("$muted")])

    def action_move(self, by: int) -> None:
        self._typed = 0
        self.cursor = (self.cursor + by) % self.count
        self.show()

    def on_key(self, event: events.Key) -> None:
        """A digit points; a second one makes it a number of two."""
        if not (event.character and event.character.isdecimal() and event.character.isascii()):
            return
        event.stop()
        digit = int(event.character)
        number = self._typed * 10 + digit
        self._typed = number if 1 <= number <= self.count else digit
        if 1 <= self._typed <= self.count:
            self.cursor = self._typed - 1
            self.show()
