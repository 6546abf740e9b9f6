"""pylatexenc's walker with short cuts for what formulas are made of.

The stock walker makes a token of every character, an object of many fields of every node, and defines a class for
every group that it reads: 2 ms for the longest formulas, before anything is drawn. Here runs of characters, commands
and braces are read by one regular expression into small objects; environments, optional arguments, stars, comments
and `$ … $` are left to pylatexenc.
"""

from __future__ import annotations

import re
from typing import Any

from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError

_PIECE = re.compile(
    r"(?P<chars>[^\\{}$%&]+)|\\(?P<name>[A-Za-z]+)\s*|\\(?P<sign>[^\sA-Za-z()\[\]\x80-\U0010FFFF]|\s)"
    r"|(?P<open>\{)|(?P<close>\})|(?P<cell>&)"
)
_PLAIN_GROUP = re.compile(r"\{([^\\{}$%&]*)\}")
_SPACES = re.compile(r"\s*")


class Command:
    r"""`\name` with its arguments; None for one that came without its arguments, as the `\mathbb` of `\hat\mathbb`."""

    __slots__ = ("arguments", "name")

    def __init__(self, name: str, arguments: list[Any] | None) -> None:
        self.name, self.arguments = name, arguments


class Group:
    """What stands between braces."""

    __slots__ = ("nodelist",)

    def __init__(self, nodelist: list[Any]) -> None:
        self.nodelist = nodelist


class Ampersand:
    """The end of a cell."""


AMPERSAND = Ampersand()
NO_ARGUMENTS: list[Any] = []


class Walker(LatexWalker):  # type: ignore[misc]
    """A `LatexWalker` for formulas: its nodes are strings, commands, groups, ampersands and pylatexenc's own."""

    def get_latex_nodes(self, pos: int = 0, **options: Any) -> Any:
        """The nodes from `pos`, where they began, and their length."""
        ends = {name: value for name, value in options.items() if value and name != "parsing_state"}
        if ends.keys() - {"stop_upon_end_environment"}:
            return super().get_latex_nodes(pos, **options)
        state = options.get("parsing_state") or self.default_parsing_state
        nodes, end = self._read(pos, state, False, ends.get("stop_upon_end_environment"))
        return nodes, pos, end - pos

    def get_latex_braced_group(self, pos: int, brace_type: Any = "{", parsing_state: Any = None) -> Any:
        """The group at `pos`."""
        if brace_type != "{":
            return super().get_latex_braced_group(pos, brace_type=brace_type, parsing_state=parsing_state)
        plain = _PLAIN_GROUP.match(self.s, pos)
        if plain is not None:
            return Group([plain[1]] if plain[1] else []), pos, len(plain[0])
        nodes, end = self._read(pos + 1, parsing_state, True, None)
        return Group(nodes), pos, end - pos

    def get_latex_expression(self, pos: int, strict_braces: Any = None, parsing_state: Any = None) -> Any:
        """One argument."""
        start = _SPACES.match(self.s, pos).end()  # type: ignore[union-attr]
        if self.s.startswith("{", start):
            return self.get_latex_braced_group(start, parsing_state=parsing_state)
        return super().get_latex_expression(pos, strict_braces=strict_braces, parsing_state=parsing_state)

    def _read(self, pos: int, state: Any, braced: bool, environment: str | None) -> tuple[list[Any], int]:
        """Nodes up to a closing brace, the end of `environment` or the end of the source, and where that is."""
        nodes: list[Any] = []
        while (found := _PIECE.match(self.s, pos)) is not None or pos < len(self.s):
            kind = found.lastgroup if found is not None else None
            if found is None or found["name"] in ("begin", "end"):
                ended, pos = self._left_to_pylatexenc(pos, state, environment, nodes)
                if ended:
                    return nodes, pos
                continue
            pos = found.end()
            if kind == "chars":
                nodes.append(found[0])
            elif kind == "open":
                group, start, length = self.get_latex_braced_group(pos - 1, parsing_state=state)
                nodes.append(group)
                pos = start + length
            elif kind == "close":
                if not braced:
                    raise self._error(pos, "a closing brace without an opening one")
                return nodes, pos
            elif kind == "cell":
                nodes.append(AMPERSAND)
            else:
                pos = self._command(found["name"] or found["sign"].replace("\n", " "), pos, state, nodes)
        if braced or environment:
            raise self._error(
                pos, rf"\end{{{environment}}} is missing" if environment else "a closing brace is missing"
            )
        return nodes, pos

    def _command(self, name: str, pos: int, state: Any, nodes: list[Any]) -> int:
        """Read the arguments of a command; returns where they end."""
        parser = state.latex_context.get_macro_spec(name).args_parser
        if not parser.argspec:
            nodes.append(Command(name, NO_ARGUMENTS))
            return pos
        if parser.argspec.strip("{"):
            given, start, length = parser.parse_args(self, pos, parsing_state=state)[:3]
            nodes.append(Command(name, list(given.argnlist)))
            return int(start + length)
        arguments = []
        for _ in parser.argspec:
            argument, start, length = self.get_latex_expression(pos, strict_braces=False, parsing_state=state)
            arguments.append(argument)
            pos = start + length
        nodes.append(Command(name, arguments))
        return pos

    def _left_to_pylatexenc(
        self, pos: int, state: Any, environment: str | None, nodes: list[Any]
    ) -> tuple[bool, int]:
        r"""A comment, `$ … $`, `\(`, `\begin` or `\end`: whether it ends what is being read, and where it ends."""
        token = self.get_token(pos, parsing_state=state)
        end = token.pos + token.len
        if token.tok == "end_environment":
            if token.arg != environment:
                raise self._error(pos, rf"\end{{{token.arg}}} does not match")
            return True, end
        if token.tok == "begin_environment":
            node, start, length = self.get_latex_environment(token.pos, token.arg, parsing_state=state)
            nodes.append(node)
            return False, start + length
        more, start, length = super().get_latex_nodes(pos, read_max_nodes=1, parsing_state=state)
        nodes.extend(more)
        return False, max(start + length, pos + 1)

    def _error(self, pos: int, message: str) -> LatexWalkerParseError:
        return LatexWalkerParseError(message, self.s, pos, lineno=1, colno=pos)
