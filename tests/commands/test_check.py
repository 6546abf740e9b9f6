"""`rl-tutor check` on the command line: what editors and scripts read."""

import json
from pathlib import Path

import pytest

from tutor.cli import main

GOOD = "---\nid: a\ntitle: A\norder: 1\n---\n# A\n\n## A step\n\nText.\n"
LONG = GOOD + "\n## Long\n\n" + "\n\n".join("word" for _ in range(34)) + "\n"  # 1 + 2 * 34 = 69 rows


def course(folder: Path, text: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "a.md").write_text(text, encoding="utf-8")
    return str(folder)


def test_a_sound_course(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = course(tmp_path / "c", GOOD)
    assert main(["check", path]) == 0
    assert capsys.readouterr().out == f"{path}: no faults found\n"
    assert main(["check", "--json", path]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_one_line_a_fault_on_standard_output_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course(tmp_path / "c", GOOD.replace("Text.", "See [b](lesson:b)."))
    assert main(["check", path]) == 1
    captured = capsys.readouterr()
    assert captured.out == f"{path}/a.md:10:9: text: there is no lesson 'b'; there is: a\n"
    assert captured.err == f"rl-tutor: 1 fault found in {path}\n"


def test_one_array_for_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = course(tmp_path / "c", GOOD.replace("Text.", "See [b](lesson:b)."))
    assert main(["check", "--json", path]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": f"{path}/a.md",
            "line": 10,
            "column": 9,
            "message": "text: there is no lesson 'b'; there is: a",
            "fix": "there is: a",
        }
    ]


def test_a_missing_path_is_a_finding_for_scripts_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", "nowhere"]) == 2
    (finding,) = json.loads(capsys.readouterr().out)
    assert (finding["file"], finding["line"]) == ("nowhere", 1)
    assert finding["message"] == "there is no such file or folder"


def test_of_a_very_long_step_not_all_rows_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def first_line(paragraphs: int) -> str:
        main(["check", course(tmp_path / "c", GOOD + "\n## Long\n\n" + "word\n\n" * paragraphs)])
        return capsys.readouterr().out

    assert "the step takes 99 rows" in first_line(49)
    assert "the step takes over 100 rows" in first_line(50)
    assert "the step takes over 100 rows" in first_line(3000)
    assert first_line(0).count("rows") == 0
    unseen = "".join(
        f"[word{n}]: http://x.org/{'x' * 1000}\n" for n in range(40)
    )  # long as a file, not as a page
    main(["check", course(tmp_path / "c", GOOD + "\n## Long\n\n" + unseen + "\n" + "word\n\n" * 40)])
    assert "the step takes 81 rows" in capsys.readouterr().out


def test_a_step_is_measured_as_the_screen_lays_it_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The title, an empty row, and 34 paragraphs with an empty row between: 1 + 1 + 34 + 33 rows."""
    path = course(tmp_path / "c", LONG)
    assert main(["check", path]) == 1
    assert capsys.readouterr().out.startswith(f"{path}/a.md:12:1: the step takes 69 rows at 80x24")


def test_no_terminal_is_sent_what_a_file_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course(tmp_path / "c\x1b]0;x\x07", GOOD.replace("id: a\n", ""))
    main(["check", path])
    main(["check", path + "\x9b2J"])
    captured = capsys.readouterr()
    assert not set("\x1b\x07\x9b") & set(captured.out + captured.err)
