"""Sampling a batch of answers in torch, and scoring them: what reinforcement learning on the model stands on."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tutor.toy_llm.decoding import Decoder
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.sampling import RESPONSE_LIMIT, pad_left
from tutor.toy_llm.tokenizer import EOS, PAD, decode

CROWDED = 0.7  # share of the texts read that still go on, below which the others are put aside


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
    longest. temperature: above 0; or 0, the likeliest token every time. Answers that have ended are now and then put
    aside, so that few are read in vain; a token draws one uniform number for each text still read."""
    padded, real = pad_left(prompts)
    tokens, prompt_mask = torch.from_numpy(padded), torch.from_numpy(real)  # (B, P)
    decoder = _decoder(model, prompts, tokens, prompt_mask, limit)
    B = len(tokens)
    responses, mask = torch.full((B, limit), PAD), torch.zeros(B, limit, dtype=torch.bool)
    every = torch.zeros(B, limit, model.shape.vocabulary)
    rows, alive = torch.arange(B), torch.ones(B, dtype=torch.bool)  # of those that the decoder still has
    for t in range(limit):
        log_probs = (decoder.logits() / (temperature or 1)).log_softmax(-1)  # (b, V)
        action = drawn(log_probs, generator) if temperature else log_probs.argmax(-1)  # (b,)
        responses[rows, t] = action.masked_fill(~alive, PAD)
        mask[rows, t] = alive
        every[rows, t] = log_probs
        alive = alive & (action != EOS)
        left = int(alive.sum())
        if t + 1 == limit or not left:
            break
        if left < CROWDED * len(rows):
            kept = alive.nonzero()[:, 0]
            decoder.keep(kept)
            rows, action, alive = rows[kept], action[kept], alive[kept]
        decoder.say(action)
    responses, mask, every = responses[:, : t + 1], mask[:, : t + 1], every[:, : t + 1]
    chosen = every.gather(2, responses[:, :, None])[:, :, 0].masked_fill(~mask, 0)
    return Rollout(tokens, prompt_mask, responses, mask, chosen, every)


def _decoder(
    model: GPT, prompts: Sequence[Sequence[int]], tokens: Tensor, mask: Tensor, limit: int
) -> Decoder:
    """One that has read the prompts, each different one once."""
    place = {tuple(prompt): row for row, prompt in enumerate(prompts)}  # the last row that has it
    different = list(place.values())
    number = {row: at for at, row in enumerate(different)}
    decoder = Decoder(model, tokens[different], mask[different], limit)
    decoder.keep(torch.tensor([number[place[tuple(prompt)]] for prompt in prompts]))
    return decoder


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
