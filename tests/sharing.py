"""What the apps of one process share: Textual parses its CSS and the tutor's anew for each, a tenth of a short test."""

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

_parse_rules = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def _once(
    sheet: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    """Rules follow from the text, where it stands, and the theme's variables; nobody changes them afterwards."""
    what = css, read_from, is_default_rules, tie_breaker, scope
    key = (*what, frozenset(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, *what)
    return _parsed[key]


def parse_css_once() -> None:
    """From now on, for every app of this process."""
    Stylesheet._parse_rules = _once  # type: ignore[method-assign]
