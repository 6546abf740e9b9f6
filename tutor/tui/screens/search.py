"""Search: what is typed is looked for in the text of all lessons at once, results as one types."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tutor.course.plaintext import Formula, Line
from tutor.course.searching import Hit, SearchIndex, marks, query_words
from tutor.experiments import LabDescription, labs
from tutor.maths import render_inline
from tutor.tui.glyphs import cut
from tutor.tui.prose.look import clean, to_ascii
from tutor.tui.screens.base import TutorScreen
from tutor.tui.widgets.field import Field
from tutor.tui.widgets.rows import RowList

BEFORE = 20  # cells of a line that may stand before its first marked word
MARK = "$accent bold underline"  # underlined: seen without colours, too
NOTHING_TYPED = "Type a word, or several: each must occur in the step. Titles count more than text."


@dataclass
class SearchMemory:
    """What outlives the screen: what was typed, the row of the cursor, and what was read of the lessons."""

    text: str = ""
    cursor: int = 0
    index: SearchIndex = field(default_factory=SearchIndex)


class SearchField(Field):
    """What is searched for. The keys of the list act here, too."""

    BINDINGS = [
        Binding("enter", "screen.open", "open"),
        Binding("up", "screen.move(-1)", "up", show=False),
        Binding("down", "screen.move(1)", "down", show=False),
        Binding("pageup", "screen.page(-1)", "a page up", show=False),
        Binding("pagedown", "screen.page(1)", "a page down", show=False),
    ]


class SearchScreen(TutorScreen):
    """memory: of the app; the screen begins with what was typed last, selected, so that another word takes its place.
    labs: labs are looked for, too, and stand first."""

    CSS = """
    SearchScreen SearchField, SearchScreen SearchField:focus { margin: 1 0 0 0; padding: 0 2; }
    SearchScreen #said { height: auto; padding: 0 2; color: $muted; margin: 1 0 0 0; }
    SearchScreen RowList { margin: 1 0 0 0; }
    """
    AUTO_FOCUS = "SearchField"
    BINDINGS = [
        Binding("escape", "back", "back"),
        Binding("tab,shift+tab", "stay", "", show=False),
    ]

    class Reading(Message):
        """How far the lessons have been read, in words; empty: to the end."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self, memory: SearchMemory, *, labs: bool = False) -> None:
        super().__init__()
        self.memory = memory
        self.labs: list[LabDescription] = []
        self._of_labs = labs
        self.hits: list[Hit] = []
        self.total = 0
        self._reading = ""  # how far the lessons have been read; empty once they are
        self._left = threading.Event()
        self._field = SearchField(memory.text, f"a word of the {'labs or ' if labs else ''}lessons")
        self._said, self._rows = Static(id="said", markup=False), RowList(lines=2)

    def body(self) -> Iterable[Widget]:
        yield self._field
        yield self._said
        yield self._rows

    def on_mount(self) -> None:
        super().on_mount()
        self._rows.can_focus = False
        self._rows.cursor = self.memory.cursor
        self._field.select_all()
        self._reading = "reading the lessons"
        self._search()
        self.run_worker(self._read, thread=True, group="read")

    def on_unmount(self) -> None:
        self._left.set()

    def on_descendant_blur(self) -> None:
        """A click beside the field: nothing else here has a use for the keys."""
        if self.focused is None and self.is_current:
            self._field.focus()

    # Reading the lessons, on a thread

    def _read(self) -> None:
        self.memory.index.update(self.tutor.course.lessons, self._read_so_far, self._left.is_set)
        self._tell("")

    def _read_so_far(self, done: int, of: int) -> None:
        if of > 20 and done % 10 == 0 and done < of:
            self._tell(f"reading lesson {done + 1} of {of}")

    def _tell(self, reading: str) -> None:
        if not self._left.is_set():
            self.post_message(self.Reading(reading))

    def on_search_screen_reading(self, event: Reading) -> None:
        self._reading = event.words
        if event.words:
            self.update_title()
        else:
            self._search()

    # Searching

    def on_input_changed(self) -> None:
        if self._field.value != self.memory.text:
            self.memory.text, self.memory.cursor = self._field.value, 0
            self._search()

    def _search(self) -> None:
        cursor = self.memory.cursor
        self.hits, self.total = self.memory.index.search(self.memory.text, self._known)
        self.labs = labs_with(query_words(self.memory.text)) if self._of_labs else []
        self._rows.show(self._all_rows())
        self._rows.cursor = min(cursor, max(0, self._found - 1))
        self._said.update(self._words())
        self._said.display = not self._found
        self.update_title()
        self.refresh_bindings()

    @property
    def _found(self) -> int:
        """How many rows there are."""
        return len(self.labs) + len(self.hits)

    def _known(self, lesson_id: str, question_id: str) -> bool:
        """Whether the reasons of a question give nothing away any more."""
        kept = self.tutor.progress.lesson(lesson_id).question(question_id)
        return kept.right or bool(kept.skipped and kept.attempts)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        if self._found:
            self.memory.cursor = event.index

    def on_row_list_chosen(self) -> None:
        self.action_open()

    # What is drawn

    def update_title(self) -> None:
        some = f"{self.total} step{'' if self.total == 1 else 's'}"
        if self.total > len(self.hits):
            some += f", the best {len(self.hits)} shown"
        typed = bool(query_words(self.memory.text))
        if self.labs:
            some = f"{len(self.labs)} lab{'' if len(self.labs) == 1 else 's'}, {some}"
        what = "Search labs and lessons" if self._of_labs else "Search the lessons"
        self.title_line.show(what, self._reading or (some if typed else ""))

    def _words(self) -> str:
        words = query_words(self.memory.text)
        if not words:
            return NOTHING_TYPED
        if self._reading:
            return f"{self._reading[0].upper()}{self._reading[1:]}."
        many = " together" if len(words) > 1 else ""
        step = "No lab and no step" if self._of_labs else "No step"
        return f"{step} of this course has {' and '.join(words)}{many}. Fewer or shorter words find more."

    def _all_rows(self) -> list[Content]:
        return [*map(self._lab_row, self.labs), *map(self._row, self.hits)]

    def _lab_row(self, lab: LabDescription) -> Content:
        head = Content.assemble((lab.title, "bold"), (" - lab" if self.tutor.ascii else " · lab", "$muted"))
        return Content("\n").join([head, cut(Content(f"  {lab.sentence}"), self._width, self.tutor.glyphs)])

    def _row(self, hit: Hit) -> Content:
        """Step and lesson; below them the line, its marked words in sight."""
        step, dot = hit.step, " - " if self.tutor.ascii else " · "
        number = step.lesson_id.partition("-")[0]
        lesson = f"{number} {step.lesson_title}" if number.isdigit() else step.lesson_title
        place = f"{dot}step {step.number}{dot}{self._plain(lesson)}"
        head = Content.assemble((self._plain(step.title), "bold"), (place, "$muted"))
        return Content("\n").join([cut(head, self._width, self.tutor.glyphs), self._excerpt(hit)])

    @property
    def _width(self) -> int:
        return max(10, self.app.size.width - 4)

    def _excerpt(self, hit: Hit) -> Content:
        text, spans = hit.line.text, hit.marks
        if self.tutor.ascii:
            line = in_ascii(hit.line)
            text, spans = line.text, tuple(marks(line, query_words(self.memory.text)))
        first = spans[0][0] if spans else 0
        begin = 0 if first <= self._width // 2 else text.rfind(" ", 0, first - BEFORE) + 1
        parts: list[Content | tuple[str, str]] = []
        place = begin
        for start, end in spans:
            parts += [(self._plain(text[place:start]), ""), (self._plain(text[start:end]), MARK)]
            place = end
        shown = Content.assemble(
            ("  " + self.tutor.glyphs.ellipsis * bool(begin), "$muted"), *parts, self._plain(text[place:])
        )
        return cut(shown, self._width, self.tutor.glyphs)

    def _plain(self, text: str) -> str:
        """Nothing that could move a cursor; in ASCII mode no signs of other sets."""
        text = clean(text).replace("\n", " ")
        return to_ascii(text) if self.tutor.ascii else text

    def on_resize(self) -> None:
        if self.is_mounted:
            self._rows.show(self._all_rows())

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to open while nothing was found."""
        return bool(self._found) if action == "open" else super().check_action(action, parameters)

    def action_open(self) -> None:
        place = self._rows.cursor - len(self.labs)
        if self.labs and place < 0:
            self.tutor.pop_screen()
            self.tutor.open_lab(self.labs[place].id)
        elif self.hits:
            step = self.hits[place].step
            self.tutor.look_up(step.lesson_id, step.step_id)

    def action_move(self, by: int) -> None:
        self._rows.action_move(by)

    def action_page(self, by: int) -> None:
        self._rows.action_page(by)

    def action_stay(self) -> None:
        """The keys stay with what is typed."""


def labs_with(words: Sequence[str]) -> list[LabDescription]:
    """The labs that have every word in their title or sentence."""
    found = labs().values() if words else ()
    return [lab for lab in found if all(word in f"{lab.title} {lab.sentence}".casefold() for word in words)]


def in_ascii(line: Line) -> Line:
    """The line in plain signs, its formulas drawn anew."""
    text, formulas, place = "", [], 0
    for formula in line.formulas:
        text += to_ascii(line.text[place : formula.start])
        shown = render_inline(formula.latex, ascii=True)
        formulas.append(Formula(len(text), len(text) + len(shown), formula.latex))
        text, place = text + shown, formula.end
    return Line(text + to_ascii(line.text[place:]), tuple(formulas))
