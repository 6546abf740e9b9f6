"""What a learner did, one event at a time, and what makes an event a sound one.

| kind | needs | data | it says |
|---|---|---|---|
| visit | lesson, step | | a step was opened |
| leave | lesson | `scroll`: rows, may be left out | the lesson was closed |
| attempt | lesson, question | response (JSON), right (bool), hints (int) | an answer was given |
| hint | lesson, question | count (int) | so many hints have been shown |
| skip | lesson, question | | the question was put off |
| draft | lesson, question | response (JSON; None when emptied) | a half-typed answer |
| lab | | lab (its id), state (JSON) | where a lab stands |
| reset | | | voids what came before, of the question, the lesson, or (neither given) everything |

Kinds that a later rl-tutor may add are kept and passed on, and otherwise ignored.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tutor.progress.errors import ProgressError

MAX_DATA = 256 * 1024  # characters of JSON in one event
MAX_NAME = 500  # characters of an id of a lesson, step or question
MAX_DEPTH = 32  # of nested JSON
MAX_CLOCK = 10**12

# Everything that could move a cursor or turn text around, and lone halves of surrogate pairs; not \t and \n.
_CONTROL = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
_KIND = "[a-z][a-z-]{0,31}"
_ID = "[0-9a-f]{32}"


class Event(NamedTuple):
    """One thing that happened. Order everywhere is `(clock, id)`, whatever the device's time of day says."""

    id: str  # 32 hexadecimal digits
    learner: str  # in whose tutor it happened, 32 hexadecimal digits
    clock: int  # Lamport's: one more than every event known to the store when it was recorded
    at: str  # UTC, as 2026-01-31T12:00:00.000Z
    kind: str
    lesson: str
    step: str
    question: str
    data: dict[str, Any]

    @property
    def order(self) -> tuple[int, str]:
        return self.clock, self.id


def is_id(value: object) -> bool:
    """Whether `value` may be the id of an event or a learner."""
    return isinstance(value, str) and re.fullmatch(_ID, value) is not None


def clean(text: str) -> str:
    """`text` without control characters, except tab and line feed."""
    return text if text.isprintable() else re.sub(_CONTROL, "", text)


def clean_line(text: str) -> str:
    """`text` on one line, without control characters."""
    return " ".join(clean(text).split())


def clean_json(value: Any, depth: int = 0) -> Any:
    """`value` as JSON gives it back: lists for tuples and sets, control characters taken out.

    Raises ValueError for what JSON cannot hold, infinities and NaN, and nesting deeper than MAX_DEPTH.
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"data nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        if value - value != 0.0:
            raise ValueError(f"{value} is not a number that JSON holds")
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key of data is not text")
        return {clean(key): clean_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        value = sorted(value)
    if isinstance(value, list | tuple):
        return [clean_json(item, depth + 1) for item in value]
    raise ValueError(f"data holds a {type(value).__name__}, which JSON cannot")


def dump(data: Mapping[str, Any]) -> str:
    """`data` as JSON text. Raises ValueError when it is too big."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")) if data else "{}"
    if len(text) > MAX_DATA:
        raise ValueError(f"data of {len(text):,} characters; at most {MAX_DATA:,} are kept")
    return text


def check_same(known: Mapping[str, Event], events: Iterable[Event], where: str) -> None:
    """Raise ProgressError when one of `events` differs from the event of the same id in `known`."""
    for event in events:
        if known.get(event.id, event) != event:
            raise ProgressError(
                f"event {event.id} says something else than the one that {where} has under the same id; "
                "one of them was changed by hand: export again",
                "export",
            )


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1000


def _is_lab(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME


def _anything(_value: object) -> bool:
    return True


_DATA: dict[str, dict[str, Callable[[object], bool]]] = {
    "visit": {},
    "leave": {},
    "attempt": {"response": _anything, "right": lambda value: isinstance(value, bool), "hints": _is_count},
    "hint": {"count": _is_count},
    "skip": {},
    "draft": {"response": _anything},
    "lab": {"lab": _is_lab, "state": _anything},
    "reset": {},
}
_NEEDS_LESSON = frozenset({"visit", "leave", "attempt", "hint", "skip", "draft"})
_NEEDS_QUESTION = frozenset({"attempt", "hint", "skip", "draft"})


def make(
    id: str,
    learner: str,
    clock: int,
    at: str,
    kind: str,
    lesson: str,
    step: str,
    question: str,
    data: Mapping[str, Any],
) -> Event:
    """A sound, cleaned Event; `id`, `learner`, `clock` and `at` are taken as they are.

    Raises ValueError with what is wrong.
    """
    if not re.fullmatch(_KIND, kind):
        raise ValueError(f"{kind[:40]!r} is not a kind of event")
    lesson, step, question = _place("lesson", lesson), _place("step", step), _place("question", question)
    _check_places(kind, lesson, step, question)
    cleaned = clean_json(data)
    for key, is_sound in _DATA.get(kind, {}).items():
        if key not in cleaned or not is_sound(cleaned[key]):
            raise ValueError(f"{kind} without a sound {key!r} in its data")
    return Event(id, learner, clock, at, kind, lesson, step, question, cleaned)


def _place(name: str, text: str) -> str:
    text = clean(text).replace("\n", "").replace("\t", "")
    if len(text) > MAX_NAME:
        raise ValueError(f"{name} id longer than {MAX_NAME} characters")
    return text


def _check_places(kind: str, lesson: str, step: str, question: str) -> None:
    if not lesson and (kind in _NEEDS_LESSON or question):
        raise ValueError(f"{kind} without a lesson")
    if not question and kind in _NEEDS_QUESTION:
        raise ValueError(f"{kind} without a question")
    if not step and kind == "visit":
        raise ValueError("visit without a step")
