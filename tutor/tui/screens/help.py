"""The keys of the screen one came from, made from its bindings."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tutor.tui.widgets.keybar import acting_bindings, key_name


class HelpScreen(ModalScreen[None]):
    """Every key that acts where the learner is, in words; any of esc, q, ?, enter closes."""

    CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen VerticalScroll {
        width: 66; max-width: 100%; height: auto; max-height: 100%; padding: 0 2;
        background: $panel; scrollbar-size-vertical: 1;
    }
    HelpScreen Static { height: auto; }
    """
    BINDINGS = [Binding("escape,q,question_mark,f1,enter", "dismiss", "close")]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self._rows = _key_rows(about)

    def compose(self) -> ComposeResult:
        ascii = bool(getattr(self.app, "ascii", False))
        lines = [Content.styled("Keys that act here", "bold"), Content("")]
        for keys, words in self._rows:
            names = " ".join(dict.fromkeys(key_name(key, ascii) for key in keys))
            lines.append(Content.assemble((f"{names:<16} ", "$primary bold"), words))
        lines += [
            Content(""),
            Content("The mouse works too: click a key in the bottom line. esc closes this.").stylize(
                "$muted"
            ),
        ]
        with VerticalScroll() as scroll:
            scroll.can_focus = True
            yield Static(Content("\n").join(lines), markup=False)


def _key_rows(screen: Screen[object]) -> list[tuple[list[str], str]]:
    """[(keys, description)], one row an action, in the order of the bindings."""
    rows: dict[str, tuple[list[str], str]] = {}
    for key, binding in acting_bindings(screen):
        words = binding.tooltip or binding.description
        rows.setdefault(words, ([], words))[0].append(key)
    return list(rows.values())
