"""Grids of one's own wherever a grid is asked for: names, lines, and grids that were saved."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.course.checking import check_course
from tutor.experiments import ParameterError, catalogue, find_lab, following_grid, grid_title, labs, run
from tutor.experiments.grids import GRID
from tutor.experiments.saved_grids import (
    GridFileError,
    delete_grid,
    folder,
    keep_unfinished,
    name_problem,
    save_grid,
    saved_line,
    saved_names,
    take_unfinished,
)
from tutor.rl.environments.grid_line import read_line
from tutor.rl.environments.maps import GRIDS

# Two steps right to +1 and nothing else: with gamma .5 and a step reward of -.1 the return is -.1 + .5 (.9) = .35.
CORRIDOR = "S.G:G=1:step=-.1:gamma=.5"

with_a_grid = [thing for thing in (*catalogue().values(), *labs().values()) if GRID in thing.parameters]


@pytest.mark.parametrize("thing", with_a_grid, ids=lambda thing: f"{type(thing).__name__}-{thing.id}")
def test_a_line_is_a_value_and_brings_its_own_numbers(thing: object) -> None:
    values = thing.values({"grid": CORRIDOR})  # type: ignore[attr-defined]
    assert (values["grid"], values["gamma"], values["step_reward"], values["slip"]) == (
        CORRIDOR,
        0.5,
        -0.1,
        0,
    )
    assert thing.values({"grid": CORRIDOR, "gamma": 1})["gamma"] == 1  # type: ignore[attr-defined]


def test_an_experiment_runs_on_it() -> None:
    frames = list(run("policy-return", {"grid": CORRIDOR, "policy": "right"}, [0]))
    assert frames[-1].metrics["objective/return"][0] == pytest.approx(0.35)


def test_the_same_grid_written_otherwise_is_the_same_value() -> None:
    assert GRID.parse(" S.G:gamma=0.50:step_reward=-0.1:G=+1.0 ") == CORRIDOR


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nowhere", "grid is 'nowhere'; it must be one of russell-norvig, mouse"),
        ("Rooms", "grid is 'Rooms'; it must be one of"),
        ("", "grid is ''; it must be one of"),
        (3, "grid is '3'; it must be one of"),
        ("S.G/..:G=1", "grid: the map: row 2 has 2 cells and row 1 has 3"),
    ],
)
def test_what_is_no_grid_is_refused(given: object, words: str) -> None:
    with pytest.raises(ParameterError) as caught:
        GRID.parse(given)
    assert words in str(caught.value)


def test_titles() -> None:
    assert [grid_title("rooms"), grid_title(CORRIDOR), grid_title(f"{CORRIDOR}:name=hall")] == [
        "rooms",
        "own 3x1",
        "hall",
    ]


def test_a_saved_grid_is_a_value_by_its_name() -> None:
    line = save_grid("hall", read_line(CORRIDOR))
    assert line == f"{CORRIDOR}:name=hall"
    assert saved_names() == ("hall",)
    assert GRID.parse("hall") == line
    delete_grid("hall")
    assert saved_line("hall") is None
    with pytest.raises(ParameterError, match="grid is 'hall'"):
        GRID.parse("hall")
    find_lab("gridworld").values({"grid": line})  # what began with it goes on


def test_the_grids_follow_each_other_round() -> None:
    save_grid("hall", read_line(CORRIDOR))
    (folder() / "bad.grid").write_text("nonsense")
    seen = [str(GRID.default)]
    for _ in range(len(GRIDS) + 1):
        seen.append(following_grid(seen[-1]))
    assert seen == [*GRIDS, f"{CORRIDOR}:name=hall", "russell-norvig"]
    assert following_grid(CORRIDOR) == "russell-norvig"  # one that is in no list


@pytest.mark.parametrize("name", ["", "Maze", "../x", "a b", "rooms", "x" * 31, "1st", "ж"])
def test_names_are_checked(name: str) -> None:
    assert name_problem(name)
    with pytest.raises(GridFileError):
        save_grid(name, read_line(CORRIDOR))
    assert saved_names() == ()


def test_a_damaged_file_says_which_and_why() -> None:
    folder().mkdir()
    (folder() / "bad.grid").write_text("S.G/..:G=1\n")
    with pytest.raises(
        ParameterError, match=r"grid: the grid 'bad' in .*bad.grid is damaged: the map: row 2"
    ):
        GRID.parse("bad")
    (folder() / "worse.grid").write_bytes(b"\xff\xfe")
    with pytest.raises(ParameterError, match="the grid 'worse' cannot be read"):
        GRID.parse("worse")


@pytest.mark.skipif(os.name == "nt", reason="folders without write permission are a POSIX matter")
def test_what_cannot_be_written_is_said_and_leaves_nothing(home: Path) -> None:
    (home / "grids").write_text("a file where the folder should be")
    with pytest.raises(GridFileError, match="could not be saved"):
        save_grid("hall", read_line(CORRIDOR))
    with pytest.raises(GridFileError, match="could not be saved"):
        keep_unfinished(CORRIDOR)
    assert take_unfinished() == ""
    assert saved_names() == ()


def test_saving_over_replaces_and_leaves_no_other_file() -> None:
    save_grid("hall", read_line(CORRIDOR))
    save_grid("hall", read_line("S..G:G=2"))
    assert saved_line("hall") == "S..G:G=2:name=hall"
    assert [path.name for path in folder().iterdir()] == ["hall.grid"]


LESSON = """---
id: 01-own
title: Own
order: 1
---
# Own

## A step

```lab
name: gridworld
set: {{grid: {grid}}}
```
"""


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        (CORRIDOR, None),
        ("WWWW/WSGW/WWWW:G=1:slip=2/3", None),
        ("S.G/..:G=1", "grid: the map: row 2 has 2 cells and row 1 has 3; all rows must be equally long"),
        ("hall", f"grid 'hall' is saved on this computer only; write its line: {CORRIDOR}:name=hall"),
    ],
)
def test_lessons_and_their_check(tmp_path: Path, grid: str, words: str | None) -> None:
    save_grid("hall", read_line(CORRIDOR))
    (tmp_path / "01-own.md").write_text(LESSON.format(grid=grid))
    findings = check_course(tmp_path)
    assert [(finding.line, words in finding.message) for finding in findings] == (
        [(12, True)] if words else []
    ), findings


def test_the_command_line_refuses_a_bad_line_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tutor", "lab", "gridworld", "--set", "grid=S.G/..:G=1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "rl-tutor: lab gridworld: grid: the map: row 2 has 2 cells and row 1 has 3; "
        "all rows must be equally long\n"
    )
