"""The top line: where you are on the left, how far on the right; and, when that is so, that nothing is saved."""

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region, Size

from tutor.tui.glyphs import cells_of, cut, glyphs_of
from tutor.tui.widgets.leaf import Leaf

ROOM = Size(60, 18)  # from here on everything has its place
GAP = 2  # cells between both parts, at least
LEFT = 10  # cells of the left part that notes leave in sight


class TitleLine(Leaf):
    """One line; the left part is cut before the right part is."""

    DEFAULT_CSS = """
    TitleLine { dock: top; height: 1; background: $panel; color: $foreground; }
    """

    def __init__(self, left: str | Content = "", right: str | Content = "") -> None:
        super().__init__()
        self._left, self._right = left, right

    def show(self, left: str | Content, right: str | Content = "") -> None:
        """Plain text is taken literally, never as markup."""
        if (
            isinstance(left, Content)
            or isinstance(right, Content)
            or (left, right) != (self._left, self._right)
        ):
            self._left, self._right = left, right
            self.refresh(Region(0, 0, self.width, 1))

    def segments(self, y: int) -> list[Segment]:  # noqa: ARG002  (there is one row)
        """A blank at both ends."""
        return self._whole() or self.segments_of(self._line(self.width - 2).pad(1, 1))

    def _whole(self) -> list[Segment]:
        """Both parts, where they are text that fits and there are no notes: as they are nearly always."""
        left, right = self._left, self._right
        if not (isinstance(left, str) and isinstance(right, str) and right and (left + right).isprintable()):
            return []
        gap = self.width - 2 - cells_of(left) - cells_of(right)
        if gap < GAP or self._notes():
            return []
        inks = self.inks
        blank = Segment(" ", inks[""])
        middle = [Segment(left, inks["bold"]), Segment(" " * gap, inks[""]), Segment(right, inks["$muted"])]
        return [blank, *middle, blank]

    def _line(self, width: int) -> Content:
        glyphs = glyphs_of(self.app)
        left = Content.styled(self._left, "bold") if isinstance(self._left, str) else self._left
        right = cut(self._told(width), width, glyphs)
        left = cut(left, max(0, width - right.cell_length - GAP), glyphs)
        gap = " " * max(0, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right)

    def _told(self, width: int) -> Content:
        """The right part, and before it what the learner should know; narrow lines keep that and a bit of the left."""
        notes = self._notes()
        right = Content(self._right) if isinstance(self._right, str) else self._right
        parts = [*notes, right.stylize_before("$muted")] if right else notes
        told = Content("  ").join(parts)
        return told if not notes or told.cell_length <= width - LEFT else Content("  ").join(notes)

    def _notes(self) -> list[Content]:
        """What the learner should know."""
        notes = [Content.styled("not saved", "$warning bold")] if getattr(self.app, "not_saved", "") else []
        if too_small(self.app.size):
            notes.append(Content.styled(f"wants {ROOM.width}x{ROOM.height}", "$warning"))
        return notes


def too_small(size: Size) -> bool:
    """Whether a screen of this size has less room than the tutor needs to show all."""
    return size.width < ROOM.width or size.height < ROOM.height
