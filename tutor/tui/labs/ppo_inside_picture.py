"""The lab inside PPO as charts: every sample's ratio, and how KL and clip fraction grow over the epochs."""

import numpy as np

from tutor.charts.chart import Chart, Mark, Series, Shade
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.ppo_inside_session import PpoInsideSession
from tutor.tui.labs.ppo_inside_signs import num, signs_of


def ratios(session: PpoInsideSession, glyphs: Glyphs) -> Chart:
    """Ratio by sample: those that push, and those that are clipped; the clip range behind them."""
    now, epsilon = session.now, session.epsilon
    place = np.arange(len(session.samples), dtype=float)
    pushing = ~now.clipped
    series = [
        Series("pushes", place[pushing], now.ratio[pushing], quantity="policy", style="points"),
        Series("clipped", place[~pushing], now.ratio[~pushing], quantity="advantage", style="points"),
    ]
    series = [each for each in series if each.x.size]
    low, high = min(1 - epsilon, float(now.ratio.min())), max(1 + epsilon, float(now.ratio.max()))
    air = (high - low) / 8
    s = signs_of(glyphs)
    return Chart(
        title="ratio",
        x_label="sample",
        series=series,
        shades=[Shade(1 - epsilon, 1 + epsilon, label=f"1{glyphs.minus}{s.epsilon} to 1+{s.epsilon}")],
        marks=[Mark(float(session.row))],
        x_range=(-0.5, len(place) - 0.5),
        y_range=(low - air, high + air),
        y_ticks=tuple((y, num(y, glyphs)) for y in (1 - epsilon, 1.0, 1 + epsilon)),
    )


def epochs(session: PpoInsideSession) -> Chart:
    """Clip fraction and KL of this update, up to the epoch that is shown."""
    seen = session.inside.epochs[: session.epoch + 1]
    x = [float(epoch.epoch) for epoch in seen]
    series = []
    if len(seen) > 1:
        series = [
            Series("clip fraction", x, [epoch.clip_fraction for epoch in seen], quantity="advantage"),
            Series("KL", x, [epoch.kl for epoch in seen], quantity="kl", style="dashed"),
        ]
    return Chart(
        title="clipping",
        x_label="epoch",
        series=series,
        x_range=(0.0, float(session.epochs)),
        empty="Clip fraction and KL by epoch: space makes one.",
    )
