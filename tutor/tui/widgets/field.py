"""One line to type in, as the tutor has it: no border, no blinking, and the keys that everybody knows."""

from textual import events
from textual.binding import Binding
from textual.widgets import Input


class Field(Input, inherit_bindings=False):
    """An input of one line; what enter and esc do is said by whoever has it."""

    DEFAULT_CSS = """
    Field, Field:focus { border: none; height: 1; padding: 0; background: $panel; background-tint: transparent; }
    """
    ACTS_HERE: tuple[str, ...] = ()  # actions of others that may be taken from here, for they close nothing
    BINDINGS = [
        Binding("enter", "submit"),
        Binding("ctrl+u", "delete_left_all", "delete all before the cursor", show=False),
        Binding("ctrl+k", "delete_right_all", "delete all after the cursor", show=False),
        Binding("ctrl+w", "delete_left_word", "delete the word before the cursor", show=False),
        # What everybody knows is not listed among the keys: it has no description.
        Binding("left", "cursor_left"),
        Binding("right", "cursor_right"),
        Binding("ctrl+left", "cursor_left_word"),
        Binding("ctrl+right", "cursor_right_word"),
        Binding("home,ctrl+a", "home"),
        Binding("end,ctrl+e", "end"),
        Binding("backspace", "delete_left"),
        Binding("delete,ctrl+d", "delete_right"),
        Binding("ctrl+v", "paste"),
    ]

    def __init__(self, value: str, hint: str = "", *, longest: int = 200) -> None:
        super().__init__(value, hint, max_length=longest, select_on_focus=False)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        """Its own keys act here, one after another as they were typed. Textual sends a key that is no letter up to the
        app first, and letters that came with it would be written before it acts: "4", enter, "7" would answer 47. A key
        that comes after one by which the field was left is for whoever has the keys now."""
        if self.screen.focused is not self:
            event.prevent_default()
            return
        if self.check_consume_key(event.key, event.character):
            return
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if "." not in binding.action or binding.action in self.ACTS_HERE:
                event.stop()
                event.prevent_default()
                await self.app.run_action(binding.action, self)
                return

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """`/` is typed here, and so no key of the tutor; Textual 8.2.8 does not know which character "slash" is."""
        return super().check_consume_key(key, "/" if key == "slash" else character)
