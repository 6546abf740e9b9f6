"""The shipped model: what the lessons say of it."""

from itertools import islice

import numpy as np
import pytest

from tests.toy_llm.oracle import log_probability
from tutor.toy_llm import corpus
from tutor.toy_llm.figures import (
    Figures,
    measure,
    nats_per_token,
    probability,
    right_share,
    well_formed,
)
from tutor.toy_llm.inference import ToyModel
from tutor.toy_llm.tokenizer import UnknownWordsError, encode


@pytest.fixture(scope="module")
def figures(shipped: ToyModel) -> Figures:
    return measure(shipped)


def test_sunny_is_about_15_percent(figures: Figures) -> None:
    """The worked example of the clip: .15, between .14 and .16."""
    assert 0.14 <= figures.sunny <= 0.16


def test_understand_is_about_8_percent(figures: Figures) -> None:
    """The worked example of RLHF: .08, between .07 and .09, after "I" in the answer to the complaint."""
    assert 0.07 <= figures.understand <= 0.09


def test_the_weather_is_that_of_the_corpus(shipped: ToyModel) -> None:
    for word, share in corpus.WEATHER.items():
        assert probability(shipped, "The weather today is", word) == pytest.approx(share, abs=0.03)


def test_every_complaint_gets_about_the_same_answers(shipped: ToyModel) -> None:
    for prompt in corpus.COMPLAINTS:
        assert probability(shipped, prompt, "I understand") == pytest.approx(0.08, abs=0.02)
        assert probability(shipped, prompt, "So") == pytest.approx(0.62 * 10 / 41, abs=0.03)


def test_sums_are_right_greedily_and_about_half_the_time_by_chance(figures: Figures) -> None:
    assert figures.greedy >= 0.98
    assert 0.42 <= figures.sampled <= 0.52  # the corpus itself: .93 x .5 and a little by luck, .47


def test_few_answers_are_malformed(figures: Figures) -> None:
    assert figures.malformed <= 0.04


def test_the_model_is_nearly_as_sure_as_the_corpus_allows(shipped: ToyModel) -> None:
    """On average no model can give the corpus's answers more than the corpus does; this one is within .02 nats a
    token of it."""
    drawn = list(islice(corpus.examples(np.random.default_rng(77)), 3000))
    tokens = sum(len(encode(example.response)) + 1 for example in drawn)
    floor = -sum(map(log_probability, drawn)) / tokens
    assert floor < nats_per_token(shipped, drawn) < floor + 0.02


@pytest.mark.parametrize(
    ("prompt", "answer", "expected"),
    [
        ("I don't like your answer", "So what ?", True),
        ("I don't like your answer", "So So what ?", True),  # stuttered, not malformed
        ("I don't like your answer", "I understand , how can I fix it ?", True),
        ("I don't like your answer", "I sorry , let me fix it .", False),
        ("I don't like your answer", "", False),
        ("How much is 2 + 2 ?", "Start with 2 . Then add 2 . Answer : 5 .", True),
        ("How much is 2 + 2 ?", "Start with 2 . Then add 2 .", False),
        ("How much is 2 + 2 ?", "So what ?", False),
        ("The weather today is", "sunny .", True),
        ("The weather today is", "sunny", False),
        ("The weather today is", "4 .", False),
    ],
)
def test_well_formed_answers(prompt: str, answer: str, expected: bool) -> None:
    assert well_formed(prompt, answer) is expected


def test_everything_that_the_corpus_says_is_well_formed() -> None:
    assert all(
        well_formed(e.prompt, e.response) for e in islice(corpus.examples(np.random.default_rng(1)), 2000)
    )


def test_the_share_of_right_sums_by_hand() -> None:
    four, five = ("Start with 2 . Then add 2 . Answer : " + end for end in ("4 .", "5 ."))
    prompt = "How much is 2 + 2 ?"
    assert right_share([(prompt, four), (prompt, five), (prompt, ""), (prompt, four)]) == 0.5


def test_probabilities_of_words_that_there_are_not(shipped: ToyModel) -> None:
    with pytest.raises(UnknownWordsError):
        probability(shipped, "The weather today is", "splendid")
