"""The table of the stability lab: what every algorithm came to, its worst seed, its worst fall. Pure text."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tutor.charts.axes import number
from tutor.experiments.evidence import Evidence
from tutor.experiments.rules.ppo_vs_trpo import FALLS, fallen
from tutor.experiments.summary import worst_fall
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.run_session import RunSession
from tutor.tui.labs.run_words import spread
from tutor.tui.labs.trained_words import fitting

RETURN, KL, CLIPPED = "objective/return", "policy/kl", "policy/clipfrac_avg"
NAME, NARROW_NAME = 22, 15  # columns of an algorithm's name
SHORT = {"trpo-no-line-search": "trpo no search"}  # where the whole name has no room
HEADINGS = (("return J", 15), ("worst seed", 11), ("worst fall", 15), ("KL", 8), ("outside", 7))


def returns_of(session: RunSession, series: str) -> tuple[list[int], NDArray[np.float64]]:
    """(updates, J [U, K]) of a series up to the update that is looked at."""
    frames = [
        frame
        for frame in session.frames
        if frame.series == series and RETURN in frame.metrics and frame.update <= session.shown
    ]
    values = [frame.metrics[RETURN] for frame in frames]
    return [frame.update for frame in frames], np.stack(values) if values else np.empty((0, 0))


def falls_of(session: RunSession, series: str) -> NDArray[np.float64]:
    """[K]: each seed's worst fall so far; empty before the first update."""
    _, values = returns_of(session, series)
    return worst_fall(values) if len(values) > 1 else np.zeros(0)


def first_fall(session: RunSession, series: str, depth: float) -> int | None:
    """The first update at which J, averaged over the seeds, has fallen by more than `depth` below what each had
    reached; None while there is none."""
    updates, values = returns_of(session, series)
    if not values.size:
        return None
    fallen = (np.maximum.accumulate(values, 0) - values).mean(1) > depth
    return updates[int(fallen.argmax())] if fallen.any() else None


def table(session: RunSession, names: Sequence[str], width: int, glyphs: Glyphs) -> list[Line]:
    """A heading and a line for each of `names`; columns that have no room are left out from the right."""
    first = (
        NAME if width >= NAME + sum(columns for _, columns in HEADINGS) - HEADINGS[-1][1] else NARROW_NAME + 2
    )
    kept, left = [], width - first
    for title, columns in HEADINGS:
        left -= columns
        if left < 0:
            break
        kept.append((title, columns))
    heading: Line = [(" " * first, ""), *((title.ljust(columns), "muted") for title, columns in kept)]
    return [heading, *(_row(session, name, first, [c for _, c in kept], glyphs) for name in names)]


def _row(session: RunSession, name: str, first: int, columns: Sequence[int], glyphs: Glyphs) -> Line:
    called = name if first == NAME else SHORT.get(name, name)
    if session.run.diverged is not None and session.run.diverged[0] == name:
        return [(f" {called}".ljust(first), "strong"), (session.run.diverged[1], "error")]
    cells = (
        (_at(session, name, RETURN, glyphs), "return"),
        (_worst_seed(session, name, glyphs), "return"),
        (_fall(session, name, glyphs), "return"),
        (_at(session, name, KL, glyphs, alone=True), "kl"),
        (_at(session, name, CLIPPED, glyphs, alone=True), "policy"),
    )
    line: Line = [(f" {called}".ljust(first), "strong")]
    line += [(text.ljust(width), role) for (text, role), width in zip(cells, columns, strict=False)]
    return line


def _at(session: RunSession, name: str, metric: str, glyphs: Glyphs, *, alone: bool = False) -> str:
    """The newest value not after the update that is looked at; alone: the mean without its spread."""
    frame = session.at(name, lambda frame: metric in frame.metrics)
    if frame is None:
        return ""
    values = frame.metrics[metric]
    if alone:
        return _short(float(values.mean()), glyphs)
    text = spread(values, glyphs, digits=2)
    return text if len(text) < HEADINGS[0][1] else spread(values, glyphs, digits=1)


def _short(value: float, glyphs: Glyphs) -> str:
    return number(float(f"{value:.2g}"), not glyphs.sub_digits)


def _worst_seed(session: RunSession, name: str, glyphs: Glyphs) -> str:
    frame = session.at(name, lambda frame: RETURN in frame.metrics)
    return "" if frame is None else _short(float(frame.metrics[RETURN].min()), glyphs)


def _fall(session: RunSession, name: str, glyphs: Glyphs) -> str:
    """`0.56, max 2.80`: the mean of the seeds' worst falls, and the worst of them."""
    falls = falls_of(session, name)
    if not falls.size:
        return ""
    mean, most = float(falls.mean()), float(falls.max())
    return f"{mean:.2f}, max {most:.2f}" if falls.size > 1 else _short(mean, glyphs)


def verdict(session: RunSession, width: int) -> Line:
    """Who falls on the way and who does not, as much of it as has room: computed from the runs."""
    down, steady = fallen(Evidence(session.frames), FALLS)
    parts: Line = [
        (f"{what}: {', '.join(names)}. ", "")
        for what, names in (("Fall", down), ("No fall", steady))
        if names
    ]
    return fitting(parts, width) if parts else []
