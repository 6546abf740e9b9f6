"""The floor that an update and a generation are measured against: the products of matrices that the plain algorithm
does, at their shapes, and nothing else.

Plain: every text by itself, each of its tokens once, without padding; a causal model with a cache. Counted: in every
layer queries, keys and values, attention's two batched products, the projection, the perceptron's two; the head. What
only the asked-for tokens need (the last layer's queries' products, its projection and perceptron, the head) is counted
for these alone. Backwards each product has two: of what came in and of what it was multiplied with. Texts of unlike
length stand in one batched product at a length that costs the same multiplications (one by one they take longer).
Not counted: embeddings, norms, softmax, GELU, residuals, sampling, the objective, copies.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tutor.toy_llm.answers import Rollout
from tutor.toy_llm.shape import SHAPE

Size = tuple[int, ...]
Product = tuple[Size, Size]  # of x (..., n, k) and w (..., k, m)
_C, _V, _HEADS, _HS = SHAPE.width, SHAPE.vocabulary, SHAPE.heads, SHAPE.head_width


def forwards(
    rows: int, asked: int, texts: int, queries: float, keys: float, last: float
) -> Iterator[Product]:
    """Of `rows` tokens of `texts` texts, `asked` of which are asked for. A text has so many queries (`last` of them in
    the last layer), each of which looks at so many keys."""
    for layer in range(SHAPE.layers):
        at_the_end = layer + 1 == SHAPE.layers
        further, looking = (asked, last) if at_the_end else (rows, queries)
        q, k = round(looking), round(keys)
        yield (rows, _C), (_C, 3 * _C)
        yield (texts * _HEADS, q, _HS), (texts * _HEADS, _HS, k)
        yield (texts * _HEADS, q, k), (texts * _HEADS, k, _HS)
        yield (further, _C), (_C, _C)
        yield (further, _C), (_C, 4 * _C)
        yield (further, 4 * _C), (4 * _C, _C)
    yield (asked, _C), (_C, _V)


def of_update(rollout: Rollout) -> list[Product]:
    """Forwards, over all answers; the last token of each is left out, for nothing comes after it."""
    asked = rollout.mask.sum(1).double()
    lengths = rollout.prompt_mask.sum(1) + asked - 1
    side = math.sqrt(float((lengths**2).mean()))
    last = float((lengths * asked).mean()) / side
    return list(forwards(int(lengths.sum()), int(asked.sum()), len(lengths), side, side, last))


def of_generation(rollout: Rollout) -> list[Product]:
    """The prompts, then a token at a time of the answers that go on, over all that they look back at."""
    prompts, texts = rollout.prompt_mask.sum(1).double(), len(rollout.prompts)
    side = math.sqrt(float((prompts**2).mean()))
    products = list(forwards(int(prompts.sum()), texts, texts, side, side, 1))
    for step in range(1, rollout.mask.shape[1]):
        going = rollout.mask[:, step]
        n, seen = int(going.sum()), float(prompts[going].mean()) + step
        products += forwards(n, n, n, 1, seen, 1)
    return products


def in_numpy(products: list[Product]) -> Callable[[], object]:
    """The products, forwards."""
    sizes = [(_array(x), _array(w)) for x, w in products]
    made = [(x, w, np.empty(np.matmul(x, w).shape, np.float32)) for x, w in sizes]

    def multiply() -> None:
        for x, w, out in made:
            np.matmul(x, w, out=out)

    return multiply


def both_ways(products: list[Product]) -> Callable[[], object]:
    """The products in torch, forwards and backwards."""
    sizes = [(torch.from_numpy(_array(x)), torch.from_numpy(_array(w))) for x, w in products]
    made = [(x, w, x @ w, torch.empty_like(x), torch.empty_like(w)) for x, w in sizes]

    def multiply() -> None:
        for x, w, y, of_x, of_w in made:
            torch.matmul(x, w, out=y)
            torch.matmul(y, w.mT, out=of_x)
            torch.matmul(x.mT, y, out=of_w)

    return multiply


def _array(size: Size) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Small numbers, so that products of products stay small."""
    return np.random.default_rng(0).normal(0, 0.1, size).astype(np.float32)
