"""Pens: how a cell looks, and the shortest control sequences from one look to the next (ECMA-48 SGR, OSC 8 links)."""

import zlib
from typing import NamedTuple

# SGR parameters that set attribute n, in Rich's order of bits.
ON = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
# Attributes that one parameter takes away together: bold and dim, both underlines, both blinks, frame and circle.
GROUPS = (
    ((0, 1), "22"), ((2,), "23"), ((3, 9), "24"), ((4, 5), "25"), ((6,), "27"), ((7,), "28"), ((8,), "29"),
    ((10, 11), "54"), ((12,), "55"),
)  # fmt: skip
SEEN_ON_BLANKS = sum(1 << n for n in (3, 6, 8, 9, 10, 11, 12))  # lines of every kind, and reverse
AMBIGUOUS = 1 << 9  # 21 is a double underline here and the end of bold there: never relied on
LARGEST = 8192  # remembered changes


class Pen(NamedTuple):
    """attributes: bit n for `ON[n]`. foreground, background: SGR parameters, empty for the terminal's own."""

    attributes: int = 0
    foreground: str = ""
    background: str = ""
    link: str = ""


PLAIN = Pen()


class Pens:
    """Pens by small numbers; 0 is the plain one."""

    def __init__(self) -> None:
        self._pens = [PLAIN]
        self._numbers = {PLAIN: 0}
        self.blanks = {
            0: 0
        }  # by pen: the one that draws a blank as it does, and says nothing that none shows
        self._changes: dict[tuple[int, int], str] = {}

    def number(self, pen: Pen) -> int:
        number = self._numbers.setdefault(pen, len(self._pens))
        if number == len(self._pens):
            self._pens.append(pen)
            self.blanks[number] = number if _blank(pen) == pen else self.number(_blank(pen))
        return number

    def change(self, old: int, new: int) -> str:
        """The text after which the terminal draws with pen `new`, having drawn with `old`."""
        text = self._changes.get((old, new))
        if text is None:
            if len(self._changes) >= LARGEST:
                self._changes.clear()
            text = self._changes[old, new] = _change(self._pens[old], self._pens[new])
        return text


def _blank(pen: Pen) -> Pen:
    return pen if pen.attributes & SEEN_ON_BLANKS or pen.link else Pen(background=pen.background)


def _change(old: Pen, new: Pen) -> str:
    link = _link(new.link) if old.link != new.link else ""
    if old[:3] == new[:3]:
        return link
    anew = "" if new[:3] == PLAIN[:3] else ";".join(["0", *_all(new)])
    if (old.attributes | new.attributes) & AMBIGUOUS:
        return f"{link}\x1b[{anew}m"
    step = ";".join(_difference(old, new))
    return f"{link}\x1b[{min(anew, step, key=len)}m"


def _all(pen: Pen) -> list[str]:
    attributes = [on for n, on in enumerate(ON) if pen.attributes >> n & 1]
    return [*attributes, *filter(None, (pen.foreground, pen.background))]


def _difference(old: Pen, new: Pen) -> list[str]:
    words = []
    for bits, off in GROUPS:
        before, after = ([n for n in bits if pen.attributes >> n & 1] for pen in (old, new))
        if before != after:
            if set(before) - set(after):
                words.append(off)
            words += [ON[n] for n in after]
    if old.foreground != new.foreground:
        words.append(new.foreground or "39")
    if old.background != new.background:
        words.append(new.background or "49")
    return words


def _link(address: str) -> str:
    """A terminal takes runs with the same id as one link; the same address has the same id in every frame."""
    return f"\x1b]8;id={zlib.crc32(address.encode()):x};{address}\x1b\\" if address else "\x1b]8;;\x1b\\"
