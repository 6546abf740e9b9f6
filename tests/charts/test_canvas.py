"""The canvas against plotext's own joining, and against what was put into each cell."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from plotext._utility import get_line

from tutor.charts.canvas import Canvas, _up_to

INK, OTHER = "#111111", "#222222"
places = st.integers(0, 700)


@given(start=places, end=places, other=places)
def test_lines_along_a_row_or_a_column_are_those_of_plotext(start: int, end: int, other: int) -> None:
    for a, b in (((start, other), (end, other)), ((other, start), (other, end))):
        columns, rows = get_line([a[0], b[0]], [a[1], b[1]])
        assert list(_up_to(a, b)) == list(zip(columns[:-1], rows[:-1], strict=True))


@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 4)),
    puts=st.lists(
        st.tuples(
            st.integers(-2, 10), st.integers(-2, 5), st.sampled_from("ab"), st.sampled_from([INK, OTHER])
        ),
        min_size=1,
    ),
)
def test_a_cell_shows_what_came_last_and_what_is_outside_is_left_out(
    size: tuple[int, int], puts: list[tuple[int, int, str, str]]
) -> None:
    width, height = size
    canvas = Canvas(width, height)
    for column, row, sign, ink in puts:
        canvas.cells(np.array([float(column)]), np.array([float(row)]), sign, ink)
    rows = canvas.rows()
    assert len(rows) == height
    for number, spans in enumerate(reversed(rows)):
        shown = [(sign, ink) for text, ink in spans for sign in text]
        assert len(shown) == width
        assert all(a.colour != b.colour for a, b in pairwise(spans))  # no more spans than colours
        for column, cell in enumerate(shown):
            here = [(sign, ink) for x, y, sign, ink in puts if (x, y) == (column, number)]
            assert cell == (here[-1] if here else (" ", None))


def test_lines_across_lie_behind_and_cross() -> None:
    canvas = Canvas(3, 3)
    canvas.level(0.5, INK)
    canvas.upright(0.5, OTHER)
    canvas.cells(np.array([0.0]), np.array([1.0]), "x", OTHER)
    assert ["".join(text for text, _ in row) for row in canvas.rows()] == [" │ ", "x┼─", " │ "]
