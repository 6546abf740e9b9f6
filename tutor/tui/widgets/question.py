"""A question as one focusable widget that draws itself; what it shows lives in its QuestionState."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from tutor.tui.glyphs import Glyphs
from tutor.tui.lesson_state import Texts
from tutor.tui.prose.look import Look
from tutor.tui.question_state import QuestionState, Response
from tutor.tui.widgets.prose import FlatText
from tutor.tui.widgets.question_text import labelled, markdown, verdict_text

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


FORGOTTEN = "Chosen, but not answered: enter answers, space goes on."

# The keys of all questions. Their order matters: the bottom line leaves out what comes last.
ANSWER: list[BindingType] = [
    Binding("enter", "answer", "answer"),
]
ON: list[BindingType] = [Binding("space", "on", "on", tooltip="a page further down, then the next step")]
HELP: list[BindingType] = [
    Binding("h", "hint", "hint", tooltip="the next hint"),
    Binding("v", "give_up", "show", tooltip="show the answer"),
    Binding("t", "again", "again", tooltip="try again, from a clean sheet"),
]


class QuestionView(FlatText, can_focus=True):
    """What all kinds share: number, text, hints, verdict. Subclasses draw and drive the answer.

    The screen does what the messages ask for (saving, grading, running) and calls `show_state()` when it is done.
    """

    DEFAULT_CSS = """
    QuestionView {
        border-left: heavy $rule; padding: 0 1; margin: 1 0 0 0; background: $background;
        link-style: none; link-color: $muted; link-background: $background;
        link-style-hover: underline; link-color-hover: $primary; link-background-hover: $background;
    }
    QuestionView:focus-within, QuestionView:focus { border-left: heavy $accent; }
    QuestionView.ascii { border-left: ascii $rule; }
    QuestionView.ascii:focus-within, QuestionView.ascii:focus { border-left: ascii $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*ANSWER, *ON, *HELP]

    apart = True  # whether an empty line divides the answer from hints and verdict

    class Asked(Message):
        """The learner did something with a question."""

        def __init__(self, view: "QuestionView") -> None:
            super().__init__()
            self.view, self.state = view, view.state

    class Answered(Asked):
        """The answer is to be graded, as it stands now: more may be typed before that is done."""

        def __init__(self, view: "QuestionView", response: Response) -> None:
            super().__init__(view)
            self.response = response

    class HintAsked(Asked):
        """The next hint is to be shown."""

    class GivenUp(Asked):
        """The answer is to be shown."""

    class Remarked(Asked):
        """Something was said, and should be seen."""

    class Touched(Asked):
        """The answer in the making has changed."""

    def __init__(self, state: QuestionState, texts: Texts) -> None:
        super().__init__()
        self.state = state
        self._texts = texts
        self._verdict_line = 0

    @property
    def glyphs(self) -> Glyphs:
        return cast("TutorApp", self.app).glyphs

    @property
    def focus_target(self) -> Widget:
        """What the keys should go to."""
        return self

    @property
    def has_keys(self) -> bool:
        return self.has_focus or any(child.has_focus for child in self.children)

    @property
    def hint_key(self) -> str:
        """The key that shows a hint, as the header names it."""
        return "h"

    def on_mount(self) -> None:
        self.set_class(cast("TutorApp", self.app).ascii, "ascii")

    def on_descendant_focus(self) -> None:
        self.refresh()

    def on_descendant_blur(self) -> None:
        self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        state = self.state
        if action == "hint":
            return state.hints < len(state.question.hints)
        if action == "again":
            return state.verdict is not None or state.given_up
        if action == "give_up":
            return not state.finished and state.attempts > 0
        if action == "answer":
            return not state.finished
        return True

    def action_answer(self) -> None:
        if self.state.busy:
            return
        response = self.state.response()
        if response is None:
            self.remark(self.nothing_yet())
        elif self.state.already_wrong(response):
            self.remark(f"Already tried: {self.instead()}.")
        else:
            self.post_message(self.Answered(self, response))

    async def action_on(self) -> None:
        """The lesson's own key. Of an answer that stands here and was not given it says so first."""
        if self.is_forgotten and self.state.note != FORGOTTEN:
            self.remark(FORGOTTEN)
        else:
            await self.run_action("screen.on")

    @property
    def is_forgotten(self) -> bool:
        """Whether an answer was chosen and not given; a draft that waits is the business of who typed it."""
        return False

    def remark(self, note: str) -> None:
        """Say something that is no verdict, where it is seen."""
        self.state.note = note
        self.show_state()
        self.post_message(self.Remarked(self))

    def action_hint(self) -> None:
        self.post_message(self.HintAsked(self))

    def action_give_up(self) -> None:
        if not self.state.busy:
            self.post_message(self.GivenUp(self))

    def action_again(self) -> None:
        if not self.state.busy:
            self.state.try_again()
            self.show_state()

    def nothing_yet(self) -> str:
        """What enter says when there is no answer to grade."""
        return "Choose first: space or a number."

    def instead(self) -> str:
        """What to do when the answer is one that was wrong already."""
        return "choose another"

    def show_state(self) -> None:
        """The state has changed: draw it, and let the key bar say what acts now."""
        self.refresh(layout=True)
        self.refresh_bindings()

    # Drawing

    def state_key(self) -> object:
        state = self.state
        return (
            self.has_keys, state.cursor, state.picked, frozenset(state.chosen), tuple(state.arrangement), state.verdict,
            state.hints, state.given_up, state.busy, state.note, state.ever_right, frozenset(state.tried),
            state.finished and state.text, len(self._texts.pending), state.number,
        )  # fmt: skip

    def lay_out(self, width: int, look: Look) -> list[Content]:
        lines = [self._header(width), *self.markdown(self.state.question.question, width, look)]
        lines += self.answer_lines(width, look, len(lines))
        if self.apart and (self.state.hints or self.state.verdict or self.state.given_up or self.state.busy):
            lines.append(Content(""))
        for number, hint in enumerate(self.state.question.hints[: self.state.hints], 1):
            text = self._texts.expanded(hint)
            lines += labelled(
                f"{self.glyphs.pointer} ", "$primary bold", text, width, look, word=f"Hint {number}:"
            )
        self._verdict_line = len(lines)
        return lines + self._verdict(width, look)

    def markdown(self, source: str, width: int, look: Look) -> list[Content]:
        """A text of the question as lines."""
        return markdown(self._texts.expanded(source), max(8, width), look) or [Content("")]

    def answer_lines(self, width: int, look: Look, top: int) -> list[Content]:
        """The part between the question and the verdict; `top` is the line it begins on."""
        raise NotImplementedError

    @property
    def line_with_keys(self) -> int:
        """The line that the keys act on: what must be seen of a question that is too long to be seen whole."""
        return 0

    @property
    def verdict_lines(self) -> tuple[int, int]:
        """First line of what was said last, and the number of lines after it."""
        return self._verdict_line, len(self._cached[1]) - self._verdict_line

    def _header(self, width: int) -> Content:
        state, glyphs = self.state, self.glyphs
        pointer = f"{glyphs.pointer} " if self.has_keys else ""
        before = f" {glyphs.dot} right before" if state.practising else ""
        done = f" {glyphs.right}" if state.ever_right else ""
        left = Content.assemble(
            (pointer, "$accent bold"),
            (f"Question {state.number}", "bold"),
            (before, "$muted"),
            (done, "$success"),
        )
        count = len(state.question.hints)
        if not count:
            return left
        if state.hints < count:
            right = Content(f"hint {state.hints + 1} of {count}: {self.hint_key}").stylize(CLICK_HINT)
        else:
            right = Content(f"{count} of {count} hints")
        gap = " " * max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right.stylize_before("$muted"))

    def _verdict(self, width: int, look: Look) -> list[Content]:
        state, glyphs = self.state, self.glyphs
        lines: list[Content] = []
        if state.busy:
            lines += labelled(f"{glyphs.ellipsis} ", "$muted", state.busy, width, look)
        elif state.verdict is not None:
            right = state.verdict.right
            sign, style = (glyphs.right, "$success bold") if right else (glyphs.wrong, "$error bold")
            word, text = verdict_text(state.verdict)
            lines += labelled(f"{sign} ", style, (text + self.offer()).lstrip(" "), width, look, word=word)
        elif state.given_up:
            sign = f"{glyphs.pointer} "
            lines += labelled(sign, "$primary bold", self.solution(), width, look, word="The answer")
        if state.note:
            lines += labelled("! ", "$warning bold", state.note, width, look)
        return lines

    def offer(self) -> str:
        """What else there is to do, said after the verdict."""
        return ""

    def solution(self) -> str:
        """Markdown after the words "The answer", for a learner who asked for it."""
        return "is marked above.\n\n" + self._texts.expanded(self.state.question.why)

    def on_click(self, event: events.Click) -> None:
        self.focus_target.focus()
        offset = event.get_content_offset(self)
        if offset is not None:
            self.click_line(offset.y)

    def click_line(self, line: int) -> None:
        """A line of the drawn content was clicked."""


CLICK_HINT = Style.from_meta({"@click": ("hint", ())})
