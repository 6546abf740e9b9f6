"""Which files are a course, in which order, and the index that spares reading them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.course import CourseError, load_course
from tutor.course.types import Course


def write(folder: Path, **lessons: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in lessons.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def lesson(name: str, order: int = 1) -> str:
    return f"---\nid: {name}\ntitle: Lesson {name}\norder: {order}\n---\n## Step\n\ntext\n"


def ids(course: Course) -> list[str]:
    return [info.id for info in course.lessons]


def test_languages_and_what_there_is_instead(tmp_path: Path) -> None:
    write(tmp_path, README="# How to write")
    write(tmp_path / "en", a=lesson("a"), README="no lesson")
    write(tmp_path / "ru", b=lesson("b"))
    assert ids(load_course(tmp_path)) == ["a"]
    assert (load_course(tmp_path, "ru").language, ids(load_course(tmp_path, "ru"))) == ("ru", ["b"])
    assert (load_course(tmp_path, "de").language, ids(load_course(tmp_path, "de"))) == ("en", ["a"])
    assert ids(load_course(tmp_path, "../en")) == ["a"]


def test_the_only_folder_there_is(tmp_path: Path) -> None:
    write(tmp_path / "de", c=lesson("c"))
    course = load_course(tmp_path, "en")
    assert (course.language, ids(course)) == ("de", ["c"])


def test_a_flat_folder_with_folders_in_it(tmp_path: Path) -> None:
    write(tmp_path, a=lesson("a", 2), README="no lesson", b="# B")
    write(tmp_path / "guide", c=lesson("c", 1))
    write(tmp_path / ".git", d=lesson("d"))
    write(tmp_path / "_build", e=lesson("e"))
    (tmp_path / "x.mdx").write_text("# MDX")
    (tmp_path / "notes.txt").write_text("no lesson")
    assert ids(load_course(tmp_path)) == ["c", "a", "b", "x"]


def test_order_then_id(tmp_path: Path) -> None:
    write(
        tmp_path,
        x=lesson("z", 1),
        y=lesson("a", 2),
        z=lesson("b", 1),
        **{"07-plain": "text", "plain": "text"},
    )
    assert ids(load_course(tmp_path)) == ["b", "z", "a", "07-plain", "plain"]


def test_lessons_of_one_id_are_both_there(tmp_path: Path) -> None:
    write(tmp_path, one=lesson("same"), two=lesson("same"))
    write(tmp_path / "deep", index="# D")
    write(tmp_path / "deeper", index="# E")
    assert ids(load_course(tmp_path)) == ["same", "two", "deeper-index", "index"]


def test_one_file_is_a_course(tmp_path: Path) -> None:
    write(tmp_path, a=lesson("a"), b=lesson("b"))
    assert ids(load_course(tmp_path / "b.md")) == ["b"]


def test_no_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="there is no folder"):
        load_course(tmp_path / "nowhere")
    assert load_course(tmp_path).lessons == ()


def test_the_course_finds_a_lesson_by_its_id(tmp_path: Path) -> None:
    course = load_course(write(tmp_path, a=lesson("a")))
    assert course.info("a").title == "Lesson a"
    with pytest.raises(KeyError):
        course.info("b")


def test_a_warm_index_gives_the_same_without_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, index = (
        write(tmp_path / "course", a=lesson("a"), b="# broken\n```quiz\n```"),
        tmp_path / "index.json",
    )
    cold = load_course(folder, index=index)
    monkeypatch.setattr(
        "tutor.course.loading.parse_file", lambda *arguments: pytest.fail("a lesson was read")
    )
    assert load_course(folder, index=index) == cold


def test_a_changed_lesson_is_read_again(tmp_path: Path) -> None:
    folder, index = write(tmp_path / "course", a=lesson("a"), b=lesson("b")), tmp_path / "index.json"
    load_course(folder, index=index)
    (folder / "a.md").write_text(lesson("a").replace("Lesson a", "Renamed"), encoding="utf-8")
    (folder / "b.md").unlink()
    write(folder, c=lesson("c"))
    course = load_course(folder, index=index)
    assert [info.title for info in course.lessons] == ["Renamed", "Lesson c"]


def test_two_courses_share_an_index(tmp_path: Path) -> None:
    index = tmp_path / "index.json"
    for name in ("one", "two"):
        load_course(write(tmp_path / name, a=lesson(name)), index=index)
    assert len(json.loads(index.read_text())["entries"]) == 2


DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"format": 99, "entries": {}}',
    b'{"format": 1, "entries": []}',
    b'{"format": 1}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_index_is_made_anew(content: bytes, tmp_path: Path) -> None:
    folder, index = write(tmp_path / "course", a=lesson("a")), tmp_path / "index.json"
    index.write_bytes(content)
    assert ids(load_course(folder, index=index)) == ["a"]
    assert list(json.loads(index.read_text())["entries"]) == [str(folder / "a.md")]


@pytest.mark.parametrize(
    ("key", "value"),
    [("id", 7), ("order", "x"), ("order", True), ("step_ids", [1]), ("requires", "x"), ("new", 1)],
)
def test_a_damaged_entry_is_made_anew(key: str, value: object, tmp_path: Path) -> None:
    folder, index = write(tmp_path / "course", a=lesson("a")), tmp_path / "index.json"
    cold = load_course(folder, index=index)
    data = json.loads(index.read_text())
    data["entries"][str(folder / "a.md")]["info"][key] = value
    index.write_text(json.dumps(data))
    assert load_course(folder, index=index) == cold


def test_an_index_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "course", a=lesson("a"))
    (tmp_path / "file").write_text("")
    assert ids(load_course(folder, index=tmp_path / "file" / "index.json")) == ["a"]
    (tmp_path / "folder.json").mkdir()
    assert ids(load_course(folder, index=tmp_path / "folder.json")) == ["a"]
    assert sorted(os.listdir(tmp_path)) == ["course", "file", "folder.json"]


def test_a_warm_index_imports_nothing_heavy(tmp_path: Path) -> None:
    folder, index = write(tmp_path / "course", a=lesson("a")), tmp_path / "index.json"
    load_course(folder, index=index)
    code = (
        "import sys; from pathlib import Path; from tutor.course import load_course\n"
        f"assert load_course(Path({str(folder)!r}), index=Path({str(index)!r})).lessons\n"
        "print([name for name in ('yaml', 'markdown_it', 'mdit_py_plugins', 'numpy', 'pylatexenc', 'textual', 'torch',"
        " 'tutor.experiments', 'tutor.maths', 'tempfile') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_and_grading_import_no_numpy_and_no_screen(tmp_path: Path) -> None:
    folder = write(tmp_path, a="## S\n\n```quiz\nid: q\nkind: numeric\nquestion: x\nanswer: 1/4\n```\n")
    code = (
        "import sys; from tutor.course import expand, grade, load_course, load_lesson\n"
        f"lesson = load_lesson(load_course({str(folder)!r}).lessons[0])\n"
        "assert grade(lesson.steps[0].questions[0], '1/4').right and expand('{{ 1 }}') == '1'\n"
        "print([name for name in ('numpy', 'textual', 'torch', 'rich', 'pylatexenc') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
