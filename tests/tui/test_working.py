"""Work that is begun beside the screen."""

import gc

from textual.app import App

from tutor.tui.working import begin


async def test_work_that_is_cancelled_before_its_first_turn_is_not_begun() -> None:
    """A coroutine that is never awaited would be a warning here, which fails."""
    begun = []

    async def work() -> None:
        begun.append(True)

    async with App[None]().run_test() as pilot:
        worker = begin(pilot.app.screen, work)
        worker.cancel()
        await pilot.pause()
        assert worker.is_cancelled
        assert not begun
        finished = begin(pilot.app.screen, work)
        await finished.wait()
    gc.collect()
    assert begun == [True]
