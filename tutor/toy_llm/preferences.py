"""Pairs of answers and which of the two is preferred: what a reward model is made from."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from tutor.toy_llm import corpus
from tutor.toy_llm.generation import generate
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.quality import quality
from tutor.toy_llm.tokenizer import encode_prompt

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


def sample_pairs(policy: GPT, count: int, seed: int) -> list[Pair]:
    """Two sampled answers to each of `count` complaints, drawn at random."""
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    prompts = [corpus.COMPLAINTS[place] for place in rng.integers(len(corpus.COMPLAINTS), size=count)]
    made = generate(policy, [encode_prompt(prompt) for prompt in prompts for _ in range(2)], generator)
    said = [Said(text, ended) for text, ended in zip(made.texts(), made.ended(), strict=True)]
    return [Pair(*row) for row in zip(prompts, said[::2], said[1::2], strict=True)]


def label(pairs: Sequence[Pair], rng: np.random.Generator, judge: Judge = gold) -> list[Preference]:
    """Each pair as a rater of this judgement labels it: the first is preferred with probability
    sigmoid(SHARPNESS (judge(first) - judge(second))). Draws one uniform number a pair."""
    labelled = []
    for pair, dice in zip(pairs, rng.random(len(pairs)), strict=True):
        better = SHARPNESS * (judge(pair.first) - judge(pair.second))
        first = dice < 1 / (1 + math.exp(-better))
        ordered = (pair.first, pair.second) if first else (pair.second, pair.first)
        labelled.append(Preference(pair.prompt, *ordered))
    return labelled
