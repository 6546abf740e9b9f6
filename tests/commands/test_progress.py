import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor import paths
from tutor.cli import main
from tutor.progress import ProgressStore, derive, export_json, open_store
from tutor.progress.exchange import read_export

LESSON = """---
id: {id}
title: {id}
order: {order}
---
# {id}

## First

```quiz
id: q1
kind: numeric
question: One and one?
answer: 1 + 1
tolerance: 0
why: It is two.
```

## Second

```quiz
id: q2
kind: numeric
question: Two and two?
answer: 2 + 2
tolerance: 0
why: It is four.
```
"""


@pytest.fixture
def course(tmp_path: Path) -> str:
    folder = tmp_path / "course"
    folder.mkdir()
    for order, name in enumerate(("01-alpha", "02-beta"), start=1):
        (folder / f"{name}.md").write_text(LESSON.format(id=name, order=order))
    return str(folder)


@pytest.fixture
def store(home: Path) -> Iterator[ProgressStore]:
    with open_store(paths.progress_file()) as opened:
        yield opened


def answer(store: ProgressStore, lesson: str, question: str, right: bool) -> None:
    store.record("visit", lesson, "first")
    store.record("attempt", lesson, "first", question, response="2", right=right, hints=0)


def run(*words: str) -> int:
    """The exit status, that of the parser included."""
    try:
        return main(["progress", *words])
    except SystemExit as stop:
        return int(stop.code or 0)


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("rl-tutor: ")
    return said


def test_without_a_word_it_shows_the_progress(
    store: ProgressStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["progress", "show"]) == 0
    shown = capsys.readouterr().out
    assert main(["progress"]) == 0
    assert capsys.readouterr().out == shown
    assert "Lesson read Right first try Time Next" in " ".join(shown.split())


def test_show_before_anything_was_done_makes_no_file(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "--course", course) == 0
    shown = capsys.readouterr().out
    assert "01-alpha" in shown
    assert "Next: rl-tutor lesson 01-alpha" in shown
    assert not paths.progress_file().exists()


def test_show(course: str, store: ProgressStore, capsys: pytest.CaptureFixture[str]) -> None:
    answer(store, "01-alpha", "q1", False)
    answer(store, "old-lesson", "q1", True)
    assert run("show", "--course", course) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    (alpha,) = [row for row in rows if row[:1] == ["01-alpha"]]
    assert alpha[1:7] == ["1", "of", "2", "0", "of", "2"]
    assert alpha[-3:] == ["read", "step", "2"]
    (old,) = [row for row in rows if row[:1] == ["old-lesson"]]
    assert old[-4:] == ["not", "in", "this", "course"]


def test_show_says_which_answers_are_missing(
    course: str, store: ProgressStore, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(store, "01-alpha", "q2", True)
    store.record("visit", "01-alpha", "second")
    run("show", "--course", course)
    assert "answer question 1" in capsys.readouterr().out
    answer(store, "01-alpha", "q1", True)
    run("show", "--course", course)
    assert "Next: rl-tutor lesson 02-beta" in capsys.readouterr().out


def test_export_and_import_again(
    store: ProgressStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(store, "01-alpha", "q1", True)
    file = tmp_path / "mine.json"
    assert run("export", str(file), "--name", "Ada Lovelace", "--email", "ada@example.org") == 0
    assert str(file) in capsys.readouterr().out
    assert read_export(file)[:3] == (store.learner, "Ada Lovelace", "ada@example.org")
    assert run("import", str(file)) == 0
    assert "0 events added, 2 were here already" in capsys.readouterr().out


def test_an_export_without_a_name_overwrites_nothing(
    store: ProgressStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer(store, "01-alpha", "q1", True)
    assert run("export") == run("export") == 0
    assert {path.name for path in tmp_path.glob("*.json*")} == {
        "rl-tutor-progress.json",
        "rl-tutor-progress-2.json",
    }


def test_export_and_import_through_pipes(
    store: ProgressStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(store, "01-alpha", "q1", True)
    assert run("export", "-") == 0
    text = capsys.readouterr().out
    assert json.loads(text)["learner"] == store.learner
    monkeypatch.setenv("RL_TUTOR_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run("import", "-") == 0
    assert "you go on as the learner of that export" in capsys.readouterr().out
    with open_store(paths.progress_file()) as there:
        assert there.progress() == store.progress()
        assert there.learner == store.learner


def test_nothing_to_export(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "-") == 1
    assert "no progress" in one_line(capsys)


@pytest.mark.parametrize("place", ["missing/there.json", "course"])
def test_an_export_that_cannot_be_written(
    place: str, course: str, store: ProgressStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(store, "01-alpha", "q1", True)
    assert run("export", str(tmp_path / place)) == 1
    assert one_line(capsys).startswith(f"rl-tutor: {tmp_path / place}: ")


def test_a_bad_import_is_one_line_and_changes_nothing(
    store: ProgressStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text("{}")
    assert run("import", str(tmp_path / "bad.json")) == 1
    assert "bad.json: is not an export" in one_line(capsys)
    assert run("import", str(tmp_path / "missing.json")) == 1
    assert "missing.json" in one_line(capsys)
    assert store.events() == []


def test_a_damaged_store_is_one_line(home: Path, course: str, capsys: pytest.CaptureFixture[str]) -> None:
    paths.progress_file().write_bytes(b"no database" * 100)
    assert run("show", "--course", course) == 1
    assert "damaged" in one_line(capsys)


def test_reset_of_a_question_a_lesson_and_everything(course: str, store: ProgressStore) -> None:
    for lesson in ("01-alpha", "02-beta"):
        answer(store, lesson, "q1", True)
        answer(store, lesson, "q2", True)
    assert run("reset", "1", "q1", "--yes", "--course", course) == 0
    assert set(store.progress().lesson("01-alpha").questions) == {"q2"}
    assert run("reset", "01", "--yes", "--course", course) == 0
    assert set(store.progress().lessons) == {"02-beta"}
    assert run("reset", "--yes") == 0
    assert store.progress() == derive([])


@pytest.mark.parametrize("typed", ["no\n", "y\n", "\n", "yes please\n", "ye\n", ""])
def test_reset_wants_the_whole_word_on_a_terminal(
    store: ProgressStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    answer(store, "01-alpha", "q1", True)
    before = store.progress()
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert run("reset") == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert store.progress() == before


def test_reset_asks_on_a_terminal(store: ProgressStore, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(store, "01-alpha", "q1", True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: " Yes ")
    assert run("reset") == 0
    assert not store.progress().lessons


def test_reset_without_a_terminal_wants_yes(
    store: ProgressStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(store, "01-alpha", "q1", True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert run("reset") == 2
    assert "--yes" in one_line(capsys)
    assert store.progress().lessons


def test_reset_of_what_is_not_there(
    course: str, store: ProgressStore, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(store, "01-alpha", "q1", True)
    assert run("reset", "nonsense", "--yes", "--course", course) == 2
    assert "01-alpha" in one_line(capsys)
    assert run("reset", "01-alpha", "q9", "--yes", "--course", course) == 2
    assert "q1, q2" in one_line(capsys)
    assert run("reset", "02-beta", "--yes", "--course", course) == 0
    assert "nothing to reset" in capsys.readouterr().out
    assert len(store.events()) == 2


def test_report_of_a_class(course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = []
    for name in ("Ada Lovelace", "Bo Ek"):
        with open_store(tmp_path / f"{name}.db") as store:
            answer(store, "01-alpha", "q1", name < "B")
            answer(store, "01-alpha", "q1", True)
            files.append(tmp_path / f"{name}.json")
            files[-1].write_text(export_json(store, name=name))
    (tmp_path / "bad.json").write_text("[]")
    words = [*map(str, files), str(tmp_path / "bad.json"), "--course", course]
    assert run("report", *words, "--csv", str(tmp_path / "grades.csv")) == 1
    assert "bad.json" in one_line(capsys)
    grades = list(csv.DictReader(io.StringIO((tmp_path / "grades.csv").read_text())))
    assert [(row["last_name"], row["raw_score"], row["max_score"]) for row in grades] == [
        ("Lovelace", "1", "2"),
        ("Ek", "1", "2"),
    ]
    assert run("report", *map(str, files), "--questions", "--csv", "-") == 0
    attempts = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["name"], row["attempt"], row["right"]) for row in attempts] == [
        ("Ada Lovelace", "1", "1"),
        ("Ada Lovelace", "2", "1"),
        ("Bo Ek", "1", "0"),
        ("Bo Ek", "2", "1"),
    ]


@pytest.mark.parametrize("words", [["report", "x.json"], ["import"], ["dance"]])
def test_wrong_usage(words: list[str]) -> None:
    assert run(*words) == 2


def test_import_says_what_a_reset_keeps_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], course: str
) -> None:
    with open_store(paths.progress_file()) as store:
        answer(store, "01-alpha", "q1", True)
    run("export", str(tmp_path / "backup.json"), "--course", course)
    run("reset", "--yes", "--course", course)
    capsys.readouterr()
    assert run("import", str(tmp_path / "backup.json"), "--course", course) == 0
    out = capsys.readouterr().out
    assert "0 events added" in out
    assert "stay forgotten: a reset in this progress came after them" in out
