"""Words that the labs share in which the language model is trained: a table of runs, and their sampled answers."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from tutor.charts.axes import number
from tutor.charts.text import clean
from tutor.experiments import Frame
from tutor.toy_llm.training_frames import Answer
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.run_session import RunSession
from tutor.tui.labs.run_words import spread

NAME, COLUMN, SEVERAL = 12, 9, 15  # columns: of a run's name, of a number of one seed, of several
ROUNDED = 1e-4  # below it a KL is a rounding error
PROMPT = 37  # columns of a prompt, where answers have room for it
WIDE = 100  # columns from which they have
Column = tuple[str, str, str]  # metric, title, role
Cell = Callable[[str, str], str]  # (series, metric) -> what stands there


def table(
    session: RunSession,
    names: Sequence[str],
    columns: Sequence[Column],
    width: int,
    cell: Cell,
    glyphs: Glyphs,
) -> list[Line]:
    """A heading and a line for each run, the one that is drawn by itself pointed at; columns that have no room are
    left out from the right."""
    least = COLUMN if len(session.seeds) == 1 else SEVERAL
    widths = [max(least, len(title) + 1) for _, title, _ in columns]
    shown = [c for c, end in zip(columns, accumulate(widths), strict=True) if NAME + end <= width]
    heading: Line = [
        (" " * NAME, ""),
        *((title.ljust(w), "muted") for (_, title, _), w in zip(shown, widths, strict=False)),
    ]
    rows: list[Line] = [heading]
    for name in names:
        pointer = glyphs.pointer if name == session.parameters["run"] else " "
        line = [(pointer, "accent"), (f" {name}".ljust(NAME - 1), "strong")]
        cells = zip(shown, widths, strict=False)
        rows.append(line + [(cell(name, metric).ljust(w), role) for (metric, _, role), w in cells])
    return rows


def value(session: RunSession, name: str, metric: str, glyphs: Glyphs) -> str:
    """The newest value not after the update that is looked at."""
    frame = session.at(name, lambda frame: metric in frame.metrics)
    if frame is None:
        return ""
    values = frame.metrics[metric]
    return short(float(values[0]), glyphs) if values.size == 1 else spread(values, glyphs, digits=2)


def short(value: float, glyphs: Glyphs) -> str:
    """Three significant digits; `?` for what is no number."""
    if math.isnan(value):
        return "?"
    return number(float(f"{value:.3g}") if abs(value) > ROUNDED else 0.0, not glyphs.sub_digits)


def fitting(line: Line, width: int) -> Line:
    """Its parts from the left, as many as have room; where some have none, what tells more."""
    if sum(len(text) for text, _ in line) <= width:
        return line
    more = ("e tells more.", "muted")
    for count in range(len(line) - 1, 0, -1):
        if sum(len(text) for text, _ in (*line[:count], more)) <= width:
            return [*line[:count], more]
    return [more]


def answers(
    session: RunSession,
    names: Sequence[str],
    first: int,
    each: int,
    width: int,
    marked: Callable[[Answer], Line],
    glyphs: Glyphs,
) -> list[Line]:
    """A heading, then `each` sampled answers of every run, from number `first` on. marked: what stands before one.
    Where lines have no room for what is answered, and all answer the same, the heading has it."""
    frames = {name: session.at(name) for name in names}
    count = max((len(_answers_of(frame)) for frame in frames.values()), default=0)
    if each == 1 and width < WIDE:
        together = _same_update(session, names)
        asked = {
            answer.prompt for frame in together.values() for answer in _answers_of(frame)[first : first + 1]
        }
        if len(asked) == 1:
            heading = _to_one(asked.pop(), together, first, count, width, glyphs)
            return [heading, *_of_runs(together, first, each, width, marked, glyphs)]
    last = min(first + each, count)
    which = f"answer {first + 1}" if each == 1 else f"answers {first + 1} to {last}"
    told = f"  sampled {_when(session, frames)}: {which} of {count}, a shows others" if count else ""
    return [[(told, "muted")], *_of_runs(frames, first, each, width, marked, glyphs)]


def _same_update(session: RunSession, names: Sequence[str]) -> dict[str, Frame | None]:
    """The newest frames of one update that every run has: they take turns."""
    newest = [frame.update for name in names if (frame := session.at(name)) is not None]
    common = min(newest, default=0)
    return {name: session.at(name, lambda frame: frame.update <= common) for name in names}


def _to_one(
    prompt: str, frames: Mapping[str, Frame | None], first: int, count: int, width: int, glyphs: Glyphs
) -> Line:
    """What all of them answer, and after which update."""
    update = next(frame.update for frame in frames.values() if frame is not None)
    asked = f'"{clean(prompt, not glyphs.sub_digits)}"'
    which = f"answer {first + 1} of {count}"
    forms = (
        ("  to ", asked, f" after update {update}: {which}, a shows others"),
        ("  to ", asked, f" after update {update}: {which}"),
        ("  to ", asked, f" at {update}: {first + 1} of {count}"),
    )
    before, asked, after = next((f for f in forms if sum(map(len, f)) <= width), forms[-1])
    return [(before, "muted"), (asked, "state"), (after, "muted")]


def _of_runs(
    frames: Mapping[str, Frame | None],
    first: int,
    each: int,
    width: int,
    marked: Callable[[Answer], Line],
    glyphs: Glyphs,
) -> list[Line]:
    """`each` lines of every run."""
    lines: list[Line] = []
    for name, frame in frames.items():
        of_run = _answers_of(frame)[first : first + each]
        lines += [
            _answer(name if not place else "", of_run[place : place + 1], width, marked, glyphs)
            for place in range(each)
        ]
    return lines


def _when(session: RunSession, frames: Mapping[str, Frame | None]) -> str:
    """The update that is looked at, and whose numbers are older: the runs take turns."""
    behind: dict[int, list[str]] = {}
    for name, frame in frames.items():
        if frame is not None and frame.update != session.shown:
            behind.setdefault(frame.update, []).append(name)
    older = "; ".join(f"{', '.join(names)}: {update}" for update, names in behind.items())
    return f"after update {session.shown}{f' ({older})' if older else ''}"


def _answers_of(frame: Frame | None) -> tuple[Answer, ...]:
    return () if frame is None or frame.detail is None else tuple(frame.detail.answers)


def _answer(
    name: str, found: Sequence[Answer], width: int, marked: Callable[[Answer], Line], glyphs: Glyphs
) -> Line:
    """Where there is room, with what it answers."""
    line: list[tuple[str, str]] = [(f"  {name}".ljust(NAME), "strong")]
    ascii = not glyphs.sub_digits
    for answer in found:
        line += marked(answer)
        if width >= WIDE:
            line.append((clean(answer.prompt, ascii)[: PROMPT - 1].ljust(PROMPT), "muted"))
        line.append((clean(answer.text, ascii), ""))
    return line
