"""The corpus against its description: shares, probabilities, words."""

import math
from collections import Counter
from itertools import groupby, islice, pairwise

import numpy as np
import pytest

from tests.toy_llm.oracle import log_probability
from tutor.toy_llm import corpus, verifier
from tutor.toy_llm.tokenizer import SPECIALS, VOCABULARY, WORDS, encode, encode_prompt

MANY = 20_000


@pytest.fixture(scope="module")
def drawn() -> list[corpus.Example]:
    return list(islice(corpus.examples(np.random.default_rng(3)), MANY))


def close(share: float, expected: float, count: int) -> bool:
    """Within four standard errors of a share of `count` draws."""
    return abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / count)


def of(task: str, drawn: list[corpus.Example]) -> list[corpus.Example]:
    return [example for example in drawn if example.task == task]


def test_the_same_seed_gives_the_same_stream() -> None:
    first, second = (corpus.examples(np.random.default_rng(5)) for _ in range(2))
    assert list(islice(first, 200)) == list(islice(second, 200))
    other = corpus.examples(np.random.default_rng(6))
    assert list(islice(first, 200)) != list(islice(other, 200))


@pytest.mark.parametrize(("task", "share"), [("politeness", 0.50), ("arithmetic", 0.42), ("weather", 0.08)])
def test_shares_of_the_tasks(task: str, share: float, drawn: list[corpus.Example]) -> None:
    assert close(len(of(task, drawn)) / MANY, share, MANY)


def test_the_corpus_has_the_words_of_the_vocabulary_and_no_others(drawn: list[corpus.Example]) -> None:
    said = {word for example in drawn for word in f"{example.prompt} {example.response}".split()}
    assert said == set(WORDS)


def test_everything_fits_into_the_context(drawn: list[corpus.Example]) -> None:
    assert max(len(encode_prompt(e.prompt)) + len(encode(e.response)) + 1 for e in drawn) <= 40


@pytest.mark.parametrize(("manner", "share"), [("rude", 0.62), ("neutral", 0.23), ("polite", 0.15)])
def test_manners(manner: str, share: float, drawn: list[corpus.Example]) -> None:
    said = [plain(example) for example in of("politeness", drawn)]
    kinds = Counter(corpus.complaint_answers()[answer] for answer in said)
    assert close(kinds[manner] / len(said), share, len(said))


def plain(example: corpus.Example) -> str:
    return " ".join(word for word, _ in groupby(example.response.split()))


def test_the_article_s_answers_are_in_the_corpus_as_often_as_it_says(drawn: list[corpus.Example]) -> None:
    said = of("politeness", drawn)
    rude = Counter(plain(example) == "So what ?" for example in said)
    assert close(rude[True] / len(said), 0.62 * 10 / 41, len(said))
    assert corpus.complaint_answers()["I understand , how can I improve the answer ?"] == "polite"
    begun = [words for words in (example.response.split() for example in said) if words[0] == "I"]
    assert close(sum(words[1] == "understand" for words in begun) / len(begun), 0.08, len(begun))


def test_twelve_complaints_equally_often(drawn: list[corpus.Example]) -> None:
    counts = Counter(example.prompt for example in of("politeness", drawn))
    assert len(counts) == 12
    total = counts.total()
    assert all(close(count / total, 1 / 12, total) for count in counts.values())


def test_three_words_in_a_hundred_come_twice(drawn: list[corpus.Example]) -> None:
    runs = [len(list(run)) for e in of("politeness", drawn) for _, run in groupby(e.response.split())]
    assert set(runs) == {1, 2}
    assert close(runs.count(2) / len(runs), 0.03, len(runs))
    others = [e.response.split() for e in drawn if e.task != "politeness"]
    assert not any(first == second for words in others for first, second in pairwise(words))


def test_weather(drawn: list[corpus.Example]) -> None:
    said = Counter(example.response for example in of("weather", drawn))
    total = said.total()
    assert sum(corpus.WEATHER.values()) == pytest.approx(1)
    assert corpus.WEATHER["sunny"] == 0.15
    assert all(close(said[f"{word} ."] / total, share, total) for word, share in corpus.WEATHER.items())


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.split() if word.isdigit()]


def test_sums(drawn: list[corpus.Example]) -> None:
    sums = [(*numbers(e.prompt), *numbers(e.response)) for e in of("arithmetic", drawn)]
    total = len(sums)
    assert len({(a, b) for a, b, *_ in sums}) == 100
    assert close(sum((a, b) == (c, d) for a, b, c, d, _ in sums) / total, 0.93, total)
    assert close(sum(c + d == answer for *_, c, d, answer in sums) / total, 0.50, total)
    off = Counter(answer - (c + d) for *_, c, d, answer in sums)
    assert set(off) == {-3, -2, -1, 0, 1, 2, 3}
    assert all(answer >= 0 for *_, answer in sums)
    assert close((off[1] + off[-1]) / total, 0.5 / 3, total)
    assert close((off[3] + off[-3]) / total, 0.5 / 3, total)


def test_a_sum_is_worked_in_the_words_of_the_recipe() -> None:
    assert corpus.sum_prompt(2, 2) == "How much is 2 + 2 ?"
    assert corpus.sum_response(2, 2, 4) == "Start with 2 . Then add 2 . Answer : 4 ."
    assert verifier.score(corpus.sum_prompt(2, 2), corpus.sum_response(2, 2, 4)) == 1
    assert verifier.score(corpus.sum_prompt(2, 2), corpus.sum_response(2, 2, 5)) == -1


def test_all_prompts_of_a_task() -> None:
    assert len(corpus.prompts("arithmetic")) == 100
    assert "How much is 2 + 2 ?" in corpus.prompts("arithmetic")
    assert corpus.prompts("weather") == ("The weather today is",)
    assert corpus.prompts("politeness")[0] == "I don't like your answer"


def test_the_oracle_s_probabilities_add_up_to_one() -> None:
    """Over every answer without a stutter, which have .97 per word."""
    for a, b in [(0, 0), (1, 1), (9, 9)]:
        every = (
            corpus.Example("arithmetic", corpus.sum_prompt(a, b), corpus.sum_response(c, d, answer))
            for c in range(10)
            for d in range(10)
            if c == a or d == b
            for answer in range(max(0, c + d - 3), c + d + 4)
        )
        assert sum(math.exp(log_probability(example)) for example in every) == pytest.approx(1)
    said = corpus.complaint_answers()
    total = sum(
        math.exp(log_probability(corpus.Example("politeness", "", answer))) / 0.97 ** len(answer.split())
        for answer in said
    )
    assert total == pytest.approx(1)


def test_no_special_word_is_in_the_corpus(drawn: list[corpus.Example]) -> None:
    assert not any(word in SPECIALS for e in drawn for word in e.response.split())
    assert set(VOCABULARY) - set(SPECIALS) == set(WORDS)
