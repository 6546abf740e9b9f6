"""The terminal, when it misbehaves: bytes that are no UTF-8, a line that goes dead, a terminal that is closed."""

import os
import select
import selectors
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import IO, Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tutor.tui.mistakes import write_down

READ_AT_ONCE = 4096
LONGEST_WAIT = 1.0  # seconds
LOOK_EVERY = 0.1  # seconds: while a sequence is incomplete, whether it will stay so (a lone escape)


class LastingFile:
    """Takes what is written for a terminal; once that is gone, drops it and says so instead of raising."""

    def __init__(self, file: IO[str], gone: Callable[[], None]) -> None:
        self._file, self._gone = file, gone
        self._dead = False

    def write(self, text: str) -> None:
        self._do(lambda: self._file.write(text))

    def flush(self) -> None:
        self._do(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()

    def _do(self, act: Callable[[], object]) -> None:
        if self._dead:
            return
        try:
            act()
        except BlockingIOError:  # somebody made the terminal non-blocking: wait until it takes more
            select.select([], [self._file], [], LONGEST_WAIT)
        except (OSError, ValueError):
            self._dead = True
            self._gone()


class Bell(Event):
    """An event that can be waited for beside a terminal: `heard` is readable while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self._rope = os.pipe()
        for end in (self.heard, self._rope):
            os.set_blocking(end, False)

    def set(self) -> None:
        super().set()
        with suppress(BlockingIOError):
            os.write(self._rope, b"!")

    def clear(self) -> None:
        super().clear()
        with suppress(BlockingIOError):
            os.read(self.heard, READ_AT_ONCE)

    def __del__(self) -> None:
        os.close(self.heard)
        os.close(self._rope)


class TutorDriver(LinuxDriver):
    """Textual's driver, except that it outlives bad bytes, and ends the app when the terminal is gone.

    It sleeps until something is typed: Textual's looks ten times a second whether it should end.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event: Bell = Bell()
        self._file: Any = LastingFile(self._file, self._terminal_gone)

    def _terminal_gone(self) -> None:
        self._app.call_later(self._app.exit, return_code=1)

    def send_message(self, message: Message) -> None:
        """Post it on the loop. Textual makes a task of that, and two futures that nobody looks at."""
        self._loop.call_soon_threadsafe(self._app.post_message, message)

    def _run_input_thread(self) -> None:
        """Read until the end; a sequence that cannot be understood costs itself, not the tutor."""
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except OSError:
                self._terminal_gone()
                return
            except Exception as error:
                write_down(error)

    def run_input_thread(self) -> None:
        """Read keys and mouse until the app ends. Raises OSError when there is nobody to type any more."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self.exit_event.heard, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = selector.select(None if parser._timeout_time is None else LOOK_EVERY)
                if any(key.fileobj == self.fileno for key, _ in ready):
                    data = os.read(self.fileno, READ_AT_ONCE)
                    if not data:
                        raise OSError("the terminal was closed")
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def process_message(self, message: Any) -> None:
        """Take what was typed, but no size of a window that nobody has asked the terminal to report (mode 2048): it may
        be any, and the system tells the real one."""
        if self._in_band_window_resize or not isinstance(message, events.Resize):
            super().process_message(message)
