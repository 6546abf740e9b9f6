"""Questions answered by choosing: one of the options, several, or a prediction among options."""

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from tutor.tui.lesson_state import Texts
from tutor.tui.prose.look import Look
from tutor.tui.question_state import QuestionState
from tutor.tui.widgets.question import ANSWER, HELP, ON, QuestionView

DIGITS = "123456789"
MOVE: list[BindingType] = [
    Binding("up,k", "move(-1)", "up", show=False),
    Binding("down,j", "move(1)", "down", show=False),
]


class RowsQuestion(QuestionView):
    """Rows with a cursor: options or items. `state.shown` says which row is which."""

    BINDINGS = MOVE
    answered_by_cursor = False  # whether the row of the cursor is the answer: then it is on none at first

    def __init__(self, state: QuestionState, texts: Texts) -> None:
        super().__init__(state, texts)
        self._rows: list[tuple[int, int]] = []  # first and one past the last line of each row

    def action_move(self, by: int) -> None:
        """Move the cursor; beyond the first and last row the page scrolls."""
        target = self.state.cursor + by if self.has_cursor else by - 1
        if 0 <= target < len(self.state.shown):
            self.go_to(target)
        else:
            parent = self.parent
            if isinstance(parent, Widget):
                parent.scroll_relative(y=by, animate=False)

    @property
    def has_cursor(self) -> bool:
        """Whether it is on a row: not before the learner has put it there, where that is how they answer."""
        return self.state.picked or not self.answered_by_cursor

    def action_pick_number(self) -> None:
        """Never called: "1-9" is no key but the name, in the list of keys, of those that `on_key` takes."""

    def go_to(self, row: int) -> None:
        self.state.cursor, self.state.picked, self.state.note = row, True, ""
        self.show_state()
        self.post_message(self.Touched(self))

    def on_key(self, event: events.Key) -> None:
        """A number names its row."""
        if event.character and event.character in DIGITS:
            row = int(event.character) - 1
            if row < len(self.state.shown):
                event.stop()
                event.prevent_default()
                self.pick_by_number(row)

    def pick_by_number(self, row: int) -> None:
        self.pick(row)

    def pick(self, row: int) -> None:
        """A row was named by its number or clicked."""
        self.go_to(row)

    def click_line(self, line: int) -> None:
        for row, (first, last) in enumerate(self._rows):
            if first <= line < last:
                self.pick(row)

    @property
    def line_with_keys(self) -> int:
        return self._rows[self.state.cursor][0] if self.state.cursor < len(self._rows) else 0

    def answer_lines(self, width: int, look: Look, top: int) -> list[Content]:
        lines: list[Content] = []
        self._rows = []
        for row in range(len(self.state.shown)):
            drawn = self.row_lines(row, width, look)
            self._rows.append((top + len(lines), top + len(lines) + len(drawn)))
            lines += drawn
        return lines

    def row_lines(self, row: int, width: int, look: Look) -> list[Content]:
        raise NotImplementedError

    def row_head(self, row: int, sign: str, style: str) -> tuple[Content, str]:
        """The cursor, the sign and the number of a row, and the style of its text."""
        on = self.has_keys and self.has_cursor and row == self.state.cursor
        pointer = self.glyphs.pointer if on else " "
        head = Content.assemble(
            (f"{pointer} ", "$accent bold"), (f"{sign} ", style), (f"{row + 1} ", "$muted")
        )
        return head, "bold" if on else ""


class ChoiceQuestion(RowsQuestion):
    """One option is the answer: where the cursor is. `predict` with options is drawn the same."""

    BINDINGS = [Binding("1-9", "pick_number", "choose", show=False)]
    answered_by_cursor = True

    @property
    def is_forgotten(self) -> bool:
        state = self.state
        response = state.response()
        return not (state.finished or state.busy or response is None or state.already_wrong(response))

    def sign(self, row: int) -> tuple[str, str]:
        """The mark before an option, and its style."""
        state, glyphs = self.state, self.glyphs
        index = state.shown[row]
        if state.finished and self.is_right(index):
            return glyphs.right, "$success bold"
        if index in state.tried or (state.given_up and index == state.answered):
            return glyphs.wrong, "$error"
        if row == state.cursor and state.picked:
            return glyphs.radio_on, "$accent"
        return glyphs.radio, "$muted"

    def is_right(self, index: int) -> bool:
        """Whether option `index` is known to be right (a prediction's is what its run says)."""
        state = self.state
        answered_right = state.verdict is not None and state.verdict.right and index == state.answered
        return answered_right or state.question.options[index].correct or index == state.right_option

    def row_lines(self, row: int, width: int, look: Look) -> list[Content]:
        state = self.state
        index = state.shown[row]
        option = state.question.options[index]
        head, style = self.row_head(row, *self.sign(row))
        indent = head.cell_length
        text = self.markdown(option.text, width - indent, look)
        lines = [Content.assemble(head, text[0].stylize_before(style) if style else text[0])]
        lines += [
            line.stylize_before(style).pad_left(indent) if style else line.pad_left(indent)
            for line in text[1:]
        ]
        if option.why and self.reason_is_shown(index):
            why = self.markdown(option.why, width - indent, look)
            lines += [line.stylize_before("$muted").pad_left(indent) for line in why]
        return lines

    def reason_is_shown(self, index: int) -> bool:
        """The reason of the option answered stands in its verdict; the others appear once it is over."""
        in_verdict = self.state.verdict is not None and index == self.state.answered
        return self.state.finished and not in_verdict

    def nothing_yet(self) -> str:
        return "Choose first: up and down, or a number."


class MultipleQuestion(ChoiceQuestion, inherit_bindings=False):
    """Any number of options are right."""

    BINDINGS = [
        *ANSWER,
        Binding("space", "choose", "mark", tooltip="mark this option, or take the mark off"),
        Binding("right", "next_step", "next", tooltip="next step"),
        *HELP,
        *MOVE,
        Binding("1-9", "pick_number", "mark", show=False, tooltip="mark the option of this number"),
    ]
    answered_by_cursor = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("choose", "next_step"):
            return not self.state.finished
        return super().check_action(action, parameters)

    async def action_next_step(self) -> None:
        """The lesson's own key, named in the bottom line because here space does not lead on."""
        await self.run_action("screen.turn(1)")

    def sign(self, row: int) -> tuple[str, str]:
        state, glyphs = self.state, self.glyphs
        index = state.shown[row]
        on = index in state.chosen
        if state.finished:
            return (glyphs.right, "$success bold") if self.is_right(index) else (glyphs.check, "$muted")
        return (glyphs.check_on, "$accent") if on else (glyphs.check, "$muted")

    def reason_is_shown(self, index: int) -> bool:  # noqa: ARG002
        return self.state.finished

    def pick(self, row: int) -> None:
        self.state.cursor = row
        self.action_choose()

    def action_choose(self) -> None:
        if self.state.finished or not self.state.shown:
            return
        self.state.chosen ^= {self.state.shown[self.state.cursor]}
        self.go_to(self.state.cursor)

    def nothing_yet(self) -> str:
        return "Choose first: space or a number; there may be several."

    def instead(self) -> str:
        return "mark others"


class OrderQuestion(RowsQuestion, inherit_bindings=False):
    """Items to put in order; the learner carries the one under the cursor."""

    BINDINGS = [
        *ANSWER,
        Binding("K,shift+up", "carry(-1)", "move up", tooltip="move this item up"),
        Binding("J,shift+down", "carry(1)", "down", tooltip="move this item down"),
        *ON,
        Binding("1-9", "pick_number", "place", tooltip="put the item in this place"),
        *HELP,
        *MOVE,
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "carry":
            return not self.state.finished
        return super().check_action(action, parameters)

    def action_carry(self, by: int) -> None:
        items, here = self.state.arrangement, self.state.cursor
        there = here + by
        if 0 <= there < len(items) and not self.state.finished:
            items[here], items[there] = items[there], items[here]
            self.go_to(there)

    def pick_by_number(self, row: int) -> None:
        """The item under the cursor goes to this place."""
        if not self.state.finished:
            items = self.state.arrangement
            items.insert(row, items.pop(self.state.cursor))
        self.go_to(row)

    def row_lines(self, row: int, width: int, look: Look) -> list[Content]:
        state = self.state
        order = state.arrangement if not state.given_up else sorted(state.arrangement)
        head, style = self.row_head(row, self.sign(), "$success bold" if state.finished else "$muted")
        text = self.markdown(state.question.items[order[row]], width - head.cell_length, look)
        first = text[0].stylize_before(style) if style else text[0]
        return [Content.assemble(head, first), *(line.pad_left(head.cell_length) for line in text[1:])]

    def sign(self) -> str:
        return self.glyphs.right if self.state.finished else ""

    def instead(self) -> str:
        return "move an item"
