"""The experiment `clip`: the objective of one sample, by hand."""

import numpy as np
import pytest

from tutor.experiments import ParameterError, find_experiment, metric_value, run


def surrogate(**parameters: float) -> float:
    return metric_value(run("clip", parameters), "clip", "objective/surrogate", "last")


@pytest.mark.parametrize(
    ("ratio", "advantage", "by_hand"),
    [
        (0.5, 2.0, 1.0),  # A > 0, below: rA = 1.0 is less than .8 * 2
        (1.1, 2.0, 2.2),  # inside: both are 2.2
        (1.5, 2.0, 2.4),  # above: 1.2 * 2 is less than 3
        (0.5, -2.0, -1.6),  # A < 0, below: .8 * -2 is less than -1
        (1.1, -2.0, -2.2),
        (1.5, -2.0, -3.0),  # above: rA = -3 is less than 1.2 * -2
        (1.5, 0.0, 0.0),
        (0.25 / 0.15, 1.0, 1.2),  # the two examples that the lesson works out
        (0.15 / 0.08, 1.8, 2.16),
    ],
)
def test_by_hand(ratio: float, advantage: float, by_hand: float) -> None:
    assert surrogate(ratio=ratio, advantage=advantage) == pytest.approx(by_hand)


def test_epsilon_moves_the_edges() -> None:
    assert surrogate(ratio=3, epsilon=0.5) == pytest.approx(1.5)
    assert surrogate(ratio=0.1, advantage=-1, epsilon=0.5) == pytest.approx(-0.5)


def test_every_seed_agrees_and_it_says_so() -> None:
    (frame,) = run("clip", {"ratio": 1.5, "seeds": 4})
    assert frame.update == 0
    assert np.array_equal(frame.metrics["objective/surrogate"], np.full(4, 1.2))
    experiment = find_experiment("clip")
    assert experiment.deterministic(experiment.values({}))


@pytest.mark.parametrize("epsilon", [0, 1, -0.2, float("nan")])
def test_epsilon_lies_strictly_between_0_and_1(epsilon: float) -> None:
    with pytest.raises(
        ParameterError, match=r"^epsilon is .*; it must be a number between 0\.001 and 0\.999$"
    ):
        surrogate(epsilon=epsilon)


def test_a_ratio_is_never_negative() -> None:
    with pytest.raises(ParameterError, match=r"^ratio is '-1'"):
        surrogate(ratio=-1)
