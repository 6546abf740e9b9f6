"""What is left of a run that diverged."""

import numpy as np

from tutor.experiments import Frame
from tutor.experiments.divergence import sound

ERROR = "value/rms_error"


def curve(series: str, *errors: float) -> list[Frame]:
    return [Frame(series, update, {ERROR: np.array([1.0, error])}) for update, error in enumerate(errors)]


def test_numbers_from_the_point_on_where_they_grow_to_the_end_are_none() -> None:
    frames = curve("td", 2.0, 3.0, 25.0, 4.0, 21.0, 800.0, 9e7)  # ten times the first is 20
    assert [frame.update for frame in sound(frames, "td")] == [0, 1, 2, 3]


def test_the_other_curves_stay_whole() -> None:
    frames = curve("td", 2.0, 5e6) + curve("mc", 2.0, 5e6)
    assert [(f.series, f.update) for f in sound(frames, "td")] == [("td", 0), ("mc", 0), ("mc", 1)]


def test_a_sudden_end_leaves_all_that_came_before() -> None:
    assert len(sound(curve("td", 2.0, 3.0, 2.5), "td")) == 3


def test_a_policy_that_never_arrives_is_a_number_of_its_own() -> None:
    assert len(sound(curve("q", -13.0, -np.inf), "q")) == 2


def test_nothing_came() -> None:
    assert sound([], "td") == []
