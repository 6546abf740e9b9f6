"""How far both methods are from the true values, as a chart."""

from tutor.charts.chart import Chart, Series
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.prediction_session import PredictionSession
from tutor.tui.labs.prediction_words import name


def chart(session: PredictionSession, glyphs: Glyphs) -> Chart:
    """RMS error after every episode; before the first, too."""
    episodes = range(session.t + 1)
    errors = session.known.errors
    series = (
        Series("Monte Carlo", episodes, [mc for mc, _ in errors], quantity="return"),
        Series(
            name(session, glyphs), episodes, [td for _, td in errors], quantity="advantage", style="dashed"
        ),
    )
    return Chart(
        title="RMS error of V",
        x_label="episode",
        series=series if session.t else (),
        empty="The error of both methods is drawn here, episode by episode.",
    )
