"""Writes the clip lab down: every point that was visited as CSV, the plot as CSV, text and SVG."""

import csv
import io
from pathlib import Path

from tutor import paths
from tutor.charts.export import export
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.clip_picture import chart
from tutor.tui.labs.clip_session import ClipSession, Point

COLUMNS = (
    "old",
    "new",
    "ratio",
    "advantage",
    "epsilon",
    "unclipped",
    "clipped",
    "surrogate",
    "gradient",
    "push",
)
PLOT_COLUMNS = 76  # of an exported plot


def points_csv(session: ClipSession) -> str:
    """One row a point, the present one last; `old` and `new` are empty where only the ratio is known."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(point) for point in (*session.history, session.point))
    return stream.getvalue()


def _row(point: Point) -> list[object]:
    probabilities = [point.old, point.new] if point.old else ["", ""]
    known = [point.ratio, point.advantage, point.epsilon]
    return [
        *probabilities,
        *known,
        point.unclipped,
        point.clipped,
        point.surrogate,
        point.gradient,
        point.push,
    ]


def export_session(session: ClipSession, folder: Path | None = None) -> list[Path]:
    """Write into `folder` (default: the working directory); nothing that is there is overwritten. Raises OSError."""
    folder = folder or paths.export_dir()
    written = [_write_new(folder, "clip-points", points_csv(session))]
    return written + export(chart(session.point, PLOT_COLUMNS, UNICODE), folder, "clip-objective")


def _write_new(folder: Path, stem: str, text: str) -> Path:
    """Write `stem`.csv, or `stem`-2.csv and so on when that exists."""
    number = 1
    while True:
        path = folder / (f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv")
        try:
            with path.open("x", encoding="utf-8", newline="") as stream:
                stream.write(text)
            return path
        except FileExistsError:
            number += 1
