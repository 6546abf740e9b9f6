"""Style sheets whose rules are read once in a process, whatever app or reading of them comes later."""

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

MOST_THEMES = 4  # sets of variables whose rules are remembered

Variables = tuple[tuple[str, str], ...]
_read: dict[Variables, dict[tuple[Any, ...], list[RuleSet]]] = {}  # the last used comes last


class RememberingStylesheet(Stylesheet):
    """Textual 8.2.8 reads all sheets once more when the theme is set, the same as before among them, and in every app.

    Rules are never changed once they are read.
    """

    _known_with: dict[str, str] | None = None  # the variables of `_known`
    _known: dict[tuple[Any, ...], list[RuleSet]]

    def _parse_rules(self, *arguments: Any, **options: Any) -> list[RuleSet]:
        key = (*arguments, *options.items())
        if self._known_with is not self._variables:
            self._known_with, self._known = self._variables, _read_with(self._variables)
        rules = self._known.get(key)
        if rules is None:
            rules = self._known[key] = super()._parse_rules(*arguments, **options)
        return rules

    def reparse(self) -> None:
        """As Textual's, which does it in a sheet apart so that one at fault leaves the present rules as they are."""
        before = self._rules
        try:
            self.parse()
        except Exception:
            self._rules = before
            raise


def _read_with(variables: dict[str, str]) -> dict[tuple[Any, ...], list[RuleSet]]:
    """What has been read with these variables."""
    key = tuple(sorted(variables.items()))
    known = _read[key] = _read.pop(key, {})
    while len(_read) > MOST_THEMES:
        del _read[next(iter(_read))]
    return known
