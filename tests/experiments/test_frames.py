"""Reading one number from frames."""

import numpy as np
import pytest

from tutor.experiments import Frame, metric_value

FRAMES = [
    Frame("ppo", 0, {"objective/return": np.array([1.0, 3.0]), "policy/kl": np.array([0.0, 0.0])}),
    Frame("trpo", 0, {"objective/return": np.array([10.0, 10.0])}),
    Frame("ppo", 5, {"policy/kl": np.array([0.5, 0.25])}),
    Frame("ppo", 10, {"objective/return": np.array([5.0, 8.0])}),
]


def test_the_mean_over_seeds():
    assert metric_value(FRAMES, "ppo", "objective/return", 0) == 2.0
    assert metric_value(iter(FRAMES), "ppo", "objective/return", 10) == 6.5
    assert metric_value(FRAMES, "trpo", "objective/return", 0) == 10.0


def test_last_is_the_last_update_that_has_the_metric():
    assert metric_value(FRAMES, "ppo", "objective/return", "last") == 6.5
    assert metric_value(FRAMES, "ppo", "policy/kl", "last") == 0.375


@pytest.mark.parametrize(
    ("series", "name", "update", "message"),
    [
        ("ddpg", "objective/return", 0, "there is no series 'ddpg'; the series are: ppo, trpo"),
        ("trpo", "policy/kl", 0, "trpo has no metric 'policy/kl'; its metrics are: objective/return"),
        ("ppo", "objective/return", 3, 'ppo has no objective/return at update 3; there is 0, 10, or "last"'),
        ("ppo", "policy/kl", "first", "ppo has no policy/kl at update 'first'; there is 0, 5, or \"last\""),
    ],
)
def test_what_is_missing_is_said_with_what_there_is(series, name, update, message):
    with pytest.raises(LookupError) as caught:
        metric_value(FRAMES, series, name, update)
    assert str(caught.value) == message


def test_many_updates_are_said_as_a_range():
    frames = [Frame("ppo", u, {"beta": np.array([0.1])}) for u in range(0, 100, 2)]
    with pytest.raises(LookupError, match='there are 50 from 0 to 98, or "last"'):
        metric_value(frames, "ppo", "beta", 3)


def test_no_frames_at_all():
    with pytest.raises(LookupError, match="the series are: none"):
        metric_value([], "ppo", "beta", "last")
