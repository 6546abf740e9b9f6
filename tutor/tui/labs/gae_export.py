"""Writes the GAE lab down: the table and the curves of all steps over lambda as CSV, the plot as CSV, text and SVG."""

from pathlib import Path

from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.gae_picture import chart
from tutor.tui.labs.gae_session import GaeSession
from tutor.tui.labs.lab_export import export_lab, table

COLUMNS = ("t", "reward", "value", "next_value", "delta", "advantage", "return")


def table_csv(session: GaeSession) -> str:
    """One row a step."""
    known = session.table
    columns = (known.rewards, known.values, known.values[1:], known.deltas, known.advantages, known.returns)
    rows = ((t, *(column[t] for column in columns)) for t in range(known.steps))
    return table(COLUMNS, rows)


def export_session(session: GaeSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    charts = {"lambda": chart(session, UNICODE)}
    return export_lab("gae", "gae", {"table": table_csv(session)}, charts, folder)
