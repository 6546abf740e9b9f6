"""Writes a lab of runs down: its frames, its plots, what the rules see, and the command that gives the run again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tutor.charts.chart import Chart
from tutor.experiments.explain import Finding
from tutor.experiments.export import as_csv, command_of
from tutor.tui.labs.lab_export import export_lab
from tutor.tui.labs.run_session import RunSession
from tutor.tui.labs.run_words import as_text


def written(
    lab: str, session: RunSession, charts: Mapping[str, Chart], findings: Sequence[Finding]
) -> list[Path] | OSError:
    """The files, or why there are none."""
    tables = {"frames": as_csv(tuple(session.frames), session.seeds)}
    command = command_of(session.experiment.id, session.values(), session.seeds)
    texts = {"explanation": as_text(findings, command)}
    try:
        return export_lab(lab, f"{lab}-seed{session.seeds[0]}", tables, charts, texts=texts)
    except OSError as error:
        return error
