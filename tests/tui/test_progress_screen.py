"""The Progress screen: what it says, and every key of it."""

import json
from pathlib import Path

import pytest

from tests.tui.harness import LARGE, SMALL, make_app, screen_text, write_course
from tutor import paths
from tutor.progress import open_store
from tutor.tui.app import TutorApp
from tutor.tui.screens.confirm import ConfirmScreen
from tutor.tui.screens.lesson import LessonScreen
from tutor.tui.screens.progress import ProgressScreen, spent


def with_some_progress(tmp_path: Path) -> TutorApp:
    """One lesson half done: one step of two read, its question right at the second try."""
    with open_store(paths.progress_file()) as store:
        store.record("visit", "01-first", "adding")
        store.record("attempt", "01-first", "adding", "sum", response="5", right=False, hints=0)
        store.record("attempt", "01-first", "adding", "sum", response="4", right=True, hints=1)
    return make_app(write_course(tmp_path / "course"))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
async def test_it_says_what_was_done_and_what_is_next(tmp_path: Path, size: tuple[int, int]) -> None:
    app = with_some_progress(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.press("p")
        await pilot.pause()
        lines = screen_text(app).splitlines()
    row = next(line for line in lines if "The first lesson" in line)
    assert row.split()[-5:-2] == ["1/2", "1/1", "0/1"]  # read, right, right at the first try
    following = 'Next: "The first lesson", at step 1 of 2; its last steps to read.'
    assert any(following in line for line in lines)


async def test_enter_opens_the_lesson(tmp_path: Path) -> None:
    app = with_some_progress(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("p", "down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.info.id == "02-second"


async def test_x_writes_an_export_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = with_some_progress(tmp_path)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("p", "x", "x")
        await pilot.pause()
        messages = [note.message for note in app._notifications]
    files = sorted((tmp_path / "work").iterdir())
    assert len(files) == 2
    assert messages == [f"Your progress is in {path}" for path in sorted(files, key=lambda p: len(p.name))]
    assert len(json.loads(files[0].read_text())["events"]) == 3


async def test_a_reset_asks_first(tmp_path: Path) -> None:
    app = with_some_progress(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        for answer in ("n", "escape", "q"):
            await pilot.press("p", "0")
            await pilot.pause()
            assert isinstance(app.screen, ConfirmScreen)
            assert "Forget what you did" in screen_text(app)
            await pilot.press("space", "enter", answer)
            await pilot.pause()
            assert isinstance(app.screen, ProgressScreen)
            assert app.progress.lesson("01-first").steps_read == {"adding"}
            await pilot.press("escape")
        await pilot.press("p", "0", "y")
        await pilot.pause()
        app.recorder.close()
        await pilot.pause()
        assert not app.progress.lesson("01-first").steps_read
        assert "1/1" not in screen_text(app)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (89, "1 min"),
        (3540, "59 min"),
        (3600, "1 h 00"),
        (4000, "1 h 07"),
    ],
)
def test_time_in_words(seconds: float, words: str) -> None:
    assert spent(seconds) == words
