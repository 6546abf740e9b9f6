"""Two maps side by side, each with the greedy path of one algorithm."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.rl.environments.gridworld import Gridworld
from tutor.tui.labs import control_picture as picture
from tutor.tui.labs.gridworld_panes import INKS
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import GridPane

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


GAP = 2  # columns between the maps


class PathPanes(Horizontal):
    """It is told what to draw."""

    DEFAULT_CSS = """
    PathPanes Vertical { width: 1fr; height: 1fr; }
    PathPanes #second { margin: 0 0 0 2; }
    PathPanes Facts { height: 1; }
    PathPanes GridPane { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._heads, self._grids = (Facts(), Facts()), (GridPane(), GridPane())

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        for head, grid, place in zip(self._heads, self._grids, ("first", "second"), strict=True):
            yield Vertical(head, grid, id=place)

    def show(self, env: Gridworld, sides: Sequence[tuple[str, picture.Path | None, int]]) -> None:
        """sides: (series, its path, the update that it is of); each redraws only what changed."""
        theme, glyphs = self.app.theme_variables, self.tutor.glyphs
        inks = {name: theme[variable] for name, variable in INKS.items()}
        inks |= {quantity: self.tutor.colour(quantity) for quantity in ("state", "action", "reward")}
        for head, grid, (series, path, update) in zip(self._heads, self._grids, sides, strict=True):
            line = picture.heading(series, path, update, glyphs)
            narrow = sum(len(text) for text, _ in line) > self.size.width // 2 - GAP
            head.show([line[:2] if narrow else line])
            grid.show(picture.cells(env, path, glyphs, inks.__getitem__), inks["muted"])

    @property
    def plain(self) -> str:
        """The headings."""
        return "\n".join(head.plain for head in self._heads)
