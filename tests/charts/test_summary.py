import numpy as np
import pytest

from tutor.charts.chart import Chart, Mark, Series, Shade
from tutor.charts.summary import summarise, trend


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0, 1, 2, 3], "rises from 0 to 3"),
        ([3, 2, 2.5, 0], "falls from 3 to 0"),
        ([2, 2, 2], "stays at 2"),
        ([0, 5, 1], "rises from 0 to 5, then falls to 1"),
        ([5, -3, 4], "falls from 5 to −3, then rises to 4"),
        ([1, 2, 0, 2, 1, 0, 1], "goes up and down between 0 and 2"),
    ],
)
def test_trends(values: list[float], words: str) -> None:
    assert trend(np.array(values, dtype=float)) == words


def test_one_series() -> None:
    text = summarise(Chart("Return", "update", series=[Series("ppo", [0, 10, 20], [0.1, 0.9, 0.7])]))
    assert text.split("\n")[0] == "Return by update."
    assert (
        "ppo: rises from 0.1 to 0.7; last 0.7 at update 20; lowest 0.1 at update 0; highest 0.9 at update 10."
        in text
    )


def test_a_fall_from_the_highest_value_is_noticed() -> None:
    falling = summarise(Chart(series=[Series("a", [0, 1, 2], [0, 1, 0.6])]))
    assert "a ends 0.4 below its highest value." in falling
    assert "below" not in summarise(Chart(series=[Series("a", [0, 1, 2], [0, 1, 0.9])]))


def test_rewards_have_a_sum() -> None:
    text = summarise(Chart(series=[Series("reward", [1, 2, 3], [-0.04, -0.04, 0.96], style="stems")]))
    assert "sum 0.88 over 3 points" in text


def test_shades_bands_marks_and_order_at_the_end() -> None:
    chart = Chart(
        "KL",
        "update",
        series=[
            Series("none", [0, 1], [1.5, 26], [1, 20], [2, 30], quantity="kl"),
            Series("fixed", [0, 1], [0, 1.25], quantity="kl"),
        ],
        shades=[Shade(1, 2, label="target")],
        marks=[Mark(0.5, "now")],
    )
    text = summarise(chart)
    assert "none ends above the shaded range (target); 1 of 2 points lie in it." in text
    assert "fixed ends inside the shaded range (target); 1 of 2 points lie in it." in text
    assert "The band of none ends between 20 and 30." in text
    assert "At the end none is highest (26), fixed lowest (1.25)." in text
    assert "Marked: now at 0.5." in text


def test_what_cannot_be_drawn_is_said() -> None:
    assert "1 of 3 points are not finite" in summarise(Chart(series=[Series("a", [0, 1, 2], [1, np.nan, 2])]))
    assert "not above 0" in summarise(Chart(series=[Series("a", [0, 1], [1, 0])], log_y=True))
    assert summarise(Chart(empty="Step and see.")) == "Step and see."


def test_one_point() -> None:
    assert "a: one point, 2 at x 1." in summarise(Chart(series=[Series("a", [1], [2])]))


def test_ascii() -> None:
    chart = Chart("γ → 1", series=[Series("G₀", [0, 1], [-1, 2])])
    text = summarise(chart, ascii=True)
    assert text.isascii()
    assert "gamma -> 1" in text
    assert "G0: rises from -1 to 2" in text
