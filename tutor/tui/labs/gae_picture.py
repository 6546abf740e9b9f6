"""One step's advantage over lambda as a chart: plain data, drawn elsewhere."""

import numpy as np

from tutor.charts.chart import Chart, Mark, Series
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gae_session import GaeSession
from tutor.tui.labs.gae_words import signs_of
from tutor.tui.labs.gridworld_words import symbol

POINTS = 51


def chart(session: GaeSession, glyphs: Glyphs, *, hidden: bool = False) -> Chart:
    """From TD (lambda 0) to Monte Carlo (lambda 1); the present lambda marked. hidden: without the curve."""
    signs, known, t = signs_of(glyphs), session.table, session.step
    lambdas = np.linspace(0, 1, POINTS)
    advantages = np.array([known.advantages_at(float(each))[t] for each in lambdas])
    low, high = float(advantages.min()), float(advantages.max())
    air = max(0.1, (high - low) / 8)
    name = symbol(signs.advantage, t, glyphs)
    return Chart(
        title=f"{name}, from TD to Monte Carlo",
        x_label=signs.lambda_,
        series=() if hidden else (Series(name, lambdas, advantages, quantity="advantage"),),
        marks=(Mark(known.lambda_, signs.lambda_),),
        x_range=(0.0, 1.0),
        y_range=(low - air, high + air),
        x_ticks=((0.0, "0"), (0.5, "0.5"), (1.0, "1")),
        empty="Hidden until you have said what you expect.",
    )
