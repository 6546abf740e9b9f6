"""How much space stands between neighbours, after The TeXbook's table (chapter 18), in whole cells."""

from __future__ import annotations

import re
from typing import NamedTuple

from tutor.maths.nodes import Atom, Cls, Delim, Fence, Frac, Node, Row, Script, Space, Stack, Table, Tag

_PLACEHOLDER = Atom("·", ".")  # the dot of π(·|s)


class Placed(NamedTuple):
    """A node of a row with the class it has there and the cells before it."""

    node: Node
    cls: Cls
    gap: int


_OPENS_OPERAND = {"bin", "rel", "open", "punct", "op", "bigop", "bar", "sign"}


def class_of(node: Node) -> Cls:
    """The class of a node before its neighbours are known."""
    if isinstance(node, Atom):
        return node.cls
    if isinstance(node, Script | Stack):
        return class_of(node.base)
    if isinstance(node, Delim):
        return "bar" if node.side == "middle" else node.side
    return "inner" if isinstance(node, Frac | Table) else "ord"


def place(items: tuple[Node, ...], small: bool) -> list[Placed]:
    """The nodes of a row (explicit spaces taken out) with their gaps; `small` in scripts, where most gaps vanish."""
    nodes, spaces = _without_spaces(items)
    classes = _classes(nodes, spaces)
    placed: list[Placed] = []
    for at, node in enumerate(nodes):
        gap = spaces[at] if not small else min(spaces[at] // 3, 1)
        if at:
            gap = max(gap, _gap(placed[-1], node, classes[at], small))
        if classes[at] == "sign" and isinstance(node, Atom) and node.text == "·":
            node = _PLACEHOLDER
        placed.append(Placed(node, classes[at], gap))
    return placed


def _without_spaces(items: tuple[Node, ...]) -> tuple[list[Node], list[int]]:
    """The nodes, and the explicit space before each; what stands at the end counts as before the end."""
    nodes: list[Node] = []
    spaces: list[int] = []
    pending = 0
    for item in items:
        if isinstance(item, Space):
            pending += item.cells
        elif not (isinstance(item, Row) and not item.items):
            nodes.append(item)
            spaces.append(pending)
            pending = 0
    return nodes, [*spaces, pending]


def _classes(nodes: list[Node], spaces: list[int]) -> list[Cls]:
    """Classes in context: a sign before an operand is ordinary, a bar opens, closes or separates."""
    classes: list[Cls] = []
    bars = [0]  # strokes seen, by depth of brackets
    relations = [False]  # a relation was seen, by depth of brackets
    for at, node in enumerate(nodes):
        cls = class_of(node)
        before = classes[-1] if classes else None
        operand_next = before is None or before in _OPENS_OPERAND
        if cls == "open":
            bars.append(0)
            relations.append(False)
        elif cls == "close" and len(bars) > 1:
            bars.pop()
            relations.pop()
        if cls == "stroke":
            bars[-1] += 1
            cls = "close" if bars[-1] % 2 == 0 else _lone_stroke(nodes, at, operand_next)
        elif cls == "bar" and isinstance(node, Script):
            cls = "ord"
        elif cls == "bin" and (operand_next or _ends_operand(nodes, at)):
            cls = "sign"
        elif cls == "rel" and _is_colon(node) and (spaces[at + 1] or at + 1 == len(nodes)):
            cls = "punct"  # "Policy: …"
        relations[-1] |= cls == "rel"
        if cls == "bar" and (relations[-1] or _beside_stroke(nodes, at)):
            cls = "rel"  # the bar divides more than its two neighbours, or would run into another
        classes.append(cls)
    return classes


def _lone_stroke(nodes: list[Node], at: int, operand_next: bool) -> Cls:
    """A stroke with none open before it: opening, a separator, or (with an index) "evaluated at"."""
    if operand_next or _partner(nodes, at):
        return "open"
    return "ord" if isinstance(nodes[at], Script) else "bar"


def _partner(nodes: list[Node], at: int) -> bool:
    """Another stroke follows inside the same brackets."""
    depth = 0
    for node in nodes[at + 1 :]:
        cls = class_of(node)
        depth += (cls == "open") - (cls == "close")
        if depth < 0:
            return False
        if depth == 0 and cls == "stroke":
            return True
    return False


def _beside_stroke(nodes: list[Node], at: int) -> bool:
    return any(
        class_of(node) == "stroke" for node in nodes[max(at - 1, 0) : at + 2 : 2] if node is not nodes[at]
    )


def _is_colon(node: Node) -> bool:
    return isinstance(node, Atom) and node.text == ":"


def _ends_operand(nodes: list[Node], at: int) -> bool:
    """Nothing follows that the sign at `at` could bind to."""
    return at + 1 == len(nodes) or class_of(nodes[at + 1]) in ("rel", "close", "punct")


def _gap(left: Placed, node: Node, cls: Cls, small: bool) -> int:
    if isinstance(node, Tag):
        return 3
    if small:
        return _small_gap(left, cls)
    if cls == "close" or left.cls == "open":
        return 0
    if left.cls == "close" and _opens_square(node):
        return 1
    if cls in ("rel", "bin") or left.cls in ("rel", "bin"):
        return 0 if cls == left.cls == "rel" else 1
    if left.cls == "punct":
        return 1
    if cls == "punct" or "bar" in (cls, left.cls):
        return 0
    if left.cls == "sign":
        return int(cls == "inner")  # but a sign would run into the bar of a fraction
    if left.cls == "bigop":
        return 1
    if left.cls == "op":
        return 1 if cls != "open" and not isinstance(node, Fence) else int(_has_limits(left.node))
    return int(cls in ("op", "bigop", "inner") or left.cls == "inner")


def _opens_square(node: Node) -> bool:
    """`P(s′|s, a) [r + γV(s′)]`: a factor of its own, not an argument."""
    bracket = node.left if isinstance(node, Fence) else node
    return isinstance(bracket, Atom | Delim) and bracket.text in ("[", "{") and class_of(bracket) == "open"


def _small_gap(left: Placed, cls: Cls) -> int:
    if cls in ("close", "punct") or left.cls in ("open", "punct"):
        return 0
    if left.cls == "sign":
        return 0
    return int(
        (left.cls in ("op", "bigop") and cls != "open") or (cls == "op" and left.cls in ("ord", "close"))
    )


def _has_limits(node: Node) -> bool:
    return isinstance(node, Script) and node.limits


_PLAIN = "A-Za-zÀ-ɏͰ-ϿЀ-ӿ"
_WORD_END = re.compile(rf"[{_PLAIN}]{{2,}}$|[_^][^\W_]+$")
_WORD_START = re.compile(rf"[{_PLAIN}]{{2,}}|[√∇∂]")
_LETTER_END = re.compile(rf"[{_PLAIN}]$")


def runs_together(left: str, right: str, ascii: bool) -> bool:
    """Two neighbours without a gap would read as one name (`π_θ` and `A`), so that a space is needed."""
    if not left or not right or left[-1] == " " or right[0] == " ":
        return False
    if ascii:
        return _ascii_runs_together(left, right)
    if right[0] == "∇":
        return left[-1].isalnum() or left[-1] in ")]}"
    if not (right[0].isalnum() or right[0] in "∂√∑∏"):
        return False
    if _WORD_END.search(left):
        return True
    if _WORD_START.match(right) and right[0].isalpha():
        return left[-1].isalnum()
    return right[0].isdigit() and bool(_LETTER_END.search(left))


def _ascii_runs_together(left: str, right: str) -> bool:
    if not right[0].isalnum() or not (left[-1].isalnum() or left[-1] in ")]}'!*"):
        return False
    if left[-1] in ")]}'!*":
        return True
    single = (len(left) == 1 or left.isdigit()) and not (len(right) > 1 and right[:2].isalpha())
    return not single or (left.isalpha() and right[0].isdigit())
