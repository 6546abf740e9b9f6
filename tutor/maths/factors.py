"""When a fraction on one line, or what stands above and below its slash, needs parentheses."""

from __future__ import annotations

from tutor.maths.nodes import Atom, Fence, Frac, Node, Row, Space, Table, Tag
from tutor.maths.spacing import Placed, place

_LOOSE = {"rel", "bin", "punct", "bar", "text", "sign"}


def binds(placed: list[Placed], at: int) -> bool:
    """A fraction at `at` stands beside something that multiplies it, divides it or applies to it."""
    left = placed[at - 1] if at else None
    right = placed[at + 1] if at + 1 < len(placed) else None
    tight_left = left is not None and left.cls not in _LOOSE | {"open", "bigop"}
    tight_right = right is not None and (right.cls not in _LOOSE | {"close"} or _is_factorial(right.node))
    return tight_left or (tight_right and right is not None and not isinstance(right.node, Tag))


def row_items(node: Node) -> tuple[Node, ...]:
    """The nodes of a row without its spaces, or the node itself."""
    items = node.items if isinstance(node, Row) else (node,)
    return tuple(item for item in items if not isinstance(item, Space))


def is_product(node: Node) -> bool:
    """Can stand before a slash as it is: no sum, relation, function or fraction at its top."""
    placed = place(row_items(node), small=False)
    depth = 0
    for at, item in enumerate(placed):
        depth += (item.cls == "open") - (item.cls == "close")
        sign = at > 0 and item.cls == "sign"
        loose = item.cls in ("rel", "bin", "punct", "op", "bigop", "bar", "text") and not _applied(placed, at)
        if depth == 0 and (loose or sign or isinstance(item.node, Frac | Table) or is_slash(item.node)):
            return False
    return bool(placed)


def _applied(placed: list[Placed], at: int) -> bool:
    """A function with its argument in brackets, and nothing after: `exp(x)`."""
    if placed[at].cls != "op" or at + 1 == len(placed):
        return False
    return isinstance(placed[at + 1].node, Fence) or (
        placed[at + 1].cls == "open" and placed[-1].cls == "close"
    )


def is_factor(node: Node) -> bool:
    """Can stand after a slash as it is: one thing, perhaps with brackets applied to it (`π(a|s)`, `∂θ`)."""
    items = row_items(node)
    if items and isinstance(items[0], Atom) and items[0].text in ("∂", "∇", "d", "𝑑") and len(items) == 2:
        items = items[1:]
    if not items or not is_product(Row(items)):
        return False
    placed = place(items, small=False)
    start = 0 if placed[0].cls == "open" else 1
    if placed[0].cls == "sign":
        return False
    depth = 0
    for at, item in enumerate(placed[start:], start):
        depth += (item.cls == "open") - (item.cls == "close")
        closes_last = at + 1 == len(placed) and (item.cls == "close" or isinstance(item.node, Fence))
        if depth <= 0 and not closes_last:
            return False
    return True


def _is_factorial(node: Node) -> bool:
    return isinstance(node, Atom) and node.text == "!"


def is_slash(node: Node) -> bool:
    """A division sign on the line."""
    return isinstance(node, Atom) and node.text == "/"
