"""Questions answered by typing: a number, a word, a guess at what a run will give."""

from textual.binding import Binding
from textual.content import Content
from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget
from textual.widgets import Input

from tutor.course.numbers import A_NUMBER
from tutor.course.types import Question
from tutor.tui.lesson_state import Texts
from tutor.tui.prose.look import Look
from tutor.tui.question_state import LONGEST, QuestionState, typed
from tutor.tui.widgets.field import Field
from tutor.tui.widgets.question import QuestionView

PROMPT = "> "
WIDEST = 60  # cells of the input


def placeholder(question: Question) -> str:
    """What an empty field says: what to type, and how near to the answer it must be."""
    if question.kind == "text":
        return "a word or two"
    what = "your guess, a number" if question.kind == "predict" else A_NUMBER
    return f"{what} ({nearness(question)})"


def nearness(question: Question) -> str:
    """How near an answer must be: what is counted is exact to within a half."""
    if question.kind == "numeric" and question.tolerance == 0.5:
        return "a whole number"
    return f"to within {question.tolerance:g}" if question.tolerance else "exact"


class FieldLayout(Layout):
    """Puts the input after the prompt, into the line that the question has left free for it."""

    name = "answer-field"

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002
    ) -> ArrangeResult:
        if not isinstance(parent, TypedQuestion):
            return []
        region = parent.field_region(size.width)
        return [WidgetPlacement(region, NULL_OFFSET, Spacing(), child) for child in children]


class AnswerInput(Field):
    """One line to type in. enter answers, ctrl+t shows a hint, esc gives the keys back to the lesson."""

    ACTS_HERE = ("screen.back",)
    BINDINGS = [
        Binding("enter", "submit", "answer"),
        Binding("ctrl+t", "hint", "hint", tooltip="the next hint"),
        Binding("ctrl+g", "give_up", "show", tooltip="show the answer"),
        Binding("escape", "screen.back", "back", tooltip="back to the text"),
    ]

    def __init__(self, value: str, hint: str) -> None:
        super().__init__(value, hint, longest=LONGEST)

    @property
    def question(self) -> "TypedQuestion":
        parent = self.parent
        assert isinstance(parent, TypedQuestion)  # noqa: S101  (nothing else mounts it)
        return parent

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("hint", "give_up"):
            if not self.is_attached:  # the page is being turned
                return False
            return self.question.check_action(action, parameters)
        return super().check_action(action, parameters)

    def action_hint(self) -> None:
        self.question.action_hint()

    def action_give_up(self) -> None:
        self.question.action_give_up()

    def replace(self, text: str, start: int, end: int) -> None:
        """Whatever is typed or pasted goes through here; what does not fit is left out, and all while an answer is
        being graded."""
        if self.question.state.busy:
            return
        room = LONGEST - (len(self.value) - abs(end - start))
        super().replace(typed(text)[: max(0, room)], start, end)


class TypedQuestion(QuestionView):
    """The input is a child while the question is open; afterwards the answer is drawn as text."""

    apart = False

    def __init__(self, state: QuestionState, texts: Texts) -> None:
        super().__init__(state, texts)
        self._field = AnswerInput(state.text, placeholder(state.question))
        self._field_line = 0
        self._field_layout = FieldLayout()

    def on_mount(self) -> None:
        super().on_mount()
        self._arrange()

    def compose(self) -> list[Widget]:
        return [self._field]

    @property
    def layout(self) -> Layout:
        return self._field_layout

    @property
    def focus_target(self) -> Widget:
        return self if self.state.finished else self._field

    @property
    def hint_key(self) -> str:
        return "ctrl+t" if self._field.has_focus and not self.state.finished else "h"

    def show_state(self) -> None:
        had_keys = self.has_keys
        if self._field.value != self.state.text:
            self._field.value = self.state.text
        self._arrange()
        if had_keys and not self.focus_target.has_focus:
            self.focus_target.focus(scroll_visible=False)
        super().show_state()

    def _arrange(self) -> None:
        self.can_focus = self.state.finished
        if self._field.display is self.state.finished:
            self._field.display = not self.state.finished

    def answer_lines(self, width: int, look: Look, top: int) -> list[Content]:  # noqa: ARG002
        prompt = Content.styled(PROMPT, "$accent bold")
        if self.state.finished:
            return [Content.assemble(prompt, self.state.text or "")]
        self._field_line = top
        return [prompt]

    def field_region(self, width: int) -> Region:
        """Where the input stands when the question is `width` cells wide."""
        self.lines(width)
        return Region(len(PROMPT), self._field_line, max(4, min(width - len(PROMPT), WIDEST)), 1)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self.state.text:
            self.state.text = typed(event.value)
            self.state.note = ""
            self.post_message(self.Touched(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_answer()

    def solution(self) -> str:
        return f"is {self.state.solution or self._texts.expanded(self.state.question.why)}"

    def nothing_yet(self) -> str:
        return "Type an answer first."

    def instead(self) -> str:
        return "change it first"

    @property
    def line_with_keys(self) -> int:
        return self._field_line

    def offer(self) -> str:
        state = self.state
        wrong = state.verdict is not None and not state.verdict.right
        if wrong and state.question.kind != "predict" and state.hints < len(state.question.hints):
            return f" `{self.hint_key}` gives a hint."
        return ""
