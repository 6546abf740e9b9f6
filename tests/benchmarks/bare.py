"""The least that the same things cost: a Textual app that shows a page as long as a lesson's step, and plotext alone.

    python -m tests.benchmarks.bare        enter opens the page, space replaces it by another, q closes it

Its text is laid out already: no Markdown, no formulas, no question to grade, no progress to keep.
"""

import statistics
import time

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Label, Static

LINES = 50
FIRST_FRAME = 290.0  # CPU ms of a bare Textual app to its first frame where the limits were set
PLOT = (47, 7)  # columns and rows of each plot of the gridworld lab at 80x24


def page(number: int) -> list[Widget]:
    text = "\n\n".join(["A line of text, as long as lines of text are in lessons."] * (LINES // 2))
    return [Static(f"Step {number}\n\n{text}", markup=False), Input(placeholder="a number")]


class Page(Screen[None]):
    """A title, a page to scroll, a line of keys."""

    AUTO_FOCUS = ""
    BINDINGS = [("space", "turn", "on"), ("q", "app.pop_screen", "back")]
    CSS = "#title { dock: top; height: 1; } #keys { dock: bottom; height: 1; }"
    number = 0

    def compose(self) -> ComposeResult:
        yield Label("A lesson", id="title")
        yield VerticalScroll(*page(0), can_focus=False)
        yield Label("space on  q back", id="keys")

    async def action_turn(self) -> None:
        self.number += 1
        column = self.query_one(VerticalScroll)
        async with self.batch():
            await column.remove_children()
            await column.mount_all(page(self.number))


class Bare(App[None]):
    BINDINGS = [("enter", "open", "open")]

    def compose(self) -> ComposeResult:
        yield Static("a bare app is here")

    def action_open(self) -> None:
        self.push_screen(Page())


def plots() -> float:
    """CPU milliseconds of both plots of a lab's step, by plotext's own figure: the median of 20."""
    from plotext._figure import _figure_class

    times = []
    for _ in range(20):
        start = time.process_time()
        for draws in ("scatter", "plot"):
            figure = _figure_class()
            figure._set_size(*PLOT)
            figure.theme("clear")
            steps = list(range(20))
            getattr(figure, draws)(steps, [-0.04 * n for n in steps], marker="braille")
            figure.build()
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times)


if __name__ == "__main__":
    Bare().run()
