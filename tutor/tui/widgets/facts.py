"""Lines of words and numbers beside a lab, each in the colour of its quantity."""

from collections.abc import Sequence
from typing import Any, get_args

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip

from tutor.charts.palette import Quantity
from tutor.tui.glyphs import cells_of, cut, glyphs_of
from tutor.tui.widgets.leaf import Leaf

STYLES = {"": "", "muted": "$muted", "strong": "bold", "error": "$error", "accent": "$accent bold"}
QUANTITIES = frozenset(get_args(Quantity))
Line = Sequence[tuple[str, str]]  # (text, role): a role is a quantity or a key of STYLES


def content_of(line: Line, app: Any) -> Content:
    """A line as Content; roles become the app's colours."""
    return Content.assemble(*((text, style_of(role, app)) for text, role in line))


def style_of(role: str, app: Any) -> str:
    """A role as a style: the app's colour of a quantity, or one of STYLES."""
    return app.colour(role) if role in QUANTITIES else STYLES[role]


class Facts(Leaf):
    """`show(lines)`: one line a row, cut at the width, never wrapped; only rows that changed are drawn anew."""

    DEFAULT_CSS = "Facts { height: auto; text-wrap: nowrap; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []

    def show(self, lines: Sequence[Line]) -> None:
        """The height is the caller's business; `redraw` by `refresh()` when the theme changes."""
        old, self._lines = self._lines, list(lines)
        if len(old) != len(self._lines):
            self.refresh()
            return
        changed = [y for y, (before, now) in enumerate(zip(old, self._lines, strict=True)) if before != now]
        if changed:
            self.refresh(*(Region(0, y, self.width, rows) for y, rows in runs(changed)))

    @property
    def plain(self) -> str:
        """The text without colours."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def segments(self, y: int) -> list[Segment]:
        """Row y from its parts: through Content it would take three times as long."""
        line, inks = self._lines[y] if y < len(self._lines) else (), self.inks
        if cells_of("".join([text for text, _ in line])) > (width := self.width):
            return self.segments_of(cut(content_of(line, self.app), width, glyphs_of(self.app)))
        return [Segment(text, inks[role]) for text, role in line if text]

    def style_named(self, name: str) -> str:
        """Rows name roles."""
        return style_of(name, self.app)

    def render_line(self, y: int) -> Strip:
        """What is selected is Textual's business."""
        if self.text_selection is not None:
            return super(Leaf, self).render_line(y)
        return super().render_line(y)

    def render(self) -> Content:
        width, glyphs = self.content_size.width, glyphs_of(self.app)
        return Content("\n").join(cut(content_of(line, self.app), width, glyphs) for line in self._lines)


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers as (first, how many) of each unbroken run: fewer regions are drawn faster."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and sum(found[-1]) == number:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found
