"""Opening the tutor: what is wrong with files or words is one line, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.harness import write_course
from tutor import paths
from tutor.cli import main
from tutor.commands.open import find_lesson
from tutor.course import load_course
from tutor.experiments.saved_grids import folder, save_grid
from tutor.progress import open_store
from tutor.rl.environments.maps import grid_map
from tutor.tui.glyphs import wants_ascii


def damage(path: Path) -> None:
    """Overwrite the pages in the middle of a database, the first page with its header left whole."""
    with open_store(path) as store:
        for n in range(300):
            store.record("visit", "01-first", f"step-{n}")
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\x5a" * (len(whole) - 12288) + whole[-4096:])


def test_doctor_finds_it_too(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(paths.progress_file())
    assert main(["--course", str(write_course(tmp_path / "course")), "doctor"]) == 1
    assert "bad   progress" in capsys.readouterr().out


def test_doctor_is_content_with_a_sound_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--course", str(write_course(tmp_path / "course")), "doctor"]) == 0
    out = capsys.readouterr().out
    assert "bad" not in out
    assert str(paths.progress_file()) in out
    assert str(paths.log_file()) in out


@pytest.mark.parametrize(
    "words",
    [
        ["--course", "nowhere"],
        ["lesson", "99"],
        ["lab", "gridwrld"],
        ["lab", "gridworld", "--set", "gamma=3"],
        ["lab", "gridworld", "--set", "gamma"],
        ["check", "nowhere"],
    ],
)
def test_wrong_words_are_one_line_and_status_2(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutor.commands.open.no_terminal", lambda: "")
    assert main(words) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert error.startswith("rl-tutor: ")


def test_messages_are_ascii_where_the_locale_is() -> None:
    words = [sys.executable, "-m", "tutor", "lab", "gridworld", "--set", "grid=\u00e9\u00e9"]
    environment = {**os.environ, "LC_ALL": "C", "LANG": "C"}
    ended = subprocess.run(words, capture_output=True, env=environment, check=False)
    assert ended.returncode == 2
    assert rb"grid is '\xe9\xe9'" in ended.stderr
    assert ended.stderr.isascii()


def test_saved_grids_are_listed_with_the_labs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab"]) == 0
    assert "grids that you have saved, for --set grid=NAME: none yet" in capsys.readouterr().out
    line = save_grid("my-maze", grid_map("..G/.W./S..:G=1"))
    save_grid("torn", grid_map("..G/.W./S..:G=1"))
    (folder() / "torn.grid").write_text("nonsense")
    assert main(["lab"]) == 0
    listed = capsys.readouterr().out
    assert f"    my-maze      {line}\n" in listed
    assert "'torn' in" in listed
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "the grids you have saved" in " ".join(capsys.readouterr().out.split())


def test_a_lesson_is_found_by_id_beginning_or_number(tmp_path: Path) -> None:
    one = "---\nid: {}\ntitle: T\norder: {}\n---\n# T\n\n## S\n\nText.\n"
    names = {"a": one.format("03-intro", 1), "b": one.format("12-more", 2), "c": one.format("7-seven", 3)}
    course = load_course(write_course(tmp_path / "course", **names))
    for word, expected in [
        ("3", "03-intro"),
        ("03", "03-intro"),
        ("7", "7-seven"),
        ("12", "12-more"),
        ("12-m", "12-more"),
    ]:
        assert find_lesson(course, word) == expected
    for word in ("1", "", "x", "4"):
        with pytest.raises(LookupError, match="there is no lesson"):
            find_lesson(course, word)


@pytest.mark.skipif(os.name == "nt", reason="the locale is in the environment on POSIX only")
@pytest.mark.parametrize(
    ("environment", "ascii"),
    [
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "de_DE.utf8"}, False),
        ({"LC_CTYPE": "UTF-8"}, False),
        ({"LANG": "C", "LC_ALL": "en_US.UTF-8"}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),  # what Python makes of the plain C locale
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, True),
        ({"LANG": "en_US.ISO-8859-1"}, True),
        ({}, True),
    ],
)
def test_the_signs_follow_the_locale(
    environment: dict[str, str], ascii: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_ascii("auto") is ascii
    assert wants_ascii("ascii")
    assert not wants_ascii("unicode")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("old=.15", "new=.25", "ratio=2"), "lab clip: ratio is 2, but new / old is 0.25 / 0.15 = 1.667"),
        (("old=.5", "ratio=3"), "lab clip: ratio * old is 3 * 0.5 = 1.5; no probability is above 1"),
    ],
)
def test_values_that_contradict_each_other_open_no_lab(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", "clip", *(part for word in words for part in ("--set", word))]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"rl-tutor: {said}")
    assert error.count("\n") == 1
