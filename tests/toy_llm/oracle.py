"""How likely the corpus gives an answer, worked out from its description, apart from the code that draws it."""

import math
from itertools import groupby

from tutor.toy_llm import corpus


def log_probability(example: corpus.Example) -> float:
    """log p(response | prompt) under the corpus, in nats: what no model can beat on average."""
    if example.task == "weather":
        return math.log(corpus.WEATHER[example.response.split()[0]])
    if example.task == "arithmetic":
        return _sum(example)
    return _complaint(example.response)


def _complaint(response: str) -> float:
    runs = [(word, len(list(run))) for word, run in groupby(response.split())]
    stutters = sum(math.log(0.03 if length == 2 else 0.97) for _, length in runs)
    plain = " ".join(word for word, _ in runs)
    for manner, answers in corpus.ANSWERS.items():
        for template, count in answers.items():
            slots = 9 if "{fix}" in template else 1
            if plain in _filled(template):
                share = corpus.MANNERS[manner] * count / sum(answers.values())
                return stutters + math.log(share / slots)
    raise AssertionError(f"the corpus never says {plain!r}")


def _filled(template: str) -> list[str]:
    return [template.format(fix=fix, it=it) for fix in corpus.FIXES for it in corpus.THINGS]


def _sum(example: corpus.Example) -> float:
    """93 % copied right, else one of 18 wrong pairs; 50 % the right sum, else off by 1 to 3, up or down, but up
    where down would be below 0."""
    a, b = (int(word) for word in example.prompt.split() if word.isdigit())
    said_a, said_b, answer = (int(word) for word in example.response.split() if word.isdigit())
    copying = 0.93 if (a, b) == (said_a, said_b) else 0.07 / 18
    off = answer - (said_a + said_b)
    if off == 0:
        return math.log(copying * 0.5)
    both_ways = abs(off) <= said_a + said_b
    return math.log(copying * 0.5 / 3 * (0.5 if both_ways else 1.0))
