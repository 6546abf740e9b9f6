"""Matrices, cases and aligned lines."""

from __future__ import annotations

from tutor.maths import reader
from tutor.maths.nodes import Delim, MathsError, Node, Row, Table
from tutor.maths.parse import RowParser, split_cells
from tutor.maths.reader import Stream, Token

_BRACKETS = {
    "pmatrix": ("(", ")", "(", ")"),
    "bmatrix": ("[", "]", "[", "]"),
    "Bmatrix": ("{", "}", "{", "}"),
    "vmatrix": ("|", "|", "|", "|"),
    "Vmatrix": ("‖", "‖", "||", "||"),
    "cases": ("{", "", "{", ""),
    "dcases": ("{", "", "{", ""),
    "rcases": ("", "}", "", "}"),
}
_ALIGNED = "aligned align align* split alignedat alignat alignat* eqnarray eqnarray*"
_LINES = "gathered gather gather* equation equation* multline multline*"
_MATRICES = "matrix smallmatrix array"


def environment(token: Token, depth: int) -> Node:
    r"""The table of `\begin{…} … \end{…}`.

    Raises:
        MathsError: the environment is not known here.
    """
    name = str(token.environmentname)
    rows = tuple(tuple(_cell(cell, depth) for cell in row) for row in split_cells(token.nodelist))
    if name in _ALIGNED.split():
        return Table("aligned", rows)
    if name in _LINES.split():
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else Table("lines", rows)
    if name not in _BRACKETS and name not in _MATRICES.split():
        raise MathsError(rf"unknown environment {name}")
    left, right, plain_left, plain_right = _BRACKETS.get(name, ("", "", "", ""))
    return Table(
        "cases" if name.endswith("cases") else "matrix",
        rows,
        Delim(left, plain_left, "open"),
        Delim(right, plain_right, "close"),
        reader.columns(token) if name == "array" else "",
    )


def _cell(tokens: list[Token], depth: int) -> Row:
    row = RowParser(Stream.of(tokens), "", depth)
    row.run()
    return Row(tuple(row.items))
