"""From LaTeX to the tree of `nodes`."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from tutor.maths import reader
from tutor.maths.letters import ALPHABETS
from tutor.maths.nodes import (
    EMPTY,
    Atom,
    Cls,
    Delim,
    Fence,
    MathsError,
    Node,
    Row,
    Script,
    Space,
    Stack,
    Table,
)
from tutor.maths.reader import Stream, Token
from tutor.maths.symbols import MACROS, character, rare_symbol
from tutor.maths.width import clean, to_ascii

_PRIMES = ("", "′", "″", "‴")


@lru_cache(maxsize=512)
def parse(latex: str) -> Node:
    """The tree of a formula.

    Raises:
        MathsError: the formula is empty, malformed, or uses a command that is not known here.
    """
    if not latex.strip():
        raise MathsError("the formula is empty")
    return lines(reader.read(latex))


def lines(nodes: list[Any]) -> Node:
    r"""A formula, or several under each other where `\\` separates them."""
    rows = split_cells(nodes)
    if any(len(row) > 1 for row in rows):
        raise MathsError(r"& stands outside of aligned, cases or a matrix")
    if len(rows) == 1:
        return parse_row(Stream.of(rows[0][0]), "")
    return Table("lines", tuple(tuple(parse_row(Stream.of(cell), "") for cell in row) for row in rows))


def split_cells(nodes: list[Any]) -> list[list[list[Token]]]:
    r"""Tokens by rows (ended by `\\`) and cells (ended by `&`); an empty last row is dropped."""
    rows: list[list[list[Token]]] = [[[]]]
    for token in reader.tokens(nodes):
        if reader.is_ampersand(token):
            rows[-1].append([])
        elif reader.macro_name(token) in ("\\", "cr", "newline"):
            rows.append([[]])
        else:
            rows[-1][-1].append(token)
    if len(rows) > 1 and not any(not (isinstance(t, str) and t.isspace()) for cell in rows[-1] for t in cell):
        rows.pop()
    return rows


def parse_row(stream: Stream, style: str, depth: int = 0) -> Row:
    """Everything up to the end of the stream, in an alphabet `style` such as "mathbb" ("" for none)."""
    row = RowParser(stream, style, depth)
    row.run()
    return Row(tuple(row.items))


def parse_nodes(nodes: list[Any], style: str = "", depth: int = 0) -> Node:
    """The contents of braces, without the braces where they hold one thing."""
    row = parse_row(Stream(nodes), style, depth)
    return row.items[0] if len(row.items) == 1 else row


class RowParser:
    """Reads one row; `items` grows as it goes. `style` is the alphabet, `depth` how deep we are in the formula."""

    def __init__(self, stream: Stream, style: str, depth: int) -> None:
        if depth > reader.MAX_DEPTH:
            raise MathsError(f"the formula is nested deeper than {reader.MAX_DEPTH}")
        self.stream, self.style, self.depth = stream, style, depth
        self.items: list[Node] = []

    def run(self, stop: str | None = None) -> None:
        """Read to the end, or to the command `stop`, which is left in the stream."""
        while (token := self.stream.peek()) is not None:
            name = reader.macro_name(token)
            if name is not None and name == stop:
                return
            self.stream.advance()
            self._step(token, name)
        if stop is not None:
            raise MathsError(rf"\left has no \{stop}")

    def _step(self, token: Token, name: str | None) -> None:
        if isinstance(token, str):
            self._character(token)
        elif name is not None:
            self._command(token, name)
        elif reader.is_group(token):
            self.items.append(ordinary(self.nodes(token.nodelist)))
        else:
            self.items.append(self._other(token))

    def nodes(self, nodes: list[Any], style: str | None = None) -> Node:
        """Nodes one level deeper."""
        return parse_nodes(nodes, self.style if style is None else style, self.depth + 1)

    def _other(self, token: Token) -> Node:
        from tutor.maths.environments import environment  # which needs RowParser

        if reader.is_environment(token):
            return environment(token, self.depth + 1)
        bare = reader.bare_command(token)
        if bare is not None:
            raise MathsError(rf"unknown command \{clean(bare)}")
        raise MathsError(r"$ or \( stands inside the formula")

    def _character(self, char: str) -> None:
        if char in "^_":
            self._script(char)
        elif char in "&$%{}":
            raise MathsError(f"{char} stands where it has no meaning")
        elif char == "'":
            self._primes()
        elif char.isdigit() and char.isascii():
            self._number(char)
        elif self.style == "rm" and char.isalpha():
            self._word(char)
        elif clean(char) == char:
            self.items.append(self._letter(char))
        elif clean(char):
            raise MathsError(f"the formula holds an unprintable character (U+{ord(char):04X})")

    def _letter(self, char: str) -> Atom:
        if char == "~":
            return Atom(" ", " ", "text")
        styled = ALPHABETS[self.style].get(char) if self.style in ALPHABETS else None
        return Atom(styled, char) if styled else character(char)

    def _run(self, first: str, more: str) -> str:
        found = first
        while isinstance(char := self.stream.peek_raw(), str) and char.isascii() and _is(char, more):
            found += char
            self.stream.take()
        return found

    def _number(self, first: str) -> None:
        digits = self._run(first, "digit")
        while isinstance(char := self.stream.peek_raw(), str) and char == ".":
            self.stream.take()
            digits += self._run(".", "digit")
        alphabet = ALPHABETS.get(self.style, {})
        self.items.append(Atom("".join(alphabet.get(digit, digit) for digit in digits), digits))

    def _word(self, char: str) -> None:
        word = self._run(char, "letter")
        self.items.append(Atom(word, to_ascii(word)))

    def _primes(self) -> None:
        count = 1
        while isinstance(char := self.stream.peek(), str) and char == "'":
            self.stream.take()
            count += 1
        mark = _PRIMES[count] if count < len(_PRIMES) else "′" * count
        self._attach("^", Atom(mark, "'" * count))

    def _script(self, sign: str) -> None:
        following = self.stream.take()
        if following is None or (isinstance(following, str) and following in "^_'"):
            raise MathsError(f"nothing follows {sign}")
        if reader.is_group(following):
            self._attach(sign, self.nodes(following.nodelist))
        else:
            self._attach(sign, self._one(following))

    def _one(self, token: Token, style: str | None = None) -> Node:
        """A token that stands for an argument without braces."""
        inner = RowParser(self.stream, self.style if style is None else style, self.depth + 1)
        inner._step(token, reader.macro_name(token))
        return inner.items[0] if len(inner.items) == 1 else Row(tuple(inner.items))

    def _attach(self, sign: str, body: Node) -> None:
        last = self.items.pop() if self.items and not isinstance(self.items[-1], Space) else EMPTY
        if isinstance(last, Stack) and last.brace:
            self.items.append(replace(last, over=body) if sign == "^" else replace(last, under=body))
            return
        if not isinstance(last, Script):
            last = Script(last, None, None, getattr(last, "limits", False))
        present = last.sup if sign == "^" else last.sub
        if present is not None and not (sign == "^" and _is_prime(present)):
            raise MathsError("two superscripts in a row" if sign == "^" else "two subscripts in a row")
        if present is not None:
            body = Row((present, *body.items)) if isinstance(body, Row) else Row((present, body))
        self.items.append(replace(last, sup=body) if sign == "^" else replace(last, sub=body))

    def _command(self, token: Token, name: str) -> None:
        from tutor.maths.commands import COMMANDS  # which need RowParser

        symbol = MACROS.get(name)
        if symbol is not None:
            self._symbol(symbol)
        elif name in COMMANDS:
            found = COMMANDS[name](self, token)
            if found is not None:
                self.items.append(found)
        elif (rare := rare_symbol(name)) is not None:
            self.items.append(rare)
        else:
            raise MathsError(rf"unknown command \{name}")

    def _symbol(self, symbol: Atom) -> None:
        last = self.items[-1] if self.items else None
        if symbol.text in ("max", "min") and isinstance(last, Space) and len(self.items) > 1:
            last = self.items[-2]
        if symbol.text in ("max", "min") and isinstance(last, Atom) and last.text == "arg":
            while isinstance(self.items.pop(), Space):
                pass
            symbol = MACROS["arg" + symbol.text]
        self.items.append(symbol)

    def argument(self, node: Any, style: str | None = None) -> Node:
        r"""An argument; a bare command that wants arguments itself (`\hat\mathbb{E}`) takes them from what follows."""
        if reader.is_missing(node):
            raise MathsError("an argument is missing before a closing brace")
        bare = reader.bare_command(node)
        if bare is not None:
            return self._one(reader.with_argument(bare, self.stream), style)
        return self.nodes(reader.contents(node), style)

    def delimiter(self, side: Literal["open", "close", "middle"]) -> Delim:
        r"""The bracket after `\left`, `\right`, `\middle` or `\bigl`."""
        following = self.stream.take()
        name = reader.macro_name(following)
        if name is not None and name in MACROS and len(MACROS[name].text) == 1:
            return Delim(MACROS[name].text, MACROS[name].ascii, side)
        if isinstance(following, str) and following in "()[]|/.<>":
            sign = {".": "", "<": "⟨", ">": "⟩"}.get(following, following)
            return Delim(sign, following.strip("."), side)
        raise MathsError(r"a bracket must follow \left, \right and their kind")

    def fence(self) -> Fence:
        r"""What follows `\left`, through `\right` and its bracket."""
        left = self.delimiter("open")
        inner = RowParser(self.stream, self.style, self.depth + 1)
        inner.run(stop="right")
        self.stream.take()
        return Fence(left, Row(tuple(inner.items)), self.delimiter("close"))


def _is(char: str, kind: str) -> bool:
    return char.isdigit() if kind == "digit" else char.isalpha() or char.isdigit()


def _is_prime(node: Node) -> bool:
    return isinstance(node, Atom) and bool(node.text) and set(node.text) <= set("′″‴")


def ordinary(node: Node, cls: Cls = "ord") -> Node:
    """What stood in braces is an ordinary atom, so that `10{,}000` has no space and `{=}` none about it."""
    return replace(node, cls=cls) if isinstance(node, Atom) and node.cls not in ("ord", "text") else node
