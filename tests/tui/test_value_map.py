"""Numbers and arrows in the cells of a map, where room is scarce."""

import numpy as np
import pytest

from tutor.rl.environments.maps import make
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.value_map import cell_text, value_cells


@pytest.mark.parametrize(
    ("value", "room", "shown"),
    [
        (0.923, 4, "→.92"),  # the second digit before the blank
        (0.923, 6, "→ .923"),
        (0.0, 4, "→ 0"),
        (-1.256, 6, "→ −1.3"),
        (-1.256, 9, "→ −1.256"),
        (-10.57, 6, "→ −11"),
        (0.923, 1, "→"),
        (-65375.1, 6, "→ −65k"),
        (-65375.1, 5, "→−65k"),
        (-65375.1, 4, "→"),
        (-1000.4, 4, "→−1k"),
    ],
)
def test_arrow_and_number_take_what_room_there_is(value: float, room: int, shown: str) -> None:
    assert cell_text("→", value, room, UNICODE) == shown


@pytest.mark.parametrize(("width", "shown"), [(6, "↑ .660"), (7, "↑ .660"), (8, "[↑ .660]"), (9, "[↑ .660]")])
def test_the_cursor_takes_no_digit_away(width: int, shown: str) -> None:
    env = make("russell-norvig")
    V = np.where(np.arange(env.n_states) == env.start, 0.66, 0.5)
    up = np.tile([1.0, 0, 0, 0], (env.n_states, 1))
    cells = value_cells(env, V, up, env.start, width, UNICODE, lambda name: "#000000")
    assert cells[2][0].text == shown
