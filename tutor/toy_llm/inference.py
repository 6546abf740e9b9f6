"""The toy language model in numpy: the same weights, the same numbers as `gpt.py` without torch.

It counts in float64, where it equals torch within 1e-10. Torch in float32 rounds by up to 1e-5 itself.

Shapes: B sequences, T tokens, S tokens that can be looked at (those in the cache and these), C = width, nh heads of
size hs = C / nh, V words. A mask is True where a token is real and False where it is padding.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tutor.toy_llm.shape import IMPOSSIBLE, SHAPE, Shape
from tutor.toy_llm.tokenizer import ACTIONS

Array = NDArray[np.float32]  # weights as a checkpoint has them
Floats = NDArray[np.float64]
Tokens = NDArray[np.int64]
Mask = NDArray[np.bool_]


class KVCache:
    """Keys and values of the tokens that the model has read, so that each token is read once."""

    def __init__(self, batch: int, shape: Shape = SHAPE) -> None:
        size = (shape.layers, batch, shape.heads, shape.context, shape.head_width)
        self.keys = np.zeros(size)  # (layers, B, nh, context, hs)
        self.values = np.zeros(size)
        self.mask = np.zeros((batch, shape.context), bool)
        self.length = 0  # set it back to forget the latest tokens


class ToyModel:
    """Reads tokens and says how likely each next one is. Weights as `Shape.weights` names them."""

    def __init__(self, weights: Mapping[str, Array], shape: Shape = SHAPE) -> None:
        self.shape = shape
        self._w = {
            name: np.ascontiguousarray(weight.T if name.startswith("blocks") else weight, np.float64)
            for name, weight in weights.items()
        }
        self._mean = np.full((shape.width, 1), 1 / shape.width)  # (C, 1)

    def log_probs(self, tokens: Tokens, mask: Mask | None = None, cache: KVCache | None = None) -> Floats:
        """log pi(token | tokens so far), (B, T, V), after each of tokens (B, T); see `hidden`."""
        return log_softmax(self.head(self.hidden(tokens, mask, cache)))

    def head(self, hidden: Floats) -> Floats:
        """Logits (..., V) of the stream (..., C): the embedding again, and IMPOSSIBLE for what is no action. Every
        policy begins here."""
        logits: Floats = hidden @ self._w["word.weight"].T
        logits[..., : ACTIONS.start] = IMPOSSIBLE
        return logits

    def hidden(self, tokens: Tokens, mask: Mask | None = None, cache: KVCache | None = None) -> Floats:
        """The stream before the head (B, T, C) of tokens (B, T). With a cache, `tokens` come after those in it.

        mask (B, T): needed where a row is padded on the left; it sets positions and hides the padding.
        """
        cache = cache or KVCache(len(tokens), self.shape)
        positions, closed = _look_back(np.ones(tokens.shape, bool) if mask is None else mask, cache)
        x = self._w["word.weight"][tokens.ravel()]  # (BT, C): one product for all rows, not B of them
        x = x + self._w["position.weight"][positions.ravel()]  # (BT, C)
        for layer in range(self.shape.layers):
            block = f"blocks.{layer}"
            normed = self._norm(f"{block}.norm_1", x).reshape(*tokens.shape, -1)  # (B, T, C)
            x = x + self._attention(layer, normed, closed, cache)  # (BT, C)
            wide = self._linear(f"{block}.widen", self._norm(f"{block}.norm_2", x))  # (BT, 4C)
            x = x + self._linear(f"{block}.narrow", _gelu(wide))  # (BT, C)
        cache.length += tokens.shape[1]
        return self._norm("norm", x).reshape(*tokens.shape, -1)  # (B, T, C)

    def _attention(self, layer: int, x: Floats, closed: Floats | None, cache: KVCache) -> Floats:
        B, T, C = x.shape
        start, end = cache.length, cache.length + T
        qkv = self._linear(f"blocks.{layer}.attention.qkv", x.reshape(B * T, C))  # (BT, 3C)
        q, k, v = qkv.reshape(B, T, 3, self.shape.heads, -1).transpose(2, 0, 3, 1, 4)  # (B, nh, T, hs) each
        cache.keys[layer, :, :, start:end] = k
        cache.values[layer, :, :, start:end] = v
        scores = q @ cache.keys[layer, :, :, :end].swapaxes(2, 3)  # (B, nh, T, S)
        scores *= 1 / math.sqrt(self.shape.head_width)
        if closed is not None:
            scores += closed
        np.exp(scores - scores.max(-1, keepdims=True), out=scores)
        scores /= scores.sum(-1, keepdims=True)
        y = scores @ cache.values[layer, :, :, :end]  # (B, nh, T, hs)
        return self._linear(f"blocks.{layer}.attention.project", y.swapaxes(1, 2).reshape(B * T, C))

    def _linear(self, name: str, x: Floats) -> Floats:
        y: Floats = x @ self._w[f"{name}.weight"]  # (BT, out)
        y += self._w[f"{name}.bias"]
        return y

    def _norm(self, name: str, x: Floats) -> Floats:
        """Layer normalisation over C, epsilon 1e-5. A product with 1/C takes the mean: faster than a sum."""
        x = x - x @ self._mean  # (BT, C) - (BT, 1)
        x /= np.sqrt((x * x) @ self._mean + 1e-5)
        x *= self._w[f"{name}.weight"]
        x += self._w[f"{name}.bias"]
        return x


def _look_back(mask: Mask, cache: KVCache) -> tuple[NDArray[np.int64], Floats | None]:
    """Positions (B, T), counting real tokens only, and what is added to the scores (B, 1, T, S): 0 where a token may
    look, minus infinity where not; None when everything is open.

    A padded row keeps its diagonal: a softmax over nothing would be NaN.
    """
    start, end = cache.length, cache.length + mask.shape[1]
    cache.mask[:, start:end] = mask
    seen = cache.mask[:, :end]  # (B, S)
    positions = np.maximum(seen.cumsum(1) - 1, 0)[:, start:]  # (B, T)
    T = end - start
    if T == 1 and seen.all():
        return positions, None
    causal = np.tri(T, end, start, dtype=bool)  # (T, S)
    diagonal = causal & ~np.tri(T, end, start - 1, dtype=bool)  # (T, S)
    may_look = (seen[:, None, None, :] & causal) | diagonal  # (B, 1, T, S)
    return positions, np.where(may_look, 0.0, -np.inf)


def _gelu(x: Floats) -> Floats:
    """x/2 (1 + tanh(sqrt(2/pi) (x + .044715 x^3))), Hendrycks and Gimpel (2016)."""
    inner = x * x
    inner *= 0.044715
    inner += 1
    inner *= x
    inner *= math.sqrt(2 / math.pi)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= 0.5
    return inner


def log_softmax(logits: Floats) -> Floats:
    """Over the last axis."""
    shifted: Floats = logits - logits.max(-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(-1, keepdims=True))
    return shifted


class Reader:
    """One text read token by token, for stepping: what it has read of a text it does not read again, also after an
    undo or in another branch."""

    def __init__(self, model: ToyModel) -> None:
        self.model = model
        self._read: list[int] = []
        self._cache = KVCache(1, model.shape)
        self._log_probs = np.zeros((model.shape.context, model.shape.vocabulary))

    def next_log_probs(self, tokens: Sequence[int]) -> Floats:
        """log pi(token | tokens), (V,). Raises ValueError for no tokens, or more than the context holds."""
        if not 0 < len(tokens) <= self.model.shape.context:
            raise ValueError(f"{len(tokens)} tokens; the model reads 1 to {self.model.shape.context}")
        same = _common_prefix(self._read, tokens)
        if same < len(tokens):
            self._cache.length = same
            new = np.array([tokens[same:]])  # (1, T)
            self._log_probs[same : len(tokens)] = self.model.log_probs(new, cache=self._cache)[0]
            self._read = list(tokens)
        read: Floats = self._log_probs[len(tokens) - 1].copy()
        return read


def _common_prefix(read: Sequence[int], tokens: Sequence[int]) -> int:
    """How many of the first tokens are the same."""
    for place, (old, new) in enumerate(zip(read, tokens, strict=False)):
        if old != new:
            return place
    return min(len(read), len(tokens))
