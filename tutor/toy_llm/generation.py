"""Sampling a batch of answers in torch, and scoring them: what reinforcement learning on the model stands on."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tutor.toy_llm.decoding import Decoder
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.sampling import RESPONSE_LIMIT, pad_left
from tutor.toy_llm.tokenizer import EOS, PAD, decode


@dataclass(frozen=True)
class Rollout:
    """Sampled answers of B prompts. prompts (B, P): padded on the left; prompt_mask (B, P). responses (B, N): padded
    on the right; mask (B, N): True at the answer's tokens, `<eos>` included. log_probs (B, N): of each token under
    the policy that drew it (at its temperature), 0 on padding. distributions (B, N, V): log-probabilities of every
    token there, when they were kept; on padding anything."""

    prompts: Tensor
    prompt_mask: Tensor
    responses: Tensor
    mask: Tensor
    log_probs: Tensor
    distributions: Tensor | None = None

    def take(self, rows: Tensor) -> "Rollout":
        """Some of the answers."""
        kept = None if self.distributions is None else self.distributions[rows]
        return Rollout(
            self.prompts[rows],
            self.prompt_mask[rows],
            self.responses[rows],
            self.mask[rows],
            self.log_probs[rows],
            kept,
        )

    def texts(self) -> list[str]:
        """Each answer's words, without `<eos>`."""
        return [decode(token for token in row if token > EOS) for row in self.responses.tolist()]

    def ended(self) -> list[bool]:
        """Whether each answer came to its `<eos>`."""
        ended: list[bool] = (self.responses == EOS).any(1).tolist()
        return ended


@torch.no_grad()
def generate(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    generator: torch.Generator,
    temperature: float = 1.0,
    limit: int = RESPONSE_LIMIT,
) -> Rollout:
    """One answer to each prompt (encoded, `<bos>` to `<bot>`), until `<eos>` or `limit` tokens, trimmed to the
    longest. temperature: above 0; or 0, the likeliest token every time. Draws B uniform numbers a token."""
    padded, real = pad_left(prompts)
    tokens, prompt_mask = torch.from_numpy(padded), torch.from_numpy(real)  # (B, P)
    decoder = Decoder(model, tokens, prompt_mask)
    alive = torch.ones(len(tokens), dtype=torch.bool)
    said, masks, distributions = [], [], []
    for t in range(limit):
        log_probs = (decoder.logits() / (temperature or 1)).log_softmax(-1)  # (B, V)
        action = drawn(log_probs, generator) if temperature else log_probs.argmax(-1)  # (B,)
        said.append(action.masked_fill(~alive, PAD))
        masks.append(alive)
        distributions.append(log_probs)
        alive = alive & (action != EOS)
        if t + 1 == limit or not alive.any():
            break
        decoder.say(action)
    responses, mask = torch.stack(said, 1), torch.stack(masks, 1)  # (B, N)
    every = torch.stack(distributions, 1)  # (B, N, V)
    chosen = every.gather(2, responses[:, :, None])[:, :, 0].masked_fill(~mask, 0)
    return Rollout(tokens, prompt_mask, responses, mask, chosen, every)


def drawn(log_probs: Tensor, generator: torch.Generator) -> Tensor:
    """Tokens (B,) by inverting the cumulative probabilities of log_probs (B, V); a word of probability 0 is never
    drawn."""
    sums = log_probs.exp().cumsum(-1)  # (B, V)
    uniform = torch.rand(len(sums), 1, generator=generator) * sums[:, -1:]
    return (sums <= uniform).sum(-1).clamp(max=sums.shape[1] - 1)


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
