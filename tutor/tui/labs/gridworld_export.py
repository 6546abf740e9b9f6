"""Writes an episode down in a folder of its own: every step as CSV, the plots as CSV, text and SVG."""

import csv
import io
from itertools import count
from pathlib import Path

from tutor import paths
from tutor.charts.export import export
from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.gridworld_picture import return_chart, reward_chart
from tutor.tui.labs.gridworld_session import GridworldSession

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
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    cells = session.env.cells
    for frame, total in zip(session.frames, session.returns, strict=True):
        what = (ACTIONS[frame.action], ACTIONS[frame.moved], repr(float(frame.reward)))
        ends = (int(frame.terminated), int(frame.truncated), repr(float(total)))
        writer.writerow((frame.t, *cells[frame.state], *what, *cells[frame.next_state], *ends))
    return stream.getvalue()


def export_session(session: GridworldSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    folder = new_folder(folder or paths.export_dir(), "rl-tutor-gridworld")
    grid = grid_title(str(session.parameters["grid"])).replace(" ", "-")
    stem = f"gridworld-{grid}-seed{session.seed}"
    written = [_write_new(folder, f"{stem}-steps", steps_csv(session))]
    for name, chart in (("reward", reward_chart(session)), ("return", return_chart(session, UNICODE))):
        written += export(chart, folder, f"{stem}-{name}")
    return written


def new_folder(parent: Path, name: str) -> Path:
    """Make `name` in `parent`, or `name`-2 and so on when that exists: one export, one folder. Raises OSError."""
    for number in count(1):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError("unreachable")


def _write_new(folder: Path, stem: str, text: str) -> Path:
    """Write `stem`.csv, or `stem`-2.csv and so on when that exists."""
    for number in count(1):
        path = folder / (f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv")
        try:
            with path.open("x", encoding="utf-8", newline="") as stream:
                stream.write(text)
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable")
