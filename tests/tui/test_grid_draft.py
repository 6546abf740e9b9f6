"""The grid editor's model: what each change does, and that undo and redo bring everything back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.rl.environments.grid_line import GridLineError, parse_line
from tutor.rl.environments.grid_map import MOST_COLS, MOST_ROWS
from tutor.rl.environments.maps import GRIDS
from tutor.tui.grid_draft import GridDraft

HALL = "S.G:G=1:slip=.1"


def draft(line: str = HALL) -> GridDraft:
    return GridDraft(line)


def test_it_begins_on_the_start_unchanged() -> None:
    model = draft("..G/S..:G=1")
    assert (model.row, model.col, model.mark, model.changed, model.problem) == (1, 0, "S", False, "")


def test_putting_and_the_one_start() -> None:
    model = draft()
    model.move(0, 1)
    model.put("#")
    assert model.line == "SWG:G=1:slip=.1"
    assert model.problem == "there is no way from S to G; open a wall"
    model.put("S")
    assert model.line == ".SG:G=1:slip=.1"
    assert model.problem == ""
    model.put(".")
    assert model.problem == "it has no start; put S in one cell"


def test_space_goes_round() -> None:
    model = draft("S.G.T:G=1:T=-1")
    model.place(0, 1)
    seen = []
    for _ in range(5):
        model.cycle()
        seen.append(model.mark)
    assert seen == ["#", "S", "G", "T", "."]


def test_kinds_take_the_letters_that_the_grid_has() -> None:
    model = draft("...+-/SCx..:+=1:-=-1:x=-3:C=-99:restarts=C")
    model.place(0, 0)
    for kind, mark in (("goal", "+"), ("trap", "x"), ("cliff", "C")):
        assert not model.put_kind(kind)
        assert model.mark == mark


def test_kinds_of_a_grid_that_has_none_are_new_letters() -> None:
    model = draft("S..H:H=0")
    model.place(0, 1)
    assert model.put_kind("goal")
    assert model.line == "SG.H:G=1:H=0"[:4] + ":H=0:G=1"
    model.place(0, 2)
    assert model.put_kind("trap")
    assert model.grid.rewards["T"] == -1
    assert model.put_kind("cliff")
    assert (model.mark, model.grid.restarts) == ("C", "C")


def test_restarts_are_toggled_on_letters_only() -> None:
    model = draft("S.CG:C=-5:G=1")
    assert not model.toggle_restart()
    model.place(0, 2)
    assert model.toggle_restart()
    assert model.line == "S.CG:C=-5:G=1:restarts=C"
    model.toggle_restart()
    assert model.line == "S.CG:C=-5:G=1"


def test_rows_and_columns() -> None:
    model = draft()
    assert model.add_row()
    assert (model.row, model.line) == (1, "S.G/...:G=1:slip=.1")
    model.place(0, 0)
    assert model.add_column()
    assert (model.col, model.line) == (1, "S..G/....:G=1:slip=.1")
    assert model.remove_column()
    assert model.remove_row()
    assert model.line == "...:slip=.1"  # the row with the start and the goal: no letter is left to pay
    assert model.problem
    assert not model.remove_row()
    assert model.undo()
    assert model.line == "S.G/...:G=1:slip=.1"


def test_the_limits() -> None:
    model = draft("SG:G=1")
    assert sum(model.add_row() for _ in range(40)) == MOST_ROWS - 1
    assert sum(model.add_column() for _ in range(40)) == MOST_COLS - 2
    assert (model.rows, model.cols, model.problem) == (MOST_ROWS, MOST_COLS, "")
    assert sum(model.remove_column() for _ in range(40)) == MOST_COLS - 1
    assert model.cols == 1


def test_numbers_are_one_change() -> None:
    model = draft()
    assert model.values() == {
        "reward G": 1,
        "G restarts": False,
        "slip": 0.1,
        "step_reward": 0,
        "gamma": 0.99,
        "step_limit": 0,
    }
    assert [parameter.name for parameter in model.parameters()] == list(model.values())
    model.set_values({"reward G": 2.0, "slip": 0.0, "step_limit": 9, "gamma": 1.0, "step_reward": -1.0})
    assert model.line == "S.G:G=2:step=-1:gamma=1:limit=9"
    model.set_values({"step_limit": 0, "G restarts": True})
    assert model.line == "S.G:G=2:restarts=G:step=-1:gamma=1"
    assert model.problem.startswith("no cell ends the episode")
    model.undo()
    model.undo()
    assert model.line == HALL
    model.set_values({})
    assert model.redo(), "nothing changed: what was taken back is still there"


def test_a_changed_map_does_not_keep_the_name_that_everybody_knows() -> None:
    model = draft("rooms")
    assert model.grid.name == "rooms"
    model.put("#")
    assert model.grid.name == ""
    model.undo()
    assert model.grid.name == "rooms"
    assert not model.changed
    own = draft(f"{HALL}:name=hall")
    own.move(0, 1)
    own.put("#")
    assert own.grid.name == "hall"


def test_loading_another_is_one_step_of_undo() -> None:
    model = draft()
    model.load("cliff")
    assert (model.grid.name, model.row, model.col) == ("cliff", 3, 0)
    with pytest.raises(GridLineError):
        model.load("S.S:G=1")
    assert model.undo()
    assert model.line == HALL


def test_saved_is_no_longer_changed() -> None:
    model = draft()
    model.add_row()
    assert model.changed
    model.was_saved("S.G/...:G=1:slip=.1:name=hall")
    assert not model.changed
    assert model.grid.name == "hall"
    model.undo()
    assert model.changed


CHANGES = ("cycle", "add_row", "add_column", "remove_row", "remove_column", "toggle_restart")
STROKES = st.lists(
    st.sampled_from([*CHANGES, "goal", "trap", "cliff", "move", "S", ".", "#", "X"]), max_size=30
)


@given(st.sampled_from(list(GRIDS)), STROKES, st.integers(0, 99))
def test_undo_and_redo_bring_everything_back(name: str, strokes: list[str], place: int) -> None:
    model = draft(name)
    lines = [model.line]
    for number, stroke in enumerate(strokes):
        model.place(place % (number + 3), place % 7)
        if stroke in ("goal", "trap", "cliff"):
            model.put_kind(stroke)
        elif stroke == "move":
            model.move(1, -1)
        elif len(stroke) == 1:
            model.put(stroke)
        else:
            getattr(model, stroke)()
        assert 0 <= model.row < model.rows
        assert 0 <= model.col < model.cols
        assert parse_line(model.line).text == model.grid.text, "what was drawn is in the line, usable or not"
        lines.append(model.line)
    changes = [line for line, before in zip(lines[1:], lines, strict=False) if line != before]
    while model.undo():
        pass
    assert model.line == lines[0]
    while model.redo():
        pass
    assert model.line == (changes[-1] if changes else lines[0])
