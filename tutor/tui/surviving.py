"""An internal error costs the screen it happened on, not the tutor: the learner is back on Home.

Textual ends the app at the first exception that a handler, an action, a timer, a worker or a drawing lets through, and
the message loop of the widget concerned ends with it. So nothing on the screen is trusted any more: all screens
go (what they hold is kept as whenever they are left), and a new Home comes, which says where the traceback is.
"""

import asyncio
import os
from collections.abc import Callable
from time import monotonic
from typing import Any

from rich.text import Text
from textual import constants, events
from textual._context import active_message_pump
from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.dom import DOMNode, NoScreen
from textual.driver import Driver
from textual.errors import NoWidget
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed, active_worker

from tutor import paths
from tutor.tui.guard import without_controls
from tutor.tui.mistakes import write_down
from tutor.tui.timers import SureTimers

MOST = 3  # errors …
WITHIN = 10.0  # … in so many seconds: after that the tutor ends rather than come back once more
REMOVAL = 5.0  # seconds that a screen has to go


class Key(events.Key):  # by this name: handlers of keys are found by it
    """A key, and the widget that it was given to."""

    __slots__ = ["given_to"]

    def __init__(self, key: str, character: str | None, given_to: Widget | None) -> None:
        super().__init__(key, character)
        self.given_to = given_to


class SurvivingApp(SureTimers, App[None]):
    """An app that comes back to a new default screen after an exception.

    mistake: the line that the default screen shows then; empty before.
    """

    def __init__(self) -> None:
        super().__init__(driver_class=_driver_class())
        self.loop: asyncio.AbstractEventLoop | None = None  # that the app runs on, once it does
        self.mistake = ""
        self._errors: list[float] = []  # when they happened
        self._leaving: list[
            Screen[Any]
        ] = []  # screens that are given up; what they still raise is only logged
        self._to_come_back = False
        self._last_error: BaseException | None = None
        self._upon_mistakes: list[Callable[[BaseException], None]] = []

    def upon_mistakes(self, told: Callable[[BaseException], None]) -> None:
        """Call this with every error from which the tutor comes back."""
        self._upon_mistakes.append(told)

    def on_load(self) -> None:
        """What asyncio would report on standard error, which nobody sees here, is an error like any other."""
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(self._loop_exception)

    async def _dispatch_message(self, message: Message) -> None:
        """The app's own message loop goes on, whatever a handler or an action raises."""
        try:
            await super()._dispatch_message(message)
        except ScreenStackError as error:
            if not (self._exit or self._closing):  # else keys that came after the last screen had gone
                self._handle_exception(error)
        except Exception as error:
            self._handle_exception(error)

    async def on_event(self, event: events.Event) -> None:
        """A click on what is still drawn, but has gone already, is nobody's; what is pasted is text and no more."""
        if isinstance(event, events.Paste):
            event.text = "\n".join(without_controls(line) for line in event.text.splitlines())
        if isinstance(event, events.MouseEvent) and not event.is_forwarded and not self._is_there(event):
            return
        if isinstance(event, events.Key):
            if not self._screen_stack:  # the last screen has gone: a key is nobody's
                return
            event = self._given_on(event)
        await super().on_event(event)

    def _given_on(self, key: events.Key) -> events.Key:
        """The key, as one that comes anew where nobody took it before another widget came to take the keys: what is
        typed behind a key that opens a field goes into the field."""
        there = self.focused or self.screen
        if key.is_forwarded and (not isinstance(key, Key) or key.given_to is there):
            return key
        return Key(key.key, key.character, there)

    def _is_there(self, event: events.MouseEvent) -> bool:
        try:
            widget, _ = self.get_widget_at(int(event.x), int(event.y))
        except NoWidget:
            return True
        return widget.is_attached

    def _loop_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self._handle_exception(error)
        else:
            loop.default_exception_handler(context)

    def _handle_exception(self, error: Exception) -> None:
        """Write the error down, and come back to Home; or end, when that has not helped."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if cause is self._last_error:
            return  # the same one on its way up
        self._last_error = cause
        # A worker runs in the name of its node, but as the app.
        source = (
            active_worker.get().node if isinstance(error, WorkerFailed) else active_message_pump.get(None)
        )
        has_left = self._has_left(source)
        going = self._exit or not self._running
        if isinstance(cause, (NoMatches, NoScreen)) and (has_left or going):
            return  # late code of what was closed, a screen or all, looks for what is not there any more: no mistake
        place = write_down(cause)
        if self._to_come_back or has_left:
            return
        now = monotonic()
        self._errors = [*(then for then in self._errors if now - then < WITHIN), now]
        if self._exit or not self._running or len(self._errors) > MOST:
            self._give_up(error, place)
            return
        self.mistake = f"{_what_happened(cause)} and came back here; what you did is kept. {place}."
        cause.__traceback__ = (
            None  # else all that the failed functions held stays: what was too much memory, too
        )
        for told in self._upon_mistakes:
            told(cause)
        self._to_come_back = True
        self.call_later(self._come_back)

    def _has_left(self, source: object) -> bool:
        """Whether the widget that failed is on a screen that is being given up, or on none any more."""
        if isinstance(source, Widget) and not _is_within(source, self._screen_stack):
            return True
        return _is_within(source, self._leaving)

    def _give_up(self, error: Exception, place: str) -> None:
        self._return_code = 1
        if self._exception is None:  # for whoever drives the app: a test
            self._exception = error
            self._exception_event.set()
        if not self._exit_renderables:
            words = "rl-tutor has made a mistake and had to stop; what you did is kept."
            self._exit_renderables.append(Text(f"{words} {place}."))
        self._close_messages_no_wait()

    async def _come_back(self) -> None:
        """A new default screen in place of all that there were."""
        old = self._leaving = list(self._screen_stack)
        try:
            self.capture_mouse(None)
            home = self.get_default_screen()
            self._to_come_back = False  # what the new one lets through is a new error
            await self.push_screen(home)
            self._screen_stack[:] = [home]
            for screen in reversed(old):
                await self._drop(screen)
            await self._sweep()
            await self.all_kept()
        finally:
            self._leaving = []
        if self._screen_stack:  # else the learner is leaving
            self.screen.refresh(repaint=True, layout=True)

    async def all_kept(self) -> None:
        """Called when the old screens have gone, before the new one takes keys: what they kept is to be there."""

    async def _drop(self, screen: Screen[Any]) -> None:
        """Remove a screen of which a message loop, its own or a child's, may have ended."""
        try:
            async with asyncio.timeout(REMOVAL):
                await screen.remove()
                if screen in self._registry:  # its loop never began, so that it has not left by itself
                    await screen._message_loop_exit()
        except Exception as error:  # nothing of it may stop the way back
            write_down(error)

    async def _sweep(self) -> None:
        """Forget widgets that are on no screen any more, because something failed while they were leaving."""
        for node in [node for node in self._registry if not _is_within(node, self._screen_stack)]:
            await node._close_messages(wait=False)  # its timers, too
            self._registry.discard(node)


def _what_happened(error: BaseException) -> str:
    """As the beginning of a sentence."""
    if isinstance(error, MemoryError):
        return "This session met its memory limit" if paths.hosted() else "rl-tutor ran out of memory"
    what = " ".join(f"{type(error).__name__}: {error}".split())[:80]
    return f"rl-tutor made a mistake ({what})"


def _is_within(node: object, screens: list[Screen[Any]]) -> bool:
    """Whether a node is one of the screens or somewhere in one."""
    while isinstance(node, DOMNode):
        if node in screens:
            return True
        node = node._parent
    return False


def _driver_class() -> type[Driver] | None:
    """Ours where Textual would take the one that it builds on; None leaves the choice to Textual."""
    if os.name == "nt" or constants.DRIVER is not None:
        return None
    from tutor.tui.driver import TutorDriver

    return TutorDriver
