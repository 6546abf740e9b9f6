"""From the compositor's update to the text of what changed in it."""

from collections.abc import Iterator

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

from tutor.tui.wire.cells import Looks, add_marks
from tutor.tui.wire.pens import Pens
from tutor.tui.wire.shown import Row, Shown

Place = tuple[int, int, Strip]  # row, column, what is drawn there


class Difference:
    """Remembers what was sent; `text` gives the rest."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nothing is known of the terminal any more: the next update is sent whole."""
        self._size = Size(0, 0)
        self._colours: ColorSystem | None = None

    def text(self, update: ChopsUpdate | LayoutUpdate, size: Size, console: Console) -> str:
        """What to send so that the terminal shows `update`. size: the compositor's (the app's changes first)."""
        colours = console._color_system or ColorSystem.TRUECOLOR
        if size != self._size or colours is not self._colours:
            self._begin(size, colours)
        rows: dict[int, Row] = {}
        raw: list[Place] = []
        for y, x, strip in _places(update):
            if y < size.height and self._strips[y].get(x) is not strip:
                self._remember(y, x, strip)
                if not self._draw(rows, y, x, strip):
                    raw.append((y, x, strip))
        for y, row in rows.items():
            if self._shown.show(y, row):
                self._strips[y].clear()
        for y, x, strip in raw:
            self._shown.raw(y, x, strip.render(console), strip.cell_length)
        return self._shown.take()

    def _begin(self, size: Size, colours: ColorSystem) -> None:
        self._size, self._colours = size, colours
        pens = Pens()
        self._looks = Looks(pens, colours)
        self._shown = Shown(size.width, size.height, pens)
        self._strips: list[dict[int, Strip]] = [{} for _ in range(size.height)]  # the last one at each column

    def _remember(self, y: int, x: int, strip: Strip) -> None:
        strips, width = self._strips[y], strip.cell_length
        same = strips.get(x)
        if same is None or same.cell_length != width:
            for other in [at for at, old in strips.items() if at < x + width and at + old.cell_length > x]:
                del strips[other]
        strips[x] = strip

    def _draw(self, rows: dict[int, Row], y: int, x: int, strip: Strip) -> bool:
        """Put the cells of a strip into its row; False when it has to be sent as it is."""
        drawn = self._looks.cells(strip)
        if drawn is None:
            return False
        marks, cells = drawn
        row = rows.get(y)
        if row is None:
            row = rows[y] = self._shown.row(y)
        if marks and add_marks(row.graphemes, marks, x):
            del self._strips[y][x]  # with its neighbour drawn anew it has to be, too
        space = self._size.width - x
        end = x + min(space, len(cells.pens))
        row.graphemes[x:end] = cells.graphemes[:space]
        row.pens[x:end] = cells.pens[:space]
        return True


def _places(update: ChopsUpdate | LayoutUpdate) -> Iterator[Place]:
    """The strips of an update and where they go, as `render_segments` of both kinds writes them, but each whole: what
    Textual cuts off has not changed."""
    if isinstance(update, ChopsUpdate):
        yield from _chops(update)
        return
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield y, x, strip
            x += strip.cell_length


def _chops(update: ChopsUpdate) -> Iterator[Place]:
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            if strip is not None and x < last and end > first:
                yield y, x, strip
