"""An internal error, in whatever part of a screen, costs the screen: Home comes back, nothing is lost."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.css.query import NoMatches
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerFailed

from tests.tui.harness import SMALL, make_app, screen_text, write_course
from tutor import paths
from tutor.tui import mistakes, surviving
from tutor.tui.app import TutorApp
from tutor.tui.screens.base import TutorScreen
from tutor.tui.screens.home import HomeScreen
from tutor.tui.screens.lesson import LessonScreen

pytestmark = pytest.mark.mistakes


class OopsError(Exception):
    """The fault that is put in."""


def oops(*arguments: object) -> Any:
    raise OopsError("a fault put in")


class Faulty(TutorScreen):
    """A screen with one faulty part, `kind`."""

    BINDINGS = [("x", "fail", "fail"), ("z", "app.fail", "fail")]

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def body(self) -> Any:
        if self.kind == "compose":
            oops()
        yield FaultyWidget(self.kind)

    def on_mount(self) -> None:
        if self.kind == "screen mount":
            oops()

    def action_fail(self) -> None:
        oops()

    async def act(self) -> None:
        """Do what brings the fault about, where opening the screen does not."""
        widget = next(iter(self.query(FaultyWidget)), None)
        match self.kind:
            case "action":
                self.app.simulate_key("x")
            case "app action":
                self.app.simulate_key("z")
            case "key":
                self.set_focus(widget)
                self.app.simulate_key("y")
            case "timer":
                self.call_later(self.set_timer, 0.001, oops)
            case "interval":
                self.call_later(self.set_interval, 0.001, oops)
            case "worker":
                self.run_worker(fail_later(), name="faulty")
            case "thread":
                self.run_worker(oops, thread=True)
            case "later":
                self.call_later(oops)
            case "next":
                self.call_next(oops)
            case "after refresh":
                self.call_after_refresh(oops)
            case "app later":
                self.app.call_later(oops)
            case "loop":
                asyncio.get_running_loop().call_soon(oops)
            case "resize" | "render again":
                assert widget is not None
                widget.fails = True
                widget.refresh(layout=self.kind == "resize")
                if self.kind == "resize":
                    self.app.post_message(events.Resize.from_dimensions((70, 20), None))
            case "unmount":
                self.app.pop_screen()


async def fail_later() -> None:
    await asyncio.sleep(0)
    oops()


class FaultyWidget(Static, can_focus=True):
    def __init__(self, kind: str) -> None:
        super().__init__("a widget")
        self.kind, self.fails = kind, kind in ("render", "height")

    def compose(self) -> Any:
        if self.kind == "widget compose":
            oops()
        yield from ()

    def on_mount(self) -> None:
        if self.kind == "mount":
            oops()

    def on_unmount(self) -> None:
        if self.kind == "unmount":
            oops()

    def on_key(self) -> None:
        if self.kind == "key":
            oops()

    def on_resize(self) -> None:
        if self.kind == "resize" and self.fails:
            oops()

    def render(self) -> Any:
        return oops() if self.fails and self.kind.startswith("render") else super().render()

    def get_content_height(self, *arguments: Any) -> int:
        return oops() if self.fails and self.kind == "height" else 3


KINDS = [
    "action", "app action", "key", "timer", "interval", "worker", "thread", "later", "next", "after refresh",
    "app later", "loop", "resize", "render again", "unmount", "compose", "screen mount", "widget compose", "mount",
    "render", "height",
]  # fmt: skip


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    for _ in range(400):
        await asyncio.sleep(0.01)  # not pilot.pause, which waits for widgets whose loop has ended
        if holds():
            return
    raise AssertionError(screen_text(pilot.app))  # type: ignore[arg-type]


def is_back(app: TutorApp) -> bool:
    return len(app.screen_stack) == 1 and "made a mistake" in " ".join(screen_text(app).split())


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_fails_home_comes_back(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TutorApp, "action_fail", oops, raising=False)
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        app.open_lesson("01-first")
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
        await pilot.press("tab", "7")  # half an answer
        faulty = Faulty(kind)
        app.push_screen(faulty)
        await until(pilot, lambda: faulty._mounted_event.is_set())
        await faulty.act()
        await until(pilot, lambda: is_back(app))
        assert str(paths.log_file()) in "".join(screen_text(app).split())
        # And all goes on: the half answer is there, its lesson takes the keys.
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))
        await pilot.press("tab")
        await until(pilot, lambda: "> 7" in screen_text(app) or "7" in screen_text(app).split("2 + 2", 1)[1])
        await pilot.press("backspace", "4", "enter")
        await until(pilot, lambda: "Right" in screen_text(app))
    app.close_store()
    assert "OopsError: a fault put in" in paths.log_file().read_text()
    assert not app._registry or faulty not in app._registry


async def looks_for_what_has_gone(screen: Screen[Any]) -> None:
    screen.query_one("#about")


async def test_late_code_of_a_closed_screen_throws_nobody_out(tmp_path: Path) -> None:
    """What it does not find any more is no mistake; what else it raises is written down, and Home does not come."""
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("l")
        labs = app.screen
        await pilot.press("escape", "p")
        shown = app.screen
        with labs._context():
            try:
                labs.query_one("#about")
            except NoMatches as error:
                app._handle_exception(error)
            worker = Worker(labs, looks_for_what_has_gone(labs))
            worker._start(app)
            with contextlib.suppress(WorkerFailed):
                await worker.wait()
            assert not paths.log_file().exists()
            app._handle_exception(OopsError("late"))
        await pilot.pause()
        assert app.screen is shown
        assert app.mistake == ""
    app.close_store()
    assert "OopsError: late" in paths.log_file().read_text()


@pytest.mark.parametrize("part", ["body", "_row", "update_title"])
async def test_a_home_that_fails_whenever_it_comes_ends_in_one_line(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(HomeScreen, part, oops)
    app = make_app(write_course(tmp_path / "course"))
    await asyncio.wait_for(app.run_async(headless=True, size=SMALL), 20)
    app.close_store()
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("rl-tutor has made a mistake and had to stop; what you did is kept.")
    assert "Traceback" not in said
    assert app.return_code == 1
    written = paths.log_file().read_text().count("Traceback")
    assert surviving.MOST < written <= 3 * (surviving.MOST + 1)


def test_the_log_is_bounded_private_and_printable(home: Path) -> None:
    for number in range(40):
        try:
            oops()
        except OopsError as error:
            error.add_note(f"{number}\x1b[31m" + "x" * 30_000)
            said = mistakes.write_down(error)
    log = paths.log_file()
    assert str(log) in said
    assert log.stat().st_size <= mistakes.LARGEST
    assert log.with_name("rl-tutor.log.old").stat().st_size <= mistakes.LARGEST
    assert {path.name for path in home.iterdir()} == {"rl-tutor.log", "rl-tutor.log.old"}
    assert log.stat().st_mode & 0o077 == 0
    assert "\x1b" not in log.read_text()


def test_a_log_that_cannot_be_written_is_said(home: Path) -> None:
    paths.log_file().mkdir()
    assert "could not be written" in mistakes.write_down(OopsError())
    paths.log_file().rmdir()


def test_late_code_while_the_tutor_ends_is_no_mistake(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    app._handle_exception(NoMatches("of a screen whose widgets have gone already"))
    assert app._exception is None
    assert not paths.log_file().exists()
    app.close_store()


async def test_a_screen_that_comes_while_the_tutor_is_being_left_is_no_mistake(tmp_path: Path) -> None:
    """`q` and `s` in one read: the settings are mounted when their widgets have gone already."""
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL):
        app.exit()
        app._handle_exception(NoMatches("of a screen that came last"))
        assert app._exception is None
    assert app.return_code == 0
    assert not paths.log_file().exists()


class Late(Screen[None]):
    """A screen that is not composed until `gate` opens; `j` needs what is on it."""

    BINDINGS = [("j", "look", "look")]

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.looked = 0

    async def _compose(self) -> None:
        await self.gate.wait()
        await super()._compose()

    def compose(self) -> Any:
        yield Static("there", id="there")

    def action_look(self) -> None:
        self.query_one("#there")
        self.looked += 1


async def test_keys_that_come_before_a_screen_is_composed_wait_for_it(tmp_path: Path) -> None:
    """They bubble up from the screen before when a worker, for which the app does not wait, has pushed the next one."""
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        late, home = Late(), app.screen
        app.push_screen(late)
        for _ in range(2):
            key = surviving.Key("j", "j", home)
            key._set_forwarded()
            await app.on_event(key)
        before = late.is_mounted, late.looked, app.mistake
        late.gate.set()  # before anything may fail: the app does not end while a screen is being composed
        await pilot.pause()
        assert before == (False, 0, "")
        assert (late.looked, app.mistake) == (2, "")


async def test_a_key_that_comes_when_the_last_screen_has_gone_is_nobodys(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        screens = list(app._screen_stack)
        app._screen_stack.clear()
        await app._dispatch_message(events.Key("j", "j"))
        app._screen_stack.extend(screens)
        assert app.mistake == ""
