"""Writes a lab down: a new folder for every export, tables as CSV, plots as CSV, text and SVG."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path

from tutor import paths
from tutor.charts.chart import Chart
from tutor.charts.export import export

MOST_FOLDERS = 50  # exports of one lab that a class keeps of a learner


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV, the names of the columns first."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()


def export_lab(
    lab: str,
    stem: str,
    tables: Mapping[str, str],
    charts: Mapping[str, Chart],
    folder: Path | None = None,
    texts: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write every table (CSV), chart and text, each called `stem`-name, into the new folder `rl-tutor-`lab within
    `folder` (default: the working directory); nothing that is there is overwritten. Raises OSError."""
    files = {f"{name}.csv": text for name, text in tables.items()}
    files |= {f"{name}.txt": text for name, text in (texts or {}).items()}
    paths.check_room(sum(map(len, files.values())))
    inside = new_folder(folder or paths.export_dir(), f"rl-tutor-{lab}")
    written = []
    for name, text in files.items():
        path = inside / f"{stem}-{name}"
        path.write_text(text, encoding="utf-8", newline="")
        written.append(path)
    for name, chart in charts.items():
        written += export(chart, inside, f"{stem}-{name}")
    return written


def new_folder(parent: Path, name: str) -> Path:
    """Make `name` in `parent`, or `name`-2 and so on when that exists: one export, one folder. Raises OSError."""
    for number in range(1, MOST_FOLDERS + 1) if paths.hosted() else count(1):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise OSError(f"there are {MOST_FOLDERS} exports of this lab already, and no room for more")
