"""A lab inside a lesson: whole when the page is turned to, with its grid's own numbers, kept when one comes back."""

from pathlib import Path

import pytest

from tests.tui.harness import LARGE, SMALL, make_app, screen_text, write_course

LONG = "\n\n".join(f"Paragraph {n} of a long step." for n in range(30))
COURSE = f"""---
id: 01-lab
title: A lab
order: 1
---
# A lab

## Long

{LONG}

## Lab

Walk.

```lab
name: gridworld
set: {{grid: cliff}}
```

## After

The end.
"""


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    "scroll", [["space"] * 9, ["pagedown", "right"], ["right"]], ids=["space", "page", "none"]
)
async def test_it_is_drawn_after_scrolling_too(
    tmp_path: Path, size: tuple[int, int], scroll: list[str]
) -> None:
    app = make_app(write_course(tmp_path / "course", one=COURSE))
    async with app.run_test(size=size) as pilot:
        app.open_lesson("01-lab")
        await pilot.pause()
        for key in scroll:
            if app.screen.state.index == 0:
                await pilot.press(key)
                await pilot.pause()
        assert app.screen.state.index == 1
        text = screen_text(app)
    assert "cliff · slip 0 · γ 1" in text
    assert "S₀ = (3,0)" in text
    assert "Nothing to show yet" not in text


async def test_it_is_where_it_was_after_turning_pages_and_leaving(tmp_path: Path) -> None:
    course = write_course(tmp_path / "course", one=COURSE)
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-lab", "lab")
        await pilot.pause()
        await pilot.press("tab", "up", "right", "right", "escape", "right")
        await pilot.pause()
        await pilot.press("left")
        await pilot.pause()
        assert "step 3" in screen_text(app)
        await pilot.press("ctrl+q")
    app.close_store()
    again = make_app(course)
    async with again.run_test(size=SMALL) as pilot:
        again.open_lesson("01-lab")
        await pilot.pause()
        assert "step 3" in screen_text(again)


async def test_the_symbols_change_in_an_open_lab(tmp_path: Path) -> None:
    from dataclasses import replace

    app = make_app(write_course(tmp_path / "course", one=COURSE))
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-lab", "lab")
        await pilot.pause()
        app.change_settings(replace(app.settings, symbols="ascii"))
        await pilot.pause()
        assert screen_text(app).isascii()
