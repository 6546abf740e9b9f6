"""What the tour draws: a map and a text side by side, and the same words under both."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tutor.tui.labs import gridworld_picture as picture
from tutor.tui.labs import token_words, tour_words
from tutor.tui.labs.gridworld_panes import INKS
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.token_session import TokenSession
from tutor.tui.labs.tour_session import TourSession
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import GridPane, cell_size

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

GAP = 2  # columns between the two
TEXT_ROWS = 3  # for prompt and answer
PICTURE_MOST = 17  # rows: the map at its largest
BARS_MOST = 13  # rows: heading, tokens, the others
HEADS = ("A gridworld", "A language model")


class TourPanes(Horizontal):
    """Two columns: a heading, a picture, the words. It is told when to draw."""

    DEFAULT_CSS = """
    TourPanes { height: 1fr; padding: 0 1; }
    TourPanes Vertical { width: 1fr; height: 1fr; }
    TourPanes #left { margin: 0 2 0 0; }
    TourPanes .head { height: 1; }
    TourPanes .words { height: 7; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._width, self._picture, self._cell = 37, 8, (6, 2)
        self._grid, self._text = GridPane(), Facts()
        self._heads, self._words = (Facts(), Facts()), (Facts(), Facts())
        for head, words in zip(self._heads, self._words, strict=True):
            head.add_class("head")
            words.add_class("words")

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    def compose(self) -> ComposeResult:
        yield Vertical(self._heads[0], self._grid, self._words[0], id="left")
        yield Vertical(self._heads[1], self._text, self._words[1], id="right")

    def place(self, width: int, height: int) -> None:
        """The pictures take what heading and words leave; `show` is to follow."""
        for widget in (*self._heads, *self._words, self._text):
            widget.refresh()
        self._width = max(10, (width - 2 - GAP) // 2)
        self._picture = max(1, min(PICTURE_MOST, height - 1 - tour_words.ROWS))
        self._grid.styles.height = self._text.styles.height = self._picture

    def show(self, session: TourSession, note: Line) -> None:
        """Each part redraws only what changed in it."""
        glyphs = self.tutor.glyphs
        self._cell = cell_size(session.world.env.rows, session.world.env.cols, self._width, self._picture)
        theme = self.app.theme_variables
        inks = {name: theme[variable] for name, variable in INKS.items()}
        inks |= {quantity: self.tutor.colour(quantity) for quantity in ("state", "action", "reward")}
        cells = picture.cells(session.world, self._cell[0], glyphs, inks.__getitem__)
        self._grid.show(cells, inks["muted"])
        self._text.show(self._text_lines(session.answer))
        for head, name in zip(self._heads, HEADS, strict=True):
            head.show([[(name, "strong")]])
        left = tour_words.world_words(session.world, glyphs)
        if note:
            left[-1] = note
        elif not session.t:
            left[-1] = [("space", "strong"), (": both take a step.  ", ""), ("u", "strong"), (": undo", "")]
        self._words[0].show(left)
        self._words[1].show(tour_words.answer_words(session.answer, glyphs))

    def _text_lines(self, answer: TokenSession) -> list[Line]:
        """The text, then the likeliest next tokens."""
        glyphs = self.tutor.glyphs
        text = token_words.state_lines(answer, self._width, TEXT_ROWS, glyphs)
        rows = max(3, min(BARS_MOST, self._picture - len(text) - 2))
        bars = token_words.policy_lines(answer, -1, self._width, rows, glyphs)
        return [*text, [], *bars, []][: self._picture]

    @property
    def plain(self) -> str:
        """The words that are shown, without the map."""
        return "\n".join(facts.plain for facts in (*self._words, self._text))
