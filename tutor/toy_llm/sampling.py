"""Tokens drawn from the model's probabilities, one by one or a batch of answers; numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor.toy_llm.inference import Floats, KVCache, Mask, Tokens, ToyModel, log_softmax
from tutor.toy_llm.tokenizer import EOS, PAD

RESPONSE_LIMIT = 16  # most tokens of an answer, <eos> included


def tempered(log_probs: Floats, temperature: float = 1.0) -> Floats:
    """log pi_T over the last axis: the log-probabilities over T, normalised again. T = 1 changes nothing, T = 0 is
    greedy (the likeliest word for certain, the first of equals). Raises ValueError below 0 and for nan."""
    if not 0 <= temperature < np.inf:
        raise ValueError(f"the temperature is {temperature}; it must be 0 (greedy) or more")
    if temperature == 1:
        return log_probs
    if temperature < 1e-6:
        greedy = np.full_like(log_probs, -np.inf)
        np.put_along_axis(greedy, log_probs.argmax(-1, keepdims=True), 0.0, -1)
        return greedy
    return log_softmax(log_probs / temperature)


def drawn(log_probs: Floats, uniform: Floats | float) -> NDArray[np.int64]:
    """Tokens (...) by inverting the cumulative probabilities of log_probs (..., V) at uniform numbers (...) from
    [0, 1). A word of probability 0 is never drawn."""
    sums = np.exp(log_probs).cumsum(-1)  # (..., V)
    sums /= sums[..., -1:]
    tokens: NDArray[np.int64] = (sums <= np.asarray(uniform)[..., None]).sum(-1)
    return tokens


@dataclass(frozen=True)
class Generation:
    """Sampled answers of B prompts. prompts (B, P): padded on the left. responses (B, N): padded on the right.
    log_probs (B, N): of each token under the policy that drew it (at its temperature), 0 on padding. mask (B, N):
    True at the answer's tokens, `<eos>` included."""

    prompts: Tokens
    responses: Tokens
    log_probs: Floats
    mask: Mask

    def texts(self) -> list[list[int]]:
        """The tokens of each answer, without `<eos>` and padding."""
        return [[int(token) for token in row if token > EOS] for row in self.responses]


def pad_left(prompts: Sequence[Sequence[int]]) -> tuple[Tokens, Mask]:
    """Prompts of unlike length as (B, P), and where they are real."""
    longest = max(map(len, prompts))
    tokens = np.full((len(prompts), longest), PAD, np.int64)
    for row, prompt in zip(tokens, prompts, strict=True):
        row[longest - len(prompt) :] = prompt
    return tokens, tokens != PAD


def generate(
    model: ToyModel,
    prompts: Sequence[Sequence[int]],
    rng: np.random.Generator,
    temperature: float = 1.0,
    limit: int = RESPONSE_LIMIT,
) -> Generation:
    """One answer to each prompt (encoded, `<bos>` to `<bot>`), until `<eos>` or `limit` tokens.

    Draws B uniform numbers a token. Trimmed to the longest answer. Raises ValueError when prompt and limit do not
    fit into the context together.
    """
    tokens, real = pad_left(prompts)
    B, P = tokens.shape
    if P + limit > model.shape.context:
        raise ValueError(
            f"a prompt of {P} tokens and {limit} more do not fit into a context of {model.shape.context}"
        )
    cache = KVCache(B, model.shape)
    hidden = model.hidden(tokens, real, cache)[:, -1:]  # (B, 1, C)
    responses = np.full((B, limit), PAD, np.int64)
    chosen = np.zeros((B, limit))
    alive = np.ones(B, bool)
    for t in range(limit):
        log_probs = tempered(log_softmax(model.head(hidden[:, 0])), temperature)  # (B, V)
        action = np.where(alive, drawn(log_probs, rng.random(B)), PAD)  # (B,)
        responses[:, t] = action
        chosen[:, t] = np.where(alive, np.take_along_axis(log_probs, action[:, None], 1)[:, 0], 0)
        alive &= action != EOS
        if t + 1 == limit or not alive.any():
            break
        hidden = model.hidden(action[:, None], alive[:, None], cache)  # (B, 1, C)
    mask = np.ones((B, t + 1), bool)
    mask[:, 1:] = ((responses[:, :t] == EOS).cumsum(1)) == 0
    return Generation(tokens, responses[:, : t + 1], chosen[:, : t + 1], mask)
