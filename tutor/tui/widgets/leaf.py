"""Widgets that are rows of text and no more: what Textual does for borders, paddings and veils is left out."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.dom import NoScreen
from textual.filter import LineFilter
from textual.geometry import Offset, Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tutor.tui.glyphs import NARROW
from tutor.tui.guard import Guard
from tutor.tui.screens.painting import CalmScreen

NO_OFFSET = Offset(0, 0)


class _Ground(NamedTuple):
    """What rows stand on. styles: which rules it was made by. blank: the style of what a row leaves empty, as it is
    seen. guards: what looks at the text of a row."""

    size: Size
    styles: int
    background: Color
    blank: Style
    guards: Sequence[LineFilter]


class Inks(dict[str, Style]):
    """Styles by name, each made when it is first asked for."""

    def __init__(self, make: Callable[[str], Style]) -> None:
        self._make = make

    def __missing__(self, name: str) -> Style:
        style = self[name] = self._make(name)
        return style


class Leaf(Widget):
    """A subclass gives the rows (`segments`); they go to the compositor as they are, and the screen is asked at once to
    paint those that changed.

    Textual 8.2.8 looks for each row of a widget whether it has borders, padding, an outline, a hatch, a tint or an
    opacity, its ancestors' among them, and takes three messages until the screen knows that it has changed. A style
    sheet that gives a leaf any of these, text that is selected in it, or a screen of another kind lead back to that.

    inks: styles as they look on this widget, by their names (see `style_named`), for `segments`. All filters but the
    guard change styles alone: of rows that go past Textual they see each style once, not once a row.
    """

    _ground: _Ground | None = None  # None: to be looked at

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._rows: dict[int, Strip] = {}
        self._plain, self._filtered = Inks(self._ink), Inks(self._filtered_ink)
        self.inks = self._filtered

    def segments(self, y: int) -> list[Segment]:
        """Row y; what it leaves empty at its end is blank, what is too long is cut."""
        raise NotImplementedError

    def style_named(self, name: str) -> str:
        """The style that rows call `name`."""
        return name

    def segments_of(self, content: Content) -> list[Segment]:
        """One line of Content as segments."""
        base = self.visual_style
        parts = content.render(base, end="", parse_style=self._get_style)
        segments = [Segment(text, (base + style).rich_style) for text, style in parts if text]
        return segments if self.inks is self._plain else self._through_filters(segments)

    def _ink(self, name: str) -> Style:
        base, style = self.visual_style, self.style_named(name)
        return (base + self._get_style(style) if style else base).rich_style

    def _filtered_ink(self, name: str) -> Style:
        return self._filtered_style(self._plain[name])

    def _filtered_style(self, style: Style) -> Style:
        ((_, filtered, _),) = self._through_filters([Segment(" ", style)])
        return Style.null() if filtered is None else filtered

    def _through_filters(self, segments: list[Segment]) -> list[Segment]:
        """As all filters but the guard make them look."""
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            if not isinstance(line_filter, Guard):
                segments = line_filter.apply(segments, background)
        return segments

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
        self._plain.clear()
        self._filtered.clear()

    @property
    def content_offset(self) -> Offset:
        """Without a dress the content begins where the widget does."""
        return super().content_offset if self._ground is None else NO_OFFSET

    def render_lines(self, crop: Region) -> list[Strip]:
        ground, screen = self._present_ground(), self._present_screen()
        if ground is None or (screen is not None and self in screen.selections):
            return super().render_lines(crop)
        strips = [self._rows.get(y) or self._row(y, ground) for y in crop.line_range]
        if crop.column_span != (0, ground.size.width):
            return [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """For Textual, which puts it through the filters: where the mouse is in the text, too."""
        self.inks = self._plain
        try:
            segments = self.segments(y)
        finally:
            self.inks = self._filtered
        return Strip(segments).adjust_cell_length(self.width, self._blank).apply_offsets(0, y)

    def _row(self, y: int, ground: _Ground) -> Strip:
        segments, width = self.segments(y), ground.size.width
        missing = width - _cells(segments)
        if missing > 0:
            segments.append(Segment(" " * missing, ground.blank))
        elif missing < 0:
            segments = Segment.adjust_line_length(segments, width)
        for guard in ground.guards:
            segments = guard.apply(segments, ground.background)
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
        guards = [each for each in self.get_line_filters() if isinstance(each, Guard)]
        return _Ground(
            self._size, self.styles._cache_key, background, self._filtered_style(self._blank), guards
        )


def _cells(segments: Sequence[Segment]) -> int:
    """How many cells wide a row is."""
    text = "".join([text for text, _, _ in segments])
    return len(text) if NARROW.fullmatch(text) else sum(cell_len(text) for text, _, _ in segments)
