"""Reading the keys of a YAML mapping strictly: every fault is noted with its line, and reading goes on."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypeGuard

from tutor.course.expressions import ExpressionError, compile_expression
from tutor.course.types import Finding
from tutor.course.yamltree import Plain, YamlList, YamlMap, YamlNode, YamlScalar


class Report:
    """Collects what is wrong with one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._known: set[Finding] = set()

    def add(self, line: int, message: str) -> None:
        """Notes a fault once."""
        finding = Finding(self.file, line, message)
        if finding not in self._known:
            self._known.add(finding)
            self.findings.append(finding)


class Fields:
    """The keys of one mapping. what: in words, for messages. line: where a missing key is reported."""

    def __init__(self, node: YamlMap, what: str, line: int, report: Report) -> None:
        self.node = node
        self.what = what
        self.line = line
        self.report = report

    def __contains__(self, key: str) -> bool:
        return key in self.node.entries

    def line_of(self, key: str) -> int:
        """Where `key` stands, or the mapping if it is not there."""
        return self.node.key_lines.get(key, self.line)

    def wrong(self, key: str, message: str) -> None:
        self.report.add(self.line_of(key), f"{self.what}: {message}")

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
        return tuple(text for text, _ in self.lines(key, required))

    def lines(self, key: str, required: bool = False) -> list[tuple[str, int]]:
        """A list of texts, each with its line."""
        node = self._get(key, required)
        if node is None:
            return []
        if isinstance(node, YamlScalar) and node.text.strip():
            self.wrong(key, f"{key!r} must be a list; write {key}: [first, second]")
            return [(node.text.strip(), node.line)]
        if not isinstance(node, YamlList):
            self.wrong(key, f"{key!r} must be a list of texts; write {key}: [first, second]")
            return []
        if not node.items and key != "requires":
            self.wrong(key, f"{key!r} is an empty list; fill it or leave the key out")
        return [(item.text.strip(), item.line) for item in node.items if self._is_text(item, key)]

    def _is_text(self, item: YamlNode, key: str) -> TypeGuard[YamlScalar]:
        if isinstance(item, YamlScalar) and item.text.strip():
            return True
        found = "empty" if isinstance(item, YamlScalar) else f"a {_kind(item)}"
        message = (
            f"{self.what}: an entry of {key!r} is {found}; it must be text (in quotes if it holds a colon)"
        )
        self.report.add(item.line, message)
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
                )
        return [
            Fields(item, what, item.line, self.report) for item in node.items if isinstance(item, YamlMap)
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
                self.report.add(
                    node.key_lines[name],
                    f"{self.what}: the parameter {name[:40]!r} has no single value; write {name[:40]}: 0.9",
                )
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
