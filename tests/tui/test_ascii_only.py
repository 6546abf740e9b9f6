"""The guard of ASCII mode: the same width, and no sign beyond ASCII, whatever comes."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.harness import SMALL, make_app, screen_text
from tutor import paths
from tutor.settings import Settings
from tutor.tui.ascii_only import plain


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Mn", "Me"])))
def test_ascii_of_the_same_width(text: str) -> None:
    assert plain(text).isascii()
    assert cell_len(plain(text)) == cell_len(text)


def test_signs_keep_their_sense() -> None:
    assert plain("γ = −0.5 · é “ja” … → 語") == 'g = -0.5 . e "ja" ~ > ??'


async def test_every_step_of_every_lesson_is_ascii(tmp_path: Path) -> None:
    """The whole page, not only what fits the screen; and few signs had to be guessed."""
    app = make_app(paths.lessons_dir(), Settings(motion=False, symbols="ascii"))
    async with app.run_test(size=(SMALL[0], 120)) as pilot:
        for lesson in app.course.lessons:
            for step in lesson.step_ids:
                app.open_lesson(lesson.id, step)
                await pilot.pause()
                text = screen_text(app)
                assert text.isascii(), (lesson.id, step)
                assert "??" not in text
    app.close_store()
