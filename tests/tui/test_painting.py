"""When a screen is painted: a key's words first and together, its plots after them; soon, and not too often."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from textual._context import active_app
from textual.app import App
from textual.message_pump import MessagePump

from tests.tui.fake_runs import FakeRuns
from tests.tui.harness import SMALL, make_app, write_course
from tutor.tui.labs.control import Lab
from tutor.tui.screens.painting import CalmScreen
from tutor.tui.timers import RestingTimer
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.facts import Facts

NEVER = 3600.0  # seconds


@dataclass
class Painted:
    """One painting. rows: those of the screen that it covers. drawn: plots drawn by then."""

    rows: frozenset[int]
    drawn: int


@pytest.fixture
def paintings() -> Iterator[list[Painted]]:
    """Every painting of a screen that covers anything."""
    seen: list[Painted] = []
    paint = CalmScreen._compositor_refresh

    def watched(screen: CalmScreen) -> None:
        rows = frozenset(y for region in screen._compositor._dirty_regions for y in region.line_range)
        if rows:
            seen.append(Painted(rows, sum(view.draws for view in screen.query(ChartView))))
        paint(screen)

    with patch.object(CalmScreen, "_compositor_refresh", watched):
        yield seen


async def test_a_key_in_a_run_is_answered_in_one_frame_before_the_plots_are_drawn(
    tmp_path: Path, paintings: list[Painted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lab, "worker", FakeRuns)
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("control", {"episodes": 20})
        await pilot.pause()
        lab = app.screen.query_one(Lab)
        await pilot.press("space", "space")
        while lab._due is not None or lab._plots_wait:
            await pilot.pause()
        await pilot.pause()
        lab._plots_drawn_at = 0.0  # they are due
        drawn = sum(view.draws for view in lab.query(ChartView))
        paintings.clear()
        await pilot.press("left")
        await pilot.pause()
        table = lab.query_one("#table", Facts).region.line_range
        first, last = paintings[0], paintings[-1]
        assert lab.status() == "at episode 1 of 2  paused"
        assert 0 in first.rows
        assert first.rows & set(table)
        assert first.drawn == drawn < last.drawn
        assert not any(0 in painted.rows for painted in paintings[1:])
    app.close_store()


class TestRestingTimer:
    async def test_it_goes_off_when_it_is_resumed_and_not_again_before_it_has_rested(self) -> None:
        went = asyncio.Event()
        active_app.set(App())
        timer = RestingTimer(MessagePump(), NEVER, callback=went.set, pause=True)
        timer._start()
        await passes()
        assert not went.is_set()
        timer.resume()
        await asyncio.wait_for(went.wait(), 5)
        went.clear()
        await passes()
        assert not went.is_set()
        timer.stop()

    async def test_after_its_rest_it_waits_to_be_resumed(self) -> None:
        went: list[int] = []
        active_app.set(App())

        def go_off() -> None:
            went.append(len(went))
            timer.pause()

        timer = RestingTimer(MessagePump(), 0, callback=go_off, pause=True)
        timer._start()
        for number in (1, 2):
            timer.resume()
            await passes()
            assert len(went) == number
        timer.stop()


async def passes() -> None:
    """Several of the event loop."""
    for _ in range(10):
        await asyncio.sleep(0)
