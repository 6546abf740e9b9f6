import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.progress.events import LEARNER, OTHER, at, attempt, event
from tutor.progress import Event, export_json, open_store
from tutor.progress.exchange import Export
from tutor.progress.report import (
    LESSON_COLUMNS,
    QUESTION_COLUMNS,
    collect,
    lesson_rows,
    question_rows,
    to_csv,
)

NBGRADER = (
    "assignment,duedate,timestamp,student_id,last_name,first_name,email,"
    "raw_score,late_submission_penalty,score,max_score"
)
ADA = Export(
    LEARNER,
    "Ada King Lovelace",
    "ada@example.org",
    (
        event(1, "visit", "03-returns/s1", seconds=0),
        attempt(2, "03-returns/s1/q1", False, response="-0.5", hints=1, seconds=20),
        event(3, "hint", "03-returns/s1/q1", count=2, seconds=25),
        attempt(4, "03-returns/s1/q1", True, response="=1+1", hints=2, seconds=50),
        attempt(5, "03-returns/s1/q2", False, response=[2, 0], seconds=1000),
        attempt(6, "02-agent/s1/q1", True, response=1, seconds=1010),
        attempt(7, "03-returns/s1/gone", True, response=1, seconds=1011),
    ),
)


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def export_file(path: Path, events: list[Event], learner: str = LEARNER, name: str = "") -> Path:
    with open_store(None, learner_hint=learner) as store:
        store.add(events)
        path.write_text(export_json(store, name=name), encoding="utf-8")
    return path


def test_one_row_a_lesson_under_the_names_of_nbgrader() -> None:
    text = to_csv(LESSON_COLUMNS, lesson_rows([ADA], {"03-returns": ("q1", "q2", "q3")}))
    assert text.splitlines()[0] == NBGRADER
    first, second = parsed(text)
    assert first["assignment"] == "02-agent"
    assert (first["raw_score"], first["max_score"]) == ("1", "")  # a lesson that the course does not have
    assert second == {
        "assignment": "03-returns",
        "duedate": "",
        "timestamp": at(1011),
        "student_id": LEARNER,
        "last_name": "Lovelace",
        "first_name": "Ada King",
        "email": "ada@example.org",
        "raw_score": "1",
        "late_submission_penalty": "0",
        "score": "1",
        "max_score": "3",
    }


def test_one_row_a_question_and_attempt() -> None:
    rows = parsed(to_csv(QUESTION_COLUMNS, question_rows([ADA])))
    assert [(row["question"], row["attempt"], row["right"], row["hints"]) for row in rows] == [
        ("q1", "1", "0", "1"),
        ("q1", "2", "1", "2"),
        ("q2", "1", "0", "0"),
        ("q1", "1", "1", "0"),
        ("gone", "1", "1", "0"),
    ]
    assert [row["response"] for row in rows] == ["-0.5", "'=1+1", "[2, 0]", "1", "1"]
    assert [float(row["seconds"]) for row in rows] == [20, 30, 300, 0, 11]
    assert rows[0]["at"] == at(20)
    assert {row["lesson"] for row in rows} == {"02-agent", "03-returns"}


def test_what_was_reset_is_in_neither_table() -> None:
    export = ADA._replace(events=(*ADA.events, event(8, "reset", "03-returns//q1")))
    assert ("03-returns", "q1") not in {(row["lesson"], row["question"]) for row in question_rows([export])}
    (_, returns) = lesson_rows([export], {"03-returns": ("q1", "q2")})
    assert returns["raw_score"] == 0


def test_the_files_of_one_learner_count_as_one_and_bad_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}")
    paths = [
        export_file(tmp_path / "1.json", list(ADA.events[:4]), name="Ada"),
        tmp_path / "bad.json",
        export_file(tmp_path / "2.json", list(ADA.events[2:])),
        export_file(tmp_path / "3.json", [attempt(1, "02-agent/s/q1", True)], OTHER, "Bo"),
        tmp_path / "missing.json",
    ]
    exports, faults = collect(paths)
    assert [(export.name, len(export.events)) for export in exports] == [("Ada", 7), ("Bo", 1)]
    assert [fault.split(":")[0] for fault in faults] == [str(paths[1]), str(paths[4])]
    assert not any("\n" in fault for fault in faults)


def test_a_file_that_contradicts_another_of_the_same_learner_is_named(tmp_path: Path) -> None:
    one = export_file(tmp_path / "1.json", [attempt(1, "l/s/q", False)])
    two = export_file(tmp_path / "2.json", [attempt(1, "l/s/q", True)])
    exports, faults = collect([one, two])
    assert len(exports) == len(faults) == 1
    assert str(two) in faults[0]
    assert exports[0].events[0].data["right"] is False


@pytest.mark.parametrize("cell", ["=A1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "- x"])
def test_a_formula_does_not_reach_the_spreadsheet(cell: str) -> None:
    assert parsed(to_csv(["x"], [{"x": cell}]))[0]["x"] == f"'{cell}"


@pytest.mark.parametrize("cell", ["-0.5", "+1e-3", "0.9", "x=1", "", "[1]"])
def test_numbers_and_plain_words_stay_as_they_are(cell: str) -> None:
    assert parsed(to_csv(["y", "x"], [{"x": cell, "y": 1}]))[0]["x"] == cell


@given(
    st.lists(st.text(max_size=20).filter(lambda text: "\0" not in text and text.isprintable()), min_size=1)
)
def test_what_is_written_is_read_back(cells: list[str]) -> None:
    rows = parsed(to_csv(["n", "x"], [{"n": 1, "x": cell} for cell in cells]))
    assert [row["x"].removeprefix("'") for row in rows] == [cell.removeprefix("'") for cell in cells]


def test_whoever_did_nothing_in_a_lesson_has_a_row_for_it_when_every_lesson_counts() -> None:
    questions = {"02-agent": ("q1",), "03-returns": ("q1", "q2")}
    nobody = Export("ghost", "Ghost", "", ())
    assert list(lesson_rows([nobody], questions)) == []
    rows = list(lesson_rows([ADA, nobody], questions, every=True))
    assert [(row["student_id"], row["assignment"], row["score"], row["max_score"]) for row in rows] == [
        (LEARNER, "02-agent", 1, 1),
        (LEARNER, "03-returns", 1, 2),
        ("ghost", "02-agent", 0, 1),
        ("ghost", "03-returns", 0, 2),
    ]


def test_an_answer_that_was_shown_on_request_has_a_row_without_an_attempt() -> None:
    export = Export(
        LEARNER, "Ada", "",
        (
            attempt(1, "03-returns/s1/q1", False, response=0, seconds=0),
            event(2, "skip", "03-returns/s1/q1", given_up=True, seconds=5),
            event(3, "skip", "03-returns/s1/q2", seconds=6),  # only put off
        ),
    )  # fmt: skip
    rows = parsed(to_csv(QUESTION_COLUMNS, question_rows([export])))
    assert [(row["question"], row["attempt"], row["response"], row["revealed"]) for row in rows] == [
        ("q1", "1", "0", "0"),
        ("q1", "", "", "1"),
    ]
