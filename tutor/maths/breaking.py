"""Text broken to a width."""

from __future__ import annotations

from tutor.maths.width import chop, width


def wrap(text: str, limit: int) -> list[str]:
    """One line of text as lines of at most `limit` cells: broken at spaces where they come in time, else anywhere."""
    lines: list[str] = []
    indent = ""
    while width(text) + len(indent) > limit:
        head, rest = chop(text, limit - len(indent))
        at = _best_space(head, rest)
        if at:
            head, rest = text[:at], text[at:]
        lines.append((indent + head).rstrip())
        text = rest.lstrip()
        indent = "  " if limit >= 20 else ""
    return [*lines, (indent + text).rstrip()] if text or not lines else lines


def _best_space(head: str, rest: str) -> int:
    """Where to break: the space inside the fewest brackets in the last half of the line, else any; 0 for none."""
    best, best_depth, depth = 0, 99, 0
    for at, char in enumerate(head + rest[:1]):
        depth += (char in "([{") - (char in ")]}")
        if char == " " and (at <= len(head) // 2 or depth <= best_depth):
            best, best_depth = at, depth if at > len(head) // 2 else 99
    return best
