"""Sampling a batch of answers of a model in torch: what reinforcement learning on it stands on."""

from collections.abc import Sequence

import numpy as np
import torch

from tutor.toy_llm.answers import Rollout
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.inference import ToyModel
from tutor.toy_llm.sampling import RESPONSE_LIMIT, answered
from tutor.toy_llm.tokenizer import PAD


def generate(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    generator: torch.Generator,
    temperature: float = 1.0,
    limit: int = RESPONSE_LIMIT,
) -> Rollout:
    """`sampling.generate` by the weights as they are, in float32, with a generator of torch's: an operation of numpy
    on so few numbers takes a fraction of one of torch's."""
    weights = {name: weight.detach().numpy() for name, weight in model.named_parameters()}
    reader = ToyModel(weights, model.shape, np.float32)
    dice = torch.rand(limit, len(prompts), generator=generator, dtype=torch.float64)
    made = answered(reader, prompts, dice.numpy(), temperature)
    return Rollout(
        torch.from_numpy(made.prompts),
        torch.from_numpy(made.prompts != PAD),
        torch.from_numpy(made.responses),
        torch.from_numpy(made.mask),
        torch.from_numpy(made.log_probs).float(),
    )
