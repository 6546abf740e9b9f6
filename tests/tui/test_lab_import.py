"""A lab's module, and numpy with the first one, is imported off the screen's thread; what is typed meanwhile waits."""

import asyncio
import threading
from importlib import import_module

import pytest

from tests.tui.harness import SMALL, make_app, screen_text, shipped_course
from tutor.tui.labs import base
from tutor.tui.screens import lab as lab_screen


async def test_it_is_imported_in_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def importing(name: str) -> object:
        threads.append(threading.current_thread())
        return import_module(name)

    monkeypatch.setattr(base, "import_module", importing)
    await base.import_lab("no-such-lab")  # what is wrong is for `lab_class` to raise
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


async def test_a_key_typed_meanwhile_is_the_labs(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, there = asyncio.Event(), asyncio.Event()

    async def slowly(_lab_id: str) -> None:
        begun.set()
        await there.wait()

    monkeypatch.setattr(lab_screen, "import_lab", slowly)
    app = make_app(shipped_course())
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("gridworld", {"grid": "rooms", "slip": 0.0})
        await asyncio.wait_for(begun.wait(), 5)
        app.simulate_key("right")
        there.set()
        await pilot.pause()
        await pilot.pause()
        assert "step 1" in screen_text(app)
