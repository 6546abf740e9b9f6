"""Sampling a batch of answers in torch: what reinforcement learning on the model stands on."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tutor.toy_llm.answers import Rollout
from tutor.toy_llm.decoding import Decoder
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.sampling import RESPONSE_LIMIT, pad_left
from tutor.toy_llm.tokenizer import EOS, PAD


@torch.no_grad()
def generate(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    generator: torch.Generator,
    temperature: float = 1.0,
    limit: int = RESPONSE_LIMIT,
) -> Rollout:
    """One answer to each prompt (encoded, `<bos>` to `<bot>`), until `<eos>` or `limit` tokens, trimmed to the
    longest. temperature: above 0; or 0, the likeliest token every time. Texts that are the same so far are read once;
    each draws for itself. Draws B uniform numbers for every token there could be."""
    padded, real = pad_left(prompts)
    asked, asked_mask = torch.from_numpy(padded), torch.from_numpy(real)  # (B, P)
    B, V = len(prompts), model.shape.vocabulary
    uniform = torch.rand(limit, B, 1, generator=generator)
    decoder = Decoder(model, asked, asked_mask, limit)
    going, at = np.arange(B), decoder.at  # the texts that go on; which of those that are read each of them is
    responses, states = np.full((B, limit), PAD), np.full((B, limit), -1)
    distributions: list[Tensor] = []
    met = 0  # states so far
    for t in range(limit):
        log_probs = (decoder.logits() / (temperature or 1)).log_softmax(-1)  # (b, V)
        drawn_by = uniform[t, torch.from_numpy(going)] if temperature else None
        action = _chosen(log_probs, torch.from_numpy(at), drawn_by).numpy()
        responses[going, t], states[going, t] = action, met + at
        distributions.append(log_probs)
        met += len(log_probs)
        left = action != EOS
        if t + 1 == limit or not left.any():
            break
        going = going[left]
        different, at = np.unique(at[left] * V + action[left], return_inverse=True)
        decoder.say(torch.from_numpy(different // V), torch.from_numpy(different % V))
    return _rollout(asked, asked_mask, responses[:, : t + 1], states[:, : t + 1], torch.cat(distributions))


def _rollout(
    prompts: Tensor,
    prompt_mask: Tensor,
    responses: NDArray[np.int64],
    states: NDArray[np.int64],
    distributions: Tensor,
) -> Rollout:
    said, met = torch.from_numpy(responses.copy()), torch.from_numpy(states.copy())
    mask = met >= 0
    met.clamp_(min=0)
    log_probs = distributions.view(-1).take(met * distributions.shape[1] + said).masked_fill_(~mask, 0)
    return Rollout(prompts, prompt_mask, said, mask, log_probs, distributions, met)


def _chosen(log_probs: Tensor, at: Tensor, uniform: Tensor | None) -> Tensor:
    """Tokens (B,) of texts whose distributions are the rows `at` of log_probs (b, V); None: the likeliest."""
    return log_probs.argmax(-1)[at] if uniform is None else drawn(log_probs, at, uniform)


def drawn(log_probs: Tensor, at: Tensor, uniform: Tensor) -> Tensor:
    """Tokens (B,) by inverting the cumulative probabilities of the rows `at` (B,) of log_probs (b, V) at uniform
    (B, 1) from [0, 1); a word of probability 0 is never drawn."""
    sums = log_probs.exp().cumsum(-1).index_select(0, at)  # (B, V)
    V = sums.shape[1]
    return torch.searchsorted(sums, uniform * sums[:, -1:], right=True)[:, 0].clamp_(max=V - 1)
