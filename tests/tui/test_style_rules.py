"""Style sheets that are read once, against Textual's own reading."""

import pytest
from textual.css.errors import UnresolvedVariableError
from textual.css.stylesheet import Stylesheet, StylesheetParseError
from textual.css.tokenizer import TokenError

from tutor.tui.style_rules import MOST_THEMES, RememberingStylesheet

RULE = "Label { color: $ink; }"


def _css(sheet: Stylesheet) -> str:
    sheet.parse()
    return sheet.css


def _with(kind: type[Stylesheet], css: str, **variables: str) -> Stylesheet:
    sheet = kind(variables=variables)
    sheet.add_source(css)
    return sheet


def test_the_rules_are_those_of_textual_with_each_set_of_variables() -> None:
    for ink in ("red", "blue", "red"):
        assert _css(_with(RememberingStylesheet, RULE, ink=ink)) == _css(_with(Stylesheet, RULE, ink=ink))


def test_another_theme_gives_other_rules_and_coming_back_the_first() -> None:
    sheet = _with(RememberingStylesheet, RULE, ink="red")
    first = _css(sheet)
    for ink in ("blue", "green"):
        sheet.set_variables({"ink": ink})
        sheet.reparse()
        assert sheet.css == _css(_with(Stylesheet, RULE, ink=ink)) != first
    sheet.set_variables({"ink": "red"})
    sheet.reparse()
    assert sheet.css == first


def test_the_same_sheet_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    plain = Stylesheet._parse_rules
    monkeypatch.setattr(
        Stylesheet, "_parse_rules", lambda self, *a, **o: read.append(a) or plain(self, *a, **o)
    )
    for _ in range(3):
        _css(_with(RememberingStylesheet, "Footer { color: $ink; }", ink="red"))
    assert len(read) == 1


def test_a_sheet_at_fault_leaves_the_rules_as_they_are() -> None:
    sheet = _with(RememberingStylesheet, RULE, ink="red")
    before = _css(sheet)
    for css, fault in (("Label { colour: red; }", StylesheetParseError), ("Label { ", TokenError)):
        sheet.add_source(css, read_from=("added", ""))
        with pytest.raises(fault):
            sheet.reparse()
        assert "".join(rule.css for rule in sheet._rules) == before
        del sheet.source["added", ""]


def test_a_variable_that_is_gone_is_told() -> None:
    sheet = _with(RememberingStylesheet, RULE, ink="red")
    sheet.parse()
    sheet.set_variables({})
    with pytest.raises((UnresolvedVariableError, StylesheetParseError)):
        sheet.reparse()


def test_no_more_themes_are_remembered_than_are_of_use() -> None:
    from tutor.tui import style_rules

    for number in range(MOST_THEMES + 3):
        _css(_with(RememberingStylesheet, RULE, ink=f"rgb({number},0,0)"))
    assert len(style_rules._read) == MOST_THEMES
