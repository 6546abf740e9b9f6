"""A tutor that stands still just before its first frame: Home is mounted, styled and laid out for nobody yet.

It is made once, before any session is forked from it. A child goes on from there once it knows whose it is: what a
learner's own state changes is left to do, and the first frame, a third of the work of beginning anew.
"""

import asyncio
import selectors
import sys
from contextlib import redirect_stderr, redirect_stdout
from shutil import get_terminal_size

from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot

from tutor.course.types import Course
from tutor.progress import ProgressStore, open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.colours import colour_system, wants_no_colour
from tutor.tui.driver import TutorDriver
from tutor.tui.glyphs import wants_ascii
from tutor.tui.screens.home import HomeScreen
from tutor.tui.widgets.title import too_small

SIZE = 80, 24  # a learner's own is told by the terminal
PATIENCE = 30.0  # seconds in which Home must be there


class ForkedLoop(asyncio.SelectorEventLoop):
    """An event loop that may go on in a process forked from its own while it stood still."""

    def __init__(self) -> None:
        super().__init__(selectors.PollSelector())  # epoll's would be one and the same in all of them

    def part(self) -> None:
        """Be woken by this process alone."""
        self._close_self_pipe()  # type: ignore[attr-defined]
        self._make_self_pipe()  # type: ignore[attr-defined]


class NoTerminal(HeadlessDriver):
    """Until there is a terminal. The app ends with this driver, which it began with."""

    def stop_application_mode(self) -> None:
        driver = self._app._driver
        if driver is not None and driver is not self:
            driver.stop_application_mode()


class PreparedTutor(TutorApp):
    """Forked between `prepare` and `belong_to`."""

    def __init__(self, course: Course) -> None:
        super().__init__(course, open_store(None), Settings())
        self.driver_class = NoTerminal
        self._runner = asyncio.Runner(loop_factory=ForkedLoop)
        self._drawn = asyncio.Event()
        self._life: asyncio.Task[None] | None = None  # from `prepare` to the end
        self._is_theirs = False
        self._awaits_size = False

    # Before the fork

    def prepare(self) -> bool:
        """Go on until a terminal is needed; whether that worked."""
        with (
            redirect_stdout(sys.stdout),
            redirect_stderr(sys.stderr),
        ):  # the app takes them for its whole life
            return self._runner.run(self._prepare())

    async def _prepare(self) -> bool:
        self._life = asyncio.create_task(self.run_async(size=SIZE))
        drawn = asyncio.create_task(self._drawn.wait())
        await asyncio.wait((self._life, drawn), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not self._drawn.is_set() or self._life.done() or self.mistake:
            return False
        await Pilot(self).pause()
        return not self._life.done()

    def _started(self) -> None:
        if self._is_theirs:
            super()._started()
        else:
            self._drawn.set()

    # After the fork

    def suits(self, settings: Settings) -> bool:
        """Whether this learner's terminal and settings ask for what it was drawn for. In a window where not all has
        its place, what is in sight depends on how it came there."""
        if too_small(Size(*get_terminal_size())) or wants_no_colour() or colour_system() == "standard":
            return False
        return settings.theme == self.settings.theme and wants_ascii(settings.symbols) == self.ascii

    def belong_to(self, store: ProgressStore, settings: Settings, notices: tuple[str, ...]) -> None:
        """Be this learner's from here on: then `run` goes on."""
        self._belong_to(store, notices)
        self._adopt(settings)
        self._take_colours()
        self._is_theirs = True

    def run(self, **_options: object) -> None:
        """From where it stood still to the end."""
        loop = self._runner.get_loop()
        assert isinstance(loop, ForkedLoop)  # noqa: S101  (it makes them)
        loop.part()
        with (
            redirect_stdout(self._capture_stdout),  # type: ignore[type-var]
            redirect_stderr(self._capture_stderr),  # type: ignore[type-var]
            self._runner as runner,
        ):
            runner.run(self._go_on())

    async def _go_on(self) -> None:
        assert self._life is not None  # noqa: S101  (it was prepared)
        with self._context():
            with self.batch_update():
                await self._show_theirs()
            self.call_after_refresh(self._started)
        await self._life

    async def _show_theirs(self) -> None:
        """On the terminal that there is now, at its size. What is drawn already stays."""
        home, driver = self.screen, TutorDriver(self)
        assert isinstance(home, HomeScreen)  # noqa: S101  (nobody has typed yet)
        self._driver = driver
        home.open_anew()
        driver.start_application_mode()  # type: ignore[no-untyped-call]
        size = Size(*driver._get_terminal_size())
        self._awaits_size = True
        if size != self._size:
            self._size = size
            home.post_message(Resize(size, size))
            if not await self._has_read(home):
                return
        try:
            home.learner_changed()
        except Exception as error:  # no handler of Home's, but a mistake like one of theirs
            self._handle_exception(error)

    async def _has_read(self, screen: HomeScreen) -> bool:
        """Wait until a screen has dealt with the messages that it has; False after a mistake: another one comes."""
        assert screen._task is not None  # noqa: S101  (it is mounted)
        read = asyncio.Event()
        screen.call_later(read.set)
        reading = asyncio.create_task(read.wait())
        await asyncio.wait((reading, screen._task), return_when=asyncio.FIRST_COMPLETED)
        reading.cancel()
        return read.is_set()

    def on_resize(self, event: Resize) -> None:
        """The driver tells a size first at which all is drawn already."""
        if self._awaits_size and event.size == self._size:
            event.prevent_default()
        self._awaits_size = False
