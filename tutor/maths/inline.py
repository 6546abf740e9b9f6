"""A formula on one line: `e^(x/y)`, `log (a/b)`, `𝔼_π[Gₜ|Sₜ = s]`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from tutor.maths.factors import binds, is_factor, is_product, is_slash, row_items
from tutor.maths.letters import MARKS, lowered, marked, raised
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
    Tag,
)
from tutor.maths.spacing import Placed, class_of, place, runs_together
from tutor.maths.width import width

_Writer: TypeAlias = Callable[[Node, "Style"], str]


class Style(NamedTuple):
    """How to write: in 7 bits or not; small, as in a script, where most spaces vanish."""

    ascii: bool
    small: bool = False


def inline(node: Node, style: Style) -> str:
    """The node on one line."""
    writer: _Writer = _WRITERS[type(node)]
    return writer(node, style)


def _atom(node: Atom, style: Style) -> str:
    text = node.ascii if style.ascii else node.text
    if style.small and node.cls in ("rel", "bin") and text[:1].isalpha():
        return f" {text} "
    return text


def _row(node: Row, style: Style) -> str:
    return row_text(node.items, style)


def row_text(items: tuple[Node, ...], style: Style) -> str:
    """Nodes side by side with their spaces; fractions get parentheses where a neighbour would bind to them."""
    if len(items) == 1 and not isinstance(items[0], Space):
        return inline(items[0], style)
    placed = place(items, style.small)
    out = before = ""
    for at, item in enumerate(placed):
        text = inline(item.node, style)
        if isinstance(item.node, Frac) and item.node.bar and binds(placed, at):
            text = f"({text})"
        gap = _inline_gap(placed, at, style)
        index = style.small and text[:1].isdigit()  # the 1 of P_{n1}
        if at and gap == 0 and not index and runs_together(before, text, style.ascii):
            gap = 1
        out += " " * gap + text
        before = text
    return out


def _inline_gap(placed: list[Placed], at: int, style: Style) -> int:
    """On one line a fraction is spaced like a letter, not like the tall thing of a display."""
    item = placed[at]
    if not at or item.gap != 1 or style.small:
        return item.gap
    inner = isinstance(item.node, Frac) or isinstance(placed[at - 1].node, Frac)
    return 0 if inner and {item.cls, placed[at - 1].cls} <= {"inner", "ord", "close", "open", "sign"} else 1


def _frac(node: Frac, style: Style) -> str:
    num, den = inline(node.num, style), inline(node.den, style)
    if not node.bar:
        return f"{num} choose {den}" if not style.small else f"{num} over {den}"
    return f"{_wrap(num, not is_product(node.num))}/{_wrap(den, not is_factor(node.den))}"


def _wrap(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def _script(node: Script, style: Style) -> str:
    return scripted(node, inline(node.base, style), style)


def scripted(node: Script, base: str, style: Style) -> str:
    """A base on one line with its scripts; in parentheses when they would seem to belong to its last letter."""
    low, high = script_texts(node, style)
    several = isinstance(node.base, Row) and len(base) > 1
    base = _wrap(base, isinstance(node.base, Frac | Root) or several)
    return base + (high + low if low.startswith("_") and "^" not in high else low + high)


def script_texts(node: Script, style: Style) -> tuple[str, str]:
    """What is low and what is high, each as small letters or with its `_` or `^`."""
    if isinstance(node.sup, Row) and node.sup.items and _is_prime(node.sup.items[0]):
        rest = node.sup.items[1:]
        low, high = script_texts(replace(node, sup=rest[0] if len(rest) == 1 else Row(rest)), style)
        return low, inline(node.sup.items[0], style) + high
    low = "" if node.sub is None else small_text(node.sub, style)
    high = "" if node.sup is None else small_text(node.sup, style)
    small_low = lowered(low) if _may_shrink(node.sub, low, style) else None
    small_high = raised(high) if _may_shrink(node.sup, high, style) else None
    if style.ascii and high and not high.strip("'"):
        small_high = high
    elif class_of(node) == "bigop" and low and high and (small_low is None) != (small_high is None):
        small_low = small_high = None  # the limits of a sum look alike
    if node.sub is not None:
        low = "_" + braced(node.sub, low) if small_low is None else small_low
    if node.sup is not None:
        high = "^" + braced(node.sup, high) if small_high is None else small_high
    return low, high


def _is_prime(node: Node) -> bool:
    return isinstance(node, Atom) and bool(node.text) and not node.text.strip("′″‴")


def _may_shrink(node: Node | None, text: str, style: Style) -> bool:
    """Words stay on the line as they are, so that π_ref, r_max and V_targ look alike."""
    return not style.ascii and not (isinstance(node, Atom) and len(text) > 1 and text.isalpha())


def small_text(node: Node, style: Style) -> str:
    """The inside of a script on one line."""
    return inline(node, Style(style.ascii, small=True)).strip()


def braced(node: Node, text: str) -> str:
    """A script after its sign: bare if it is one word or sign, in parentheses if it divides, else in braces."""
    if (text.isascii() and text.isalnum()) or (len(text) == 1 and text not in "^_") or isinstance(node, Atom):
        return text
    if any(isinstance(item, Frac) or is_slash(item) for item in row_items(node)):
        return f"({text})"
    return f"{{{text}}}"


def _root(node: Root, style: Style) -> str:
    body = inline(node.body, style)
    if style.ascii:
        return f"sqrt({body})" if node.index is None else f"root({inline(node.index, style)}, {body})"
    index = "" if node.index is None else script_texts(Script(EMPTY, None, node.index), style)[1]
    bare = isinstance(node.body, Atom) or (isinstance(node.body, Script) and node.body.sup is None)
    return f"{index}√{body if bare else f'({body})'}"


def _accent(node: Accent, style: Style) -> str:
    text = inline(node.body, style)
    name = MARKS[node.mark][1]
    if style.ascii:
        return f"{name}({text})"
    if len(text) == 1:
        return marked({"ı": "i", "ȷ": "j"}.get(text, text), node.mark)
    if name in ("bar", "under") and " " not in text:
        mark = "overline" if name == "bar" else "underline"
        return "".join(marked(char, mark) if width(char) else char for char in text)
    if isinstance(node.body, Accent) and width(text) == 1:
        return text + MARKS[node.mark][0]
    return f"{name}({text})"


def delimiter(node: Delim, style: Style) -> str:
    """A bracket of one line."""
    return node.ascii if style.ascii else node.text


def _fence(node: Fence, style: Style) -> str:
    left, right = delimiter(node.left, style), delimiter(node.right, style)
    if isinstance(node.body, Row) and len(node.body.items) == 1 and isinstance(node.body.items[0], Table):
        return left + _cells(node.body.items[0], style) + right
    return left + inline(node.body, style) + right


def _stack(node: Stack, style: Style) -> str:
    text = inline(node.base, style)
    if node.brace:
        text = f"({text})" if node.over or node.under else text
    over = "" if node.over is None else "^" + braced(node.over, small_text(node.over, style))
    under = "" if node.under is None else "_" + braced(node.under, small_text(node.under, style))
    return text + under + over


def _table(node: Table, style: Style) -> str:
    if node.kind in ("aligned", "lines"):
        return _joined_lines([_line(row, style) for row in node.rows], node)
    text = _cells(node, style)
    left, right = (delimiter(side, style) if side else "" for side in (node.left, node.right))
    if node.kind == "cases":
        return f"{{{text}}}"
    return left + text + right if left or right or node.kind == "substack" else f"[{text}]"


NO_LEFT_NEIGHBOUR = Atom("", "")  # makes the plus that begins a cell a binary one


def _line(row: tuple[Row, ...], style: Style) -> str:
    """One line of an alignment; one that begins in the second column goes on from the line before."""
    items: tuple[Node, ...] = sum((cell.items for cell in row), ())
    return row_text(items if row[0].items else (NO_LEFT_NEIGHBOUR, *items), style).strip()


def _joined_lines(texts: list[str], node: Table) -> str:
    """Lines of an alignment one after another: a line that goes on with a relation needs no mark between."""
    out = texts[0]
    for row, text in zip(node.rows[1:], texts[1:], strict=True):
        first = next((item for cell in row for item in cell.items if not isinstance(item, Space)), None)
        goes_on = first is not None and class_of(first) in ("rel", "bin")
        ended = out.rstrip().endswith((",", ";"))
        out += (" " if goes_on or ended else "; ") + text
    return out


def _cells(node: Table, style: Style) -> str:
    if node.kind == "substack":
        texts = [inline(row[0], style).rstrip(",") for row in node.rows]
        return ("," if style.small and not style.ascii else ", ").join(texts)
    rows = (_row_of_cells(row, node.kind, style) for row in node.rows)
    return "; ".join(rows)


def _row_of_cells(row: tuple[Row, ...], kind: str, style: Style) -> str:
    out = ""
    for at, cell in enumerate(row):
        text = inline(cell, style).strip()
        words = bool(cell.items) and class_of(cell.items[0]) == "text"
        ended = out.endswith((",", ";"))
        out += ("" if not at else " " if ended or (words and kind == "cases") else ", ") + text
    return out.rstrip(",;") if kind == "cases" else out


_WRITERS: dict[type, Any] = {
    Atom: _atom,
    Row: _row,
    Frac: _frac,
    Script: _script,
    Root: _root,
    Accent: _accent,
    Fence: _fence,
    Stack: _stack,
    Table: _table,
    Tag: lambda node, style: inline(node.body, style),
    Space: lambda node, _style: " " * node.cells,
    Delim: delimiter,
}
