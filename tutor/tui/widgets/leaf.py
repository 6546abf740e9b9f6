"""Widgets that are rows of text and no more: what Textual does for borders, paddings and veils is left out."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.dom import NoScreen
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tutor.tui.screens.painting import CalmScreen


class _Ground(NamedTuple):
    """What rows stand on. styles: which rules it was made by. blank: the style of what a row leaves empty."""

    size: Size
    styles: int
    background: Color
    blank: Style
    filters: Sequence[LineFilter]


class Leaf(Widget):
    """A subclass gives the rows (`segments`); they go to the compositor as they are, and the screen is asked at once to
    paint those that changed.

    Textual 8.2.8 looks for each row of a widget whether it has borders, padding, an outline, a hatch, a tint or an
    opacity, its ancestors' among them, and takes three messages until the screen knows that it has changed. A style
    sheet that gives a leaf any of these, text that is selected in it, or a screen of another kind lead back to that.
    """

    _ground: _Ground | None = None  # None: to be looked at

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._rows: dict[int, Strip] = {}
        self._inks: dict[str, Style] = {}

    def segments(self, y: int) -> list[Segment]:
        """Row y; what it leaves empty at its end is blank, what is too long is cut."""
        raise NotImplementedError

    def ink(self, style: str) -> Style:
        """A style as it looks on this widget."""
        ink = self._inks.get(style)
        if ink is None:
            base = self.visual_style
            ink = self._inks[style] = (base + self._get_style(style) if style else base).rich_style
        return ink

    def segments_of(self, content: Content) -> list[Segment]:
        """One line of Content as segments."""
        base = self.visual_style
        parts = content.render(base, end="", parse_style=self._get_style)
        return [Segment(text, (base + style).rich_style) for text, style in parts if text]

    @property
    def width(self) -> int:
        """Columns of a row."""
        return self._ground.size.width if self._ground is not None else self.size.width

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Of regions only their rows are drawn anew."""
        if regions and not layout and not recompose:
            for region in regions:
                for y in region.line_range:
                    self._rows.pop(y, None)
            screen = self._present_screen() if self._ground is not None else None
            if isinstance(screen, CalmScreen) and screen.shows(self):
                self._set_dirty(*regions)
                screen.paint(self)
                return self
        else:
            self._forget()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        self._forget()
        super().notify_style_update()

    def _forget(self) -> None:
        self._ground = None
        self._rows.clear()
        self._inks.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        ground, screen = self._present_ground(), self._present_screen()
        if ground is None or (screen is not None and self in screen.selections):
            return super().render_lines(crop)
        strips = [self._rows.get(y) or self._row(y, ground) for y in crop.line_range]
        if crop.column_span != (0, ground.size.width):
            return [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """For Textual: where the mouse is in the text, too."""
        return Strip(self.segments(y)).adjust_cell_length(self.width, self._blank).apply_offsets(0, y)

    def _row(self, y: int, ground: _Ground) -> Strip:
        segments = Segment.adjust_line_length(self.segments(y), ground.size.width, ground.blank)
        for line_filter in ground.filters:
            segments = line_filter.apply(segments, ground.background)
        strip = self._rows[y] = Strip(segments, ground.size.width)
        return strip

    @property
    def _blank(self) -> Style:
        return Style(bgcolor=self.background_colors[1].rich_color)

    def _present_screen(self) -> Screen[Any] | None:
        """None for one that was taken away, and is still painted where nothing was laid out since."""
        try:
            return self.screen
        except NoScreen:
            return None

    def _present_ground(self) -> _Ground | None:
        """What the rows stand on; None if they are to be dressed."""
        ground = self._ground
        if ground is None or ground.size != self._size or ground.styles != self.styles._cache_key:
            self._forget()
            ground = self._ground = None if self._is_dressed() else self._look()
        return ground

    def _is_dressed(self) -> bool:
        styles = self.styles
        if styles.gutter or styles.outline.spacing or styles.has_rule("hatch") or styles.tint.a:
            return True
        return self.opacity != 1.0 or styles.text_opacity != 1.0

    def _look(self) -> _Ground:
        background = self.background_colors[1]
        return _Ground(self._size, self.styles._cache_key, background, self._blank, self.get_line_filters())
