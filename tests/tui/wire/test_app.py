"""The app that sends changes only: when it sends nothing, when all, and when it gives up."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.console import Console
from rich.segment import ControlType, Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Offset, Region, Size
from textual.pilot import Pilot
from textual.strip import Strip

from tests.tui.harness import SMALL, write_course
from tests.tui.wire.emulators import EMULATORS
from tests.tui.wire.session import CapturingDriver, WatchedApp, watched_app
from tutor import paths
from tutor.tui.wire import SWITCH
from tutor.tui.wire.difference import Difference

WHOLE = 80 * 24 // 2  # bytes: more than any part of the screen, less than all of it


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[WatchedApp, Pilot[None]]]:
    app = watched_app(write_course(folder / "course"))
    async with app.run_test(headless=False, size=SMALL) as pilot:
        await pilot.pause()
        yield app, pilot
    app.close_store()


def take(app: WatchedApp) -> str:
    text = "".join(app.sent)
    app.sent.clear()
    app.stock.clear()
    return text


async def test_nothing_changed_writes_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        app._sync_available = True
        assert len(take(app)) > WHOLE
        app.screen.refresh(repaint=True, layout=True)
        await pilot.pause()
        assert len("".join(app.stock)) > WHOLE  # Textual would have
        assert take(app) == ""


async def test_a_cursor_that_moves_alone_is_moved(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        take(app)
        app.cursor_position += Offset(3, 2)
        app.screen.refresh()
        await pilot.pause()
        assert take(app) == f"\x1b[{app.cursor_position.y + 1};{app.cursor_position.x + 1}H"


async def same_size(app: WatchedApp, pilot: Pilot[None]) -> None:
    await pilot.resize_terminal(*SMALL)


async def ctrl_l(app: WatchedApp, pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+l")


async def resumed(app: WatchedApp, pilot: Pilot[None]) -> None:
    app.app_resume_signal.publish(app)


@pytest.mark.parametrize("event", [same_size, ctrl_l, resumed])
async def test_all_is_sent_again(tmp_path: Path, event: object) -> None:
    """ctrl+l, coming back from a suspension, a window that was resized and has its size again."""
    async with running(tmp_path) as (app, pilot):
        first = take(app)
        terminals = [(make(*SMALL), make(*SMALL)) for make in EMULATORS]
        await event(app, pilot)  # type: ignore[operator]
        await pilot.pause()
        again = take(app)
        for before, after in terminals:
            before.feed(first)
            after.feed("\x1b[2J\x1b[41mline noise 日本\x1b[5;5H日本\x1b[m" + again)
            assert before.cells() == after.cells()


@pytest.mark.mistakes
async def test_a_mistake_in_the_comparison_ends_it_and_nobody_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as (app, pilot):
        stock, changed = EMULATORS[0](*SMALL), EMULATORS[0](*SMALL)
        stock.feed("".join(app.stock))
        changed.feed(take(app))
        monkeypatch.setattr(Difference, "text", lambda *_: 1 // 0)
        await pilot.press("question_mark")
        await pilot.pause()
        stock.feed("".join(app.stock))
        changed.feed(take(app))
        assert changed.cells() == stock.cells()
        await pilot.press("escape", "down")
        await pilot.pause()
        assert all(text in "".join(app.sent) for text in app.stock)  # Textual's own from now on
        stock.feed("".join(app.stock))
        changed.feed(take(app))
        assert changed.cells() == stock.cells()
        assert app._difference is None
    log = paths.log_file().read_text(encoding="utf-8")
    assert log.count("ZeroDivisionError") == 1
    assert app.return_code in (None, 0)


@pytest.mark.parametrize(("value", "whole"), [("1", True), ("yes", True), ("", False), ("0", False)])
async def test_the_switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, whole: bool) -> None:
    monkeypatch.setenv(SWITCH, value)
    async with running(tmp_path) as (app, pilot):
        take(app)
        app.screen.refresh(repaint=True)
        await pilot.pause()
        assert (len(take(app)) > WHOLE) == whole


@pytest.mark.parametrize("kind", ["is_inline", "is_headless"])
async def test_inline_and_headless_are_left_to_textual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    async with running(tmp_path) as (app, _):
        assert app._draws()
        monkeypatch.setattr(CapturingDriver, kind, property(lambda _: True))
        assert not app._draws()


def shown(strips: list[Strip], difference: Difference | None = None, colours: str = "256") -> str:
    """What is sent for one row of strips."""
    width = sum(strip.cell_length for strip in strips)
    update = LayoutUpdate([strips], Region(0, 0, width, 1))
    console = Console(color_system=colours, force_terminal=True)  # type: ignore[arg-type]
    return (difference or Difference()).text(update, Size(width, 1), console)


def test_control_segments_are_sent_as_they_are() -> None:
    picture = Strip([Segment("\x1bPpixels\x1b\\", None, [(ControlType.BELL,)]), Segment("    ")], 4)
    difference = Difference()
    assert (
        shown([Strip([Segment("ab")]), picture], difference) == "\x1b[Hab\x1b[1;3H\x1bPpixels\x1b\\    \x1b[m"
    )
    assert shown([Strip([Segment("ab")]), picture], difference) == ""
    assert shown([Strip([Segment("abcdef")])], difference) == "\x1b[1;3Hcdef"


def test_a_mark_that_was_cut_off_its_letter_is_drawn_with_it() -> None:
    """Textual may cut between "e" and U+0301; as sent by Textual the terminal puts them together."""
    letter, mark, other = (Strip([Segment(text)]) for text in ("e", "\u0301x", "\u0301y"))
    difference, terminal = Difference(), EMULATORS[0](2, 1)
    for strips in ([letter, mark], [letter, other], [letter, other]):
        terminal.feed(shown(strips, difference))
        assert [cell.character for cell in terminal.cells()[0]] == ["é", strips[1].text[1]]
    assert shown([letter, other], difference) == ""
    assert shown([Strip([Segment("e"), Segment("\u0301x")])]) == shown([letter, mark])


@pytest.mark.parametrize("sign", [chr(n) for n in [*range(32), *range(127, 160)]])
def test_no_control_character_of_a_text_reaches_the_terminal(sign: str) -> None:
    assert shown([Strip([Segment(f"a{sign}b")], 2)]) == "\x1b[Hab"


def test_a_link_says_nothing_but_its_address() -> None:
    link = Style(link="https://example.org/\x07\x1b]0;title\x07")
    opening = r"\x1b\]8;id=[0-9a-f]+;https://example.org/\]0;title\x1b\\"
    assert re.fullmatch(rf"\x1b\[H{opening}a\x1b\]8;;\x1b\\", shown([Strip([Segment("a", link)])]))


@pytest.mark.parametrize(
    ("colours", "codes"), [("standard", "97"), ("256", "38;5;231"), ("truecolor", "38;2;255;255;255")]
)
def test_a_style_that_was_drawn_in_other_colours_is_drawn_in_these(colours: str, codes: str) -> None:
    style = Style(color="#ffffff")
    style.render("x")  # remembers true colours
    assert shown([Strip([Segment("x", style)])], colours=colours) == f"\x1b[H\x1b[{codes}mx\x1b[m"


def test_colours_that_change_send_everything() -> None:
    difference, strip = Difference(), Strip([Segment("x", Style(color="#ffffff"))])
    assert shown([strip], difference, "256") == "\x1b[H\x1b[38;5;231mx\x1b[m"
    assert shown([strip], difference, "truecolor") == "\x1b[H\x1b[38;2;255;255;255mx\x1b[m"
