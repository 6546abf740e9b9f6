"""`rl-tutor new-lesson`: what it writes passes the check; what cannot be written is one line."""

from pathlib import Path

import pytest

from tests.tui.harness import make_app, screen_text, write_course
from tutor.cli import main
from tutor.course import QUESTION_KINDS, check_course, load_course, load_lesson
from tutor.course.types import ChartBlock, LabBlock, Question
from tutor.tui.measure import step_rows


def made(course: Path, *words: str) -> int:
    return main(["new-lesson", "--course", str(course), *words])


@pytest.mark.parametrize(
    "lesson_id", ["05-my-lesson", "a", "5", "été", "x.y_z", "1e-3", "null", "05-", "a" * 80]
)
def test_what_is_written_passes_the_check(lesson_id: str, tmp_path: Path) -> None:
    assert made(tmp_path, lesson_id) == 0
    assert (tmp_path / "en" / f"{lesson_id}.md").is_file()
    assert check_course(tmp_path, rows_of=step_rows) == []


def test_its_runs_pass_too_and_every_kind_of_block_is_there_once(tmp_path: Path) -> None:
    made(tmp_path, "05-mine")
    assert check_course(tmp_path, run=True) == []
    (info,) = load_course(tmp_path).lessons
    blocks = [block for step in load_lesson(info).steps for block in step.blocks]
    kinds = [
        f"{block.kind} of options" if block.kind == "predict" and block.options else block.kind
        for block in blocks
        if isinstance(block, Question)
    ]
    assert sorted(kinds) == sorted([*QUESTION_KINDS, "predict of options"])
    assert [sum(isinstance(block, kind) for block in blocks) for kind in (LabBlock, ChartBlock)] == [1, 1]
    assert (info.id, info.title, info.order) == ("05-mine", "Mine", 5)


def test_it_says_where_it_is_and_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path, "05-mine")
    out = capsys.readouterr().out
    assert f"{tmp_path}/en/05-mine.md" in out
    assert f"rl-tutor --course {tmp_path} lesson 05-mine" in out
    assert f"rl-tutor check {tmp_path}/en/05-mine.md" in out
    made(tmp_path, "05-mine", "--language", "ru")  # the tutor opens en, so this one by its folder
    assert f"rl-tutor --course {tmp_path}/ru lesson 05-mine" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lesson_id", "order"),
    [("mine", 3), ("07-mine", 7), ("02-mine", 3), ("99999-mine", 3)],  # lessons 1 and 2 are there
)
def test_its_place_is_free(lesson_id: str, order: int, tmp_path: Path) -> None:
    course = write_course(tmp_path / "course")
    made(course, lesson_id)
    assert load_course(course).info(lesson_id).order == order
    assert check_course(course) == []
    assert (course / f"{lesson_id}.md").is_file()  # a course without folders of languages gets none


@pytest.mark.parametrize("bad", ["../up", "a/b", "", "a b", "-x", "a\x1b[2J", "README", "a.md", "a" * 81])
def test_a_bad_id_is_refused(bad: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert made(tmp_path, "--", bad) == 1
    error = capsys.readouterr().err
    assert "is not an id; write letters, digits and hyphens" in error
    assert len(error.splitlines()) == 1
    assert "\x1b" not in error
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = write_course(tmp_path / "course")
    before = {file: file.read_bytes() for file in course.iterdir()}
    assert made(course, "01-first") == 1  # the id of one.md
    assert made(course, "one") == 1  # the name of one.md
    errors = capsys.readouterr().err.splitlines()
    assert "one.md has the id '01-first' already; take another" in errors[0]
    assert "one.md exists already; take another id" in errors[1]
    assert {file: file.read_bytes() for file in course.iterdir()} == before


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file stands where the folder should be: so even root cannot write there."""
    (tmp_path / "course").write_text("")
    assert made(tmp_path / "course", "mine") == 1
    error = capsys.readouterr().err
    assert "cannot be written (Not a directory); name a course of your own with --course DIR" in error
    assert len(error.splitlines()) == 1


async def test_it_opens(tmp_path: Path) -> None:
    made(tmp_path, "05-mine")
    app = make_app(tmp_path, open_first=("lesson", "05-mine"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "One idea a step" in screen_text(app)
        assert "step 1 of 5" in screen_text(app)
