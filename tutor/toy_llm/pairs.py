"""Pairs of answers and which of the two somebody prefers; plain data, without torch."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tutor.toy_llm.quality import quality

SHARPNESS = 4.0  # how surely the better one is preferred: sigmoid(4 (q_first - q_second))


@dataclass(frozen=True)
class Said:
    """An answer (words, without `<eos>`), and whether it came to its `<eos>`."""

    text: str
    ended: bool = True


@dataclass(frozen=True)
class Pair:
    """Two answers to one prompt."""

    prompt: str
    first: Said
    second: Said

    def preferring(self, first: bool) -> "Preference":
        """As somebody labels it who prefers the first, or the second."""
        ordered = (self.first, self.second) if first else (self.second, self.first)
        return Preference(self.prompt, *ordered)


@dataclass(frozen=True)
class Preference:
    """Which of two answers somebody prefers."""

    prompt: str
    preferred: Said
    other: Said


Judge = Callable[[Said], float]  # how good an answer is, for a rater


def gold(answer: Said) -> float:
    """The rule of `quality`."""
    return quality(answer.text, answer.ended)


def label(
    pairs: Sequence[Pair], rng: np.random.Generator, judge: Judge = gold, sharpness: float = SHARPNESS
) -> list[Preference]:
    """Each pair as a rater of this judgement labels it: the first is preferred with probability
    sigmoid(sharpness (judge(first) - judge(second))). Draws one uniform number a pair."""
    labelled = []
    for pair, dice in zip(pairs, rng.random(len(pairs)), strict=True):
        better = sharpness * (judge(pair.first) - judge(pair.second))
        labelled.append(pair.preferring(bool(dice < 1 / (1 + math.exp(-better)))))
    return labelled
