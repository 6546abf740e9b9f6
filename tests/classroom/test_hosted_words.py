"""What a served tutor says when files fail it: nothing of the machine that it runs on."""

import sqlite3
from pathlib import Path

import pytest

from tutor import paths, settings
from tutor.course import load_course
from tutor.experiments import saved_grids
from tutor.progress import ProgressError, open_store
from tutor.progress.errors import explain
from tutor.progress.patient import open_theirs
from tutor.tui.app import TutorApp
from tutor.tui.screens.help import HelpScreen, _key_rows


@pytest.fixture(autouse=True)
def hosted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RL_TUTOR_HOSTED", str(tmp_path / "exports"))
    monkeypatch.setenv("RL_TUTOR_HOME", str(tmp_path))


@pytest.mark.parametrize(
    "cause",
    [
        OSError(28, "No space left on device", "/var/lib/x/class.db"),
        PermissionError(13, "Permission denied", "/var/lib/x/class.db"),
        FileExistsError(17, "File exists", "/var/lib/x"),
        sqlite3.DatabaseError("file is not a database"),
    ],
)
def test_a_store_that_fails_names_no_folder_and_gives_no_order(cause: Exception) -> None:
    said = str(explain(Path("/var/lib/x/class.db"), cause))
    assert "/" not in said
    assert "tell your teacher" in said
    assert "RL_TUTOR_HOME" not in said


def test_a_damaged_class_is_told_without_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "class.db"
    file.write_bytes(b"no database at all" * 100)
    with open_theirs(file, "0" * 32) as store:
        assert store.problem
        assert str(tmp_path) not in str(store.problem)
    with pytest.raises(ProgressError) as error:
        open_store(file).progress()
    assert str(tmp_path) not in str(error.value)


def test_settings_and_grids_that_fail_name_the_file_alone(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("nonsense = 1\ntheme = 7\n")
    _, problems = settings.load(paths.settings_file())
    assert problems
    assert all(problem.startswith("settings.toml: ") for problem in problems)
    (tmp_path / "grids").mkdir()
    (tmp_path / "grids" / "mine.txt").mkdir()  # a folder where the file should be
    for file in (tmp_path / "grids").iterdir():
        file.rename(saved_grids._file("mine"))
    with pytest.raises(saved_grids.GridFileError) as error:
        saved_grids.saved_line("mine")
    assert str(tmp_path) not in str(error.value)
    assert "Is a directory" in str(error.value)


def test_a_tutor_of_ones_own_still_names_the_whole_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RL_TUTOR_HOSTED")
    full = OSError(28, "No space left on device")
    assert "/home/me/progress.db" in str(explain(Path("/home/me/progress.db"), full))


async def test_the_help_of_a_lab_promises_no_folder() -> None:
    app = TutorApp(load_course(paths.lessons_dir() / "en"), open_store(None), settings.Settings(motion=False))
    async with app.run_test(size=(100, 40)) as pilot:
        app.open_lab("gridworld")
        await pilot.pause()
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        words = [sentence for _, sentence in _key_rows(app.screen_stack[-2])]
    assert "save steps and plots (CSV, text, SVG) as text to copy; a copy goes to your teacher" in words
    assert not [sentence for sentence in words if "folder" in sentence]
