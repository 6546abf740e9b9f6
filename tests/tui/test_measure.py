"""What `rl-tutor check` says a step takes is what the page of a lesson gives it at 80x24."""

from pathlib import Path

import pytest

from tests.tui.harness import SMALL, make_app, shipped_course, write_course
from tests.tui.test_lesson import FIRST, NEXT
from tutor.course.checking import SCREEN
from tutor.course.types import Course
from tutor.tui.measure import step_rows
from tutor.tui.screens.lesson import LessonScreen
from tutor.tui.widgets.closing import Closing
from tutor.tui.widgets.lesson_page import LessonPage


def rows_on(page: LessonPage) -> int:
    """The last row of the step's own widgets, the lesson's end aside."""
    return max(w.virtual_region.bottom for w in page.children if not isinstance(w, Closing))


async def compare(course: Path | Course, lesson_id: str) -> None:
    app = make_app(course, open_first=("lesson", lesson_id))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        assert screen.state is not None
        assert screen.page is not None
        assert screen.page.size.height == SCREEN
        for index, step in enumerate(screen.state.steps):
            await screen.turn_to(index)
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert step_rows(step) == rows_on(screen.page), step.id


@pytest.mark.parametrize("lesson_id", ["03-returns-and-discounting", "12-ppo-clip"])
async def test_a_shipped_lesson_takes_what_its_page_takes(lesson_id: str) -> None:
    await compare(shipped_course(), lesson_id)


async def test_every_kind_of_block_takes_what_the_page_gives_it(tmp_path: Path) -> None:
    await compare(write_course(tmp_path / "course", first=FIRST, next=NEXT), "01-all")
