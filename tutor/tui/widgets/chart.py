"""A chart on the screen: drawn when its data, size or theme changed, and then only the cells that differ are sent."""

from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip

from tutor.charts.canvas import Span
from tutor.charts.chart import Chart
from tutor.charts.draw import draw_rows
from tutor.charts.palette import Theme
from tutor.charts.summary import summarise
from tutor.tui.widgets.leaf import Leaf

_Key = tuple[Chart, int, int, Theme, bool]


class ChartView(Leaf, inherit_bindings=False):
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
        self._drawn: list[list[Span]] = []

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
        before = self._drawn
        self._update()
        regions = [
            Region(left, y, right - left, 1)
            for y, (old, new) in enumerate(zip(before, self._drawn, strict=False))
            if (span := _difference(old, new)) is not None
            for left, right in [span]
        ]
        if len(before) != len(self._drawn):
            self.refresh()
        elif regions:
            self.refresh(*regions)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Textual calls this once a repaint; the rows themselves then come from `segments`."""
        if self._update():
            self._forget()
        return super().render_lines(crop)

    def _update(self) -> bool:
        """Draw anew unless nothing that matters changed; whether something had."""
        theme: Theme = "dark" if self.app.current_theme.dark else "light"
        ground = self._present_ground()
        width, height = self.size if ground is None else ground.size
        key = (self._chart, width, height, theme, self.ascii)
        if key == self._key:
            return False
        self._key = key
        self.draws += 1
        self._drawn = draw_rows(self._chart, width, height, theme=theme, ascii=self.ascii)
        return True

    def segments(self, y: int) -> list[Segment]:
        """Row y of the chart."""
        row, inks = self._drawn[y] if y < len(self._drawn) else (), self.inks
        return [Segment(text, inks[colour or ""]) for text, colour in row if text]

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        selection = self.text_selection
        span = selection.get_span(y) if selection is not None else None
        return strip if span is None else _highlighted(strip, span, self.selection_style)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected part of the chart, as text."""
        return selection.extract("\n".join(_plain(row).rstrip() for row in self._drawn)), "\n"


def _plain(row: list[Span]) -> str:
    return "".join(text for text, _ in row)


def _difference(old: list[Span], new: list[Span]) -> tuple[int, int] | None:
    """From which cell to which two rows differ, or None."""
    if old == new:
        return None
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return 0, max(len(before), len(after))
    changed = [column for column, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    return (changed[0], changed[-1] + 1) if changed else None


def _cells(row: list[Span]) -> list[tuple[str, str | None]]:
    """Each character with its colour; for rows without wide characters that is one a cell."""
    return [(c, None if c == " " else colour) for text, colour in row for c in text]


def _highlighted(strip: Strip, span: tuple[int, int], style: Style) -> Strip:
    start, end = span
    end = strip.cell_length if end == -1 else min(end, strip.cell_length)
    if start >= end:
        return strip
    before, chosen, after = strip.crop(0, start), strip.crop(start, end), strip.crop(end, strip.cell_length)
    return Strip.join(
        [before, Strip(Segment.apply_style(chosen, post_style=style), chosen.cell_length), after]
    )
