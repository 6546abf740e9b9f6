"""The bottom line: the keys that act here. Made from the bindings themselves, so that it cannot lie."""

from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.keys import key_to_character
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from tutor.tui.glyphs import cut, glyphs_of
from tutor.tui.timers import SureTimers

ASCII_NAMES = {
    "left": "left", "right": "right", "up": "up", "down": "down", "question_mark": "?", "left_square_bracket": "[",
    "right_square_bracket": "]", "plus": "+", "minus": "-", "escape": "esc", "slash": "/", "pageup": "pgup",
    "pagedown": "pgdn", "shift+tab": "shift+tab", "equals_sign": "=", "full_stop": ".",
    "left_curly_bracket": "{", "right_curly_bracket": "}",
}  # fmt: skip
SYMBOLS = {"left": "←", "right": "→", "up": "↑", "down": "↓"}


TOLD = 5.0  # seconds
LAST = {"text": 1, "back": 1, "home": 1, "leave": 1, "keys": 2}  # what is kept when there is no room for all


def key_name(key: str, ascii: bool) -> str:
    """How a key is written for people: `←`, `?`, `ctrl+p`."""
    prefix, _, last = key.rpartition("+") if key != "+" else ("", "", key)
    name = (not ascii and SYMBOLS.get(last)) or ASCII_NAMES.get(last, last)
    return f"{prefix}+{name}" if prefix else name


def acting_bindings(screen: Screen[Any]) -> list[tuple[str, Binding]]:
    """(key, binding) of what acts on the screen now, the focused widget's first; less what a text input would type."""
    focused = screen.focused
    return [
        (key, active.binding)
        for key, active in screen.active_bindings.items()
        if active.enabled
        and active.binding.description
        and not (focused is not None and focused.check_consume_key(key, key_to_character(key)))
    ]


def shown_bindings(screen: Screen[Any]) -> list[tuple[str, Binding]]:
    """One (key, binding) an action, for the bottom line; the ways out of here stand last. Those of the focused widget's
    `resting` actions, which would only say why they do nothing just now, are left out."""
    seen: dict[tuple[str, str], tuple[str, Binding]] = {}
    resting: frozenset[str] = getattr(screen.focused, "resting", frozenset())
    for key, binding in acting_bindings(screen):
        if binding.show and binding.action not in resting:
            seen.setdefault((binding.action, binding.description), (key, binding))
    return sorted(seen.values(), key=lambda pair: LAST.get(pair[1].description, 0))


class KeyBar(SureTimers, Widget):
    """One line of `key word` pairs; what does not fit is left to `?`, always the last. A click presses the key.

    What is told (`tell`) stands here for a while instead: it covers nothing that is being read.
    """

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; padding: 0 1; color: $muted; background: $panel; }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[tuple[str, str, str]] = []  # key, its name, what it does: as drawn last
        self._shown: list[tuple[int, int, str]] = []  # first cell, last cell, key
        self._to_look = False
        self._told = ""
        self._until: Timer | None = None  # it has been told for long enough

    def tell(self, sentence: str) -> None:
        """Show it for TOLD seconds."""
        if self._until is not None:
            self._until.stop()
        self._told, self._until = sentence, self.set_timer(TOLD, self._tell_no_more)
        self.refresh()

    def _tell_no_more(self) -> None:
        self._told, self._until = "", None
        self.refresh()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self._look_soon())

    def _look_soon(self) -> None:
        """One key may say several times that other keys act now: asking which is done once, at the end."""
        if self._pairs and not self._to_look:
            self._to_look = True
            self.call_after_refresh(self._look)

    def _look(self) -> None:
        """Draw anew if other keys act than those that are shown."""
        self._to_look = False
        if self.is_attached and self._acting() != self._pairs:
            self.refresh()

    def _acting(self) -> list[tuple[str, str, str]]:
        ascii = bool(getattr(self.app, "ascii", False))
        return [
            (key, binding.key_display or key_name(key, ascii), binding.description)
            for key, binding in shown_bindings(self.screen)
        ]

    def render(self) -> Content:
        self._pairs = self._acting()
        if self._told:
            self._shown = []
            return cut(
                Content.styled(self._told, "$warning bold"), self.content_size.width, glyphs_of(self.app)
            )
        return self._layout(self._pairs, self.content_size.width)

    def _layout(self, pairs: list[tuple[str, str, str]], width: int) -> Content:
        last = [pair for pair in pairs if pair[2] in LAST]
        room = width - sum(len(display) + len(word) + 3 for _, display, word in last)
        parts: list[tuple[str, str] | str] = []
        self._shown, column = [], 0
        for key, display, word in pairs:
            length = len(display) + 1 + len(word)
            if word not in LAST and column + length > room:
                continue
            parts += [(display, "$primary bold"), f" {word}  "]
            self._shown.append((column, column + length, key))
            column += length + 2
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        column = event.get_content_offset_capture(self).x
        for first, last, key in self._shown:
            if first <= column < last:
                self.app.simulate_key(key)
