"""From LaTeX source to a stream of tokens: pylatexenc's parser, with the commands that a formula may hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexCommentNode,
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexMathNode,
    LatexWalkerError,
)
from pylatexenc.macrospec import (
    EnvironmentSpec,
    LatexContextDb,
    MacroSpec,
    MacroStandardArgsParser,
    std_environment,
    std_macro,
)

from tutor.maths.letters import ALPHABETS, MARKS
from tutor.maths.nodes import MathsError
from tutor.maths.walker import AMPERSAND, NO_ARGUMENTS, Command, Group, Walker

MAX_CHARACTERS = 6000
MAX_DEPTH = 30

_WORDS = "text textrm textit textbf texttt textsf textup textnormal textsc mbox hbox emph"
WORDS = _WORDS.split()
_ROMAN = "mathrm mathit mathsf mathtt mathnormal"
ROMAN = _ROMAN.split()
_CLASSES = "mathop mathbin mathrel mathord mathopen mathclose mathpunct mathinner"
CLASSES = _CLASSES.split()
_ONE = (
    "substack overbrace underbrace phantom hphantom vphantom smash boxed pmod label color ensuremath not "
    "intertext operatornamewithlimits"
)
_TWO = "frac dfrac tfrac cfrac nicefrac sfrac binom dbinom tbinom overset underset stackrel textcolor"
_ENVIRONMENTS = (
    "aligned align align* split gathered gather gather* equation equation* multline multline* cases rcases "
    "dcases matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix"
)

_UNNAMED_COMMAND = re.compile(r"(?<!\\)(?:\\\\)*\\$")

# A token is one character, or a node that is not made of characters.
Token: TypeAlias = Any


def _context() -> LatexContextDb:
    one = [*WORDS, *ROMAN, *CLASSES, *ALPHABETS, *MARKS, *_ONE.split()]
    macros = [std_macro(name, "{") for name in one]
    macros += [std_macro(name, "{{") for name in _TWO.split()]
    macros += [std_macro(name, "*{") for name in ("operatorname", "hspace", "tag")]
    macros += [std_macro(name, "[{") for name in ("sqrt", "xrightarrow", "xleftarrow")]
    macros.append(MacroSpec("\\", args_parser=MacroStandardArgsParser("*[", optional_arg_no_space=True)))
    environments = [std_environment(name, None) for name in _ENVIRONMENTS.split()]
    environments += [std_environment(name, "{") for name in ("alignedat", "alignat", "alignat*")]
    environments.append(std_environment("array", "[{"))
    context = LatexContextDb()
    context.add_context_category("maths", macros, environments, [])
    context.set_unknown_macro_spec(MacroSpec(""))
    context.set_unknown_environment_spec(EnvironmentSpec(""))
    return context


_CONTEXT = _context()


def _check_size(latex: str) -> None:
    """Refuse what no formula is, before it costs time or stack."""
    if len(latex) > MAX_CHARACTERS:
        raise MathsError(f"the formula is longer than {MAX_CHARACTERS} characters")
    if _UNNAMED_COMMAND.search(latex):
        raise MathsError("a backslash at the end has no name")
    depth = 0
    for char in latex:
        depth += (char == "{") - (char == "}")
        if depth > MAX_DEPTH:
            raise MathsError(f"braces are nested deeper than {MAX_DEPTH}")
    if latex.count("\\begin") > MAX_DEPTH:
        raise MathsError(f"more than {MAX_DEPTH} environments")


def read(latex: str) -> list[Any]:
    """The nodes of a formula.

    Raises:
        MathsError: the source is not well formed, or larger than any formula.
    """
    _check_size(latex)
    try:
        nodes: list[Any] = Walker(latex, latex_context=_CONTEXT, tolerant_parsing=False).get_latex_nodes()[0]
    except LatexWalkerError as error:
        raise MathsError(_in_words(error)) from error
    except RecursionError as error:
        raise MathsError("the formula is nested too deeply") from error
    return nodes


def _in_words(error: Exception) -> str:
    message = getattr(error, "msg", None) or "the source ends too early"
    return str(message).splitlines()[0]


class Stream:
    """Tokens with a place in them; characters come one by one, spaces are skipped by `next`."""

    def __init__(self, nodes: Sequence[Any]) -> None:
        self._tokens = tokens(nodes)
        self._at = 0

    @classmethod
    def of(cls, tokens: list[Token]) -> Stream:
        """A stream of tokens that were split already."""
        stream = cls(())
        stream._tokens = tokens
        return stream

    def peek(self) -> Token | None:
        """The next token, or None at the end."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if not (isinstance(token, str) and token.isspace()):
                return token
            self._at += 1
        return None

    def peek_raw(self) -> Token | None:
        """The next token even if it is a space."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def advance(self) -> None:
        """Leave behind what `peek` gave."""
        self._at += 1

    def take(self) -> Token | None:
        """The next token, which is then behind us; None at the end."""
        token = self.peek()
        self._at += token is not None
        return token


def tokens(nodes: Sequence[Any]) -> list[Token]:
    """Characters one by one, pylatexenc's commands and groups as ours, everything else as it is.

    Raises:
        MathsError: for a comment, which would hide the rest of the line.
    """
    found: list[Token] = []
    for node in nodes:
        if isinstance(node, str):
            found.extend(node)
        elif isinstance(node, LatexCharsNode):
            found.extend(node.chars)
        elif isinstance(node, LatexCommentNode):
            raise MathsError(r"% begins a comment in LaTeX; write \% for a per cent sign")
        elif isinstance(node, LatexMacroNode) and node.nodeargd is not None:
            found.append(Command(str(node.macroname), list(node.nodeargd.argnlist or ())))
        elif isinstance(node, LatexGroupNode):
            found.append(Group(node.nodelist))
        elif node is not None:
            found.append(node)
    return found


def macro_name(token: Token | None) -> str | None:
    r"""The name of a command (`frac` for `\frac`), None for every other token."""
    return token.name if isinstance(token, Command) else None


def arguments(command: Command) -> list[Any]:
    """The argument nodes of a command; None for an optional one that is not there."""
    return command.arguments or []


def columns(token: Any) -> str:
    """What an array says of its columns, such as "lcr"."""
    spec = contents(token.nodeargd.argnlist[-1])
    return "".join(char for char in tokens(spec) if isinstance(char, str) and char in "lcr")


def bare_command(node: Any) -> str | None:
    r"""The name of a command that stands for an argument without its own arguments (`\hat\mathbb`), else None."""
    return str(node.macroname) if isinstance(node, LatexMacroNode) else None


def with_argument(name: str, stream: Stream) -> Command:
    """A command that came without its argument, given the group that follows in the stream.

    Raises:
        MathsError: no group follows, or more arguments are wanted.
    """
    wanted = str(_CONTEXT.get_macro_spec(name).args_parser.argspec)
    if not wanted:
        return Command(name, NO_ARGUMENTS)
    if wanted != "{" or not is_group(stream.peek()):
        raise MathsError(rf"\{name} needs braces of its own here")
    return Command(name, [stream.take()])


def contents(node: Any) -> list[Any]:
    """What stands between the braces of an argument, or the argument itself."""
    return list(node.nodelist) if isinstance(node, Group | LatexGroupNode) else [node]


def is_group(token: Token) -> bool:
    return isinstance(token, Group)


def is_missing(node: Any) -> bool:
    r"""pylatexenc gives an empty text for the argument that `{\frac{a}}` lacks."""
    return isinstance(node, LatexCharsNode) and not node.chars


def is_environment(token: Token) -> bool:
    return isinstance(token, LatexEnvironmentNode)


def is_maths(token: Token) -> bool:
    return isinstance(token, LatexMathNode)


def is_ampersand(token: Token) -> bool:
    return token is AMPERSAND
