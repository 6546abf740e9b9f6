"""A page over the lab to read and close: an explanation, the code that runs."""

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from tutor.tui.screens.painting import CalmModal

MARGINS = 5  # columns beside the text: two on each side, and the scroll bar
WIDE, USUAL = 118, 78  # columns of the box, of the wide kind and of the other
CLOSING = "esc closes this   space, up and down scroll"


class ReaderScreen(CalmModal[None]):
    """Title and paragraphs, which scroll, above a line that says how to close them and stays.

    spaced: an empty line stands between paragraphs. Without it they are lines of a program: one that is too long
    goes on below, further in than it began.
    """

    SCOPED_CSS = False  # else Textual looks for it in subclasses by their own names
    CSS = """
    ReaderScreen { align: center middle; background: $background 60%; }
    ReaderScreen Vertical { width: 78; max-width: 100%; height: auto; max-height: 100%; background: $panel; }
    ReaderScreen.wide Vertical { width: 118; }
    ReaderScreen VerticalScroll { height: auto; padding: 0 2; scrollbar-size-vertical: 1; }
    ReaderScreen Static { height: auto; width: 1fr; }
    ReaderScreen #closing { height: 2; padding: 1 2 0 2; color: $muted; }
    ReaderScreen.low #closing { height: 1; padding: 0 2; }
    """
    BINDINGS = [
        Binding("escape,q,enter,e,c", "dismiss", "close"),
        Binding("down,j", "scroll(1)", "down"),
        Binding("up,k", "scroll(-1)", "up"),
        Binding("space,pagedown", "page(1)", "a page down"),
        Binding("pageup", "page(-1)", "a page up"),
        Binding("home", "scroll(-100000)", "to the top"),
        Binding("end", "scroll(100000)", "to the end"),
    ]
    AUTO_FOCUS = ""
    closing = CLOSING
    LOW = 16  # rows of a screen that has none to spare
    FURTHER = (
        6  # columns that the rest of a broken line stands further in: no depth of Python, which goes by 4
    )

    def __init__(
        self, title: str, paragraphs: Sequence[Content], *, spaced: bool = True, wide: bool = False
    ) -> None:
        super().__init__(classes="wide" if wide else None)
        self.title_text = title
        self.paragraphs = tuple(paragraphs)
        self._fitted: Size | None = None  # to which size of the screen the text is broken
        self.spaced = spaced

    def compose(self) -> ComposeResult:
        with Vertical():
            with VerticalScroll() as scroll:
                scroll.can_focus = False
                yield Static(id="text", markup=False)
            yield Static(self.closing, id="closing", markup=False)

    def on_mount(self) -> None:
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """The text takes what the closing line leaves; lines of a program are broken for the present width."""
        if self.app.size == self._fitted:
            return
        width, height = self._fitted = self.app.size
        low = height < self.LOW
        self.set_class(low, "low")
        self.query_one(VerticalScroll).styles.max_height = max(1, height - (1 if low else 2))
        box = WIDE if self.has_class("wide") else USUAL
        self.query_one("#text", Static).update(self._text(min(width, box) - MARGINS))

    def _text(self, width: int) -> Content:
        title = Content.styled(self.title_text, "bold")
        if self.spaced:
            return Content("\n\n").join([title, *self.paragraphs])
        lines = [piece for line in self.paragraphs for piece in hung(line, width, self.FURTHER)]
        return Content("\n").join([title, Content(""), *lines])

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False, immediate=True)

    def action_page(self, by: int) -> None:
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=by * max(1, scroll.size.height - 1), animate=False, immediate=True)


def hung(line: Content, width: int, further: int = 4) -> Iterable[Content]:
    """The line in pieces of at most `width` cells; all but the first stand `further` in than it, at most half way."""
    width = max(2, width)
    start = len(line.plain) - len(line.plain.lstrip())
    indent = " " * min(start + further, width // 2)
    while line.cell_length > width:
        at = line.plain.rfind(" ", start + 1, width + 1)
        if at < 0:
            at = width
        yield line[:at]
        line = _joined(indent, line[at:])
        start = len(indent)
    yield line


def _joined(indent: str, rest: Content) -> Content:
    """The rest of a broken line, its leading blanks replaced by `indent`."""
    blanks = len(rest.plain) - len(rest.plain.lstrip())
    return Content(indent) + rest[blanks:]
