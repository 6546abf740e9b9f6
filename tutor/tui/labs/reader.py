"""A page over the lab to read and close: an explanation, the code that runs."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class ReaderScreen(ModalScreen[None]):
    """Title and paragraphs; scrolls; the key that opened it closes it, as esc, q and enter do."""

    CSS = """
    ReaderScreen { align: center middle; background: $background 60%; }
    ReaderScreen VerticalScroll {
        width: 78; max-width: 100%; height: auto; max-height: 100%; padding: 0 2; background: $panel;
        scrollbar-size-vertical: 1;
    }
    ReaderScreen.wide VerticalScroll { width: 118; }
    ReaderScreen Static { height: auto; width: 1fr; }
    """
    BINDINGS = [
        Binding("escape,q,enter,e,c", "dismiss", "close"),
        Binding("down,j", "scroll(1)", "down"),
        Binding("up,k", "scroll(-1)", "up"),
    ]

    def __init__(
        self, title: str, paragraphs: Sequence[Content], *, spaced: bool = True, wide: bool = False
    ) -> None:
        super().__init__(classes="wide" if wide else None)
        self.title_text = title
        self.paragraphs = tuple(paragraphs)
        self.spaced = spaced

    def compose(self) -> ComposeResult:
        gap = Content("\n\n" if self.spaced else "\n")
        closing = Content("esc closes this; up and down scroll").stylize("$muted")
        pages = [Content.styled(self.title_text, "bold"), gap.join(self.paragraphs), closing]
        with VerticalScroll():
            yield Static(Content("\n\n").join(pages), markup=False)

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
