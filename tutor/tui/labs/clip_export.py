"""Writes the clip lab down: every point that was visited as CSV, the plot as CSV, text and SVG."""

from pathlib import Path

from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.clip_picture import chart
from tutor.tui.labs.clip_session import ClipSession, Point
from tutor.tui.labs.lab_export import export_lab, table

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
    return table(COLUMNS, (_row(point) for point in (*session.history, session.point)))


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
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    charts = {"objective": chart(session.point, PLOT_COLUMNS, UNICODE)}
    return export_lab("clip", "clip", {"points": points_csv(session)}, charts, folder)
