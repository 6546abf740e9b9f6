"""A question as one focusable widget that draws itself; what it shows lives in its QuestionState."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from tutor.course.types import Verdict
from tutor.tui.glyphs import Glyphs
from tutor.tui.lesson_state import Texts
from tutor.tui.prose.look import Look
from tutor.tui.question_state import QuestionState
from tutor.tui.widgets.prose import FlatText

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", "answer"),
        Binding("h", "hint", "hint"),
        Binding("v", "give_up", "show the answer"),
        Binding("t", "again", "try again"),
    ]

    apart = True  # whether an empty line divides the answer from hints and verdict

    class Asked(Message):
        """The learner did something with a question."""

        def __init__(self, view: "QuestionView") -> None:
            super().__init__()
            self.view, self.state = view, view.state

    class Answered(Asked):
        """The answer as it stands in the state is to be graded."""

    class HintAsked(Asked):
        """The next hint is to be shown."""

    class GivenUp(Asked):
        """The answer is to be shown."""

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
        if self.state.response() is None:
            self.state.note = self.nothing_yet()
            self.show_state()
        else:
            self.post_message(self.Answered(self))

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

    def show_state(self) -> None:
        """The state has changed: draw it, and let the key bar say what acts now."""
        self.refresh(layout=True)
        self.refresh_bindings()

    # Drawing

    def state_key(self) -> object:
        state = self.state
        return (
            self.has_keys, state.cursor, frozenset(state.chosen), tuple(state.arrangement), state.verdict,
            state.hints, state.given_up, state.busy, state.note, state.ever_right, frozenset(state.tried),
            state.finished and state.text, len(self._texts.pending),
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
    def verdict_lines(self) -> tuple[int, int]:
        """First line of what was said last, and the number of lines after it."""
        return self._verdict_line, len(self._cached[1]) - self._verdict_line

    def _header(self, width: int) -> Content:
        state, glyphs = self.state, self.glyphs
        pointer = f"{glyphs.pointer} " if self.has_keys else ""
        done = f" {glyphs.right}" if state.ever_right else ""
        left = Content.assemble(
            (pointer, "$accent bold"), (f"Question {state.number}", "bold"), (done, "$success")
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
            lines += labelled(f"{sign} ", style, text, width, look, word=word)
        elif state.given_up:
            sign = f"{glyphs.pointer} "
            lines += labelled(sign, "$primary bold", self.solution(), width, look, word="The answer")
        if state.note:
            lines += labelled("! ", "$warning bold", state.note, width, look)
        return lines

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


def verdict_text(verdict: Verdict) -> tuple[str, str]:
    """The word of a verdict, and the Markdown that follows it: what was said, and on a line of its own why."""
    word = "Right" if verdict.right else "Not yet"
    message = verdict.message.strip()
    said = message if message.lower().startswith(word.lower()) else f"{word}. {message}"
    rest = said[len(word) + 1 :].strip().translate(_LITERAL)
    if rest and verdict.why:
        rest += "\\\n"
    return said[: len(word) + 1], rest + verdict.why


# What was typed may be repeated in a verdict: its stars, ticks and brackets are no Markdown.
_LITERAL = str.maketrans({"*": r"\*", "`": r"\`", "[": r"\["})


def markdown(text: str, width: int, look: Look) -> list[Content]:
    from tutor.tui.prose import lay_out

    return lay_out(text, width, look)


def labelled(sign: str, style: str, text: str, width: int, look: Look, *, word: str = "") -> list[Content]:
    """Markdown after a sign, later lines hanging below the first. `word` (in the sign's style) begins the text."""
    head = Content.styled(sign, style)
    lines = markdown(f"{word} {text}" if word else text, max(8, width - head.cell_length), look) or [
        Content("")
    ]
    first = lines[0].stylize(style, 0, len(word)) if word else lines[0]
    return [Content.assemble(head, first), *_indented(lines[1:], head.cell_length)]


def _indented(lines: Sequence[Content], indent: int) -> list[Content]:
    return [line.pad_left(indent) if line.plain else line for line in lines]
