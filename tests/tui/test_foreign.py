"""Other people's Markdown on the screen: every page of it opens at any size, and nothing breaks."""

from pathlib import Path

import pytest
from hypothesis import given

from tests.course.test_foreign import FOREIGN, MARKDOWN
from tests.tui.harness import LARGE, SMALL, make_app, screen_text
from tutor.course import check_course, load_course
from tutor.course.loading import parse_lesson
from tutor.tui.measure import step_rows
from tutor.tui.prose import Look, lay_out
from tutor.tui.screens.lesson import LessonScreen


@pytest.mark.parametrize("size", [SMALL, LARGE, (40, 12)])
async def test_every_page_opens(size: tuple[int, int]) -> None:
    app = make_app(FOREIGN)
    async with app.run_test(size=size) as pilot:
        for info in load_course(FOREIGN).lessons:
            app.open_lesson(info.id)
            await pilot.pause()
            screen = app.screen
            assert isinstance(screen, LessonScreen)
            assert screen.state is not None
            for number in range(len(screen.state.steps)):
                await screen.turn_to(number)
                await pilot.press("pagedown", "end", "tab")
                screen.set_focus(None)
                assert screen.state.index == number
                assert f"{number + 1} of {len(screen.state.steps)}" in screen_text(app)


@given(MARKDOWN)
def test_whatever_is_written_can_be_drawn(source: str) -> None:
    """In any width, without a character that a terminal would obey."""
    for step in parse_lesson(source, Path("x.md"), "x.md").lesson.steps:
        assert step_rows(step) >= 0
    for width in (8, 40, 77):
        for line in lay_out(source, width, Look()):
            assert not set("\x1b\u202e\x07\x9b") & set(line.plain)


def test_the_check_measures_it_all() -> None:
    long = [
        finding for finding in check_course(FOREIGN, rows_of=step_rows) if "rows at 80x24" in finding.message
    ]
    assert [Path(finding.file).name for finding in long] == ["table.md"]
