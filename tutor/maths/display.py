"""A formula in two dimensions: fractions, limits, roots and tables go up and down, scripts stay on the line."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from tutor.maths.boxes import GROWING, NOTHING, Box, aligned, beside, bracket, line_box, stacked
from tutor.maths.inline import NO_LEFT_NEIGHBOUR, Style, inline, script_texts, scripted, small_text
from tutor.maths.letters import MARKS
from tutor.maths.lines import broken
from tutor.maths.nodes import (
    EMPTY,
    Accent,
    Atom,
    Delim,
    Fence,
    Frac,
    Node,
    Root,
    Row,
    Script,
    Space,
    Stack,
    Table,
)
from tutor.maths.pieces import NEVER, Piece, Side, compose, cornered, settled
from tutor.maths.spacing import Placed, place

_NOT_BEFORE = {"close", "punct", "bar"}


def display(node: Node, limit: int, ascii: bool) -> list[str] | None:
    """Lines of at most `limit` cells; None where a piece that cannot be broken is wider."""
    layout = Layout(ascii)
    if isinstance(node, Row) and len(node.items) == 1:
        node = node.items[0]
    if not isinstance(node, Table) or node.kind not in ("aligned", "lines"):
        return broken(layout.pieces(node, 0), limit, ascii)
    whole = layout.box(node)
    if whole.width <= limit:
        return [line.rstrip() for line in whole.lines]
    return _row_by_row(layout, node, limit)


def _row_by_row(layout: Layout, node: Table, limit: int) -> list[str] | None:
    """Every row of an alignment on its own; a row without a left side stands in from the margin."""
    found: list[str] = []
    left_side = layout.box(node.rows[0][0]).width if len(node.rows[0]) > 1 else 0
    further = left_side if left_side <= limit // 4 else min(2, limit // 10)
    for at, row in enumerate(node.rows):
        items = tuple(item for cell in row for item in cell.items)
        goes_on = at > 0 and bool(row) and not row[0].items
        indent = further if goes_on else 0
        pieces = layout.pieces(Row((NO_LEFT_NEIGHBOUR, *items) if goes_on else items), 0)
        lines = broken(pieces[1:] if goes_on else pieces, limit - indent, layout.ascii)
        if lines is None:
            return None
        found += ([""] if found else []) + [(" " * indent + line).rstrip() for line in lines]
    return found


class Layout:
    """Draws nodes as boxes, in Unicode or in 7 bits."""

    def __init__(self, ascii: bool) -> None:
        self.ascii = ascii
        self.style = Style(ascii)
        self._drawers: dict[type, Any] = {
            Row: self._row,
            Fence: self._row,
            Frac: self._frac,
            Script: self._script,
            Root: self._root,
            Accent: self._accent,
            Stack: self._stack,
            Table: self._table,
        }

    def box(self, node: Node) -> Box:
        """One node."""
        draw: Callable[[Node], Box] | None = self._drawers.get(type(node))
        return line_box(inline(node, self.style)) if draw is None else draw(node)

    def _row(self, node: Node) -> Box:
        return compose(settled(self.pieces(node, 0), self.ascii), self.ascii)

    def pieces(self, node: Node, depth: int) -> list[Piece]:
        """A row as pieces; `depth` counts the brackets around it."""
        found: list[Piece] = []
        placed = place(node.items if isinstance(node, Row) else (node,), small=False)
        for at, item in enumerate(placed):
            depth -= item.cls == "close" and self._is_bracket(item) and depth > 0
            cost = _cost(placed, at, depth)
            found += self._piece(item, cost, depth)
            depth += item.cls == "open" and self._is_bracket(item)
        return found

    def _is_bracket(self, item: Placed) -> bool:
        base = item.node.base if isinstance(item.node, Script) else item.node
        if item.cls == "bar":
            return isinstance(base, Delim) or (isinstance(base, Atom) and base.text in "|‖")
        return isinstance(base, Atom | Delim) and (base.text in GROWING or base.text in "⟨⟩")

    def _piece(self, item: Placed, cost: int, depth: int) -> list[Piece]:
        node = item.node
        base = node.base if isinstance(node, Script) else node
        bracket_like = item.cls in ("open", "close", "bar") and self._is_bracket(item)
        if not bracket_like and not isinstance(base, Fence):
            return [Piece(self.box(node), item.gap, cost, relation=item.cls == "rel" and depth == 0)]
        low, high = script_texts(node, self.style) if isinstance(node, Script) else ("", "")
        if isinstance(base, Fence):
            return self._fence(base, item.gap, cost, depth, (low, high))
        side: Side = "open" if item.cls == "open" else "close" if item.cls == "close" else "middle"
        return [Piece(line_box(inline(base, self.style)), item.gap, cost, side, low, high)]

    def _fence(self, node: Fence, gap: int, cost: int, depth: int, scripts: tuple[str, str]) -> list[Piece]:
        body = self.pieces(node.body, depth + 1)
        if body:
            body[0] = body[0]._replace(gap=0, cost=max(body[0].cost, 90))
        left = Piece(line_box(inline(node.left, self.style)), gap, cost, "open")
        right = Piece(line_box(inline(node.right, self.style)), 0, NEVER, "close", *scripts)
        return [left, *body, right]

    def _frac(self, node: Frac) -> Box:
        num, den = self.box(node.num), self.box(node.den)
        nested = len(num.lines) > 1 or len(den.lines) > 1
        cells = max(num.width, den.width) + (2 if nested and node.bar else 0)
        cells = max(cells, 3) if self.ascii else cells  # a single hyphen would read as a minus
        bar = ("-" if self.ascii else "─") * cells if node.bar else " " * cells
        return stacked((num, line_box(bar), den), 1)

    def _script(self, node: Script) -> Box:
        base = self.box(node.base)
        if node.limits:
            return self._limits(node, base)
        if len(base.lines) > 1:
            return cornered(base, *script_texts(node, self.style))
        return line_box(scripted(node, base.lines[0], self.style))

    def _limits(self, node: Script, base: Box) -> Box:
        boxes = [base]
        if node.sub is not None:
            boxes.append(self._small(node.sub))
        if node.sup is not None:
            boxes.insert(0, self._small(node.sup))
        return stacked(boxes, 0 if node.sup is None else 1)

    def _small(self, node: Node) -> Box:
        """Above or below: a line, or several for a substack."""
        if isinstance(node, Table) and node.kind == "substack":
            return stacked([self._small(row[0]) for row in node.rows], 0)
        return line_box(small_text(node, self.style))

    def _root(self, node: Root) -> Box:
        body = self.box(node.body)
        if len(body.lines) == 1 and (self.ascii or body.width == 1):
            return line_box(inline(node, self.style))
        index = "" if node.index is None else small_text(node.index, self.style)
        if self.ascii:
            name = "sqrt" if not index else f"root {index} "
            left, right = (bracket(side, body.above, body.below, True) for side in "()")
            return beside((line_box(name), left, body, right), (0, 0, 0, 0))
        high = script_texts(Script(EMPTY, None, node.index), self.style)[1]
        return _radical(body, index, "" if high.startswith("^") else high)

    def _accent(self, node: Accent) -> Box:
        body = self.box(node.body)
        name = MARKS[node.mark][1]
        small = isinstance(node.body, Atom) or body.width <= 1 or name not in ("bar", "hat", "tilde", "under")
        if small and len(body.lines) == 1:
            return line_box(inline(node, self.style))
        if name == "under":
            return stacked((body, line_box(("-" if self.ascii else "‾") * body.width)), 0)
        signs = {"hat": "^", "tilde": "~", "vec": "->" if self.ascii else "→", "dot": ".", "ddot": ".."}
        over = "_" * body.width if name == "bar" else signs.get(name, name)
        return stacked((line_box(over), body), 1)

    def _stack(self, node: Stack) -> Box:
        boxes = [self.box(node.base)]
        if node.brace == "under":
            boxes.append(self._brace(boxes[0].width, up=False))
        if node.brace == "over":
            boxes.insert(0, self._brace(boxes[0].width, up=True))
        if node.over is not None:
            boxes.insert(0, self._small(node.over))
        if node.under is not None:
            boxes.append(self._small(node.under))
        return stacked(boxes, (node.over is not None) + (node.brace == "over"))

    def _brace(self, cells: int, up: bool) -> Box:
        left, fill, middle, right = ("/-^\\" if up else "\\-v/") if self.ascii else ("╭─┴╮" if up else "╰─┬╯")
        if cells < 3:
            return line_box(fill * cells)
        side = (cells - 3) // 2
        return line_box(left + fill * side + middle + fill * (cells - 3 - side) + right)

    def _table(self, node: Table) -> Box:
        if node.kind == "substack":
            return self._small(node)
        rows = [[self._cell(node, row, at) for at in range(len(row))] for row in node.rows]
        columns = max(len(row) for row in rows)
        rows = [row + [NOTHING] * (columns - len(row)) for row in rows]
        widths = [max(row[at].width for row in rows) for at in range(columns)]
        gaps = [0 if not at else self._column_gap(node, at) for at in range(columns)]
        drawn = [
            beside([aligned(box, widths[at], self._side(node, at)) for at, box in enumerate(row)], gaps)
            for row in rows
        ]
        body = _under_each_other(drawn, node.kind)
        sides = [
            bracket(inline(side, self.style), body.above, body.below, self.ascii) if side else NOTHING
            for side in (node.left, node.right)
        ]
        return beside((sides[0], body, sides[1]), (0, int(node.kind == "cases"), 0))

    def _cell(self, node: Table, row: tuple[Row, ...], at: int) -> Box:
        items = row[at].items
        if node.kind == "aligned" and at % 2:
            items = (NO_LEFT_NEIGHBOUR, *items)
        cell = self._row(Row(items)) if items else NOTHING
        space = sum(item.cells for item in items[-1:] if isinstance(item, Space))
        return beside((cell, NOTHING), (0, space)) if space else cell

    def _column_gap(self, node: Table, at: int) -> int:
        return (3 if at % 2 == 0 else 0) if node.kind == "aligned" else 3 if node.kind == "cases" else 2

    def _side(self, node: Table, at: int) -> str:
        if node.kind == "aligned":
            return "l" if at % 2 else "r"
        if at < len(node.columns):
            return node.columns[at]
        return "c" if node.kind == "matrix" else "l"


def _under_each_other(rows: list[Box], kind: str) -> Box:
    """Rows of a table with the axis in the middle, and blank lines where tall rows would touch."""
    airy = (kind == "cases" and len(rows) == 2) or (
        kind == "matrix" and any(len(row.lines) > 1 for row in rows)
    )
    boxes = rows[:1]
    for above, row in pairwise(rows):
        boxes += [NOTHING, row] if airy or above.below or row.above else [row]
    whole = stacked(boxes, 0, "l")
    middle = rows[0].axis if len(rows) == 1 else len(whole.lines) // 2
    return Box(whole.lines, whole.width, middle)


def _radical(body: Box, index: str, small_index: str) -> Box:
    """The body under a line, with the hook of the root before it; the index is small beside it or stands above."""
    if len(body.lines) == 1:
        hook = small_index + "√"
        before = "" if small_index or not index else index + " "
        top = line_box(before.rjust(len(hook)) + "_" * body.width)
        return stacked((top, line_box(hook.rjust(len(before)) + body.lines[0])), 1, "l")
    height = len(body.lines)
    stems = [" │"] * (height - 1) + ["╲│"]
    lead = max(2, len(index) + 1)
    lines = [index.rjust(lead - 1) + "┌" + "─" * body.width]
    lines += [stem.rjust(lead) + line for stem, line in zip(stems, body.lines, strict=True)]
    return Box(tuple(lines), body.width + lead, body.axis + 1)


def _cost(placed: list[Placed], at: int, depth: int) -> int:
    """What it costs to begin a line at `at`: a new statement, a relation, an operator, a comma; depth makes dearer."""
    item = placed[at]
    left = placed[at - 1] if at else None
    if left is None or left.cls in ("open", "bar", "rel", "bin", "sign"):
        return NEVER
    deeper = 12 * depth
    if item.cls in _NOT_BEFORE:
        return 1 + deeper if item.cls == "bar" and item.gap else NEVER
    if item.cls == "rel":
        return 3 + deeper + (4 if depth and not _is_bar(item.node) else 0)
    if item.gap >= 3 and depth == 0:
        return 0
    if item.cls == "bin":
        return 5 + deeper
    if left.cls == "punct":
        return 2 + deeper
    if isinstance(item.node, Fence) or item.cls == "open":
        return 30 + deeper if item.gap and left.cls != "op" else NEVER
    if left.cls in ("op", "bigop") or _is_prefix(left.node):
        return 90 + deeper
    if item.cls == "bigop":
        return 9 + deeper
    return (40 if item.gap else 60) + deeper


def _is_bar(node: Node) -> bool:
    return isinstance(node, Atom) and node.text in "|‖"


def _is_prefix(node: Node) -> bool:
    base = node.base if isinstance(node, Script) else node
    return isinstance(base, Atom) and base.text in ("∇", "∂")
