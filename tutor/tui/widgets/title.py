"""The top line: where you are on the left, how far on the right; and, when that is so, that nothing is saved."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tutor.tui.glyphs import cut, glyphs_of

ROOM = Size(60, 18)  # from here on everything has its place
LEFT = 10  # cells of the left part that notes leave in sight


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
        right = cut(self._told(width), width, glyphs)
        left = cut(self._left, max(0, width - right.cell_length - 2), glyphs)
        gap = " " * max(0, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right)

    def _told(self, width: int) -> Content:
        """The right part, and before it what the learner should know; narrow lines keep that and a bit of the left."""
        notes = [Content.styled("not saved", "$warning bold")] if getattr(self.app, "not_saved", "") else []
        if too_small(self.app.size):
            notes.append(Content.styled(f"wants {ROOM.width}x{ROOM.height}", "$warning"))
        parts = [*notes, self._right.stylize_before("$muted")] if self._right else notes
        told = Content("  ").join(parts)
        return told if not notes or told.cell_length <= width - LEFT else Content("  ").join(notes)


def too_small(size: Size) -> bool:
    """Whether a screen of this size has less room than the tutor needs to show all."""
    return size.width < ROOM.width or size.height < ROOM.height
