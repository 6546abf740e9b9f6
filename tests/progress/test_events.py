import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.progress.events import LEARNER, at
from tutor.progress.events import Event, clean, clean_json, clean_line, make


def made(kind: str = "visit", lesson: str = "l", step: str = "s", question: str = "", **data: Any) -> Event:
    return make("1" * 32, LEARNER, 1, at(0), kind, lesson, step, question, data)


def test_escape_sequences_and_lone_surrogates_are_taken_out() -> None:
    assert clean("a\x1b[2Jb\x00\x9bc\ud800\u202e\td\n") == "a[2Jbc\td\n"
    assert clean("naïve γ\u00a0→ 日本 👩\u200d🔬") == "naïve γ\u00a0→ 日本 👩\u200d🔬"
    assert clean_line(" a\nb\t\x07 c ") == "a b c"


def test_data_becomes_what_json_gives_back() -> None:
    assert clean_json({"a": (1, 2.5), "b": frozenset({3, 1}), "c": "\x1bx"}) == {
        "a": [1, 2.5],
        "b": [1, 3],
        "c": "x",
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, b"x", object(), {1: 2}])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|number|text"):
        clean_json([value])


def test_deep_nesting_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested"):
        clean_json(deep)


@pytest.mark.parametrize(
    ("kind", "place", "data"),
    [
        ("Visit!", {}, {}),
        ("visit", {"step": ""}, {}),
        ("visit", {"lesson": ""}, {}),
        ("visit", {"lesson": "x" * 501}, {}),
        ("attempt", {}, {"response": 1, "right": True, "hints": 0}),
        ("attempt", {"question": "q"}, {"response": 1, "right": 1, "hints": 0}),
        ("attempt", {"question": "q"}, {"right": True, "hints": 0}),
        ("attempt", {"question": "q"}, {"response": 1, "right": True, "hints": -1}),
        ("hint", {"question": "q"}, {"count": True}),
        ("draft", {"question": "q"}, {}),
        ("lab", {}, {"state": {}}),
        ("reset", {"lesson": "", "question": "q"}, {}),
    ],
)
def test_unsound_events_are_refused(kind: str, place: dict[str, str], data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kind|without|longer"):
        made(kind, **place, **data)


@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_leaves_what_utf8_can_write(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()
