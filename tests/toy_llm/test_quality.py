"""The true quality of answers to complaints, by hand."""

import pytest

from tutor.toy_llm import corpus
from tutor.toy_llm.quality import quality


@pytest.mark.parametrize(
    ("answer", "worth"),
    [
        ("I understand , how can I improve this ?", 1.0),
        ("I am sorry , let me fix the answer .", 1.0),
        ("I see .", 0.4),
        ("So what ?", 0.0),
        ("I see see .", 0.4 - 0.5),
        ("I am am sorry , let me fix fix it .", 0.0),
        ("So what what what ? ?", -1.0),  # 0 - 3 x .5, no worse than -1
        ("I sorry , let me me me improve this .", -1.0),
        ("", -1.0),
        ("sunny .", -1.0),
    ],
)
def test_by_hand(answer: str, worth: float) -> None:
    assert quality(answer) == pytest.approx(worth)


def test_an_answer_without_its_end_is_malformed() -> None:
    assert quality("I see .", ended=False) == -1


def test_every_answer_of_the_corpus_is_worth_its_manner() -> None:
    worth = {"polite": 1.0, "neutral": 0.4, "rude": 0.0}
    assert all(quality(answer) == worth[manner] for answer, manner in corpus.complaint_answers().items())
