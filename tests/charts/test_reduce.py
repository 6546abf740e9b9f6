import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tutor.charts.chart import Array
from tutor.charts.reduce import ascending, column_of, occupied, reduce_band, reduce_extremes

values = st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=300)


def places(count: int) -> Array:
    return np.linspace(0, 1, count) if count > 1 else np.zeros(1)


@given(values, st.integers(2, 40))
def test_each_column_keeps_its_minimum_and_maximum(numbers: list[float], columns: int) -> None:
    value = np.array(numbers)
    position = places(value.size)
    short_position, short = reduce_extremes(position, value, columns)
    assert short.size <= max(2 * columns, min(value.size, columns))
    before, after = column_of(position, columns), column_of(short_position, columns)
    for column in range(columns):
        old, new = value[before == column], short[after == column]
        old, new = old[~np.isnan(old)], new[~np.isnan(new)]
        assert (old.size == 0) == (new.size == 0)
        if old.size:
            assert (new.min(), new.max()) == (old.min(), old.max())


@given(values, st.integers(2, 40))
def test_positions_stay_ascending(numbers: list[float], columns: int) -> None:
    position, _ = reduce_extremes(places(len(numbers)), np.array(numbers), columns)
    assert np.all(np.diff(position) >= 0)


def test_few_points_are_left_alone() -> None:
    position, value = np.array([0.0, 0.3, 1.0]), np.array([3.0, np.nan, 1.0])
    assert reduce_extremes(position, value, 3) == (position, value)


def test_the_order_follows_the_curve() -> None:
    rising = reduce_extremes(places(6), np.array([1.0, 2, 3, 4, 5, 6]), 2)[1]
    falling = reduce_extremes(places(6), np.array([6.0, 5, 4, 3, 2, 1]), 2)[1]
    assert rising.tolist() == [1, 3, 4, 6]
    assert falling.tolist() == [6, 4, 3, 1]


@given(arrays(np.float64, st.integers(1, 200), elements=st.floats(0, 1)), st.integers(1, 60))
def test_bisection_agrees_with_the_rule(position: Array, columns: int) -> None:
    position = np.sort(position)
    column, starts = occupied(position, columns)
    expected = column_of(position, columns)
    assert column.tolist() == sorted(set(expected.tolist()))
    assert starts.tolist() == [int(np.argmax(expected == c)) for c in column]


def test_a_band_lies_between_its_points_and_not_beyond() -> None:
    columns, low, high = reduce_band(np.array([0.0, 0.5]), np.array([0.0, 2.0]), np.array([1.0, 3.0]), 9)
    assert columns.tolist() == [0, 1, 2, 3, 4]
    assert low.tolist() == [0, 0.5, 1, 1.5, 2]
    assert high.tolist() == [1, 1.5, 2, 2.5, 3]


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(0, 5)), min_size=1, max_size=200), st.integers(2, 30))
def test_no_edge_of_a_band_is_lost(pairs: list[tuple[float, float]], columns: int) -> None:
    low = np.array([a for a, _ in pairs])
    high = low + np.array([b for _, b in pairs])
    position = places(low.size)
    column, lows, highs = reduce_band(position, low, high, columns)
    where = column_of(position, columns)
    for c, bottom, top in zip(column, lows, highs, strict=True):
        inside = where == c
        if inside.any():
            assert bottom <= low[inside].min()
            assert top >= high[inside].max()


def test_ascending_sorts_and_drops_places_that_are_none() -> None:
    x, y = ascending(np.array([2.0, np.nan, 1.0, np.inf]), np.array([20.0, 0.0, 10.0, 5.0]))
    assert x.tolist() == [1, 2]
    assert y.tolist() == [10, 20]
