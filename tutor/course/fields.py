"""Reading the keys of a YAML mapping strictly: every fault is noted with its line, and reading goes on."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypeGuard

from tutor.course.expressions import ExpressionError, compile_expression
from tutor.course.types import Finding
from tutor.course.yamltree import Plain, YamlList, YamlMap, YamlNode, YamlScalar


class Report:
    """Collects what is wrong with one file. source: its text, to find the columns of words in it."""

    def __init__(self, file: str, source: str = "") -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._known: set[Finding] = set()
        self._lines = source.split("\n")

    def add(self, line: int, message: str, column: int = 1) -> None:
        """Notes a fault once."""
        finding = Finding(self.file, line, message, column)
        if finding not in self._known:
            self._known.add(finding)
            self.findings.append(finding)

    def find(self, words: str, line: int, start: int = 1) -> int:
        """The column where `words` begin on a line, from column `start` on; 0 where they are not written like that.

        In a YAML text in double quotes a backslash is written twice.
        """
        if not words or line > len(self._lines):
            return 0
        written = (words, words.replace("\\", "\\\\"))
        return max(self._lines[line - 1].find(words, start - 1) for words in written) + 1


class Fields:
    """The keys of one mapping. what: in words, for messages. line, column: where a missing key is reported."""

    def __init__(self, node: YamlMap, what: str, line: int, report: Report, column: int = 1) -> None:
        self.node = node
        self.what = what
        self.line = line
        self.column = column
        self.report = report

    def __contains__(self, key: str) -> bool:
        return key in self.node.entries

    def place_of(self, key: str) -> tuple[int, int]:
        """The line and column of `key`, or of the mapping if it is not there."""
        return self.node.key_places.get(key, (self.line, self.column))

    def wrong(self, key: str, message: str) -> None:
        """Reports a fault of `key`, where it stands."""
        line, column = self.place_of(key)
        self.report.add(line, f"{self.what}: {message}", column)

    def refuse_unknown(self, allowed: Sequence[str], instead: str = "") -> None:
        """Reports every key that is not allowed, with the key that was probably meant."""
        for key in self.node.entries:
            if key in allowed:
                continue
            near = get_close_matches(key, allowed, 1)
            hint = instead or (f"did you mean {near[0]!r}?" if near else "the keys are " + ", ".join(allowed))
            self.wrong(key, f"unknown key {key[:40]!r}; {hint}")

    def _get(self, key: str, required: bool) -> YamlNode | None:
        node = self.node.entries.get(key)
        if node is None and required:
            self.wrong(key, f"the key {key!r} is missing; add {key}: …")
        return node

    def scalar(self, key: str, required: bool = False, wanted: str = "text") -> YamlScalar | None:
        """The value of `key`, when it is there and is one value; empty counts as missing."""
        node = self._get(key, required)
        if node is None:
            return None
        if not isinstance(node, YamlScalar):
            self.wrong(
                key,
                f"{key!r} must be {wanted}, and is a {_kind(node)}; put text that starts with {{ or [ in quotes",
            )
            return None
        if not node.text.strip():
            self.wrong(key, f"{key!r} is empty; write {wanted} or leave the key out")
            return None
        return node

    def text(self, key: str, required: bool = False) -> str:
        """The words of `key` as written (`true` and `5` are words too); "" when there are none."""
        node = self.scalar(key, required)
        return node.text.strip() if node else ""

    def whole(self, key: str, required: bool = False) -> int | None:
        """A whole number of at least 0."""
        node = self.scalar(key, required, "a whole number")
        if node is None:
            return None
        if isinstance(node.value, bool) or not isinstance(node.value, int) or node.value < 0:
            self.wrong(key, f"{key!r} is {node.text[:40]!r}; it must be a whole number from 0")
            return None
        return node.value

    def flag(self, key: str) -> bool:
        """True or false; false when the key is not there."""
        node = self.scalar(key, wanted="true or false")
        if node is None:
            return False
        word = node.text.lower()
        if word not in ("true", "false", "yes", "no"):
            self.wrong(key, f"{key!r} is {node.text[:40]!r}; it must be true or false")
        return word in ("true", "yes")

    def texts(self, key: str, required: bool = False) -> tuple[str, ...]:
        """A list of texts; what is not text is reported and left out."""
        return tuple(item.text.strip() for item in self.scalars(key, required))

    def scalars(self, key: str, required: bool = False) -> list[YamlScalar]:
        """A list of texts, each with its place."""
        node = self._get(key, required)
        if node is None:
            return []
        if isinstance(node, YamlScalar) and node.text.strip():
            self.wrong(key, f"{key!r} must be a list; write {key}: [first, second]")
            return [node]
        if not isinstance(node, YamlList):
            self.wrong(key, f"{key!r} must be a list of texts; write {key}: [first, second]")
            return []
        if not node.items and key != "requires":
            self.wrong(key, f"{key!r} is an empty list; fill it or leave the key out")
        return [item for item in node.items if self._is_text(item, key)]

    def _is_text(self, item: YamlNode, key: str) -> TypeGuard[YamlScalar]:
        if isinstance(item, YamlScalar) and item.text.strip():
            return True
        found = "empty" if isinstance(item, YamlScalar) else f"a {_kind(item)}"
        message = (
            f"{self.what}: an entry of {key!r} is {found}; it must be text (in quotes if it holds a colon)"
        )
        self.report.add(item.line, message, item.column)
        return False

    def maps(self, key: str, what: str) -> list["Fields"]:
        """A list of mappings, each to be read on its own."""
        node = self._get(key, True)
        if node is None:
            return []
        if not isinstance(node, YamlList):
            self.wrong(key, f"{key!r} must be a list; write a line '- {{text: …, why: …}}' for each")
            return []
        for item in node.items:
            if not isinstance(item, YamlMap):
                self.report.add(
                    item.line,
                    f"{self.what}: an entry of {key!r} is a {_kind(item)}; write {{text: …, why: …}}",
                    item.column,
                )
        return [
            Fields(item, what, item.line, self.report, item.column)
            for item in node.items
            if isinstance(item, YamlMap)
        ]

    def settings(self, key: str = "set") -> dict[str, Plain]:
        """The parameters under `set`, as plain values."""
        node = self._get(key, False)
        if node is None:
            return {}
        if not isinstance(node, YamlMap):
            self.wrong(key, f"{key!r} must be parameters; write {key}: {{gamma: 0.9}}")
            return {}
        values: dict[str, Plain] = {}
        for name, value in node.entries.items():
            if isinstance(value, YamlScalar) and value.value is not None:
                values[name] = value.value
            else:
                line, column = node.key_places[name]
                message = f"the parameter {name[:40]!r} has no single value; write {name[:40]}: 0.9"
                self.report.add(line, f"{self.what}: {message}", column)
        return values

    def expression(self, key: str, required: bool = False, comparison: bool = False) -> str:
        """An expression that can be read (it may still have no value); "" when there is none."""
        node = self.scalar(key, required, "an expression")
        if node is None:
            return ""
        try:
            compile_expression(node.text, comparison)
        except ExpressionError as error:
            self.wrong(key, f"{key!r} cannot be computed: {error}")
            return ""
        return node.text.strip()


def _kind(node: YamlNode) -> str:
    return "list" if isinstance(node, YamlList) else "mapping" if isinstance(node, YamlMap) else "text"
