import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.charts.axes import (
    Axis,
    labels,
    linear_range,
    linear_ticks,
    log_labels,
    log_range,
    log_ticks,
    number,
)

finite = st.floats(-1e300, 1e300)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([-0.04, 0, 1], ["−.04", "0", "+1"]),
        ([0, 0.5, 1], ["0", ".5", "1"]),
        ([0, 5, 10], ["0", "5", "10"]),
        ([-0.2, -0.1, 0], ["−.2", "−.1", "0"]),
        ([0, 20_000, 40_000], ["0", "20k", "40k"]),
        ([0, 2e6], ["0", "2e6"]),
        ([0, 5e-7], ["0", "5e−7"]),
        ([0, 0.025, 0.05], ["0", ".025", ".05"]),
        ([1.5, 2, 2.5], ["1.5", "2", "2.5"]),
        ([4.69, 4.695, 4.7], ["4.69", "4.695", "4.7"]),
        ([0.69313, 0.69314, 0.69315], [".69313", ".69314", ".69315"]),
        ([12_345, 12_345.5], ["12.345k", "12.3455k"]),
        ([1.2345e-7, 1.2346e-7], ["1.2345e−7", "1.2346e−7"]),
    ],
)
def test_labels_are_short(values: list[float], expected: list[str]) -> None:
    assert labels(values) == expected
    assert labels(values, ascii=True) == [label.replace("−", "-") for label in expected]


def test_logarithmic_labels_are_written_alike() -> None:
    assert log_labels([0.01, 0.1, 1, 10]) == [".01", ".1", "1", "10"]
    assert log_labels([1e-6, 1e-3, 1]) == ["1e−6", "1e−3", "1"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5904, "0.59"), (-0.158, "−0.158"), (1234.5, "1234"), (1e9, "1e9"), (math.nan, "not a number")],
)
def test_numbers_in_sentences(value: float, text: str) -> None:
    assert number(value) == text


@given(finite, finite, st.booleans())
def test_a_range_holds_the_data(first: float, second: float, from_zero: bool) -> None:
    low, high = min(first, second), max(first, second)
    bottom, top = linear_range(low, high, from_zero)
    assert bottom < top
    assert math.isfinite(bottom)
    assert math.isfinite(top)
    slack = 1e-8 * max(abs(low), abs(high)) + 2e-290
    assert bottom <= low + slack
    assert top >= high - slack
    if from_zero:
        assert bottom <= 0 <= top


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9), st.integers(2, 8))
def test_ticks_are_within_the_range_and_not_too_many(low: float, span: float, most: int) -> None:
    ticks = linear_ticks(low, low + span, most)
    slack = span * 1e-3 + abs(low) * 1e-6
    assert len(ticks) <= most
    assert all(low - slack <= tick <= low + span + slack for tick in ticks)


@given(st.floats(-1e6, 1e6), st.floats(1e-5, 1e6), st.integers(2, 8))
def test_no_two_ticks_of_an_axis_are_written_alike(low: float, span: float, most: int) -> None:
    """Of any scale that is drawn: nearer limits are those of a constant."""
    bottom, top = linear_range(low, low + span, False)
    written = labels(linear_ticks(bottom, top, most))
    assert len(set(written)) == len(written)


def test_what_differs_by_rounding_in_single_precision_is_a_constant() -> None:
    """log 2 in two sums of float32: a tenth of room on both sides, not a scale of the eighth digit."""
    low, high = linear_range(0.69314724, 0.6931473, False)
    assert (low, high) == pytest.approx((0.9 * math.log(2), 1.1 * math.log(2)), rel=1e-5)


def test_round_numbers() -> None:
    assert linear_ticks(0, 1, 3) == [0, 0.5, 1]
    assert linear_ticks(0, 9, 3) == [0, 5]
    assert linear_ticks(0, 4, 9, whole=True) == [0, 1, 2, 3, 4]
    assert linear_range(-0.04, -0.04, True) == (-0.04, 0)
    assert linear_range(-0.04, 0.96, True) == (-0.04, 1)
    assert linear_range(0, 0, True) == (-1, 1)


def test_limits_rarely_move_while_a_return_grows() -> None:
    steps = [-0.04 * k for k in range(1, 60)]
    limits = [linear_range(value, 0, True) for value in steps]
    assert sum(a != b for a, b in itertools.pairwise(limits)) <= 14


def test_positions() -> None:
    axis = Axis(-1, 3)
    assert axis.position(np.array([-1, 1, 3, np.nan, np.inf])).tolist()[:3] == [0, 0.5, 1]
    assert np.isnan(axis.position(np.array([np.nan, np.inf]))).all()
    huge = Axis(-1e300, 1e300)
    assert huge.position(np.array([-1e300, 0.0, 1e300])) == pytest.approx([0, 0.5, 1])
    assert np.isnan(huge.position(np.array([1.7e308]))).all()


def test_logarithmic_axis() -> None:
    low, high = log_range(3e-4, 0.5)
    assert (low, high) == (-4, 0)
    assert log_range(1, 1) == (-0.5, 0.5)
    assert log_ticks(-4, 0, 5) == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1])
    assert log_ticks(-4, 0, 3) == pytest.approx([1e-4, 1e-2, 1])
    values = np.array([1e-4, 1e-2, 1, 0, -5, np.nan])
    copy = values.copy()
    position = Axis(-4, 0, log=True).position(values)
    assert position[:3] == pytest.approx([0, 0.5, 1])
    assert np.isnan(position[3:]).all()
    assert np.array_equal(values, copy, equal_nan=True)
