"""While somebody waits for a command: how far it is, on standard error, where that is a terminal."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer

PATIENCE = 1.0  # seconds that people wait in silence


@contextmanager
def bar(words: str) -> Iterator[Callable[[float, int], None]]:
    """A function to be told how many of how many are done; from PATIENCE on it shows a bar, which goes at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn())
    shown = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = shown.add_task(words, total=None)
    begin = Timer(PATIENCE, shown.start)
    begin.start()
    try:
        yield lambda done, count: shown.update(task, completed=done, total=count)
    finally:
        begin.cancel()
        begin.join()
        if shown.live.is_started:
            shown.stop()


@contextmanager
def keys_unseen() -> Iterator[None]:
    """What is typed meanwhile is not echoed, but kept for whoever reads it next."""
    try:
        import termios

        before = termios.tcgetattr(sys.stdin.fileno())
    except (ImportError, OSError, ValueError, termios.error):
        yield
        return
    silent = before.copy()
    silent[3] &= ~termios.ECHO
    handlers = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, silent)
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)
