"""Tokens drawn from the model's probabilities, one by one or a batch of answers; numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor.toy_llm.inference import Floats, KVCache, Mask, Tokens, ToyModel, log_softmax
from tutor.toy_llm.tokenizer import EOS, PAD

RESPONSE_LIMIT = 16  # most tokens of an answer, <eos> included
FEW = 0.75  # where no more than this share of the texts go on, the others are let go: a copy, worth less reading


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
    tokens: NDArray[np.int64] = (sums > np.asarray(uniform)[..., None]).argmax(-1)
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

    Draws B uniform numbers for every token there could be. Trimmed to the longest answer. Raises ValueError when
    prompt and limit do not fit into the context together.
    """
    return answered(model, prompts, rng.random((limit, len(prompts))), temperature)


def answered(
    model: ToyModel, prompts: Sequence[Sequence[int]], uniform: Floats, temperature: float = 1.0
) -> Generation:
    """What `generate` gives, from uniform numbers (limit, B)."""
    limit, B = uniform.shape
    tokens, real = pad_left(prompts)
    P = tokens.shape[1]
    if P + limit > model.shape.context:
        raise ValueError(
            f"a prompt of {P} tokens and {limit} more do not fit into a context of {model.shape.context}"
        )
    responses, chosen = np.full((B, limit), PAD, np.int64), np.zeros((B, limit))
    hidden, cache = _read(model, prompts, tokens, real, P + limit)
    rows, going = np.arange(B), np.ones(B, bool)  # the texts that are read; those of them that go on
    for t in range(limit):
        log_probs = tempered(log_softmax(model.head(hidden)), temperature)  # (b, V)
        action = drawn(log_probs, uniform[t, rows])  # (b,)
        responses[rows, t] = action
        chosen[rows, t] = log_probs[np.arange(len(rows)), action]
        going &= action != EOS
        left = np.count_nonzero(going)
        if t + 1 == limit or not left:
            break
        if left <= FEW * len(rows):
            rows, action = rows[going], action[going]
            cache.put(cache, np.flatnonzero(going))
            going = np.ones(left, bool)
        hidden = model.hidden(action[:, None], None, cache)[:, 0]  # (b, C)
    mask = np.ones((B, t + 1), bool)
    mask[:, 1:] = ((responses[:, :t] == EOS).cumsum(1)) == 0
    return Generation(tokens, responses[:, : t + 1] * mask, chosen[:, : t + 1] * mask, mask)


def _read(
    model: ToyModel, prompts: Sequence[Sequence[int]], tokens: Tokens, real: Mask, room: int
) -> tuple[Floats, KVCache]:
    """The stream after each prompt (B, C), and the cache that goes on from there. Equal prompts are read once."""
    number: dict[tuple[int, ...], int] = {}
    which = np.array([number.setdefault(tuple(prompt), len(number)) for prompt in prompts])
    first = np.unique(which, return_index=True)[1]
    read, cache = (KVCache(n, model.shape, model.dtype, room) for n in (len(number), len(prompts)))
    hidden = model.hidden(tokens[first], real[first], read)[which, -1]
    cache.put(read, which)
    return hidden, cache
