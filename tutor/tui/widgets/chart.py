"""A chart on the screen: drawn when its data, size or theme changed, and then only the cells that differ are sent."""

import re
from functools import lru_cache
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from tutor.charts.canvas import plain
from tutor.charts.chart import Chart
from tutor.charts.draw import draw
from tutor.charts.palette import Theme
from tutor.charts.summary import summarise

_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_Key = tuple[Chart, int, int, Theme, bool]


class ChartView(Widget, inherit_bindings=False):
    """Shows one Chart, as large as the widget is.

    `show(chart)` gives it another one; an equal chart costs a comparison. The theme follows the app's; `ascii` follows
    `app.ascii`, unless given here. `draws` counts how often plotext was asked.
    """

    DEFAULT_CSS = "ChartView { height: 1fr; width: 1fr; }"

    def __init__(self, chart: Chart | None = None, *, ascii: bool | None = None, **widget: Any) -> None:
        super().__init__(**widget)
        self.draws = 0
        self._chart = chart or Chart()
        self._ascii = ascii
        self._key: _Key | None = None
        self._lines: list[str] = []
        self._styled: dict[int, Strip] = {}  # rows that have been asked for
        self._base = Style.null()

    @property
    def chart(self) -> Chart:
        """The chart that is shown."""
        return self._chart

    @property
    def ascii(self) -> bool:
        """Whether only 7-bit characters are used."""
        return bool(getattr(self.app, "ascii", False)) if self._ascii is None else self._ascii

    def show(self, chart: Chart) -> None:
        """Show another chart. What is the same on the screen is not sent again."""
        if chart == self._chart:
            return
        self._chart = chart
        if self._key is None or not self.is_on_screen:
            self.refresh()
        else:
            self._refresh_changes()

    def summary(self) -> str:
        """The chart in words."""
        return summarise(self._chart, ascii=self.ascii)

    def _refresh_changes(self) -> None:
        before = self._lines
        self._update()
        regions = [
            Region(left, y, right - left, 1)
            for y, (old, new) in enumerate(zip(before, self._lines, strict=False))
            if (span := _difference(old, new)) is not None
            for left, right in [span]
        ]
        if len(before) != len(self._lines):
            self.refresh()
        elif regions:
            self.refresh(*regions)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Textual calls this once a repaint; the rows themselves then come from `render_line`."""
        self._update()
        if self._base != self.rich_style:
            self._base = self.rich_style
            self._styled.clear()
        return super().render_lines(crop)

    def _update(self) -> None:
        """Draw anew unless nothing that matters changed."""
        theme: Theme = "dark" if self.app.current_theme.dark else "light"
        key = (self._chart, self.size.width, self.size.height, theme, self.ascii)
        if key == self._key:
            return
        self._key = key
        self.draws += 1
        text = draw(self._chart, self.size.width, self.size.height, theme=theme, ascii=self.ascii)
        self._lines = text.split("\n")
        self._styled.clear()

    def render_line(self, y: int) -> Strip:
        """Row y of the chart."""
        strip = self._styled.get(y)
        if strip is None:
            line = (
                strip_of(self._lines[y], self.size.width)
                if y < len(self._lines)
                else Strip.blank(self.size.width)
            )
            strip = self._styled[y] = line.apply_style(self._base).apply_offsets(0, y)
        selection = self.text_selection
        span = selection.get_span(y) if selection is not None else None
        return strip if span is None else _highlighted(strip, span, self.selection_style)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected part of the chart, as text."""
        return selection.extract("\n".join(plain(line).rstrip() for line in self._lines)), "\n"


def _difference(old: str, new: str) -> tuple[int, int] | None:
    """From which cell to which two rows differ, or None."""
    if old == new:
        return None
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return 0, max(len(before), len(after))
    changed = [column for column, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    return (changed[0], changed[-1] + 1) if changed else None


@lru_cache(maxsize=64)  # what a row is compared with next is this one
def _cells(line: str) -> list[tuple[str, str]]:
    """Each character with the code in force; for rows without wide characters that is one a cell."""
    return [(c, "" if c == " " else code) for text, code in _pieces(line) for c in text]


def _pieces(line: str) -> list[tuple[str, str]]:
    """(text, SGR parameters) runs of a row. Blanks join the run before them: a space has no colour to be sent."""
    parts = _SGR.split(line)
    pieces: list[tuple[str, str]] = []
    for text, code in zip(parts[::2], ["", *parts[1::2]], strict=True):
        if not text:
            continue
        if pieces and (text.isspace() or code == pieces[-1][1] or pieces[-1][0].isspace()):
            text, code = pieces[-1][0] + text, pieces[-1][1] if text.isspace() else code
            pieces.pop()
        pieces.append((text, code))
    return pieces


def strip_of(line: str, width: int) -> Strip:
    """A row with RGB codes as a Strip of exactly `width` cells."""
    segments = [Segment(text, _style(code)) for text, code in _pieces(line)]
    return Strip(segments).adjust_cell_length(width)


@lru_cache(maxsize=256)
def _style(code: str) -> Style:
    """The style of an SGR code as this program's charts use it: `38;2;r;g;b`, or nothing."""
    numbers = code.split(";")
    if numbers[:2] == ["38", "2"] and len(numbers) == 5:
        red, green, blue = (int(n) for n in numbers[2:])
        return Style(color=f"#{red:02x}{green:02x}{blue:02x}")
    return Style.null()


def _highlighted(strip: Strip, span: tuple[int, int], style: Style) -> Strip:
    start, end = span
    end = strip.cell_length if end == -1 else min(end, strip.cell_length)
    if start >= end:
        return strip
    before, chosen, after = strip.crop(0, start), strip.crop(start, end), strip.crop(end, strip.cell_length)
    return Strip.join(
        [before, Strip(Segment.apply_style(chosen, post_style=style), chosen.cell_length), after]
    )
