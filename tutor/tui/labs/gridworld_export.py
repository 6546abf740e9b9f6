"""Writes an episode down: every step as CSV, the plots as CSV, text and SVG."""

from pathlib import Path

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.gridworld_picture import return_chart, reward_chart
from tutor.tui.labs.gridworld_session import GridworldSession
from tutor.tui.labs.lab_export import export_lab, table

COLUMNS = (
    "t",
    "row",
    "col",
    "action",
    "moved",
    "reward",
    "next_row",
    "next_col",
    "terminated",
    "truncated",
    "return",
)


def steps_csv(session: GridworldSession) -> str:
    """One row a step; `return` is G_0 over the rewards up to and with this one, at the session's gamma."""
    rows: list[tuple[object, ...]] = []
    cells = session.env.cells
    for frame, total in zip(session.frames, session.returns, strict=True):
        what = (ACTIONS[frame.action], ACTIONS[frame.moved], repr(float(frame.reward)))
        ends = (int(frame.terminated), int(frame.truncated), repr(float(total)))
        rows.append((frame.t, *cells[frame.state], *what, *cells[frame.next_state], *ends))
    return table(COLUMNS, rows)


def export_session(session: GridworldSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    charts = {"reward": reward_chart(session), "return": return_chart(session, UNICODE)}
    stem = f"gridworld-{grid_title(str(session.parameters['grid'])).replace(' ', '-')}-seed{session.seed}"
    return export_lab("gridworld", stem, {"steps": steps_csv(session)}, charts, folder)
