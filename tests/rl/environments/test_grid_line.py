"""A grid as one line: it reads back as what was written, says what is wrong with a bad one, and needs no quotes."""

import math
import shlex
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from tutor.rl.environments.grid_line import (
    EXAMPLE,
    GridLineError,
    parse_line,
    read_line,
    read_number,
    write_line,
    written_number,
)
from tutor.rl.environments.grid_map import MOST_COLS, MOST_ROWS, GridMap, problem, reached, warning
from tutor.rl.environments.maps import GRIDS, grid_map, make

LETTERS = [chr(code) for code in (*range(65, 91), *range(97, 123)) if chr(code) not in "SW"] + ["+", "-"]
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def grids(draw: st.DrawFn) -> GridMap:
    """Any usable grid: a start, letters that pay, walls, and a way to an end."""
    rows, cols = draw(st.integers(1, 6)), draw(st.integers(2, 8))
    marks = draw(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=4, unique=True))
    size = rows * cols
    cells = draw(st.lists(st.sampled_from([*".." * 4, "#", *marks]), min_size=size, max_size=size))
    places = draw(st.permutations(range(size)))
    cells[places[0]], cells[places[1]] = "S", marks[0]
    text = "\n".join("".join(cells[row * cols : (row + 1) * cols]) for row in range(rows))
    shown = [mark for mark in marks if mark in text]
    grid = GridMap(
        name=draw(st.from_regex(r"\A([a-z][a-z0-9-]{0,29})?\Z")),
        description="A grid of your own.",
        text=text,
        rewards={mark: draw(st.floats(-1000, 1000)) + 0.0 for mark in shown},
        step_reward=draw(st.floats(-10, 10)) + 0.0,
        slip=draw(st.floats(0, 1)),
        gamma=draw(st.floats(0, 1)),
        restarts="".join(mark for mark in shown[1:] if draw(st.booleans())),
        step_limit=draw(st.none() | st.integers(1, 10_000)),
    )
    assume(not problem(grid))
    return grid


@given(grids())
def test_what_is_written_reads_back_as_the_same_grid(grid: GridMap) -> None:
    line = write_line(grid)
    assert read_line(line) == grid
    assert write_line(read_line(line)) == line


@given(grids())
def test_no_quotes_are_needed_in_a_shell_or_in_yaml(grid: GridMap) -> None:
    line = write_line(grid)
    assert shlex.split(f"--set grid={line} x", comments=True) == ["--set", f"grid={line}", "x"]
    assert not set(line) & set("#!*?[]{}&;$()<>|\\`~'\" ,%@^")
    assert yaml.safe_load(f"{{grid: {line}, gamma: 1}}") == {"grid": line, "gamma": 1}
    assert yaml.safe_load(f"grid: {line}") == {"grid": line}


@pytest.mark.parametrize("name", GRIDS)
def test_a_named_map_as_a_line_is_the_same_process(name: str) -> None:
    own, line = make(name), write_line(GRIDS[name])
    again = make(line)
    assert (again.cells, again.start, again.gamma, again.step_limit) == (
        own.cells,
        own.start,
        own.gamma,
        own.step_limit,
    )
    for mine, theirs in zip(own.transitions(), again.transitions(), strict=True):
        assert (mine == theirs).all()
    assert grid_map(line).title == name


def test_what_a_line_means() -> None:
    grid = read_line("..G/.W./S.C:G=2:C=-99:restarts=C:slip=1/3:step=-.04:gamma=1:limit=50")
    assert grid.lines == ["..G", ".#.", "S.C"]
    assert grid.rewards == {"G": 2, "C": -99}
    assert (grid.restarts, grid.slip, grid.step_reward, grid.gamma, grid.step_limit) == (
        "C",
        1 / 3,
        -0.04,
        1,
        50,
    )
    assert grid.title == "own 3x3"
    assert read_line("S.G:G=1").step_limit is None
    assert read_line("S.G:G=1:step_reward=-1:step_limit=9") == read_line("S.G:G=1:step=-1:limit=9")
    assert read_line("#S.G:G=1") == read_line("WS.G:G=1")
    assert read_line("S.G:G=1:name=my-maze").title == "my-maze"
    assert read_line(EXAMPLE).size == "3x3"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "the line of the grid is empty; write one such as"),
        ("S" + "." * 2500, "has 2501 characters; it may have 2500"),
        ("S.G/.?.:G=1", "row 2, column 2 of the map is '?'; a cell is . floor, W wall, S start"),
        ("S.\x1b[2J:G=1", r"row 1, column 3 of the map is '\\x1b'"),
        ("S.\u202e:G=1", r"row 1, column 3 of the map is '\\u202e'"),
        ("S.G/..:G=1", "row 2 has 2 cells and row 1 has 3; all rows must be equally long"),
        ("S.G//...:G=1", "row 2 is empty"),
        ("S.G/" * 20 + "..G:G=1", "21 rows and 3 columns; at most 20 rows and 30 columns fit"),
        ("S" + "." * 29 + "G:G=1", "1 rows and 31 columns; at most 20 rows"),
        ("..G:G=1", "it has no start; put S in one cell"),
        ("S.G/..S:G=1", "2 starts, the first two at row 1, column 1 and row 2, column 3; keep one S"),
        ("S.G", "row 1, column 3 of the map is G, which pays nothing; add :G=1, or write . for floor"),
        ("S.s", "row 1, column 3 of the map is s, which pays nothing"),
        ("S.G:G=1:slip.2", "'slip.2' after the map is not NAME=VALUE; write for example slip=.2"),
        ("S.G:G=1:", "'' after the map is not NAME=VALUE"),
        ("S.G:G=1:slap=.2", "'slap' is nothing that a grid has; it has slip, step, gamma, limit"),
        ("S.G:G=1:rewards=2", "'rewards' is nothing that a grid has"),
        ("S.G:G=1:G=2", "G is given twice; keep one"),
        ("S.G:G=1:step=0:step_reward=1", "step_reward is given twice"),
        ("S.G:G=one", "G is 'one'; it must be a number between -1000 and 1000"),
        ("S.G:G=nan", "G is 'nan'"),
        ("S.G:G=1e999", "G is '1e999'"),
        ("S.G:G=1001", "G is '1001'; it must be a number between -1000 and 1000"),
        ("S.G:G=1/0", "G is '1/0'"),
        ("S.G:G=1:slip=1.5", "slip is '1.5'; it must be a number between 0 and 1"),
        ("S.G:G=1:gamma=-1", "gamma is '-1'; it must be a number between 0 and 1"),
        ("S.G:G=1:step=-11", "step is '-11'; it must be a number between -10 and 10"),
        ("S.G:G=1:limit=0", "limit is '0'; it must be a whole number between 1 and 10000"),
        ("S.G:G=1:limit=2.5", "limit is '2.5'; it must be a whole number"),
        ("S.G:S=1", "'S' cannot pay"),
        ("S.G:W=1", "'W' cannot pay"),
        ("S.G:7=1", "'7' cannot pay"),
        ("S.G:G=1:T=-1", "T has a reward, but there is no T on the map; put one there"),
        ("S.G:G=1:restarts=C", "restarts has 'C', which has no reward; the letters with one are: G"),
        ("S.G:G=1:restarts=G", "no cell ends the episode; put a goal on the map"),
        ("S..", "no cell ends the episode"),
        ("SWG:G=1", "there is no way from S to G; open a wall"),
        ("S.CWG:G=1:C=-9:restarts=C", "there is no way from S to G"),
        ("S.G:G=1:name=My Maze", "the name is 'My Maze'; a name is lower-case letters"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_where(line: str, words: str) -> None:
    with pytest.raises(GridLineError) as caught:
        read_line(line)
    message = str(caught.value)
    assert words.replace("\\\\", "\\") in message
    assert message.isprintable()
    assert len(message) < 200


@given(st.text(max_size=60) | st.text(alphabet="S.WG/:=+-1aslip", max_size=40))
def test_any_text_is_a_grid_or_a_clear_refusal(text: str) -> None:
    try:
        grid = read_line(text)
    except GridLineError as error:
        said = str(error)
    else:
        assert read_line(write_line(grid)) == grid
        said = "a grid"
    assert said.isprintable()


@given(st.floats(-1e6, 1e6))
def test_numbers_read_back_exactly(value: float) -> None:
    assert read_number(written_number(value)) == value


def test_numbers_are_short() -> None:
    assert [written_number(value) for value in (1, -0.04, 2 / 3, 0.5, -1 / 7, 100, 0)] == [
        "1",
        "-.04",
        "2/3",
        ".5",
        "-1/7",
        "100",
        "0",
    ]
    assert math.isnan(read_number("0x1"))
    assert math.isnan(read_number("١"))  # digits of another script


def test_ways() -> None:
    """Nothing leads through a cell that pays: it ends the episode or leads back."""
    grid = parse_line("S.T.G/.W.W.:T=-1:G=1")
    assert reached(grid) == {"S", ".", "T"}
    assert warning(grid) == "there is no way from S to any G"
    assert warning(parse_line("S.T.G/.....:T=-1:G=1")) == ""
    assert problem(replace(grid, text=grid.text.replace("T", "."))) == ""


def test_the_largest_map_is_accepted() -> None:
    rows = ["." * MOST_COLS for _ in range(MOST_ROWS)]
    rows[0], rows[-1] = "S" + rows[0][1:], rows[0][1:] + "G"
    assert read_line("/".join(rows) + ":G=1").size == f"{MOST_COLS}x{MOST_ROWS}"


def test_reading_a_line_needs_no_numpy() -> None:
    code = (
        "import sys, tutor.experiments as e; e.find_lab('gridworld').values({'grid': 'S.G:G=1'}); "
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
