"""The sweeps of a planning lab as a chart: how much each changed, and how far the values still are from exact."""

import numpy as np

from tutor.charts.chart import Chart, Series
from tutor.rl.planning.sweeps import full
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.planning_session import PlanningSession


def chart(session: PlanningSession, glyphs: Glyphs) -> Chart:
    """Both on a logarithmic axis, against the number of the frame."""
    frames = session.frames[: session.at + 1]
    largest = "Δ largest change" if glyphs.sub_digits else "largest change"
    exact = "V" if session.algorithm == "policy-evaluation" else "V*"
    deltas = [(number, frame.delta) for number, frame in enumerate(frames) if number]
    series = [Series(largest, *_columns(deltas), quantity="return")] if deltas else []
    if session.target is not None and deltas:
        errors = [
            (number, float(np.abs(full(frame.V) - session.target).max()))
            for number, frame in enumerate(frames)
        ]
        series.append(Series(f"distance to {exact}", *_columns(errors), quantity="advantage", style="dashed"))
    return Chart(
        title="per sweep, log scale",
        x_label="step" if session.algorithm == "policy-iteration" else "sweep",
        series=series,
        log_y=True,
        empty="How much each sweep changes is drawn here: space.",
    )


def _columns(points: list[tuple[int, float]]) -> tuple[list[float], list[float]]:
    return [float(x) for x, _ in points], [y for _, y in points]
