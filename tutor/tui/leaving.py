"""Signals from outside: what was done is saved, the terminal is as it was, and it takes two seconds at most."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

PATIENCE = 1.3  # seconds that leaving in good order may take
WRITING = 0.3  # seconds more for what is not on disk yet, and as many for the terminal
# Mouse, bracketed paste and focus reports off, wrapping on, keys as before, the alternate screen left, cursor shown.
AS_BEFORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?2048l\x1b[?1004l\x1b[?7h\x1b[<u"
    b"\x1b[?1049l\x1b[?25h\x1b[0m"
)


@contextmanager
def leave_on_signals(app: "TutorApp") -> Iterator[None]:
    """While this holds, SIGINT, SIGTERM and SIGHUP end the app (keys do not come as signals here)."""
    leaver = _Leaver(app)
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), leaver.asked) for name in names}
    try:
        yield
    finally:
        leaver.left.set()
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


class _Leaver:
    def __init__(self, app: "TutorApp") -> None:
        self._app = app
        self.left = threading.Event()
        self._insisting = False

    def asked(self, number: int, _frame: FrameType | None) -> None:
        """A signal has come. Runs between two instructions of the main thread, wherever that is, even if it waits."""
        loop = self._app.loop
        if loop is None:  # nothing was drawn yet
            raise SystemExit(128 + number)
        if not self._insisting:
            self._insisting = True
            threading.Thread(target=self._insist, args=(number,), daemon=True, name="leaving").start()
        with suppress(RuntimeError):  # the loop has just ended
            loop.call_soon_threadsafe(self._app.exit)

    def _insist(self, number: int) -> None:
        """End the process if it has not ended by itself: the terminal takes nothing, or a run cannot be stopped."""
        if self.left.wait(PATIENCE):
            return
        _within(WRITING, self._app.close_store)
        _within(WRITING, self._restore_terminal)
        os._exit(128 + number)

    def _restore_terminal(self) -> None:
        import termios

        driver = self._app._driver
        before = getattr(driver, "attrs_before", None)
        if driver is None or before is None:
            return
        with suppress(OSError, termios.error):
            termios.tcsetattr(driver.fileno, termios.TCSANOW, before)  # type: ignore[attr-defined]
            os.write(driver._file.fileno(), AS_BEFORE)  # type: ignore[attr-defined]


def _within(seconds: float, act: object) -> None:
    """Call `act`; go on after `seconds`, whether it has come back or not."""
    thread = threading.Thread(target=act, daemon=True)  # type: ignore[arg-type]
    thread.start()
    thread.join(seconds)
