"""Be the rater: the fit against known preferences, the pairs, what picks come to."""

import numpy as np
import pytest

from tutor.toy_llm.pairs import Pair, Said, gold
from tutor.toy_llm.rater import (
    FEATURES,
    SPREAD,
    PicksError,
    Rater,
    asked_pairs,
    checked,
    features,
    fitted,
    rated,
)

POLITE, RUDE = Said("I understand , how can I improve this ?"), Said("So what ?")


def picks_of(judge, count: int = 30) -> str:
    """What somebody picks who always takes what the judge finds better."""
    return "".join("L" if judge(pair.first) > judge(pair.second) else "R" for pair in asked_pairs()[:count])


def test_features_by_hand() -> None:
    assert dict(zip(FEATURES, features(Said("So So what ?")), strict=True)) == {
        "polite": 0, "rude": 1, "malformed": 0, "stutters": 1, "length": 0.4,
    }  # fmt: skip
    assert list(features(POLITE)[:3]) == [1, 0, 0]
    assert list(features(Said("So what", ended=False))[:3]) == [0, 0, 1]


def test_the_fit_recovers_known_weights() -> None:
    """4000 choices drawn from sigmoid(w . d): the standard error is about .05 a weight."""
    rng, true = np.random.default_rng(0), np.array([1.5, -1.0, 0.0])
    d = rng.normal(size=(4000, 3))
    first = rng.random(4000) < 1 / (1 + np.exp(-d @ true))
    found = fitted(list(np.where(first[:, None], d, -d)))
    assert found == pytest.approx(true, abs=0.15)


def test_the_fit_stands_where_the_slope_is_0() -> None:
    """Also where the preferences could be told apart without an error, and no weight would be large enough."""
    x = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    w = fitted(list(x))
    assert x.T @ (1 / (1 + np.exp(x @ w))) == pytest.approx(w / SPREAD**2, abs=1e-8)


def test_the_pairs_are_always_the_same_and_differ() -> None:
    pairs = asked_pairs()
    assert len(pairs) == 40
    assert pairs == asked_pairs()
    assert all(pair.first != pair.second for pair in pairs)


def test_who_likes_rude_answers_is_known_as_such() -> None:
    rude = rated(picks_of(lambda said: features(said)[1] - 0.01 * len(said.text)))
    fond = rated(picks_of(gold))
    assert rude.rater.utility(RUDE) > rude.rater.utility(POLITE)
    assert fond.rater.utility(RUDE) < fond.rater.utility(POLITE)
    assert (len(fond.learned), len(fond.held_out)) == (24, 6)
    assert fond.agreed >= 4
    assert fond.held_out[0] == asked_pairs()[4].preferring(first=picks_of(gold)[4] == "L")


def test_how_often_an_answer_is_preferred_to_those_before() -> None:
    """Utilities log 3 apart: odds 3 to 1, so 3/4 - 1/4; and even with its like."""
    rater = Rater((np.log(3), 0.0, 0.0, 0.0, 0.0), (0.0,))
    assert rater.advantage(POLITE) == pytest.approx(0.5)
    assert Rater(rater.weights, (np.log(3), 0.0)).advantage(POLITE) == pytest.approx(0.25)


def test_a_pair_as_it_is_labelled() -> None:
    pair = Pair("You are too slow", RUDE, POLITE)
    assert pair.preferring(first=False).preferred == POLITE
    assert pair.preferring(first=True).other == POLITE


@pytest.mark.parametrize("picks", ["L" * 19, "L" * 41, "L" * 19 + "X", "l" * 20])
def test_what_is_no_picks_is_said(picks: str) -> None:
    with pytest.raises(PicksError, match="must be 20 to 40 letters L and R"):
        checked(picks)
