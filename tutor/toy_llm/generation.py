"""Sampling a batch of answers in torch, and scoring them: what reinforcement learning on the model stands on."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tutor.toy_llm.gpt import GPT, KVCache
from tutor.toy_llm.sampling import RESPONSE_LIMIT, pad_left
from tutor.toy_llm.tokenizer import EOS, PAD


@dataclass(frozen=True)
class Rollout:
    """Sampled answers of B prompts. prompts (B, P): padded on the left; prompt_mask (B, P). responses (B, N): padded
    on the right; mask (B, N): True at the answer's tokens, `<eos>` included. log_probs (B, N): of each token under
    the policy that drew it (at its temperature), 0 on padding."""

    prompts: Tensor
    prompt_mask: Tensor
    responses: Tensor
    mask: Tensor
    log_probs: Tensor


@torch.no_grad()
def generate(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    generator: torch.Generator,
    temperature: float = 1.0,
    limit: int = RESPONSE_LIMIT,
) -> Rollout:
    """One answer to each prompt (encoded, `<bos>` to `<bot>`), until `<eos>` or `limit` tokens, trimmed to the
    longest. temperature: above 0."""
    padded, real = pad_left(prompts)
    tokens, prompt_mask = torch.from_numpy(padded), torch.from_numpy(real)  # (B, P)
    cache = KVCache(len(tokens), model.shape)
    hidden = model.hidden(tokens, prompt_mask, cache)[:, -1]  # (B, C)
    alive = torch.ones(len(tokens), dtype=torch.bool)
    responses, log_probs, masks = [], [], []
    for t in range(limit):
        all_log_probs = (model.head(hidden) / temperature).log_softmax(-1)  # (B, V)
        action = torch.multinomial(all_log_probs.exp(), 1, generator=generator)  # (B, 1)
        action = action.masked_fill(~alive[:, None], PAD)
        chosen = all_log_probs.gather(1, action).masked_fill(~alive[:, None], 0)  # (B, 1)
        responses.append(action)
        log_probs.append(chosen)
        masks.append(alive[:, None])
        alive = alive & (action[:, 0] != EOS)
        if t + 1 == limit or not alive.any():
            break
        hidden = model.hidden(action, alive[:, None], cache)[:, -1]  # (B, C)
    return Rollout(tokens, prompt_mask, torch.cat(responses, 1), torch.cat(masks, 1), torch.cat(log_probs, 1))


def response_logits(model: GPT, rollout: Rollout) -> Tensor:
    """Logits (B, N, V) that chose each answer token: those at P - 1 + t score token t, for its state ends there."""
    P = rollout.prompts.shape[1]
    tokens = torch.cat([rollout.prompts, rollout.responses], 1)  # (B, P + N)
    mask = torch.cat([rollout.prompt_mask, rollout.mask], 1)  # (B, P + N)
    hidden = model.hidden(tokens[:, :-1], mask[:, :-1])  # (B, P + N - 1, C)
    return model.head(hidden[:, P - 1 :])


def response_log_probs(model: GPT, rollout: Rollout) -> Tensor:
    """log pi(token | its state) at temperature 1, (B, N), 0 on padding; `<eos>` is an action like any other."""
    log_probs = response_logits(model, rollout).log_softmax(-1)  # (B, N, V)
    chosen = log_probs.gather(2, rollout.responses[:, :, None])[:, :, 0]  # (B, N)
    return chosen.masked_fill(~rollout.mask, 0)
