"""Small batches of tokens in torch, and a model with given weights."""

from collections.abc import Sequence

import torch

from tutor.toy_llm.gpt import GPT, load_arrays
from tutor.toy_llm.inference import Array
from tutor.toy_llm.shape import SHAPE


def model_of(weights: dict[str, Array]) -> GPT:
    model = GPT()
    load_arrays(model, weights.items())
    return model


def random_tokens(rows: int, length: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(4, SHAPE.vocabulary, (rows, length), generator=generator)


def left_padded(rows: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens (B, T) and mask (B, T)."""
    longest = max(len(row) for row in rows)
    tokens = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    for place, row in enumerate(rows):
        tokens[place, longest - len(row) :] = row
        mask[place, longest - len(row) :] = True
    return tokens, mask
