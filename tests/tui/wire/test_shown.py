"""The encoder alone: whatever two pictures follow each other, both emulators show the second."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.wire.emulators import EMULATORS, Avt, Cell, Pyte
from tutor.tui.wire.pens import ON, Pen, Pens
from tutor.tui.wire.shown import UNKNOWN, Row, Shown, reach

WIDTH, HEIGHT = 8, 2
Emulator = Callable[[int, int], Pyte | Avt]
PAGE = "https://example.org/a"
PENS = [
    Pen(), Pen(0, "31"), Pen(1, "38;5;120", "48;5;17"), Pen(0, "", "48;5;17"), Pen(8, "32"), Pen(64, "32", "44"),
    Pen(1 | 1 << 2), Pen(1 << 1, "38;2;1;2;3"), Pen(0, "31", link=PAGE), Pen(link="https://example.org/b"),
]  # fmt: skip
AGREED = ["a", "b", "│", "⣿", "日", "本", "é", "👍"] + [
    " "
] * 4  # both emulators hold the width for what Textual does
DISPUTED = [*AGREED, "e\u0301", "❤\ufe0f", "👩\u200d💻", "👍🏽", "⚡", "🖥"]
TWO_WIDE = {"日", "本", "👍", "❤\ufe0f", "👩\u200d💻", "👍🏽", "⚡"}
Picture = list[list[tuple[str, int]]]


@st.composite
def pictures(draw: st.DrawFn, alphabet: list[str]) -> Picture:
    """Rows of (grapheme, pen), "" after a wide one; runs of the same pen, as screens have them."""
    picture = []
    for _ in range(HEIGHT):
        row: list[tuple[str, int]] = []
        while len(row) < WIDTH:
            pen = draw(st.integers(0, len(PENS) - 1))
            for grapheme in draw(st.lists(st.sampled_from(alphabet), min_size=1, max_size=5)):
                row += [(grapheme, pen), ("", pen)] if grapheme in TWO_WIDE else [(grapheme, pen)]
        if row[WIDTH - 1][0] in DISPUTED[len(AGREED) :] or row[WIDTH - 1][0] in TWO_WIDE:
            row[WIDTH - 1] = ("x", 0)
        picture.append(row[:WIDTH])
    return picture


def show(shown: Shown, pens: Pens, picture: Picture) -> str:
    for y, cells in enumerate(picture):
        shown.show(y, Row([g for g, _ in cells], [pens.number(PENS[p]) for _, p in cells]))
    return shown.take()


def expected(emulator: Emulator, picture: Picture) -> list[list[Cell]]:
    """The picture drawn the plainest way: every cell by itself, placed and with its own whole pen."""
    terminal = emulator(WIDTH, HEIGHT)
    for y, cells in enumerate(picture):
        for x, (grapheme, pen) in enumerate(cells):
            if grapheme:
                link, look = PENS[pen].link, PENS[pen]
                words = [on for n, on in enumerate(ON) if look.attributes >> n & 1] + [
                    look.foreground,
                    look.background,
                ]
                codes = ";".join(filter(None, words)) or "0"
                terminal.feed(
                    f"\x1b[{y + 1};{x + 1}H\x1b]8;;{link}\x1b\\\x1b[{codes}m{grapheme}\x1b[0m\x1b]8;;\x1b\\"
                )
    return terminal.cells()


@pytest.mark.parametrize("emulator", EMULATORS)
@given(before=pictures(AGREED), after=pictures(AGREED), noise=pictures(AGREED))
def test_the_second_picture_is_on_the_screen(
    emulator: Emulator, before: Picture, after: Picture, noise: Picture
) -> None:
    pens, terminal = Pens(), emulator(WIDTH, HEIGHT)
    terminal.feed(show(Shown(WIDTH, HEIGHT, pens), pens, noise))  # what nobody knows of
    shown = Shown(WIDTH, HEIGHT, pens)
    terminal.feed(show(shown, pens, before))
    terminal.feed(show(shown, pens, after))
    assert terminal.cells() == expected(emulator, after)
    assert show(shown, pens, after) == ""


@pytest.mark.parametrize("emulator", EMULATORS)
@given(before=pictures(DISPUTED), after=pictures(DISPUTED))
def test_a_terminal_of_other_widths_shows_what_it_would_have_shown_anyway(
    emulator: Emulator, before: Picture, after: Picture
) -> None:
    pens, changed, anew = Pens(), emulator(WIDTH, HEIGHT), emulator(WIDTH, HEIGHT)
    shown = Shown(WIDTH, HEIGHT, pens)
    changed.feed(show(shown, pens, before))
    changed.feed(show(shown, pens, after))
    anew.feed(show(Shown(WIDTH, HEIGHT, pens), pens, after))
    assert changed.cells() == anew.cells()


@pytest.mark.parametrize("emulator", EMULATORS)
@given(
    picture=pictures(AGREED), y=st.integers(0, HEIGHT - 1), x=st.integers(0, WIDTH - 1), grapheme=st.just("z")
)
def test_half_a_wide_character_becomes_a_blank(
    emulator: Emulator, picture: Picture, y: int, x: int, grapheme: str
) -> None:
    """One cell drawn over another's half: what is left of the wide one is a blank in its colours, everywhere."""
    pens, terminal = Pens(), emulator(WIDTH, HEIGHT)
    shown = Shown(WIDTH, HEIGHT, pens)
    terminal.feed(show(shown, pens, picture))
    row = shown.row(y)
    row.graphemes[x], row.pens[x] = grapheme, 0
    shown.show(y, row)
    terminal.feed(shown.take())
    wanted = [list(cells) for cells in picture]
    if picture[y][x][0] == "":
        wanted[y][x - 1] = (" ", picture[y][x - 1][1])
    if picture[y][x][0] in TWO_WIDE:
        wanted[y][x + 1] = (" ", picture[y][x + 1][1])
    wanted[y][x] = (grapheme, 0)
    assert terminal.cells() == expected(emulator, wanted)


def test_cells_of_which_nothing_is_known_are_left_alone_until_drawn() -> None:
    pens = Pens()
    shown = Shown(4, 1, pens)
    row = shown.row(0)
    row.graphemes[2] = "x"
    shown.show(0, row)
    assert shown.take() == "\x1b[1;3Hx"


def test_raw_text_is_sent_as_it_is_and_its_cells_are_drawn_again_afterwards() -> None:
    pens = Pens()
    shown = Shown(4, 1, pens)
    row = Row(list("abcd"), [0] * 4)
    shown.show(0, row)
    shown.raw(0, 1, "<picture>", 2)
    assert shown.take() == "\x1b[Habcd\x1b[1;2H<picture>\x1b[m"
    assert shown.row(0).graphemes == ["a", UNKNOWN, UNKNOWN, "d"]
    shown.show(0, Row(list("abcd"), [0] * 4))
    assert shown.take() == "\x1b[1;2Hbc"


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("abcdefghijklmnop", "aXcdefghijklmnop", "\x1b[1;2HX"),
        ("abcdefghijklmnop", "XbcXefghijklmnop", "\x1b[HXbcX"),  # 2 bytes again instead of 4 for the move
        ("abcdefghijklmnop", "XbcdefghijklmnoX", "\x1b[HX\x1b[14CX"),
    ],
)
def test_the_shorter_way_is_taken(before: str, after: str, text: str) -> None:
    shown = Shown(16, 1, Pens())
    for line in (before, after):
        shown.take()
        shown.show(0, Row(list(line), [0] * 16))
    assert shown.take() == text


@pytest.mark.parametrize("grapheme", ["a", "é", "─", "⣿", "日", "한", "ｶ", "𝔼", ""])
def test_widths_on_which_all_agree(grapheme: str) -> None:
    assert reach(grapheme) == 0


@pytest.mark.parametrize("grapheme", ["👍", "❤\ufe0f", "e\u0301", "👩\u200d💻", "🇩", "⚡"])
def test_widths_on_which_terminals_differ(grapheme: str) -> None:
    assert reach(grapheme) > 2
