"""Rectangles of text with a baseline: the pieces that a display is put together from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tutor.maths.width import width


class Box(NamedTuple):
    """Lines of one width; `axis` is the line that neighbours are set on (the bar of a fraction)."""

    lines: tuple[str, ...]
    width: int
    axis: int

    @property
    def above(self) -> int:
        """Lines above the axis."""
        return self.axis

    @property
    def below(self) -> int:
        """Lines below the axis."""
        return len(self.lines) - self.axis - 1


def line_box(text: str) -> Box:
    """A box of one line."""
    return Box((text,), width(text), 0)


NOTHING = Box(("",), 0, 0)


def centred(text: str, cells: int) -> str:
    """The text in the middle of `cells` cells; an odd cell goes to the right."""
    spare = cells - width(text)
    return " " * (spare // 2) + text + " " * (spare - spare // 2)


def aligned(box: Box, cells: int, side: str) -> Box:
    """The box in the middle ("c"), at the left ("l") or right ("r") of `cells` cells."""
    spare = cells - box.width
    left = {"l": 0, "r": spare}.get(side, spare // 2)
    lines = tuple(" " * left + line + " " * (spare - left) for line in box.lines)
    return Box(lines, cells, box.axis)


def stacked(boxes: Sequence[Box], axis_of: int, side: str = "c") -> Box:
    """Boxes under each other, with the axis of the one at `axis_of`."""
    cells = max(box.width for box in boxes)
    lines = tuple(line for box in boxes for line in aligned(box, cells, side).lines)
    axis = sum(len(box.lines) for box in boxes[:axis_of]) + boxes[axis_of].axis
    return Box(lines, cells, axis)


def beside(boxes: Sequence[Box], gaps: Sequence[int]) -> Box:
    """Boxes next to each other on one axis; `gaps[i]` cells stand before the i-th."""
    cells = sum(box.width for box in boxes) + sum(gaps)
    above = max((box.above for box in boxes), default=0)
    below = max((box.below for box in boxes), default=0)
    lines = []
    for row in range(-above, below + 1):
        parts = []
        for box, gap in zip(boxes, gaps, strict=True):
            inside = 0 <= row + box.axis < len(box.lines)
            parts.append(" " * gap + (box.lines[row + box.axis] if inside else " " * box.width))
        lines.append("".join(parts))
    return Box(tuple(lines), cells, above)


# Top, middle line, bottom and the piece that fills between, of the brackets that grow.
_TALL = {
    "(": "⎛⎜⎝⎜",
    ")": "⎞⎟⎠⎟",
    "[": "⎡⎢⎣⎢",
    "]": "⎤⎥⎦⎥",
    "{": "⎧⎨⎩⎪",
    "}": "⎫⎬⎭⎪",
    "|": "││││",
    "‖": "‖‖‖‖",
    "⌈": "⎡⎢⎢⎢",
    "⌉": "⎤⎥⎥⎥",
    "⌊": "⎢⎢⎣⎢",
    "⌋": "⎥⎥⎦⎥",
    "/": "////",
}
_TALL_ASCII = {
    "(": "/|\\|",
    ")": "\\|/|",
    "[": "[[[[",
    "]": "]]]]",
    "{": "/<\\|",
    "}": "\\>/|",
    "|": "||||",
}
GROWING = frozenset(_TALL)


def bracket(text: str, above: int, below: int, ascii: bool) -> Box:
    """A bracket that reaches `above` and `below` the axis; signs that cannot grow stay on the axis."""
    table = _TALL_ASCII if ascii else _TALL
    height = above + below + 1
    if text == "||" and ascii:
        return Box(("||",) * height, 2, above)
    if height == 1 or text not in table:
        return line_box(text)
    top, middle, bottom, fill = list(table[text])
    if height == 2:
        pair = {"{": "⎰⎱", "}": "⎱⎰"}.get(text, top + bottom) if not ascii else top + bottom
        return Box(tuple(pair), 1, above)
    centre = above if 0 < above < height - 1 else height // 2
    lines = [top, *[fill] * (height - 2), bottom]
    lines[centre] = middle
    return Box(tuple(lines), 1, above)
