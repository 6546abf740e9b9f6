"""Lines of a program in a window of any width."""

import pytest
from textual.content import Content

from tutor.tui.labs.reader import hung


@pytest.mark.parametrize("width", range(-3, 30))
def test_a_line_is_broken_whole_at_any_width(width: int) -> None:
    line = Content("    value = rewards[state, action] + gamma * values[following]")
    pieces = list(hung(line, width))
    assert all(piece.cell_length <= max(2, width) for piece in pieces)
    assert "".join("".join(piece.plain.split()) for piece in pieces) == "".join(line.plain.split())
