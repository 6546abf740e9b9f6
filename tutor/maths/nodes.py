"""The small tree between LaTeX and its picture: what a formula is made of, without any drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

# TeX's classes of atoms (The TeXbook, chapter 18), which decide the spaces between neighbours. "op" is a named
# function (log, max), "bigop" a sign with limits (sum), "bar" the separator of a condition, "stroke" a bar that opens,
# closes or separates as its neighbours tell, "sign" a plus or minus before its operand.
Cls: TypeAlias = Literal[
    "ord", "op", "bigop", "bin", "rel", "open", "close", "punct", "inner", "bar", "stroke", "sign", "text"
]


class MathsError(ValueError):
    """The formula cannot be laid out; the message says why in words for its author."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A sign, number or word. `limits`: its scripts go below and above it in a display."""

    text: str
    ascii: str
    cls: Cls = "ord"
    limits: bool = False


@dataclass(frozen=True, slots=True)
class Space:
    """Explicit space, in cells (0 for commands that leave no trace)."""

    cells: int


@dataclass(frozen=True, slots=True)
class Row:
    """Nodes side by side."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A base with something low and something high; `limits` as in `Atom`."""

    base: Node
    sub: Node | None
    sup: Node | None
    limits: bool = False


@dataclass(frozen=True, slots=True)
class Frac:
    """A fraction; without a bar it is the inside of a binomial coefficient."""

    num: Node
    den: Node
    bar: bool = True


@dataclass(frozen=True, slots=True)
class Root:
    """A root; `index` is None for the square root."""

    body: Node
    index: Node | None


@dataclass(frozen=True, slots=True)
class Accent:
    """A mark over (or, for underline, under) its body; `mark` is the LaTeX name of the mark, such as "hat"."""

    mark: str
    body: Node


@dataclass(frozen=True, slots=True)
class Delim:
    r"""One side of a bracket that grows; empty glyphs are the invisible `\left.` and `\right.`."""

    text: str
    ascii: str
    side: Literal["open", "close", "middle"]


@dataclass(frozen=True, slots=True)
class Fence:
    r"""`\left … \right`: the body holds `Delim` nodes of side "middle" where `\middle` stood."""

    left: Delim
    body: Row
    right: Delim


@dataclass(frozen=True, slots=True)
class Stack:
    """Something with small things above and below it (overset, underset, braces with a label)."""

    base: Node
    over: Node | None
    under: Node | None
    brace: Literal["", "over", "under"] = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. `kind`: "matrix", "cases", "aligned", "lines" or "substack"; `left`, `right`: its brackets."""

    kind: Literal["matrix", "cases", "aligned", "lines", "substack"]
    rows: tuple[tuple[Row, ...], ...]
    left: Delim | None = None
    right: Delim | None = None
    columns: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """The number of an equation, set at the right edge of a display."""

    body: Node


Node: TypeAlias = Atom | Space | Row | Script | Frac | Root | Accent | Delim | Fence | Stack | Table | Tag

EMPTY = Row(())
