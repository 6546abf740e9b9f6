"""A row of a display as pieces: boxes and growing brackets, with what a line break before each would cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from tutor.maths.boxes import Box, beside, bracket, line_box, stacked
from tutor.maths.spacing import runs_together
from tutor.maths.width import width

NEVER = 10_000
Side: TypeAlias = Literal["", "open", "close", "middle"]


class Piece(NamedTuple):
    """One piece of a line.

    `side` is empty for a box; brackets take their height from what stands between them on their line, and carry
    their scripts (`low`, `high`). `gap` cells stand before the piece, unless it begins a line; `cost` is the price
    of beginning a line with it. `relation`: a relation outside of all brackets.
    """

    box: Box
    gap: int
    cost: int
    side: Side = ""
    low: str = ""
    high: str = ""
    relation: bool = False

    @property
    def cells(self) -> int:
        """Width without the gap."""
        return self.box.width + (width(self.low + self.high) if self.side else 0)


def settled(pieces: Sequence[Piece], ascii: bool) -> list[Piece]:
    """The pieces with a gap wherever two of them would read as one name."""
    found = list(pieces)
    for at in range(1, len(found)):
        if found[at].gap == 0 and runs_together(_flat(found[at - 1]), _flat(found[at]), ascii):
            found[at] = found[at]._replace(gap=1)
    return found


def compose(pieces: Sequence[Piece], ascii: bool) -> Box:
    """The pieces of one line as one box, brackets grown."""
    gaps = [piece.gap if at else 0 for at, piece in enumerate(pieces)]
    if all(len(piece.box.lines) == 1 for piece in pieces):
        return line_box("".join([" " * gap + _flat(piece) for piece, gap in zip(pieces, gaps, strict=True)]))
    heights = _heights(pieces)
    boxes = [
        _grown(piece, *heights[at], ascii) if piece.side else piece.box for at, piece in enumerate(pieces)
    ]
    return beside(boxes, gaps)


def _flat(piece: Piece) -> str:
    """What stands on the axis."""
    return piece.box.lines[piece.box.axis] + piece.low + piece.high


def _heights(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """For every bracket, how far it must reach above and below the axis."""
    heights = [(0, 0)] * len(pieces)
    levels: list[tuple[list[int], int, int]] = [([], 0, 0)]
    for at, piece in enumerate(pieces):
        if piece.side == "open":
            levels.append(([at], 0, 0))
            continue
        members, above, below = levels[-1]
        if not piece.side:
            levels[-1] = (members, max(above, piece.box.above), max(below, piece.box.below))
            continue
        members.append(at)
        if piece.side == "close":
            for member in members:
                heights[member] = (above, below)
            _merge(levels, above, below)
    while len(levels) > 1:
        members, above, below = levels[-1]
        for member in members:
            heights[member] = (above, below)
        _merge(levels, above, below)
    return heights


def _merge(levels: list[tuple[list[int], int, int]], above: int, below: int) -> None:
    """Close the innermost level; a closing bracket without its partner on this line ends the outermost anew."""
    levels.pop()
    if levels:
        members, high, deep = levels[-1]
        levels[-1] = (members, max(high, above), max(deep, below))
    else:
        levels.append(([], above, below))


def _grown(piece: Piece, above: int, below: int, ascii: bool) -> Box:
    box = bracket(piece.box.lines[0], above, below, ascii)
    if not piece.low and not piece.high:
        return box
    if len(box.lines) == 1:
        return line_box(box.lines[0] + piece.low + piece.high)
    return cornered(box, piece.low, piece.high)


def cornered(box: Box, low: str, high: str) -> Box:
    """A tall box with its scripts at the corners, where they need neither `^` nor `_`."""
    low, high = _bare(low), _bare(high)
    column = [line_box("")] * len(box.lines)
    column[0], column[-1] = line_box(high), line_box(low)
    return beside((box, stacked(column, box.axis, "l")), (0, 0))


def _bare(script: str) -> str:
    if script[:1] not in ("^", "_"):
        return script
    inside = script[1:]
    return inside[1:-1] if inside.startswith("{") and inside.endswith("}") else inside
