"""The top line: where you are on the left, how far on the right."""

from textual.content import Content
from textual.widget import Widget

from tutor.tui.glyphs import cut, glyphs_of


class TitleLine(Widget):
    """One line; the left part is cut before the right part is."""

    DEFAULT_CSS = """
    TitleLine { dock: top; height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self, left: str | Content = "", right: str | Content = "") -> None:
        super().__init__()
        self._left, self._right = Content.styled(left, "bold") if isinstance(left, str) else left, Content("")
        self._right = Content(right) if isinstance(right, str) else right

    def show(self, left: str | Content, right: str | Content = "") -> None:
        """Plain text is taken literally, never as markup."""
        self._left = Content.styled(left, "bold") if isinstance(left, str) else left
        self._right = Content(right) if isinstance(right, str) else right
        self.refresh()

    def render(self) -> Content:
        width, glyphs = self.content_size.width, glyphs_of(self.app)
        right = cut(self._right, width, glyphs)
        left = cut(self._left, max(0, width - right.cell_length - 2), glyphs)
        gap = " " * max(0, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right.stylize_before("$muted"))
