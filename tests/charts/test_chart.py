import numpy as np
import pytest

from tutor.charts.chart import Chart, ChartError, Mark, Series, Shade


def test_a_series_copies_its_data_and_cannot_be_changed() -> None:
    numbers = [1.0, 2.0, 3.0]
    series = Series("a", [0, 1, 2], numbers)
    numbers.append(4.0)
    assert series.y.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="read-only"):
        series.y[0] = 9


def test_equal_data_make_equal_charts_also_with_nan() -> None:
    def chart(last: float) -> Chart:
        return Chart("t", series=[Series("a", [0, 1], [np.nan, last])], shades=[Shade(0, 1)], marks=[Mark(1)])

    assert chart(1) == chart(1)
    assert hash(chart(1)) == hash(chart(1))
    assert chart(1) != chart(2)
    assert Series("a", [0], [1]) != Series("a", [0], [1], [0], [2])
    assert Series("a", [0], [1]) != Series("a", [0], [1], quantity="reward")


def test_lengths_must_agree() -> None:
    with pytest.raises(ChartError, match=r"'a'.*equally long"):
        Series("a", [0, 1], [1])
    with pytest.raises(ChartError, match="both low and high"):
        Series("a", [0], [1], low=[0])


@pytest.mark.parametrize("limits", [(1, 1), (2, 1), (0, np.nan), (0, np.inf)])
def test_ranges_must_be_finite_and_ascending(limits: tuple[float, float]) -> None:
    with pytest.raises(ChartError, match="y_range"):
        Chart(y_range=limits)


def test_a_logarithmic_range_must_be_positive() -> None:
    with pytest.raises(ChartError, match="above 0"):
        Chart(log_y=True, y_range=(0, 1))


def test_has_data_means_that_a_point_can_be_drawn() -> None:
    assert not Chart().has_data
    assert not Chart(series=[Series("a", [], [])]).has_data
    assert not Chart(series=[Series("a", [0, np.nan], [np.inf, 1])]).has_data
    assert not Chart(series=[Series("a", [0], [0])], log_y=True).has_data
    assert Chart(series=[Series("a", [0], [0])]).has_data
