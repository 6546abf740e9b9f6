"""The end of a lesson: what is done, what is open, where the keys lead."""

from textual.content import Content
from textual.widget import Widget

from tutor.tui.lesson_state import LessonState
from tutor.tui.prose.look import Look
from tutor.tui.widgets.prose import FlatText
from tutor.tui.widgets.question_text import labelled


class Closing(FlatText):
    """The end of a lesson: what is done, what is open."""

    DEFAULT_CSS = (
        "Closing { margin: 1 0 1 1; border-top: solid $rule; } Closing.ascii { border-top: ascii $rule; }"
    )

    def __init__(self, state: LessonState) -> None:
        super().__init__()
        self._state = state

    def on_mount(self) -> None:
        self.set_class(bool(getattr(self.app, "ascii", False)), "ascii")

    def state_key(self) -> object:
        return str(self._state.open_questions())

    def lay_out(self, width: int, look: Look) -> list[Content]:
        state = self._state
        lines = [Content.styled("The end of this lesson.", "bold")]
        total = len(state.question_ids())
        if total:
            lines.append(Content(f"Questions right: {state.right_count()} of {total}."))
        waiting = state.open_questions()
        if waiting:
            sign = "- " if look.ascii else "○ "
            lines += labelled(sign, "$accent", f"Still open: {in_words(waiting)}.", width, look)
            first = waiting[0][1][0]
            lines.append(Content.assemble(("enter", "$primary bold"), f" goes to question {first}"))
        following = next_of(self)
        lines.append(Content.assemble(("space", "$primary bold"), f" {following}"))
        return lines


def in_words(waiting: list[tuple[int, list[int]]]) -> str:
    """`questions 1, 2 in step 3; question 5 in step 5`."""
    return "; ".join(
        f"question{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))} in step {step}"
        for step, numbers in waiting
    )


def next_of(widget: Widget) -> str:
    """What the lesson's screen opens next, in words."""
    describe = getattr(widget.screen, "what_follows", None)
    return describe() if describe is not None else "goes on"
