"""What the lab says about an episode: symbols, sums, explanations."""

from typing import Any

import pytest

from tutor.rl.environments.maps import GRIDS
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.grid_draft import GridDraft
from tutor.tui.grid_look import number_lines
from tutor.tui.labs import gridworld_words as words
from tutor.tui.labs.gridworld_explain import explain, start_values
from tutor.tui.labs.gridworld_layout import layout
from tutor.tui.labs.gridworld_picture import cells, legend
from tutor.tui.widgets.grid import cell_size, centred, map_size

from .test_gridworld_session import DOWN, LEFT, RIGHT, UP, acted, session


def text(lines: list[words.Line]) -> list[str]:
    return ["".join(part for part, _ in line).rstrip() for line in lines]


def test_a_transition_in_symbols() -> None:
    walk = acted([UP, UP, RIGHT], slip=0)
    assert text(words.transition(walk, UNICODE)) == ["S₂ = (0,0)   A₂ = right", "R₃ = −0.04   S₃ = (0,1)"]
    assert text(words.transition(walk, ASCII)) == ["S_2 = (0,0)   A_2 = right", "R_3 = -0.04   S_3 = (0,1)"]


def test_the_sum_written_out_each_power_below_its_symbol() -> None:
    walk = acted([UP, UP, RIGHT], slip=0, gamma=0.5)
    assert text(words.return_sum(walk, 44, UNICODE)) == [
        "G₀ = −0.04 − 0.04γ − 0.04γ²",
        "   = −0.04 − 0.02  − 0.01",
        "   = −0.07   γ = 0.5",
    ]


def test_a_long_sum_shows_its_ends_and_the_exact_value() -> None:
    walk = acted([LEFT] * 500, grid="cliff", gamma=1)
    above, below, total = text(words.return_sum(walk, 44, UNICODE))
    assert above.startswith("G₀ = −1 −1γ −1γ² −1γ³")
    assert above.endswith("… −1γ⁴⁹⁹")
    assert max(len(above), len(below)) <= 44
    assert total == "   = −500   γ = 1"


@pytest.mark.parametrize("width", [10, 20, 38, 44, 60, 100])
def test_the_sum_never_outgrows_its_width_when_it_can_be_shortened(width: int) -> None:
    for steps in range(60):
        walk = acted([LEFT] * steps, grid="cliff", gamma=0.9)
        lines = text(words.return_sum(walk, width, UNICODE))
        assert len(lines) == 3
        assert all(len(line) <= max(width, 34) for line in lines)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (-0.04, "−0.04"),
        (1.0, "1"),
        (0.039204, "0.0392"),
        (-100.0, "−100"),
        (1234567.0, "1.235e+06"),
    ],
)
def test_numbers(value: float, shown: str) -> None:
    assert words.number(value, UNICODE) == shown


def test_probabilities_are_written_as_the_field_does() -> None:
    assert [words.probability(p) for p in (0.8, 0.05, 1.0, 0.0, 2 / 3)] == [".8", ".05", "1", "0", ".667"]


def test_chances_of_a_move() -> None:
    assert text([words.chances(session(), UNICODE)]) == ["up goes ↑ .8  ← .1  → .1"]
    assert text([words.chances(acted([DOWN], slip=0), ASCII)]) == ["down goes v 1"]


def test_a_slip_says_what_was_meant_and_what_happened() -> None:
    walk = acted([UP], slip=1, seed=0)
    frame = walk.frames[0]
    went = words.ACTIONS[frame.moved]
    assert went in ("left", "right")
    assert text(words.happened(walk, UNICODE))[0] == f"slipped: {went}, not up"


def test_the_end_says_what_to_do() -> None:
    walk = acted([UP, UP, RIGHT, RIGHT, RIGHT], slip=0)
    assert text(words.happened(walk, UNICODE))[1:] == [
        "This cell pays +1. The episode is over.",
        "0 starts again  u undoes  s new seed",
    ]


def test_a_wall_and_a_cut_off_episode() -> None:
    walk = acted([LEFT], slip=0)
    assert text(words.happened(walk, UNICODE))[:2] == ["meant left, into the wall: stayed", ""]
    for _ in range(99):
        walk.act(LEFT)
    assert walk.frames[-1].truncated
    assert "Cut off at step 100." in text(words.happened(walk, UNICODE))[1]
    assert any("truncated" in paragraph for paragraph in explain(walk, UNICODE))


def test_the_explanation_compares_with_exact_values() -> None:
    """Without slip and step reward the best return of russell-norvig is gamma^4: five steps, the fifth pays 1."""
    walk = acted([UP, UP, RIGHT, RIGHT, RIGHT], slip=0, step_reward=0, gamma=0.5)
    best, random = start_values(walk)
    assert best == pytest.approx(0.0625)
    assert random is not None
    assert random < best
    spoken = " ".join(explain(walk, UNICODE))
    assert "from S the best possible way of acting gets 0.0625 on average" in spoken
    assert "computed exactly (without the cut-off)" in spoken
    assert "policy" not in spoken
    assert "exactly that best average" in spoken
    assert spoken.index("5 steps") < spoken.index("The rules here") < spoken.index("To compare")
    assert "γ = 0.5 looks about 2 steps ahead" in spoken


def test_the_explanation_of_a_slip_gives_its_probability() -> None:
    walk = acted([UP], slip=1, seed=0)
    assert any("probability .5" in paragraph for paragraph in explain(walk, UNICODE))


@pytest.mark.parametrize("grid", sorted(GRIDS))
@pytest.mark.parametrize("gamma", [0, 0.9, 1])
def test_every_grid_explains_itself_at_every_stage(grid: str, gamma: float) -> None:
    walk = session(grid=grid, gamma=gamma, seed=2)
    for _ in range(40):
        assert all(explain(walk, UNICODE))
        if walk.act(walk.t % 4) is None:
            break
    assert all(paragraph.isascii() for paragraph in explain(walk, ASCII))


def signs(walk: Any, width: int = 7) -> list[list[str]]:
    return [
        [cell.fill or cell.text for cell in row]
        for row in cells(walk, width, UNICODE, lambda name: f"<{name}>")
    ]


def test_the_map_shows_walls_pay_agent_trail_and_the_last_move() -> None:
    walk = acted([UP, UP, RIGHT], slip=0)
    assert signs(walk) == [["→", "@", "·", "+1"], ["▫", "█", "·", "−1"], ["▫", "·", "·", "·"]]


def test_the_map_marks_where_the_meant_move_would_have_led() -> None:
    walk = session(slip=1, seed=0)
    while True:  # a slip to the right, so that the agent leaves the cell
        frame = walk.act(UP)
        assert frame is not None
        if frame.next_state != frame.state:
            break
        walk.reseed()
    assert signs(walk)[2][:2] == ["→", "@"]
    assert signs(walk)[1][0] == "(↑)"


def test_what_a_step_into_the_cliff_pays_in_all_is_said_beside_what_the_cell_pays() -> None:
    assert "−99 at C (with the step −100; back to S)" in "".join(explain(session(grid="cliff"), UNICODE))
    lines = [" ".join(line.split()) for line in text(number_lines(GridDraft("cliff"), UNICODE))]
    assert lines[:3] == ["C −99 back to S", "−100 with the step", "G 0 ends"]


def test_narrow_cells_show_letters_and_the_legend_their_pay() -> None:
    walk = session(grid="cliff")
    assert signs(walk, 2)[3][1] == "C"
    assert text(legend(walk, 2, UNICODE))[1:] == ["G (0) ends the episode", "C −100 in all, back to S"]
    walk = acted([RIGHT], grid="cliff")
    assert walk.frames[0].reward == -100
    assert text(words.happened(walk, UNICODE))[1] == "Back to S: −99 for the cell, −1 for the step."
    walk = session(grid="rooms")
    assert signs(walk, 2)[11][11] == "G"
    assert text(legend(walk, 2, UNICODE))[1] == "G (+1) ends the episode"
    walk = session(grid="frozenlake-4x4")
    assert text(legend(walk, 5, UNICODE))[1] == "+1, H (0) end the episode"


def test_a_step_is_told_in_as_many_lines_as_there_are() -> None:
    walk = acted([UP, UP, RIGHT, RIGHT, RIGHT], slip=0)
    assert text(words.told(walk, [], 27, 4, UNICODE)) == [
        "moved as meant",
        "This cell pays +1.",
        "The episode is over.",
        "0 again  u undo  s new seed",
    ]
    assert text(words.told(walk, [("Note", "")], 46, 2, UNICODE)) == [
        "Note",
        "This cell pays +1. The episode is over.",
    ]
    assert text(words.told(session(), [], 46, 4, UNICODE))[2:] == ["", ""]


@pytest.mark.parametrize("width", [1, 5, 12, 80])
def test_wrapping_keeps_words_and_roles(width: int) -> None:
    line: words.Line = [("You said ", "strong"), ("which had probability ", ""), (".8", "policy"), (".", "")]
    lines = words.wrapped(line, width)
    assert "".join(text(lines)).replace(" ", "") == "Yousaidwhichhadprobability.8."
    assert [role for line in lines for _, role in line if role == "policy"] == ["policy"]


def test_a_line_is_broken_between_parts_first_and_never_before_a_full_stop() -> None:
    line: words.Line = [
        ("You said (3,0), ", "strong"),
        ("which had ", ""),
        ("0", "policy"),
        ("; ", ""),
        ("it was 1", ""),
    ]
    assert text(words.wrapped([*line, (".", "")], 20)) == ["You said (3,0),", "which had 0;", "it was 1."]
    assert text(words.wrapped([*line, (".", "")], 27)) == ["You said (3,0), which had", "0; it was 1."]


def test_a_sum_that_is_a_little_too_long_drops_the_spaces_after_its_signs() -> None:
    walk = acted([UP] * 5, slip=0, gamma=0.99)
    assert text(words.return_sum(walk, 46, UNICODE))[0] == "G₀ = −0.04 − 0.04γ  − 0.04γ² − 0.04γ³ − 0.04γ⁴"
    assert text(words.return_sum(walk, 45, UNICODE))[0] == "G₀ = −0.04 −0.04γ  −0.04γ² −0.04γ³ −0.04γ⁴"


@pytest.mark.parametrize("grid", sorted(GRIDS))
@pytest.mark.parametrize(("width", "height"), [(80, 22), (80, 16), (120, 38)])
def test_every_map_fits_beside_the_numbers(grid: str, width: int, height: int) -> None:
    env = session(grid=grid).env
    plan = layout(env.rows, env.cols, width, height)
    map_width, map_height = map_size(env.rows, env.cols, plan.cell)
    assert plan.cell[0] >= 2
    assert map_width <= plan.world_width
    assert map_height + plan.legend_height <= height
    assert plan.legend_height >= 2
    assert plan.numbers_width >= 38
    assert plan.plots


@pytest.mark.parametrize(("width", "height"), [(0, 0), (1, 1), (40, 10), (60, 16), (300, 98)])
def test_the_layout_bears_any_size(width: int, height: int) -> None:
    plan = layout(13, 13, width, height)
    assert min(plan.cell) >= 1
    assert plan.legend_height >= 1


def test_cells_are_as_large_as_fits() -> None:
    assert cell_size(3, 4, 37, 20) == (7, 3)
    assert cell_size(13, 13, 39, 14) == (2, 1)
    assert cell_size(50, 50, 10, 10) == (1, 1)
    assert [centred("@", 3), centred("@", 2), centred("+1", 5), centred("-100", 2)] == [
        " @ ",
        "@ ",
        " +1  ",
        "-1",
    ]
