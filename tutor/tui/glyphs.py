"""The signs that the screens draw, in Unicode and in ASCII: chosen once, used everywhere."""

import locale
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from textual.content import Content

# Signs of one cell each, which join none before them: ASCII, Latin, Greek, Cyrillic, dashes, dots, quotes, super- and
# subscripts, arrows, operators, boxes, blocks, braille. It is nearly all that is drawn, known without looking it up.
NARROW = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2070-\u209c\u2190-\u22ff\u2500-\u25fc\u2800-\u28ff]*"
)


@dataclass(frozen=True)
class Glyphs:
    """One field a meaning. Every sign but `between` and `ellipsis` is one cell wide."""

    done: str
    current: str
    todo: str
    broken: str
    pointer: str
    bar: str
    rule: str
    vertical: str
    full: str
    empty: str
    right: str
    wrong: str
    radio: str
    radio_on: str
    check: str
    check_on: str
    dot: str
    between: str  # what parts the facts of one line
    ellipsis: str
    arrows: str  # up, right, down, left: the order of the gridworld's actions
    wall: str
    agent: str
    trail: str
    floor: str
    minus: str
    gamma: str
    sub_digits: str  # digits 0 to 9 as subscripts, or "" where there are none


UNICODE = Glyphs(
    done="✓", current="●", todo="○", broken="!", pointer="▸", bar="┃", rule="─", vertical="│", full="▰", empty="▱",
    right="✓", wrong="✗", radio="○", radio_on="●", check="□", check_on="■", dot="·", ellipsis="…", arrows="↑→↓←",
    between=" · ", wall="█", agent="@", trail="▫", floor="·", minus="−", gamma="γ", sub_digits="₀₁₂₃₄₅₆₇₈₉",
)  # fmt: skip

ASCII = Glyphs(
    done="+", current="*", todo="-", broken="!", pointer=">", bar="|", rule="-", vertical="|", full="#", empty=".",
    right="+", wrong="x", radio="o", radio_on="*", check="-", check_on="#", dot=".", ellipsis="...", arrows="^>v<",
    between=" - ", wall="#", agent="@", trail=",", floor=".", minus="-", gamma="g", sub_digits="",
)  # fmt: skip


def wants_ascii(symbols: str) -> bool:
    """Whether to draw in ASCII: as set, or (for `auto`) when there is a reason to."""
    return symbols == "ascii" or (symbols == "auto" and bool(reason_for_ascii()))


def reason_for_ascii() -> str:
    """Why `auto` draws in ASCII, in words; empty when it draws in Unicode.

    The Linux console's font has 512 signs at most: no braille for plots, no subscripts. The locale is read from the
    environment, since Python answers UTF-8 for the plain C locale, too (PEP 538, 540).
    """
    if os.environ.get("TERM") == "linux":
        return "the Linux console has few signs"
    if os.name == "nt":
        name = locale.getpreferredencoding(False)
    else:
        kind = os.environ.get("LC_CTYPE", "")
        if kind == "C.UTF-8":
            kind = ""  # put there by Python itself, where LANG is C or a locale that is not installed
        name = os.environ.get("LC_ALL") or kind or os.environ.get("LANG", "")
    return "" if "utf8" in name.lower().replace("-", "") else "the locale is not UTF-8"


def cut(content: "Content", width: int, glyphs: Glyphs) -> "Content":
    """`content` in at most `width` cells, its end marked where something was left out."""
    if content.cell_length <= width:
        return content
    mark = glyphs.ellipsis[: max(0, width)]
    return content.truncate(max(0, width - len(mark))).append(mark)


def cut_text(text: str, width: int, glyphs: Glyphs, *, end: bool = False) -> str:
    """`text` in at most `width` cells of one letter each, its beginning kept or, `end`, its end."""
    if len(text) <= width:
        return text
    mark = glyphs.ellipsis[: max(0, width)]
    room = max(0, width - len(mark))
    return mark + text[len(text) - room :] if end else text[:room] + mark


def cells_of(text: str) -> int:
    """How many cells `text` takes; of text that changes with every frame what Rich remembers is no help."""
    return len(text) if NARROW.fullmatch(text) else cell_len(text)


def glyphs_of(app: object) -> Glyphs:
    """The signs of a running app; Unicode for one that has no opinion."""
    return ASCII if getattr(app, "ascii", False) else UNICODE
