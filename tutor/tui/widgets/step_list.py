"""Where the learner is in a lesson: the steps beside the text on wide screens, and the bar in the title line."""

from textual import events
from textual.content import Content
from textual.message import Message

from tutor.tui.glyphs import Glyphs
from tutor.tui.lesson_state import LessonState
from tutor.tui.prose.look import Look
from tutor.tui.widgets.prose import FlatText

LONGEST_BAR = 12  # cells


class StepList(FlatText):
    """Titles of the steps: read, open, to come; one widget. A click goes there; keys go by the lesson's own."""

    DEFAULT_CSS = """
    StepList { width: 30; height: 1fr; padding: 0 1; border-right: solid $rule; color: $muted; }
    StepList.ascii { border-right: ascii $rule; }
    """
    ALLOW_SELECT = False

    class Chosen(Message):
        """Step `index` was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, state: LessonState, shown: bool) -> None:
        super().__init__()
        self.display = shown
        self._state = state
        self._step_of_line: list[int] = []

    def on_mount(self) -> None:
        self.set_class(bool(getattr(self.app, "ascii", False)), "ascii")

    def state_key(self) -> object:
        state = self._state
        questions = tuple(state.is_open(question_id) for question_id in state.question_ids())
        return state.index, frozenset(state.seen), questions, tuple(step.title for step in state.steps)

    def lay_out(self, width: int, look: Look) -> list[Content]:
        from tutor.tui.prose import lay_out

        state, glyphs = self._state, self.app.glyphs  # type: ignore[attr-defined]
        lines: list[Content] = []
        self._step_of_line = []
        for index, step in enumerate(state.steps):
            waiting = any(state.is_open(question.id) for question in step.questions)
            here, seen = index == state.index, step.id in state.seen
            sign = (
                glyphs.pointer
                if here
                else glyphs.done
                if seen and not waiting
                else glyphs.current
                if seen
                else " "
            )
            style = "$accent bold" if here else "$success" if not waiting else "$accent"
            number = f"{index + 1:>{len(str(len(state.steps)))}} "
            indent = 2 + len(number)
            title = lay_out(state.texts.expanded(step.title), width - indent, look) or [Content("")]
            if here:
                title = [line.stylize_before("bold $foreground") for line in title]
            first = Content.assemble((f"{sign} ", style), number, title[0])
            drawn = [first, *(line.pad_left(indent) for line in title[1:])]
            lines += drawn
            self._step_of_line += [index] * len(drawn)
        return [*lines, Content(""), legend(glyphs)]

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and 0 <= offset.y < len(self._step_of_line):
            self.post_message(self.Chosen(self._step_of_line[offset.y]))


def legend(glyphs: Glyphs) -> Content:
    """What the signs before the steps mean."""
    return Content.assemble(
        (glyphs.done, "$success"),
        (" done  ", "$muted"),
        (glyphs.current, "$accent"),
        (" question open", "$muted"),
    )


def how_far(number: int, count: int, glyphs: Glyphs) -> Content:
    """`step 4 of 9` and a bar."""
    cells = min(count, LONGEST_BAR)
    done = max(1, round(number * cells / count))
    bar = Content.assemble((glyphs.full * done, "$primary"), (glyphs.empty * (cells - done), "$muted"))
    return Content.assemble(f"step {number} of {count} ", bar)
