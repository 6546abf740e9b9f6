"""Hand-made and random events."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tutor.progress.events import Event, make
from tutor.progress.store import timestamp

LEARNER = "a" * 32
OTHER = "b" * 32
START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def at(seconds: float) -> str:
    """The moment so many seconds after START."""
    return timestamp(START + timedelta(seconds=seconds))


def event(clock: int, kind: str, place: str = "", *, seconds: float = 0.0, id: int = 0, **data: Any) -> Event:
    """place: `lesson/step/question`, any of them empty. The id is the clock unless given."""
    lesson, step, question = (*place.split("/"), "", "")[:3]
    return make(f"{id or clock:032x}", LEARNER, clock, at(seconds), kind, lesson, step, question, data)


def attempt(
    clock: int, place: str, right: bool, *, response: Any = "x", hints: int = 0, seconds: float = 0.0
) -> Event:
    return event(clock, "attempt", place, seconds=seconds, response=response, right=right, hints=hints)


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
_lesson, _step, _question = (st.sampled_from([f"{letter}{n}" for n in (1, 2)]) for letter in "lsq")
_count = st.integers(0, 5)


@st.composite
def random_event(draw: st.DrawFn, number: int) -> Event:
    """A sound event of id `number`; clocks collide often."""
    kind = draw(
        st.sampled_from(["visit", "leave", "attempt", "hint", "skip", "draft", "lab", "reset", "badge"])
    )
    place = {"lesson": draw(_lesson), "step": draw(_step), "question": ""}
    data: dict[str, Any] = {}
    if kind in ("attempt", "hint", "skip", "draft"):
        place["question"] = draw(_question)
    if kind in ("attempt", "draft"):
        data["response"] = draw(_json)
    if kind == "attempt":
        data |= {"right": draw(st.booleans()), "hints": draw(_count)}
    if kind == "hint":
        data["count"] = draw(_count)
    if kind == "lab":
        data |= {"lab": "grid", "state": draw(_json)}
    if kind == "reset":
        scope = draw(st.integers(0, 5))  # everything is reset seldom
        place = {
            "lesson": place["lesson"] if scope else "",
            "step": "",
            "question": draw(_question) if scope > 2 else "",
        }
    moment = at(draw(st.integers(-1000, 1000)))
    learner = draw(st.sampled_from([LEARNER, OTHER]))
    return make(f"{number:032x}", learner, draw(st.integers(1, 12)), moment, kind, data=data, **place)


@st.composite
def random_events(draw: st.DrawFn, max_size: int = 25) -> list[Event]:
    """Sound events of different ids, in any order."""
    events = [draw(random_event(number)) for number in range(1, draw(st.integers(0, max_size)) + 1)]
    return draw(st.permutations(events))
