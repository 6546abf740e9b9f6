"""On a machine so busy that every one-shot timer is late before it begins to wait: it still goes off."""

import asyncio
from itertools import count
from pathlib import Path
from time import monotonic

import pytest
from textual import timer

from tests.tui.harness import SMALL, make_app, screen_text, write_course
from tutor.tui.screens.settings import SettingsScreen
from tutor.tui.widgets.title import TitleLine


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute passes between two looks that a one-shot timer takes at the clock."""
    late = count(60, 60)

    def now() -> float:
        task = asyncio.current_task()
        one_shot = task is not None and task.get_name().startswith(("set_timer", "delay_update"))
        return monotonic() + (next(late) if one_shot else 0)

    monkeypatch.setattr(timer._time, "get_time", now)


async def test_a_new_size_reaches_the_screen(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        for size in [(40, 12), (120, 40), (60, 18)]:
            await pilot.resize_terminal(*size)
            await pilot.pause(0.05)
            assert app.screen.query_one(TitleLine).outer_size.width == size[0]
    app.close_store()


async def test_drawing_goes_on_after_a_choice_in_the_palette(tmp_path: Path) -> None:
    """Textual stops drawing for a moment when a command was chosen."""
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+p")
        for key in "settings":
            await pilot.press(key)
        for _ in range(200):
            await pilot.pause(0.01)
            if "key s" in screen_text(app):
                break
        await pilot.press("enter")
        await pilot.pause(0.05)
        assert isinstance(app.screen, SettingsScreen)
        assert app._batch_count == 0
    app.close_store()


async def test_a_lab_draws_what_it_put_off(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    called = asyncio.Event()
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("clip")
        await pilot.pause()
        await pilot.pause()
        lab = app.screen.query_one("LabView")
        lab.set_timer(0.001, called.set)
        await asyncio.wait_for(called.wait(), 5)
    app.close_store()
