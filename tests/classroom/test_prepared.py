"""A tutor that stands still until it is somebody's: what the first learner and the second see of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.classroom.served import PATIENCE
from tutor.classroom.prepared import PreparedTutor
from tutor.course import load_course
from tutor.paths import lessons_dir
from tutor.settings import Settings


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("forked")
    without_size = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment = {
        **without_size,
        "RL_TUTOR_HOME": str(folder),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }
    process = subprocess.run(
        [sys.executable, "-m", "tests.classroom.forked_tutors", str(folder)],
        env=environment, capture_output=True, text=True, timeout=3 * PATIENCE,
    )  # fmt: skip
    assert not process.stderr
    return json.loads(process.stdout)


def test_it_is_made_without_a_thread(told: Any) -> None:
    assert told["prepared"]
    assert told["threads"] == 1


def test_a_new_learner_is_greeted(told: Any) -> None:
    home, *_ = told["screens"]["new"]
    assert "0 of 16 lessons" in home
    assert "begin: Why reasoning models use RL" in home
    assert "▸ ○ 01" in home
    assert "A notice for new." in home


def test_another_sees_their_own_place_at_the_size_of_their_window(told: Any) -> None:
    home, *_ = told["screens"]["half"]
    assert "▸ ● 02" in home
    assert "step 1 of" in home
    assert "begin:" not in home
    assert "A notice for half." in home
    assert "notice for new" not in home
    first, *_, keys = home.splitlines()
    assert len(first) == 110
    assert first.rstrip().endswith("0 of 16 lessons")
    assert keys.lstrip().startswith("enter go on")


@pytest.mark.parametrize("name", ["fails", "fails-large"])
def test_a_mistake_before_the_first_frame_leads_to_another_home(told: Any, name: str) -> None:
    """As one in any other tutor's Home does."""
    home, *_ = told["screens"][name]
    assert "rl-tutor made a mistake (ValueError: put in by a test) and came back here" in " ".join(
        home.split()
    )
    assert "▸ ○ 01" in home


@pytest.mark.parametrize("name", ["new", "half", "fails", "fails-large"])
def test_it_takes_keys_and_is_left_as_any_other(told: Any, name: str) -> None:
    _, labs, status = told["screens"][name]
    assert "▸ Gridworld" in labs
    assert status == "0"


@pytest.mark.parametrize(
    ("variables", "size", "settings", "suits"),
    [
        ({}, (80, 24), Settings(), True),
        ({}, (120, 40), Settings(motion=False, plot_rate=2), True),
        ({"COLORTERM": "truecolor"}, (80, 24), Settings(), True),
        ({}, (40, 24), Settings(), False),
        ({}, (80, 24), Settings(theme="light"), False),
        ({}, (80, 24), Settings(symbols="ascii"), False),
        ({"LC_ALL": "C"}, (80, 24), Settings(), False),
        ({"LC_ALL": "C"}, (80, 24), Settings(symbols="unicode"), True),
        ({"TERM": "xterm"}, (80, 24), Settings(), False),
        ({"NO_COLOR": "1"}, (80, 24), Settings(), False),
    ],
)
def test_it_is_for_those_who_would_see_what_is_drawn(
    variables: dict[str, str],
    size: tuple[int, int],
    settings: Settings,
    suits: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    ours = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    tutor = PreparedTutor(load_course(Path(lessons_dir())))
    for name, value in {**variables, "COLUMNS": str(size[0]), "LINES": str(size[1])}.items():
        monkeypatch.setenv(name, value)
    assert tutor.suits(settings) is suits
