"""Pairs of answers sampled from the model: what a reward model is made from."""

import numpy as np
import torch

from tutor.toy_llm import corpus
from tutor.toy_llm.generation import generate
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.pairs import Pair, Said
from tutor.toy_llm.tokenizer import encode_prompt


def sample_pairs(policy: GPT, count: int, seed: int) -> list[Pair]:
    """Two sampled answers to each of `count` complaints, drawn at random."""
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    prompts = [corpus.COMPLAINTS[place] for place in rng.integers(len(corpus.COMPLAINTS), size=count)]
    made = generate(policy, [encode_prompt(prompt) for prompt in prompts for _ in range(2)], generator)
    said = [Said(text, ended) for text, ended in zip(made.texts(), made.ended(), strict=True)]
    return [Pair(*row) for row in zip(prompts, said[::2], said[1::2], strict=True)]
