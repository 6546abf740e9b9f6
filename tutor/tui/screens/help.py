"""The keys of the screen one came from, made from its bindings."""

from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen

from tutor import paths
from tutor.tui.glyphs import glyphs_of
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.widgets.keybar import acting_bindings, key_name

IN_A_FOLDER, AS_TEXT = "in a new folder here", "as text to copy; a copy goes to your teacher"
MOUSE = "The mouse works too: click a key in the bottom line."


class HelpScreen(ReaderScreen):
    """Every key that acts where the learner is, in words; esc, q, ?, enter or F1 closes."""

    FURTHER = 17  # below the words, not below the keys
    SCOPED_CSS = False  # the rules are those of the class it is made from
    BINDINGS = [Binding("question_mark,f1", "dismiss", "close", show=False)]

    def __init__(self, about: Screen[object]) -> None:
        ascii = glyphs_of(about.app).rule == "-"
        rows = [
            Content.assemble((f"{_names(keys, ascii):<16} ", "$primary bold"), words)
            for keys, words in _key_rows(about)
        ]
        rows += [Content(""), Content(MOUSE).stylize("$muted")]
        super().__init__("Keys that act here", rows, spaced=False)


def _names(keys: list[str], ascii: bool) -> str:
    return " ".join(dict.fromkeys(key_name(key, ascii) for key in keys))


def _key_rows(screen: Screen[object]) -> list[tuple[list[str], str]]:
    """[(keys, description)], one row an action, in the order of the bindings."""
    rows: dict[str, tuple[list[str], str]] = {}
    for key, binding in acting_bindings(screen):
        words = _true_here(binding.tooltip or binding.description)
        rows.setdefault(words, ([], words))[0].append(key)
    return list(rows.values())


def _true_here(words: str) -> str:
    """What a key does, for whoever has no folder on this machine too."""
    return words.replace(IN_A_FOLDER, AS_TEXT) if paths.hosted() else words
