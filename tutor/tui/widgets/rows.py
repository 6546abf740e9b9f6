"""A list of rows with a cursor: lessons, labs, settings. One widget, whatever the number of rows."""

from collections.abc import Sequence

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tutor.tui.glyphs import cut, glyphs_of


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of `lines` lines each (one unless told otherwise), cut at the width; ↑↓ move, enter or a click chooses."""

    DEFAULT_CSS = """
    RowList { height: 1fr; padding: 0; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """
    ALLOW_SELECT = False
    BINDINGS = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "a page up", show=False),
        Binding("pagedown", "page(1)", "a page down", show=False),
        Binding("home", "first", "first", show=False),
        Binding("end", "last", "last", show=False),
    ]
    cursor = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor stands on row `index`."""

        def __init__(self, rows: "RowList", index: int) -> None:
            super().__init__()
            self.rows, self.index = rows, index

    class Chosen(Moved):
        """Row `index` was chosen."""

    def __init__(
        self,
        rows: Sequence[Content] = (),
        cursor: int = 0,
        *,
        verb: str = "open",
        lines: int = 1,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._lines = lines
        self._bindings.bind("enter", "choose", verb)
        self._rows = list(rows)
        self.set_reactive(RowList.cursor, cursor)

    def show(self, rows: Sequence[Content]) -> None:
        """Draw other rows, the cursor where it was. Those that are the same are drawn already."""
        before, self._rows = self._rows, list(rows)
        self.cursor = min(self.cursor, max(0, len(rows) - 1))
        if len(before) != len(rows):
            self._measure()
            self.refresh()
            return
        for row, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if not new.is_same(old):
                self.refresh_lines(row * self._lines, self._lines)

    def on_mount(self) -> None:
        self._measure()

    def on_resize(self) -> None:
        self._measure()
        self._follow()

    def _measure(self) -> None:
        self.virtual_size = Size(self.content_size.width, len(self._rows) * self._lines)

    def render_line(self, y: int) -> Strip:
        index, part = divmod(y + self.scroll_offset.y, self._lines)
        width = self.scrollable_content_region.width  # less than the content's where there is a scroll bar
        if index >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        on = index == self.cursor
        pointer = glyphs_of(self.app).pointer if on and part == 0 else " "
        row = self._rows[index] if self._lines == 1 else [*self._rows[index].split("\n"), Content("")][part]
        line = Content.assemble((f"{pointer} ", "$accent bold"), row)
        line = cut(line, width, glyphs_of(self.app))
        if on:
            line = line.pad_right(max(0, width - line.cell_length)).stylize_before("bold on $select")
        base = self.visual_style
        strips = Visual.to_strips(self, line, width, 1, base)
        return strips[0] if strips else Strip.blank(width, self.rich_style)

    def watch_cursor(self, before: int, now: int) -> None:
        self._follow()
        for row in (before, now):
            self.refresh_lines(row * self._lines, self._lines)
        self.post_message(self.Moved(self, self.cursor))

    def _follow(self) -> None:
        self.scroll_to_region(Region(0, self.cursor * self._lines, 1, self._lines), animate=False)

    def action_move(self, by: int) -> None:
        self.cursor = max(0, min(len(self._rows) - 1, self.cursor + by))

    def action_page(self, by: int) -> None:
        self.action_move(by * max(1, self.content_size.height // self._lines - 1))

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = max(0, len(self._rows) - 1)

    def action_choose(self) -> None:
        if self._rows:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        index = (event.y + self.scroll_offset.y) // self._lines
        if index < len(self._rows):
            self.cursor = index
            self.action_choose()
