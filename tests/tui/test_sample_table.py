"""The table of samples, filled with tokens: it knows nothing of grids."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.widgets.facts import Line
from tutor.tui.widgets.sample_table import Column, Row, Window, column_at, scrolled, table_lines


@dataclass
class Tokens:
    """A table of words, each with its place in every column."""

    words: list[str]
    columns: list[Column] = field(
        default_factory=lambda: [Column(name, name, place // 2) for place, name in enumerate("abcdefghij")]
    )
    stages: tuple[str, ...] = ("reward", "KL", "value", "delta", "ratio")
    heading: str = " token"
    label_width: int = 12

    def __len__(self) -> int:
        return len(self.words)

    def row(self, index: int) -> Row:
        cells = [f"{index}.{place}" for place in range(len(self.columns))]
        return Row([(self.words[index][: self.label_width], "action")], cells, marked=index % 3 == 0)

    def formula(self, row: int, column: int, width: int) -> list[Line]:
        return [[(f"{row}.{column}"[:width], "")]]


def plain(lines: list[Line]) -> list[str]:
    return ["".join(part for part, _ in line) for line in lines]


def test_the_chosen_number_is_bracketed_and_marked_rows_have_a_sign():
    lines = plain(table_lines(Tokens(["the", "cat", "sat", "."]), 1, 2, Window((0, 4), (0, 4)), UNICODE))
    assert lines[0].split() == ["token", "a", "b", "c", "d", "→"]
    assert lines[1].startswith(" ■the")
    assert lines[2].startswith("▸ cat")
    assert "[1.2]" in lines[2]
    assert sum("[" in line for line in lines) == 1
    numbers = [line.replace("[", " ").replace("]", " ") for line in lines[1:]]
    assert len({line.index(f"{row}.3") for row, line in enumerate(numbers)}) == 1  # brackets move nothing


def test_columns_that_are_out_of_sight_are_announced():
    lines = plain(table_lines(Tokens(["a"]), 0, 5, Window((0, 1), (4, 7)), ASCII))
    assert lines[0].startswith("<")
    assert lines[0].endswith(">")
    assert all(line.isascii() for line in lines)


@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 9)), min_size=1, max_size=20),
    st.integers(26, 120),
    st.integers(1, 30),
)
def test_the_chosen_number_is_always_in_sight_and_lines_fit(
    samples: int, path: list[tuple[int, int]], width: int, height: int
):
    table, window = Tokens([f"word{n}" for n in range(samples)]), Window()
    for row, column in path:
        row = min(row, samples - 1)
        window = scrolled(table, row, column, width, height, window)
        assert window.rows[0] <= row < window.rows[1]
        assert window.rows[1] - window.rows[0] == min(height, samples)
        assert window.columns[0] <= column < window.columns[1]
        lines = plain(table_lines(table, row, column, window, UNICODE))
        assert all(len(line) <= width for line in lines)
        assert any(f"[{row}.{column}]" in line for line in lines)


def test_a_click_finds_its_column():
    table, window = Tokens(["a"]), Window((0, 1), (2, 6))
    header = plain(table_lines(table, 0, 3, window, UNICODE))[0]
    for place, name in enumerate("cdef", start=2):
        assert column_at(table, window, header.index(name, 14)) == place
    assert column_at(table, window, 0) == 2
    assert column_at(table, window, 200) == 5
