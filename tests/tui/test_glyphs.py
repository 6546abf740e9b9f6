"""What is taken for one cell without looking is one cell to Rich, alone and beside others."""

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size, split_graphemes

from tutor.tui.glyphs import NARROW, cells_of

EVERY = [chr(code) for code in range(0x30000)]


def test_each_narrow_sign_is_one_cell_and_a_grapheme_of_its_own() -> None:
    narrow = [sign for sign in EVERY if NARROW.fullmatch(sign)]
    assert {get_character_cell_size(sign) for sign in narrow} == {1}
    assert not any(re.match(r"[\x00-\x1f\x7f-\x9f]", sign) for sign in narrow)
    text = "".join(narrow)
    assert split_graphemes(text) == ([(n, n + 1, 1) for n in range(len(text))], len(text))


@given(st.text(st.sampled_from([*"aé−γ²→∑│⣿日👍\u0301\u200d\ufe0f\x1b", "\U0001f3fd"]), max_size=8))
def test_cells_are_those_of_rich(text: str) -> None:
    assert cells_of(text) == cell_len(text)
