"""From one pen to another: the shortest codes leave the terminal with exactly the second."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.wire.emulators import EMULATORS, Avt, Pyte
from tutor.tui.wire.pens import ON, Pen, Pens

COLOURS = ["", "31", "97", "38;5;9", "38;5;200", "38;2;1;2;3"]
pens_ = st.builds(
    Pen,
    st.integers(0, (1 << len(ON)) - 1),
    st.sampled_from(COLOURS),
    st.sampled_from(["", "41", "107", "48;5;9", "48;2;1;2;3"]),
    st.sampled_from(["", "https://example.org/a", "https://example.org/b"]),
)


def whole(pen: Pen) -> str:
    """As Rich writes it, from nothing."""
    words = [on for n, on in enumerate(ON) if pen.attributes >> n & 1] + [pen.foreground, pen.background]
    return f"\x1b]8;;{pen.link}\x1b\\\x1b[0;{';'.join(filter(None, words)) or '0'}m"


@pytest.mark.parametrize("emulator", EMULATORS)
@given(path=st.lists(pens_, min_size=2, max_size=5))
def test_a_way_of_changes_ends_with_the_last_pen(
    emulator: Callable[[int, int], Pyte | Avt], path: list[Pen]
) -> None:
    pens, changed, anew = Pens(), emulator(2, 1), emulator(2, 1)
    numbers = [0, *map(pens.number, path)]
    for old, new in pairwise(numbers):
        changed.feed(pens.change(old, new))
    changed.feed("x")
    anew.feed(whole(path[-1]) + "x")
    assert changed.cells()[0][0] == anew.cells()[0][0]


@given(pen=pens_)
def test_a_blank_looks_the_same_with_its_own_pen_and_with_the_least_one(pen: Pen) -> None:
    pens = Pens()
    number = pens.number(pen)
    assert pens.blanks[pens.blanks[number]] == pens.blanks[number]
    for emulator in EMULATORS:
        one, other = emulator(2, 1), emulator(2, 1)
        one.feed(pens.change(0, number) + " ")
        other.feed(pens.change(0, pens.blanks[number]) + " ")
        assert one.cells() == other.cells()


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (Pen(), Pen(0, "31"), "\x1b[31m"),
        (Pen(0, "31"), Pen(), "\x1b[m"),
        (Pen(1, "31"), Pen(0, "31"), "\x1b[22m"),
        (Pen(3, "38;5;9"), Pen(2, "38;5;9"), "\x1b[22;2m"),  # one code ends bold and dim
        (Pen(0, "38;5;9", "48;5;17"), Pen(0, "38;5;8", "48;5;17"), "\x1b[38;5;8m"),
        (Pen(0, "31", "48;2;100;100;100"), Pen(0, "31"), "\x1b[49m"),
    ],
)
def test_the_shorter_codes_are_taken(old: Pen, new: Pen, text: str) -> None:
    pens = Pens()
    assert pens.change(pens.number(old), pens.number(new)) == text


def test_a_link_has_the_same_id_in_every_frame_and_process() -> None:
    pens = Pens()
    link = pens.number(Pen(link="https://example.org/a"))
    assert pens.change(0, link) == "\x1b]8;id=37562eb;https://example.org/a\x1b\\"
    assert pens.change(link, 0) == "\x1b]8;;\x1b\\"
