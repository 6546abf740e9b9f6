"""Writes a planning run down: every value after every sweep as CSV, the plot as CSV, text and SVG."""

from pathlib import Path

from tutor.experiments import grid_title
from tutor.rl.planning.sweeps import full
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.lab_export import export_lab, table
from tutor.tui.labs.planning_picture import chart
from tutor.tui.labs.planning_session import PlanningSession

COLUMNS = ("frame", "sweep", "delta", "row", "col", "value")


def values_csv(session: PlanningSession) -> str:
    """One row a frame and state, up to what is shown."""
    rows: list[tuple[object, ...]] = []
    for number, frame in enumerate(session.frames[: session.at + 1]):
        for state, value in enumerate(full(frame.V).tolist()):
            rows.append((number, frame.sweep, repr(frame.delta), *session.env.cells[state], repr(value)))
    return table(COLUMNS, rows)


def export_session(session: PlanningSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    stem = f"planning-{grid_title(str(session.parameters['grid'])).replace(' ', '-')}-{session.algorithm}"
    charts = {"sweeps": chart(session, UNICODE)}
    return export_lab("planning", stem, {"values": values_csv(session)}, charts, folder)
