"""The text of a lesson file, made safe to show: limits, encoding, line ends, control characters."""

import os
import re
import stat
from pathlib import Path

MAX_BYTES = 1_000_000

# Escape sequences, what some readers take for line ends, marks that turn text round, halves of characters.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
REPLACEMENT = "\ufffd"


class SourceError(Exception):
    """The file cannot be read as a lesson; the message is one line that says why. line, column: where, from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def clean(text: str) -> str:
    """`text` with `\\n` as the only line end and without control characters (a replacement stands in their place)."""
    return CONTROL.sub(REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(text: str) -> str:
    """`text` on one line, safe to show: the name of a file may hold anything."""
    return re.sub(r"[\n\t]", REPLACEMENT, clean(text))


def read_source(path: Path) -> str:
    """The raw text of a lesson (line ends and control characters as they are); raises SourceError."""
    try:
        # Not blocking: a named pipe must not stop the course. On Windows the flag does not exist and is not needed.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise SourceError("it is not a regular file")
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror or error}") from None
    if len(raw) > MAX_BYTES:
        raise SourceError(f"it is larger than {MAX_BYTES // 1_000_000} MB; split it into several lessons")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig").split("\n")
        line, column = len(before), len(before[-1]) + 1
        raise SourceError(f"it is not UTF-8 (line {line}); save it as UTF-8", line, column) from None
