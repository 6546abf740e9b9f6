"""What lessons require of one another: lessons that exist, that come before, and never in a circle."""

from collections.abc import Mapping, Sequence

from tutor.course.loading import ParsedLesson
from tutor.course.names import unknown
from tutor.course.types import LessonInfo
from tutor.course.yamltree import YamlScalar


def check_prerequisites(parsed: ParsedLesson, lessons: Mapping[str, LessonInfo]) -> None:
    """Reports what `requires` of one lesson names and may not."""
    if parsed.front is None or "requires" not in parsed.front:
        return
    for entry in parsed.front.scalars("requires"):
        if fault := _fault(parsed, entry.text.strip(), lessons):
            parsed.report.add(entry.line, f"front matter: 'requires'{fault}", entry.column)


def _fault(parsed: ParsedLesson, name: str, lessons: Mapping[str, LessonInfo]) -> str:
    own, needed = parsed.lesson.info, lessons.get(name)
    if needed is None:
        return f": {unknown('lesson', name, lessons)}"
    if name == own.id:
        return " names this lesson itself; leave it out"
    if _has_order(parsed) and needed.order > own.order:
        places = f"order {needed.order}, here {own.order}"
        return (
            f" names {name!r}, which comes later in the course ({places}); change the order or leave it out"
        )
    return ""


def _has_order(parsed: ParsedLesson) -> bool:
    order = parsed.front.node.entries.get("order") if parsed.front else None
    return isinstance(order, YamlScalar) and isinstance(order.value, int)


def check_cycles(course: Sequence[ParsedLesson]) -> None:
    """Reports every circle of prerequisites once, in the first of its lessons."""
    by_id: dict[str, ParsedLesson] = {}
    for lesson in course:
        by_id.setdefault(lesson.lesson.info.id, lesson)
    done: set[str] = set()
    for start in by_id:
        circle = _circle(start, by_id)
        if len(circle) > 1 and not done.intersection(circle):
            done.update(circle)
            _report(by_id[start], circle)


def _circle(start: str, by_id: Mapping[str, ParsedLesson]) -> list[str]:
    """The shortest way from a lesson through what it requires back to itself, without the return; [] for none."""
    before = {start: ""}
    waiting = [start]
    for name in waiting:
        for needed in by_id[name].lesson.info.requires:
            if needed == start:
                return _way(before, name)
            if needed in by_id and needed not in before:
                before[needed] = name
                waiting.append(needed)
    return []


def _way(before: Mapping[str, str], last: str) -> list[str]:
    way = [last]
    while before[way[-1]]:
        way.append(before[way[-1]])
    return way[::-1]


def _report(parsed: ParsedLesson, circle: list[str]) -> None:
    front = parsed.front
    entries = front.scalars("requires") if front else []
    entry = next(entry for entry in entries if entry.text.strip() == circle[1])
    names = " → ".join([*circle, circle[0]])
    message = f"'requires' goes in a circle, {names}; leave one of these out"
    parsed.report.add(entry.line, f"front matter: {message}", entry.column)
