"""Writes what was learned down: values beside the true ones and errors as CSV, the plot as CSV, text and SVG."""

from pathlib import Path

from tutor.experiments import grid_title
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.lab_export import export_lab, table
from tutor.tui.labs.prediction_picture import chart
from tutor.tui.labs.prediction_session import PredictionSession

COLUMNS = ("row", "col", "monte_carlo", "td", "true")


def values_csv(session: PredictionSession) -> str:
    """One row a state that is no end."""
    known, true = session.known, session.true
    rows: list[tuple[object, ...]] = []
    for state in session.live:
        exact = "" if true is None else repr(float(true[state]))
        rows.append(
            (*session.env.cells[state], repr(float(known.mc[state])), repr(float(known.td[state])), exact)
        )
    return table(COLUMNS, rows)


def export_session(session: PredictionSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    stem = f"prediction-{grid_title(str(session.parameters['grid'])).replace(' ', '-')}-seed{session.seed}"
    charts = {"errors": chart(session, UNICODE)}
    return export_lab("prediction", stem, {"values": values_csv(session)}, charts, folder)
