"""What a client says of its terminal, made sound: kind, colours, size; and what it may send."""

import re
import struct
from codecs import getincrementaldecoder
from collections.abc import Mapping
from dataclasses import dataclass

from tutor.tui.leaving import AS_BEFORE

SMALLEST = (20, 5)
LARGEST = (400, 150)  # columns, rows: beyond that only memory grows
USUAL = (80, 24)
MOST_SENT, LONGEST_SENT = 32, 8192  # variables of a client; bytes of all of them
USUAL_TERM = "xterm-256color"
RESET = AS_BEFORE + b"\r\n"  # after a child that could not say goodbye
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,39}")
_LOCALE = re.compile(r"[A-Za-z0-9_.@-]{1,40}")


@dataclass(frozen=True)
class Terminal:
    """term: "" where the client has no terminal to draw on."""

    term: str
    columns: int
    rows: int

    def environment(self, given: Mapping[bytes, bytes]) -> dict[str, str]:
        """The variables that a tutor looks at; given: those that the client has sent."""
        sent = {
            name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in given.items()
        }
        variables = {"TERM": self.term, "LC_ALL": "C.UTF-8"}
        if _WORD.fullmatch(sent.get("COLORTERM", "")):
            variables["COLORTERM"] = sent["COLORTERM"]
        if sent.get("NO_COLOR"):
            variables["NO_COLOR"] = "1"
        for name in ("LC_ALL", "LC_CTYPE", "LANG"):
            if (locale := sent.get(name)) and _LOCALE.fullmatch(locale):
                if "utf" not in locale.lower():
                    variables["LC_ALL"] = "C"
                break
        return variables


def terminal(term: str, columns: int, rows: int) -> Terminal:
    """The terminal that a client asks for; a kind that could not be one is taken for the usual."""
    none = term in ("", "dumb")
    return Terminal("" if none else term if _WORD.fullmatch(term) else USUAL_TERM, *sound_size(columns, rows))


def sound_size(columns: int, rows: int) -> tuple[int, int]:
    """A size that can be drawn at: nothing said is 80x24, and there is a least and a most."""
    if columns <= 0 or rows <= 0:
        return USUAL
    (least_columns, least_rows), (most_columns, most_rows) = SMALLEST, LARGEST
    return min(max(columns, least_columns), most_columns), min(max(rows, least_rows), most_rows)


def packed(size: tuple[int, int]) -> bytes:
    """A `struct winsize` of (columns, rows)."""
    columns, rows = size
    return struct.pack("HHHH", rows, columns, 0, 0)


class Sent(dict[bytes, bytes]):
    """The variables that a client sends: so many, and so long in sum; what is beyond is dropped."""

    def __setitem__(self, name: bytes, value: bytes) -> None:
        held = sum(len(each) + len(self[each]) for each in self if each != name)
        if (name in self or len(self) < MOST_SENT) and held + len(name) + len(value) <= LONGEST_SENT:
            super().__setitem__(name, value)


class Typed:
    """What a client types, byte by byte as it comes, made UTF-8: what is none becomes U+FFFD."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    def sound(self, data: bytes) -> bytes:
        return self._decode(data).encode()
