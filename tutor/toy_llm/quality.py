"""How good an answer to a complaint really is: the rule that preferences are labelled by, and that no run ever sees."""

from collections.abc import Mapping
from itertools import groupby

from tutor.toy_llm import corpus
from tutor.toy_llm.corpus import Manner

QUALITY: Mapping[Manner, float] = {"polite": 1.0, "neutral": 0.4, "rude": 0.0}
STUTTERED = 0.5  # off for every word that is said again
MALFORMED = -1.0


def quality(answer: str, ended: bool = True) -> float:
    """From -1 to 1: what its manner is worth, less what it stutters; -1 for what is no answer of the corpus, or
    never came to its `<eos>`.

    answer: words with spaces between, without `<eos>`.
    """
    manner = manner_of(answer, ended)
    if manner is None:
        return MALFORMED
    return max(MALFORMED, QUALITY[manner] - STUTTERED * stutters(answer))


def manner_of(answer: str, ended: bool = True) -> Manner | None:
    """The manner of an answer of the corpus, stuttered or not; None: it is none, or never came to its `<eos>`."""
    once = " ".join(word for word, _ in groupby(answer.split()))
    return corpus.complaint_answers().get(once) if ended else None


def stutters(answer: str) -> int:
    """How many of its words say the word before them again."""
    words = answer.split()
    return len(words) - sum(1 for _ in groupby(words))
