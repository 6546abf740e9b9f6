"""The toy language model in numpy: the same weights, the same numbers as `gpt.py` without torch.

In float64, unless said otherwise, it equals torch within 1e-10. Torch in float32 rounds by up to 1e-5 itself.

Shapes: B sequences, T tokens, S tokens that can be looked at (those in the cache and these), C = width, nh heads of
size hs = C / nh, V words. A mask is True where a token is real and False where it is padding.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tutor.toy_llm.shape import IMPOSSIBLE, SHAPE, Shape
from tutor.toy_llm.tokenizer import ACTIONS

Array = NDArray[np.float32]  # weights as a checkpoint has them
Floats = NDArray[np.floating[Any]]  # float64, or what the model counts in
Tokens = NDArray[np.int64]
Mask = NDArray[np.bool_]


class KVCache:
    """Keys and values of the tokens that the model has read, so that each token is read once."""

    def __init__(
        self, batch: int, shape: Shape = SHAPE, dtype: DTypeLike = np.float64, room: int = 0
    ) -> None:
        """room: for so many tokens; 0: as many as the context holds."""
        room = room or shape.context
        size = (shape.layers, batch, shape.heads, room)
        self.keys = np.empty((*size, shape.head_width), dtype)  # (layers, B, nh, room, hs)
        self.values = np.empty(
            (*size, shape.head_width + 1), dtype
        )  # ... + 1: a 1 after each; see `_attention`
        self.values[..., -1] = 1
        self.closed = np.zeros((batch, room), dtype)  # -inf at padding, to be added to scores
        self.length = 0  # set it back to forget the latest tokens

    def put(self, other: "KVCache", rows: NDArray[np.integer[Any]]) -> None:
        """From now on its sequences are these (B',) of the other's, or of its own, in this order; it has room for as
        many, and more are let go."""
        self.length, B, read = other.length, len(rows), slice(other.length)
        keys, values, closed = (
            other.keys[:, rows, :, read], other.values[:, rows, :, read], other.closed[rows, read]
        )  # fmt: skip
        self.keys, self.values, self.closed = self.keys[:, :B], self.values[:, :B], self.closed[:B]
        self.keys[:, :, :, read], self.values[:, :, :, read], self.closed[:, read] = keys, values, closed


class Affine(NamedTuple):
    """x W + b."""

    weight: Floats  # (in, out)
    bias: Floats  # (out,)

    def __call__(self, x: Floats) -> Floats:
        y: Floats = x @ self.weight
        y += self.bias
        return y

    def after(self, norm: Sequence[Floats]) -> "Affine":
        """With the gain and the bias (in,) of the layer norm before it, so that the norm need not apply them."""
        gain, bias = norm
        return Affine(gain[:, None] * self.weight, bias @ self.weight + self.bias)

    def centred(self) -> "Affine":
        """Outputs less their mean. Every part of the stream is read through a layer norm, which takes the mean off: it
        need not where there is none."""
        return Affine(_centred(self.weight), _centred(self.bias))


class Layer(NamedTuple):
    """A block of the model: the products, without what its norms do besides dividing by a spread."""

    qkv: Affine
    project: Affine
    widen: Affine
    narrow: Affine


class ToyModel:
    """Reads tokens and says how likely each next one is. Weights as `Shape.weights` names them; counts in `dtype`."""

    def __init__(
        self, weights: Mapping[str, Array], shape: Shape = SHAPE, dtype: DTypeLike = np.float64
    ) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        w = {name: np.asarray(weight, dtype) for name, weight in weights.items()}
        self._word, self._position = _centred(w["word.weight"]), _centred(w["position.weight"])
        self._layers = [_layer(w, f"blocks.{number}", shape) for number in range(shape.layers)]
        possible = np.zeros(shape.vocabulary, dtype)
        possible[: ACTIONS.start] = IMPOSSIBLE
        self._head = Affine(w["word.weight"].T, possible).after((w["norm.weight"], w["norm.bias"]))

    def log_probs(self, tokens: Tokens, mask: Mask | None = None, cache: KVCache | None = None) -> Floats:
        """log pi(token | tokens so far), (B, T, V), after each of tokens (B, T); see `hidden`."""
        return log_softmax(self.head(self.hidden(tokens, mask, cache)))

    def head(self, hidden: Floats) -> Floats:
        """Logits (..., V) of the stream (..., C): the embedding again, and IMPOSSIBLE for what is no action. Every
        policy begins here."""
        return self._head(hidden)

    def hidden(self, tokens: Tokens, mask: Mask | None = None, cache: KVCache | None = None) -> Floats:
        """The stream before the head (B, T, C) of tokens (B, T). With a cache, `tokens` come after those in it.

        mask (B, T): needed where a row is padded on the left; it sets positions and hides the padding.
        """
        B, T = tokens.shape
        cache = cache or KVCache(B, self.shape, self.dtype)
        positions, closed = _look_back(mask, T, cache)
        x = self._word[tokens.ravel()]  # (BT, C): one product for all rows, not B of them
        x += self._position[positions.ravel()]
        for layer, kept in zip(self._layers, zip(cache.keys, cache.values, strict=True), strict=True):
            x += layer.project(
                self._attention(layer.qkv(_normed(x)), closed, kept, cache.length, T)
            )  # (BT, C)
            x += layer.narrow(_gelu(layer.widen(_normed(x))))  # (BT, C)
        cache.length += T
        return _normed(x).reshape(B, T, -1)

    def _attention(
        self, qkv: Floats, closed: Floats, kept: tuple[Floats, Floats], start: int, T: int
    ) -> Floats:
        """(BT, C) from qkv (BT, 3C). The 1 after each value sums what it is weighed with."""
        (keys, values), end = kept, start + T
        q, k, v = qkv.reshape(-1, T, 3, self.shape.heads, self.shape.head_width).transpose(2, 0, 3, 1, 4)
        keys[:, :, start:end] = k
        values[:, :, start:end, :-1] = v
        scores = q @ keys[:, :, :end].swapaxes(2, 3)  # (B, nh, T, S)
        scores += closed
        scores -= np.maximum.reduce(scores, -1, keepdims=True)
        found = np.exp(scores, out=scores) @ values[:, :, :end]  # (B, nh, T, hs + 1)
        y: Floats = found[..., :-1] / found[..., -1:]
        return y.swapaxes(1, 2).reshape(len(qkv), -1)


def _layer(w: Mapping[str, Floats], block: str, shape: Shape) -> Layer:
    def affine(name: str) -> Affine:
        return Affine(w[f"{block}.{name}.weight"].T, w[f"{block}.{name}.bias"])

    def norm(name: str) -> tuple[Floats, Floats]:
        return w[f"{block}.{name}.weight"], w[f"{block}.{name}.bias"]

    qkv = affine("attention.qkv").after(norm("norm_1"))
    qkv.weight[:, : shape.width] /= math.sqrt(shape.head_width)
    qkv.bias[: shape.width] /= math.sqrt(shape.head_width)
    project, narrow = affine("attention.project").centred(), affine("narrow").centred()
    return Layer(qkv, project, affine("widen").after(norm("norm_2")), narrow)


def _centred(values: Floats) -> Floats:
    """Less the mean over the last axis."""
    mean = np.add.reduce(values, -1, keepdims=True) / values.shape[-1]
    centred: Floats = values - mean
    return centred


def _normed(x: Floats) -> Floats:
    """Layer normalisation of a stream (BT, C) with mean 0, epsilon 1e-5; its gain and bias are in what comes after."""
    squares = np.vecdot(x, x)
    squares /= x.shape[1]
    squares += 1e-5
    normed: Floats = x / np.sqrt(squares, out=squares)[:, None]
    return normed


def _look_back(mask: Mask | None, T: int, cache: KVCache) -> tuple[NDArray[np.int64], Floats]:
    """Positions (B, T), counting real tokens only, and what is added to the scores, of a shape like (B, 1, T, S): 0
    where a token may look, minus infinity where not.

    A padded row keeps its diagonal: a softmax over nothing would be NaN.
    """
    start, end = cache.length, cache.length + T
    real = np.ones((1, T), bool) if mask is None else mask
    before = (cache.closed[:, :start] == 0).sum(1, keepdims=True)
    positions = np.maximum(before + real.cumsum(1) - 1, 0)
    cache.closed[:, start:end] = np.where(real, 0, -np.inf)
    closed = cache.closed[:, None, None, :end]  # (B, 1, 1, S)
    if T == 1 and mask is None:
        return positions, closed
    place, looked_at = np.arange(start, end)[:, None], np.arange(end)  # (T, 1), (S,)
    ahead = np.where(looked_at > place, -np.inf, 0).astype(closed.dtype)
    return positions, np.where(looked_at == place, 0, closed + ahead)


def _gelu(x: Floats) -> Floats:
    """x/2 (1 + tanh(u)) with u = sqrt(2/pi) (x + .044715 x^3), Hendrycks and Gimpel (2016); that is x / (1 + e^(-2u)),
    which is faster."""
    e = x * x
    e *= -2 * math.sqrt(2 / math.pi) * 0.044715
    e -= 2 * math.sqrt(2 / math.pi)
    e *= x
    with np.errstate(over="ignore"):  # an infinite e: x / inf is the 0 that it should be
        np.exp(e, out=e)
    e += 1
    return np.divide(x, e, out=e)


def log_softmax(logits: Floats) -> Floats:
    """Over the last axis."""
    shifted: Floats = logits - np.maximum.reduce(logits, -1, keepdims=True)
    shifted -= np.log(np.add.reduce(np.exp(shifted), -1, keepdims=True))
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
