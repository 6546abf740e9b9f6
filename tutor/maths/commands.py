"""The commands that are more than one sign: each takes the parser and its token and gives a node (or None)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from tutor.maths import reader
from tutor.maths.letters import ALPHABETS, MARKS
from tutor.maths.nodes import (
    EMPTY,
    Accent,
    Atom,
    Cls,
    Delim,
    Fence,
    Frac,
    MathsError,
    Node,
    Root,
    Row,
    Script,
    Space,
    Stack,
    Table,
    Tag,
)
from tutor.maths.parse import RowParser, ordinary, split_cells
from tutor.maths.reader import Stream
from tutor.maths.symbols import MACROS
from tutor.maths.walker import Command
from tutor.maths.width import clean, to_ascii

Handler: TypeAlias = Callable[[RowParser, Command], Node | None]

_SPACES = {
    ",": 1,
    ":": 1,
    ";": 1,
    " ": 1,
    "!": 0,
    "quad": 3,
    "qquad": 6,
    "enspace": 2,
    "thinspace": 1,
    ">": 1,
}
_SPACES |= {"medspace": 1, "thickspace": 1, "space": 1, "nobreakspace": 1}
_SILENT = (
    "displaystyle textstyle scriptstyle scriptscriptstyle nonumber notag allowbreak nobreak relax strut mathstrut "
    "hfill hfil noindent centering boldmath par negthinspace label vphantom hline"
)
_SWITCHES = {"rm": "rm", "bf": "mathbf", "cal": "mathcal", "it": "", "sf": "rm", "tt": "rm"}
_NEGATED = {"=": ("≠", "!="), "∈": ("∉", "notin"), "≡": ("≢", "!=="), "∼": ("≁", "!~"), "⊂": ("⊄", "!subset")}


def plain(node: Node) -> str:
    """The letters of a name, such as the one in `operatorname`."""
    if isinstance(node, Atom):
        return "-" if node.text == "−" else node.text
    if isinstance(node, Space):
        return " " * min(node.cells, 1)
    if isinstance(node, Row):
        return "".join(map(plain, node.items))
    raise MathsError("a name may hold only letters, digits and spaces")


def _arguments(parser: RowParser, token: Command, style: str | None = None) -> list[Node]:
    return [parser.argument(node, style) for node in reader.arguments(token) if node is not None]


def _fraction(parser: RowParser, token: Command) -> Node:
    num, den = _arguments(parser, token)
    return Frac(num, den)


def _binomial(parser: RowParser, token: Command) -> Node:
    num, den = _arguments(parser, token)
    return Fence(Delim("(", "(", "open"), Row((Frac(num, den, bar=False),)), Delim(")", ")", "close"))


def _root(parser: RowParser, token: Command) -> Node:
    index, body = reader.arguments(token)
    return Root(parser.argument(body), None if index is None else parser.argument(index))


def _accent(parser: RowParser, token: Command) -> Node:
    (body,) = _arguments(parser, token)
    if isinstance(body, Script):  # a hat over a letter with an index sits on the letter
        return replace(body, base=Accent(token.name, body.base))
    return Accent(token.name, body)


def _style(parser: RowParser, token: Command) -> Node:
    name = token.name
    (body,) = _arguments(parser, token, "rm" if name in reader.ROMAN else name)
    return body


def _same(parser: RowParser, token: Command) -> Node:
    return ordinary(_arguments(parser, token)[-1])


def _operator(parser: RowParser, token: Command) -> Node:
    star, body = reader.arguments(token)
    name = plain(parser.argument(body, "rm")).strip()
    limits = star is not None or name.replace(" ", "") in ("max", "min", "argmax", "argmin", "sup", "inf")
    return Atom(name, to_ascii(name), "op", limits)


def _over(parser: RowParser, token: Command) -> Node:
    small, base = _arguments(parser, token)
    return Stack(base, small, None)


def _under(parser: RowParser, token: Command) -> Node:
    small, base = _arguments(parser, token)
    return Script(base, small, None, limits=True)


def _brace(parser: RowParser, token: Command) -> Node:
    (base,) = _arguments(parser, token)
    return Stack(base, None, None, "over" if token.name == "overbrace" else "under")


def _arrow(parser: RowParser, token: Command) -> Node:
    below, above = reader.arguments(token)
    left = token.name == "xleftarrow"
    arrow = Atom("⟵", "<--", "rel") if left else Atom("⟶", "-->", "rel")
    return Stack(arrow, parser.argument(above), None if below is None else parser.argument(below))


def _substack(parser: RowParser, token: Command) -> Node:
    rows = split_cells(reader.contents(reader.arguments(token)[0]))
    parsed = []
    for row in rows:
        inner = RowParser(
            Stream.of([token for cell in row for token in cell]), parser.style, parser.depth + 1
        )
        inner.run()
        parsed.append((Row(tuple(inner.items)),))
    return Table("substack", tuple(parsed))


def _left(parser: RowParser, _token: Command) -> Node:
    return parser.fence()


def _stray(_parser: RowParser, token: Command) -> Node:
    raise MathsError(rf"\{token.name} has no \left")


def _middle(parser: RowParser, _token: Command) -> Node:
    return parser.delimiter("middle")


def _big(parser: RowParser, token: Command) -> Node:
    delim = parser.delimiter("middle")
    cls: Cls = {"l": "open", "r": "close", "m": "bar"}.get(token.name[-1], "bar")  # type: ignore[assignment]
    if delim.text in "([{⟨⌈⌊" and cls == "bar":
        cls = "open"
    elif delim.text in ")]}⟩⌉⌋" and cls == "bar":
        cls = "close"
    return Atom(delim.text, delim.ascii, cls)


def _limits(parser: RowParser, token: Command) -> None:
    last = parser.items[-1] if parser.items else None
    if not isinstance(last, Atom | Script):
        raise MathsError(rf"nothing before \{token.name}")
    parser.items[-1] = replace(last, limits=token.name == "limits")


def _reclass(parser: RowParser, token: Command) -> Node:
    (body,) = _arguments(parser, token)
    cls: Cls = token.name.removeprefix("math")  # type: ignore[assignment]
    if isinstance(body, Row):
        try:
            text = plain(body)
        except MathsError:
            return body
        return Atom(text, to_ascii(text), cls, cls == "op")
    return replace(body, cls=cls, limits=cls == "op") if isinstance(body, Atom) else body


def _not(parser: RowParser, token: Command) -> Node:
    (body,) = _arguments(parser, token)
    if not isinstance(body, Atom):
        raise MathsError(r"\not needs a sign")
    text, plain_text = _NEGATED.get(body.text, (body.text + "\u0338", "!" + body.ascii))
    return Atom(text, plain_text, "rel")


def _mod(parser: RowParser, token: Command) -> Node:
    (body,) = _arguments(parser, token)
    items = body.items if isinstance(body, Row) else (body,)
    mod = Atom("mod", "mod", "op")
    return Row((Space(1), Atom("(", "(", "open"), mod, *items, Atom(")", ")", "close")))


def _text(parser: RowParser, token: Command) -> Node:
    items: list[Node] = []
    _collect(parser, reader.contents(reader.arguments(token)[0]), items)
    return items[0] if len(items) == 1 else Row(tuple(items))


def _collect(parser: RowParser, nodes: list[Any], items: list[Node]) -> None:
    """Text with its spaces; formulas inside it are parsed as such."""
    for piece in reader.tokens(nodes):
        name = reader.macro_name(piece)
        if isinstance(piece, str):
            _add_text(items, " " if piece in "~\n\t" else clean(piece))
        elif reader.is_maths(piece):
            items.append(parser.nodes(piece.nodelist, ""))
        elif reader.is_group(piece):
            _collect(parser, piece.nodelist, items)
        elif name in reader.WORDS:
            _collect(parser, reader.contents(reader.arguments(piece)[0]), items)
        elif name in _SPACES:
            _add_text(items, " ")
        elif name in MACROS:
            _add_text(items, MACROS[name].text, MACROS[name].ascii)
        else:
            raise MathsError(rf"unknown command \{name} in a text")


def _add_text(items: list[Node], text: str, plain_text: str | None = None) -> None:
    last = items[-1] if items else None
    plain_text = to_ascii(text) if plain_text is None else plain_text
    if isinstance(last, Atom) and last.cls == "text":
        if not (text == " " and last.text.endswith(" ")):
            items[-1] = Atom(last.text + text, last.ascii + plain_text, "text")
    elif text:
        items.append(Atom(text, plain_text, "text"))


def _tag(parser: RowParser, token: Command) -> Node:
    star, body = reader.arguments(token)
    items: list[Node] = []
    _collect(parser, reader.contents(body), items)
    if star is None:
        items = [Atom("(", "(", "open"), *items, Atom(")", ")", "close")]
    return Tag(Row(tuple(items)))


def _phantom(parser: RowParser, token: Command) -> Node:
    _arguments(parser, token)
    return EMPTY


def _silent(_parser: RowParser, _token: Command) -> None:
    """Commands that only touch the look of print."""


def _switch(parser: RowParser, token: Command) -> None:
    """Old commands that change the letters up to the end of the braces."""
    parser.style = _SWITCHES[token.name]


def _space(_parser: RowParser, token: Command) -> Node:
    return Space(_SPACES.get(token.name, 1))


def _commands() -> dict[str, Handler]:
    table: dict[str, Handler] = dict.fromkeys(_SILENT.split(), _silent) | dict.fromkeys(_SPACES, _space)
    table |= dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"), _fraction)
    table |= dict.fromkeys(("binom", "dbinom", "tbinom"), _binomial)
    table |= dict.fromkeys(MARKS, _accent) | dict.fromkeys([*ALPHABETS, *reader.ROMAN], _style)
    table |= dict.fromkeys(("textcolor", "smash", "boxed", "ensuremath"), _same)
    table |= dict.fromkeys(("overset", "stackrel"), _over) | {"underset": _under}
    table |= dict.fromkeys(("overbrace", "underbrace"), _brace)
    table |= dict.fromkeys(("xrightarrow", "xleftarrow"), _arrow)
    table |= dict.fromkeys([*reader.WORDS, "intertext"], _text)
    table |= dict.fromkeys(("phantom", "hphantom"), _phantom) | dict.fromkeys(reader.CLASSES, _reclass)
    table |= {size + side: _big for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
    table |= dict.fromkeys(("limits", "nolimits"), _limits) | {
        "left": _left,
        "right": _stray,
        "middle": _middle,
    }
    table |= {"sqrt": _root, "operatorname": _operator, "substack": _substack, "not": _not, "pmod": _mod}
    table |= {"tag": _tag, "color": _silent, "hspace": _space}
    table |= dict.fromkeys(_SWITCHES, _switch)
    return table


COMMANDS = _commands()
