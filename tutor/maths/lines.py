"""Line breaking of a display: the cheapest way to cut a row of pieces into lines that fit."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.maths.boxes import Box
from tutor.maths.pieces import NEVER, Piece, compose, settled

_PER_LINE = 10
_SHORT = 20
_FIRST_RELATION = 8  # a left side alone on its line


def broken(pieces: Sequence[Piece], limit: int, ascii: bool) -> list[str] | None:
    """Lines of at most `limit` cells; None when the pieces allow none."""
    pieces = settled(pieces, ascii)
    whole = compose(pieces, ascii)
    if whole.width <= limit:
        return [line.rstrip() for line in whole.lines]
    pieces = _kept_together(pieces)
    indents = _indents(pieces, limit)
    starts = _best_starts(pieces, indents, limit)
    if starts is None:
        return None
    ends = [*starts[1:], len(pieces)]
    boxes = [compose(pieces[start:end], ascii) for start, end in zip(starts, ends, strict=True)]
    return _joined(boxes, [indents[start] for start in starts])


def _kept_together(pieces: Sequence[Piece]) -> list[Piece]:
    """Short brackets, such as the arguments of a function, are dear to break."""
    found = list(pieces)
    opened: list[tuple[int, int]] = []
    cells = 0
    for at, piece in enumerate(pieces):
        cells += piece.gap + piece.cells
        if piece.side == "open":
            opened.append((at, cells))
        elif piece.side == "close" and opened:
            start, before = opened.pop()
            if cells - before <= _SHORT:
                for inside in range(start + 1, at):
                    found[inside] = found[inside]._replace(cost=found[inside].cost + 30)
    return found


def _indents(pieces: Sequence[Piece], limit: int) -> list[int]:
    """The indentation of a line by the piece that begins it: relations under the first relation, others further in."""
    column, cells = 0, 0
    for at, piece in enumerate(pieces):
        cells += piece.gap
        if piece.relation and at:
            column = cells
            break
        cells += piece.cells
    column = column if 0 < column <= limit // 4 else min(2, limit // 10)
    further = min(2, limit // 10)
    return [_indent(piece, column, further) if at else 0 for at, piece in enumerate(pieces)]


def _indent(piece: Piece, column: int, further: int) -> int:
    if piece.cost == 0:
        return further  # a statement of its own
    return column if piece.relation else column + further


def _best_starts(pieces: Sequence[Piece], indents: Sequence[int], limit: int) -> list[int] | None:
    """Where the lines begin, at the least cost; None when no cut fits."""
    count = len(pieces)
    best = [float(NEVER)] * count + [0.0]
    following = [count] * count
    first = next((at for at, piece in enumerate(pieces) if piece.relation), count)
    for start in range(count - 1, -1, -1):
        if start and pieces[start].cost >= NEVER:
            continue
        cells = indents[start] - pieces[start].gap
        for end in range(start + 1, count + 1):
            cells += pieces[end - 1].gap + pieces[end - 1].cells
            if cells > limit:
                break
            cost = best[end] + (
                _PER_LINE + pieces[end].cost + _FIRST_RELATION * (end == first) if end < count else 0
            )
            if cost < best[start]:
                best[start], following[start] = cost, end
    if best[0] >= NEVER:
        return None
    starts = [0]
    while following[starts[-1]] < count:
        starts.append(following[starts[-1]])
    return starts


def _joined(boxes: Sequence[Box], indents: Sequence[int]) -> list[str]:
    """Lines under each other; a blank one keeps a denominator from the numerator below it."""
    found: list[str] = []
    for at, (box, indent) in enumerate(zip(boxes, indents, strict=True)):
        if at and (boxes[at - 1].below or box.above):
            found.append("")
        found += [(" " * indent + line).rstrip() for line in box.lines]
    return found
