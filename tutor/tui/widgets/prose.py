"""A run of text as one widget: laid out once for a width, a theme and a set of signs, then only drawn."""

from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.geometry import Size
from textual.selection import Selection
from textual.widget import Widget

from tutor.tui.lesson_state import Texts
from tutor.tui.prose.look import QUANTITIES, Look

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


def look_of(widget: Widget) -> Look:
    """How prose looks now: signs and colours by the settings, formulas as the screen says (`latex`)."""
    app = cast("TutorApp", widget.app)
    latex = bool(getattr(widget.screen, "latex", False))
    return Look(app.ascii, latex, {quantity: app.colour(quantity) for quantity in QUANTITIES})


class FlatText(Widget):
    """Lines of Content that a subclass lays out at a width; selectable, copied as they are drawn."""

    DEFAULT_CSS = """
    FlatText { width: 100%; max-width: 84; height: auto; text-wrap: nowrap; text-overflow: clip; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._cached: tuple[object, list[Content]] = (None, [])

    def lay_out(self, width: int, look: Look) -> list[Content]:
        """The lines at `width`; kept until the width, the look or `state_key()` changes."""
        raise NotImplementedError

    def state_key(self) -> object:
        """What besides width and look decides about the lines."""
        return None

    def lines(self, width: int) -> list[Content]:
        look = look_of(self)
        key = (width, look, self.state_key())
        if self._cached[0] != key:
            self._cached = (key, self.lay_out(width, look))
        return self._cached[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self.lines(width)) if width > 0 else 0

    def _size_updated(
        self,
        size: Size,
        virtual_size: Size,
        container_size: Size,
        layout: bool = True,  # noqa: ARG002
    ) -> bool:
        """Textual lays the page out, and paints it, a second time when a new widget learns its virtual size; this one
        never scrolls, so nothing can come of it."""
        return super()._size_updated(size, virtual_size, container_size, layout=False)

    def render(self) -> Content:
        return Content("\n").join(self.lines(max(1, self.content_size.width)))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        try:
            return super().get_selection(selection)
        except IndexError:  # the text became shorter while it was selected
            return None


class ProseView(FlatText):
    """Markdown, below a heading if one is given; its `{{ }}` are what `texts` says, which may come later."""

    def __init__(self, source: str, texts: Texts, heading: str = "", *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._source = source
        self._texts = texts
        self._heading = heading

    def text(self) -> str:
        """The Markdown as it is now."""
        text = self._texts.expanded(self._source)
        return f"## {self._texts.expanded(self._heading)}\n\n{text}" if self._heading else text

    def state_key(self) -> object:
        return self.text()

    def lay_out(self, width: int, look: Look) -> list[Content]:
        from tutor.tui.prose import lay_out

        return lay_out(self.text(), width, look)
