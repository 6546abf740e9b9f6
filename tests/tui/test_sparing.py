"""What the sparing compositor paints is what Textual's own would, from fewer rows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.harness import SMALL, make_app, shipped_course, write_course
from tutor.tui.app import TutorApp
from tutor.tui.screens.sparing import SparingCompositor
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.leaf import Leaf
from tutor.tui.wire.difference import _places

Cells = dict[tuple[int, int], tuple[str, Style | None]]
LESSON_KEYS = (
    "down",
    "right",
    "tab",
    "1",
    "enter",
    "h",
    "escape",
    "m",
    "question_mark",
    "escape",
    "b",
    "pagedown",
)
LAB_KEYS = (
    "right",
    "up",
    "up",
    "u",
    "p",
    "left",
    "1",
    "e",
    "escape",
    "space",
    "o",
    "tab",
    "escape",
    "n",
    "right",
    "c",
)
SIZES = ((100, 30), (60, 18), (43, 12), (120, 40))


def cells(update: ChopsUpdate) -> Cells:
    """Each cell that an update paints."""
    found: Cells = {}
    for y, x, strip in _places(update):
        for text, style, _ in strip:
            for sign in text:
                found[y, x] = sign, style
                x += 1
    return found


def whole(compositor: Compositor, paint: type[Compositor]) -> list[list[tuple[str, Style | None]]]:
    """The whole screen as `paint` has it, sign by sign."""
    chops = paint._render_chops(compositor, compositor.size.region, lambda _: True)
    return [
        [(sign, style) for strip in row.values() for text, style, _ in strip for sign in text]
        for row in chops
    ]


@pytest.fixture
def updates() -> Iterator[list[int]]:
    """Compares each update with Textual's own; gathers how many cells each has."""
    counts: list[int] = []
    sparing = SparingCompositor.render_partial_update

    def compared(compositor: SparingCompositor) -> ChopsUpdate | None:
        dirty = compositor._dirty_regions.copy()
        mine = sparing(compositor)
        compositor._dirty_regions.update(dirty)
        theirs = Compositor.render_partial_update(compositor)
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            painted = cells(mine)
            assert painted == {place: cell for place, cell in cells(theirs).items() if cell is not None}
            counts.append(len(painted))
        return mine

    with patch.object(SparingCompositor, "render_partial_update", compared):
        yield counts


async def walk(app: TutorApp, keys: tuple[str, ...], updates: list[int]) -> None:
    async with app.run_test(size=SMALL) as pilot:
        for number, key in enumerate(keys):
            await pilot.press(key)
            if number % 4 == 3:
                await pilot.resize_terminal(*SIZES[number // 4 % len(SIZES)])
            await pilot.pause()
            compositor = app.screen._compositor
            assert whole(compositor, Compositor) == whole(compositor, type(compositor))
    assert sum(updates) > 0


async def test_in_a_lesson(tmp_path: Path, updates: list[int]) -> None:
    app = make_app(write_course(tmp_path / "course"), open_first=("lesson", "01-first"))
    await walk(app, LESSON_KEYS, updates)


async def test_in_a_lab(updates: list[int]) -> None:
    app = make_app(shipped_course(), open_first=("lab", "gridworld", {"grid": "rooms", "slip": 0.0}))
    await walk(app, LAB_KEYS, updates)


async def test_a_key_asks_no_widget_for_rows_that_stay_as_they_are() -> None:
    app = make_app(shipped_course(), open_first=("lab", "gridworld", {"grid": "rooms", "slip": 0.0}))
    async with app.run_test(size=SMALL) as pilot:
        for _ in range(2):
            await pilot.press("right")
            await pilot.pause()
        asked: list[tuple[Widget, int]] = []

        def watching(render: Callable[[Any, Region], list[Strip]]) -> Callable[[Any, Region], list[Strip]]:
            def watched(widget: Widget, crop: Region) -> list[Strip]:
                asked.append((widget, crop.height))
                return render(widget, crop)

            return watched

        with (
            patch.object(Widget, "render_lines", watching(Widget.render_lines)),
            patch.object(Leaf, "render_lines", watching(Leaf.render_lines)),
        ):
            await pilot.press("p")  # one line of what happened, and nothing else
            await pilot.pause()
        assert [(type(widget), height) for widget, height in asked] == [(Facts, 1)]
