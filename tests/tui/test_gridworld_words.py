"""What the lab says about an episode: symbols, sums, explanations."""

from typing import Any

import pytest

from tutor.rl.environments.maps import GRIDS
from tutor.tui.glyphs import ASCII, UNICODE
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
    assert above.startswith("G₀ = −1 − 1γ − 1γ²")
    assert above.endswith("… − 1γ⁴⁹⁹")
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
    assert text(words.happened(walk, UNICODE))[0] == f"slipped: moved {went}, not up"


def test_the_end_says_what_to_do() -> None:
    walk = acted([UP, UP, RIGHT, RIGHT, RIGHT], slip=0)
    assert text(words.happened(walk, UNICODE))[1:] == [
        "+ pays +1. The episode is over.",
        "0 starts again  u undoes  s new seed",
    ]


def test_a_wall_and_a_cut_off_episode() -> None:
    walk = acted([LEFT], slip=0)
    assert text(words.happened(walk, UNICODE))[:2] == ["moved as meant", "Into a wall: stayed where it was."]
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
    assert "From S the best policy expects 0.0625" in spoken
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


def test_narrow_cells_show_letters_and_the_legend_their_pay() -> None:
    walk = session(grid="cliff")
    assert signs(walk, 2)[3][1] == "C"
    assert "C −99 back to S" in text(legend(walk, 2, UNICODE))[1]
    walk = session(grid="rooms")
    assert signs(walk, 2)[11][11] == "G"
    assert text(legend(walk, 2, UNICODE))[1] == "G +1 ends the episode"


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
