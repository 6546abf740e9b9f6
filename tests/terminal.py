"""A person's eye and hand: a program in a real PTY, its screen as an emulator shows it."""

import os
import re
from collections.abc import Mapping, Sequence
from time import monotonic

import pexpect
import pyte

KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "space": " ", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C",
    "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdn": "\x1b[6~", "shift+tab": "\x1b[Z",
    "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B", "ctrl+q": "\x11", "ctrl+p": "\x10", "backspace": "\x7f",
}  # fmt: skip
# Replies and modes that the emulator would print as text: kitty keyboard, mode reports, operating system commands.
STRIP = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[a-ln-zA-Z$]?[up]|\x1b\[>[0-9;]*[mqc]|\x1b\[\?[0-9;]*\$p|\x1b_[^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
ENVIRONMENT = {
    "TERM": "xterm-256color",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PATH": os.environ["PATH"],
    "HOME": os.environ.get("HOME", "/"),
}


class Terminal:
    """Runs `command` at `columns` x `rows` and reads its screen. Never sleeps: it waits for what should come."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], columns: int = 80, rows: int = 24
    ) -> None:
        self.emulator = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.emulator)
        self.raw = b""
        self.ended = False  # set by who has waited for the child
        self.child = pexpect.spawn(
            command[0],
            list(command[1:]),
            env={**ENVIRONMENT, **environment},  # type: ignore[arg-type]
            dimensions=(rows, columns),
            timeout=30,
            use_poll=True,  # `select` takes no descriptor above 1023
        )

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.emulator.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def read(self, seconds: float) -> bool:
        """Take in what comes within `seconds`; False when the program has ended."""
        try:
            data = self.child.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.take(data)
        return True

    def take(self, data: bytes) -> None:
        """Show the emulator what has come."""
        self.raw += data
        self.stream.feed(STRIP.sub(b"", data))

    def until(self, wanted: str, seconds: float = 30) -> str:
        """Wait until `wanted` (a regular expression) is on the screen; the screen's text. Fails with the screen."""
        return self._wait(lambda: re.search(wanted, self.text) is not None, f"{wanted!r} never came", seconds)

    def gone(self, unwanted: str, seconds: float = 30) -> str:
        return self._wait(lambda: re.search(unwanted, self.text) is None, f"{unwanted!r} never went", seconds)

    def _wait(self, holds: object, complaint: str, seconds: float) -> str:
        end = monotonic() + seconds
        while not holds():  # type: ignore[operator]
            if monotonic() > end or not self.read(0.05):
                raise AssertionError(f"{complaint}; {self._state()}")
        return self.text

    def _state(self) -> str:
        """Whether the program runs, and what it shows, for a failure."""
        child = self.child
        runs = (
            "still running" if child.isalive() else f"ended ({child.exitstatus}, signal {child.signalstatus})"
        )
        return f"{runs}; the screen, {self.emulator.columns}x{self.emulator.lines}, is\n{self.text}"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.child.send(KEYS.get(key, key))

    def resize(self, columns: int, rows: int) -> None:
        """Another size of the window, as the program is told by SIGWINCH."""
        self.emulator.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def ends(self, seconds: float = 20) -> int:
        """Wait until the program has ended; its exit status (128 + n for signal n)."""
        end = monotonic() + seconds
        while self.read(0.05):
            if monotonic() > end:
                raise AssertionError(self._state())
        self.child.close()
        status = self.child.exitstatus
        return status if status is not None else 128 + (self.child.signalstatus or 0)

    def close(self) -> None:
        self.child.close(force=True)
