from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from tutor.charts.chart import ChartError
from tutor.charts.frames import Curves, chart_of, quantity_of


@dataclass(frozen=True)
class Frame:
    series: str
    update: int
    metrics: Mapping[str, NDArray[np.float64]]


def frame(series: str, update: int, *values: float, metric: str = "objective/return") -> Frame:
    return Frame(series, update, {metric: np.array(values)})


def test_one_seed_is_a_line_without_a_band() -> None:
    chart = chart_of([frame("ppo", 0, 1.0), frame("ppo", 10, 2.0)], "objective/return", "Return")
    (series,) = chart.series
    assert (chart.title, chart.x_label, series.name) == ("Return", "update", "ppo")
    assert series.x.tolist() == [0, 10]
    assert series.y.tolist() == [1, 2]
    assert series.low is None


def test_several_seeds_are_a_mean_and_a_band() -> None:
    frames = [frame("ppo", 0, 1.0, 3.0), frame("trpo", 0, 5.0, 5.0), frame("ppo", 1, 2.0, 6.0)]
    chart = chart_of(frames, "objective/return")
    ppo, trpo = chart.series
    assert ppo.y.tolist() == [2, 4]
    assert ppo.low is not None
    assert ppo.high is not None
    assert ppo.low.tolist() == [1, 2]
    assert ppo.high.tolist() == [3, 6]
    assert trpo.y.tolist() == [5]
    spread = chart_of(frames, "objective/return", band="std").series[0]
    assert spread.low is not None
    assert spread.low.tolist() == [1, 2]  # standard deviations 1 and 2


def test_a_diverged_seed_hides_the_mean_rather_than_leaving_it() -> None:
    (series,) = chart_of([frame("a", 0, 1.0, np.nan), frame("a", 1, 1.0, 1.0)], "objective/return").series
    assert np.isnan(series.y).tolist() == [True, False]


def test_an_unknown_metric_names_those_there_are() -> None:
    with pytest.raises(ChartError, match=r"'objective/kl'.*objective/return"):
        chart_of([frame("a", 0, 1.0)], "objective/kl")


def test_no_frames_yet_is_an_empty_chart() -> None:
    chart = chart_of([], "objective/return")
    assert not chart.has_data
    assert "objective/return" in chart.empty


def test_metrics_have_the_colour_of_their_quantity() -> None:
    assert quantity_of("objective/return") == "return"
    assert quantity_of("episode/reward") == "reward"
    assert quantity_of("objective/kl") == quantity_of("policy/approxkl_avg") == "kl"
    assert quantity_of("policy/clipfrac_avg") == "policy"


def test_curves_that_grow_are_those_that_are_drawn_at_once() -> None:
    frames = [frame(name, u, float(u), float(u * u)) for u in range(12) for name in ("ppo", "trpo")]
    curves = Curves("objective/return")
    assert not curves.chart().has_data
    for start in range(0, len(frames), 5):
        curves.add(frames[start : start + 5])
    assert curves.names == ("ppo", "trpo")
    assert curves.chart().series == chart_of(frames, "objective/return").series


def test_a_smoothed_curve_is_the_mean_of_the_last_few_points() -> None:
    curves = Curves("objective/return", smooth=3)
    curves.add([frame("a", u, value - 1, value + 1) for u, value in enumerate([0.0, 6.0, 3.0, 9.0])])
    (series,) = curves.chart().series
    assert series.y.tolist() == [0, 3, 3, 6]
    assert series.low is not None
    assert series.low.tolist() == [-1, 2, 2, 5]


def test_a_seed_below_the_least_counts_as_the_least() -> None:
    curves = Curves("objective/return", least=-100)
    curves.add([frame("a", 0, -1000.0, -20.0), frame("a", 1, -30.0, -20.0)])
    (series,) = curves.chart().series
    assert series.y.tolist() == [-60, -25]
    assert series.low is not None
    assert series.low.tolist() == [-100, -30]
