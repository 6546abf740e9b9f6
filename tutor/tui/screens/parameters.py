"""The options of a lab, made from its typed parameters: any lab's, without a line of its own."""

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tutor.experiments.parameters import Parameter, ParameterError, Value
from tutor.rl.environments.grid_line import LONGEST
from tutor.tui.glyphs import cut, cut_text, glyphs_of
from tutor.tui.screens.dialog import Dialog

NAME_LEAST = 13  # columns for names; longer ones have more
VALUE_WIDTH = 20
BOTH = 20  # columns up to which two choices are named
WIDTH = 76  # of the form
KEYS = "left right change   type a value   enter applies   esc cancels"
SHORT_KEYS = "left right or type; enter applies, esc cancels"


class ParametersScreen(Dialog[dict[str, Value] | None]):
    """One row a parameter. Gives the values that were changed, or None when the learner cancels. use: takes the values
    before the form closes; it raises ParameterError where they do not fit, which is told as any other mistake.

    Typing replaces the value of the row that the cursor is on; nothing is checked until enter, so that half a number
    may be typed. A value that is refused keeps the form open, with the reason.
    """

    CSS = """
    ParametersScreen { align: center middle; background: $background 60%; }
    ParametersScreen Static {
        width: 76; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel;
    }
    ParametersScreen.low Static { padding: 0 2; }
    """
    columns = WIDTH
    BINDINGS = [
        Binding("up,shift+tab", "move(-1)", "row up"),
        Binding("down,tab", "move(1)", "row down"),
        Binding("home", "to(0)", "first row", show=False),
        Binding("end", "to(-1)", "last row", show=False),
        Binding("left", "change(-1)", "less"),
        Binding("right", "change(1)", "more"),
        Binding("backspace", "erase", "erase"),
        Binding("enter", "apply", "apply"),
        Binding("escape", "cancel", "cancel"),
    ]

    def __init__(
        self,
        title: str,
        parameters: Sequence[Parameter],
        values: Mapping[str, Value],
        use: Callable[[Mapping[str, Value]], None] = lambda _values: None,
    ) -> None:
        super().__init__()
        self.use = use
        self.title_text = title
        self.parameters = tuple(parameters)
        self.before = {p.name: values.get(p.name, p.default) for p in parameters}
        self.texts = {p.name: written(self.before[p.name]) for p in parameters}
        self.row = 0
        self.error = ""
        self._fresh = True  # the next character typed replaces the value instead of lengthening it

    @property
    def parameter(self) -> Parameter:
        """The one that the cursor is on."""
        return self.parameters[self.row]

    def compose(self) -> ComposeResult:
        yield Static(self._content(), markup=False)

    # Keys

    def action_move(self, by: int) -> None:
        self.action_to(self.row + by)

    def action_to(self, row: int) -> None:
        """Row -1 is the last, as is the one before the first."""
        self.row = row % len(self.parameters)
        self._fresh = True
        self._update()

    def action_change(self, by: int) -> None:
        name = self.parameter.name
        try:
            value = self.parameter.parse(self.texts[name])
        except ParameterError:
            value = self.before[name]
        self._write(written(stepped(self.parameter, value, by)), fresh=True)

    def action_erase(self) -> None:
        self._write("" if self._fresh else self.texts[self.parameter.name][:-1], fresh=False)

    def on_key(self, event: events.Key) -> None:
        if not event.is_printable or event.character is None:
            return
        event.stop()
        if self.parameter.kind in ("choice", "flag"):
            self._pick(event.character)
            return
        self._type(event.character)

    def on_paste(self, event: events.Paste) -> None:
        if self.parameter.kind not in ("choice", "flag"):
            event.stop()
            self._type("".join(letter for letter in event.text.strip() if letter.isprintable()))

    def _type(self, letters: str) -> None:
        longest = LONGEST if self.parameter.kind == "grid" else VALUE_WIDTH
        kept = "" if self._fresh else self.texts[self.parameter.name]
        self._write((kept + letters)[:longest], fresh=False)

    def _pick(self, letter: str) -> None:
        """The next choice that begins with the letter; space is the next one of all."""
        now = self.texts[self.parameter.name]
        choices = self.parameter.options()
        place = choices.index(now) if now in choices else -1
        following = [*choices[place + 1 :], *choices[: place + 1]]
        found = [choice for choice in following if letter == " " or choice.startswith(letter.lower())]
        if found:
            self._write(found[0], fresh=True)

    def _write(self, text: str, *, fresh: bool) -> None:
        self.texts[self.parameter.name], self._fresh, self.error = text, fresh, ""
        self._update()

    def action_apply(self) -> None:
        values: dict[str, Value] = {}
        for row, parameter in enumerate(self.parameters):
            text = self.texts[parameter.name]
            if text == written(self.before[parameter.name]):
                continue  # untouched; the text may be rounder than the value
            try:
                values[parameter.name] = read(parameter, text)
            except ParameterError as error:
                self._refuse(row, error)
                return
        try:
            if values:
                self.use(values)
        except ParameterError as error:
            self._refuse(self._row_of(error), error)
            return
        self.dismiss(values)

    def _row_of(self, error: ParameterError) -> int:
        """The row of the parameter that the message begins with, else the one that there is."""
        first = str(error).split(maxsplit=1)[0].rstrip(":")
        return next((row for row, p in enumerate(self.parameters) if p.name == first), self.row)

    def _refuse(self, row: int, error: ParameterError) -> None:
        self.row, self.error, self._fresh = row, str(error), True
        self._update()

    def action_cancel(self) -> None:
        self.dismiss(None)

    # What is drawn

    def on_resize(self) -> None:
        self._update()

    def _update(self) -> None:
        self.query_one(Static).update(self._content())

    def _content(self) -> Content:
        """Title, rows, help or error, keys: what is not a row is always seen; rows scroll where there are too many."""
        width, height = min(WIDTH, self.app.size.width) - 4, self.app.size.height
        style = "$error" if self.error else ""
        about = broken(self.error or self.parameter.sentence, width, style)
        keys = broken(KEYS if len(KEYS) <= width else SHORT_KEYS, width, "$muted")
        rows = [
            cut(self._row(row, parameter), width, glyphs_of(self.app))
            for row, parameter in enumerate(self.parameters)
        ]
        most = max(1, height - 1 - len(about) - len(keys))
        gap = [Content("")] if len(rows) + 3 <= most else []
        self.set_class(len(rows) + 5 > most, "low")
        seen = window(rows, self.row, most)
        return Content("\n").join([self._title(len(seen), width), *gap, *seen, *gap, *about, *gap, *keys])

    def _title(self, seen: int, width: int) -> Content:
        """Where rows are out of sight, at the right end, which one of how many the cursor is on."""
        total = len(self.parameters)
        place = f"row {self.row + 1} of {total}" if seen < total else ""
        title = cut(
            Content.styled(self.title_text, "bold"), max(0, width - len(place) - 2), glyphs_of(self.app)
        )
        return Content.assemble(
            title, " " * max(0, width - title.cell_length - len(place)), (place, "$muted")
        )

    @property
    def name_width(self) -> int:
        """Columns for names, a blank behind the longest."""
        return max(NAME_LEAST, *(len(parameter.name) + 1 for parameter in self.parameters))

    def _value_width(self) -> int:
        """Columns for values: on a narrow screen no more than leave their ranges in sight."""
        ranges = max(len(allowed(parameter)) for parameter in self.parameters)
        return max(8, min(VALUE_WIDTH, self.app.size.width - 4 - self.name_width - 4 - ranges))

    def _row(self, row: int, parameter: Parameter) -> Content:
        glyphs = self.app.glyphs  # type: ignore[attr-defined]
        on = row == self.row
        text = self.texts[parameter.name]
        changed = text != written(self.before[parameter.name])
        shown = text + ("_" if on and not self._fresh else "")
        room = self._value_width() - 1  # a blank behind it
        shown = cut_text(shown, room, glyphs, end=shown != text)  # a grid's line: its end while it is typed
        pad = " " * (1 + room - len(shown))
        style = "$accent bold" if changed else "bold" if on else ""
        sign = glyphs.current if changed else " "
        return Content.assemble(
            (f"{glyphs.pointer if on else ' '} ", "$accent bold"),
            f"{parameter.name.replace('_', ' '):<{self.name_width}}",
            (f"{sign} ", "$accent"),
            (shown, style),
            pad,
            (allowed(parameter), "$muted"),
        )


def read(parameter: Parameter, text: str) -> Value:
    """What was typed, a decimal comma too. Raises ParameterError, which tells the text as it was typed."""
    if parameter.kind == "float":
        with suppress(ParameterError):
            return parameter.parse(text.replace(",", "."))
    return parameter.parse(text)


def broken(text: str, width: int, style: str) -> list[Content]:
    """The text in lines of at most `width` cells."""
    return [Content.styled(line, style) for line in textwrap.wrap(text, max(1, width))]


def window(rows: Sequence[Content], at: int, most: int) -> list[Content]:
    """At most `most` of the rows, row `at` among them, near the middle where possible."""
    first = max(0, min(at - most // 2, len(rows) - most))
    return list(rows[first : first + most])


def allowed(parameter: Parameter) -> str:
    """What the value may be, shorter than the parameter says it: `0 to 1`, `random or optimal`, `one of 7`."""
    if parameter.kind == "choice":
        choices = parameter.choices
        both = " or ".join(choices)
        return both if len(choices) <= 2 and len(both) <= BOTH else f"one of {len(choices)}"
    if parameter.kind in ("grid", "text"):
        return "name or line" if parameter.kind == "grid" else "text"
    if parameter.kind not in ("int", "float") or math.isinf(parameter.low) or math.isinf(parameter.high):
        return parameter.allowed()
    return f"{'whole, ' if parameter.kind == 'int' else ''}{parameter.low:.15g} to {parameter.high:.15g}"


def written(value: Value) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def stepped(parameter: Parameter, value: Value, by: int) -> Value:
    """The next value in direction `by`, within the allowed range."""
    if parameter.kind == "flag":
        return not value
    if parameter.kind in ("choice", "grid"):
        choices = parameter.values()
        place = choices.index(value) if value in choices else -1 if by > 0 else 0
        return choices[(place + by) % len(choices)]
    if parameter.kind == "text":
        return value
    step = parameter.step or (1 if parameter.kind == "int" else 0.1)
    moved = max(parameter.low, min(parameter.high, float(value) + by * step))
    return int(moved) if parameter.kind == "int" else float(f"{moved:.6g}")
