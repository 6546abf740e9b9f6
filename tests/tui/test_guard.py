"""The guard before the terminal: the same width, no control character, in ASCII mode no sign beyond ASCII."""

import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.color import Color
from textual.widgets import Input

from tests.tui.harness import SMALL, make_app, screen_text, write_course
from tutor.tui.guard import Guard, plain, without_controls


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Mn", "Me"])))
def test_ascii_of_the_same_width(text: str) -> None:
    assert plain(text).isascii()
    assert cell_len(plain(text)) == cell_len(text)


def test_signs_keep_their_sense() -> None:
    assert plain("γ = −0.5 · é “ja” … → 語") == 'g = -0.5 . e "ja" ~ > ??'


@given(st.text())
def test_no_control_character_goes_out(text: str) -> None:
    ((cleaned, _, _),) = Guard().apply([Segment(text)], Color(0, 0, 0))
    assert not any(unicodedata.category(sign) == "Cc" for sign in cleaned)
    assert without_controls(text) == cleaned
    assert len(cleaned) == len(text)


async def test_what_is_pasted_is_text_and_no_more(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-first")
        await pilot.pause()
        await pilot.press("tab")
        app.post_message(events.Paste("\x1b]0;title\x07\x9b31m4\r\nrest"))
        await pilot.pause()
        assert "]0;title  31m4" in screen_text(app)
        assert "\x1b" not in app.screen.query_one(Input).value
    app.close_store()
