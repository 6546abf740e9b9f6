"""YAML with the place of every key and value, and nothing that YAML can do beyond plain data.

Built from the parser's events, so that depth, anchors, aliases and tags are refused before anything is made. Scalars
follow YAML 1.2: `yes`, `no`, `on` stay words, `1e-3` is a number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tutor.course.source import clean

MAX_DEPTH = 8
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Plain = str | int | float | bool | None


class YamlError(ValueError):
    """The text is no plain YAML; `line` and `column` count from 1 in the file."""

    def __init__(self, line: int, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True)
class YamlScalar:
    """One value. text: as written, without quotes. first_line: where its text starts. literal: line for line so.

    column: where the value starts, its quote included; of a literal text, where it says so (`|`).
    """

    value: Plain
    text: str
    line: int
    first_line: int
    literal: bool = False
    column: int = 1


@dataclass(frozen=True)
class YamlList:
    items: tuple["YamlNode", ...]
    line: int
    column: int = 1


@dataclass(frozen=True)
class YamlMap:
    """key_places: the line and column of each key."""

    entries: dict[str, "YamlNode"]
    key_places: dict[str, tuple[int, int]]
    line: int
    column: int = 1


YamlNode = YamlScalar | YamlList | YamlMap


def parse_yaml(text: str, first_line: int) -> YamlNode:
    """The tree of one document whose first line is line `first_line` of the file; raises YamlError."""
    return _Builder(text, first_line).document()


class _Builder:
    def __init__(self, text: str, first_line: int) -> None:
        self.offset = first_line
        self.last_line = text.rstrip("\n").count("\n")
        self.events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> YamlNode:
        event = self._next()
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return YamlMap({}, {}, self.offset)
        tree = self._node(event, 0)
        self._next()
        if not isinstance(event := self._next(), yaml.StreamEndEvent):
            line, column = self._place(event)
            raise YamlError(line, "a second document starts here; leave out the ---", column)
        return tree

    def _place(self, event: Any) -> tuple[int, int]:
        return self.offset + int(event.start_mark.line), int(event.start_mark.column) + 1

    def _next(self) -> Any:
        try:
            return next(self.events)
        except yaml.YAMLError as error:
            line, column, problem = _problem(error, self.last_line)
            raise YamlError(self.offset + line, explain(problem), column) from None

    def _node(self, event: Any, depth: int) -> YamlNode:
        line, column = self._place(event)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            message = "anchors and aliases (& and *) are not used here; put the text in quotes"
            raise YamlError(line, message, column)
        if event.tag and event.tag != "!":
            raise YamlError(line, "tags (!) are not used here; put the text in quotes", column)
        if depth > MAX_DEPTH:
            raise YamlError(line, f"nested more than {MAX_DEPTH} deep", column)
        if isinstance(event, yaml.SequenceStartEvent):
            return YamlList(tuple(self._items(depth)), line, column)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(line, column, depth)
        return _scalar(event, line, column)

    def _items(self, depth: int) -> Iterator[YamlNode]:
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _map(self, line: int, column: int, depth: int) -> YamlMap:
        entries: dict[str, YamlNode] = {}
        places: dict[str, tuple[int, int]] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, YamlScalar):
                message = "a key must be a word; put text that holds { or [ in quotes"
                raise YamlError(key.line, message, key.column)
            if key.text in entries:
                message = f"the key {key.text[:40]!r} stands here twice; keep one"
                raise YamlError(key.line, message, key.column)
            places[key.text] = key.line, key.column
            entries[key.text] = self._node(self._next(), depth + 1)
        return YamlMap(entries, places, line, column)


def _problem(error: yaml.YAMLError, last: int) -> tuple[int, int, str]:
    """Where the parser stopped (line from 0, column from 1), and why.

    For a quote or bracket that never ends: where it begins.
    """
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    context = str(getattr(error, "context", None) or "")
    if "quoted scalar" in context and "escape" not in problem:
        mark, problem = getattr(error, "context_mark", None) or mark, context
    elif mark is not None and mark.line > last:
        mark = getattr(error, "context_mark", None) or mark
    if mark is None or mark.line > last:
        return last if mark else 0, 1, problem
    return mark.line, mark.column + 1, problem


def _scalar(event: Any, line: int, column: int) -> YamlScalar:
    text = clean(event.value)
    plain = event.style in (None, "")
    block = event.style in ("|", ">")
    value = _resolve(text) if plain else text
    return YamlScalar(value, text, line, line + block, event.style == "|", column)


_INTEGER = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_WORDS: dict[str, Plain] = {"": None, "~": None, "null": None, "true": True, "false": False}


def _resolve(text: str) -> Plain:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


_EXPLANATIONS = {
    "mapping values are not allowed": "a colon and a space inside text; put the text in quotes",
    "could not find expected ':'": "a colon after a key is missing, or a line is not indented",
    "unknown escape character": "a backslash inside \"…\"; write it twice, or use '…'",
    "cannot start any token": "a character that text cannot start with (` @ % or a tab); put the text in quotes",
    "did not find expected ',' or": "a comma, ] or } is missing; text with commas or quotes inside { } needs quotes",
    "did not find expected key": "a line is indented in another way than its neighbours, or a quote ends too early",
    "did not find expected '-' indicator": "a line of the list is indented in another way, or a quote ends too early",
    "while scanning a quoted scalar": "a quote is not closed",
    "unexpected end of stream": "a quote or bracket is not closed",
    "undefined alias": "* before a word; put the text in quotes",
}


def explain(problem: str) -> str:
    """The parser's words for a problem, with what to do where it is known."""
    for words, explanation in _EXPLANATIONS.items():
        if words in problem:
            return f"bad YAML: {explanation}"
    return f"bad YAML: {clean(problem)[:120]}; check quotes and indentation"
