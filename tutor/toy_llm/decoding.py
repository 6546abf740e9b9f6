"""A batch of texts said word by word: each step reads one token a text and looks back through a cache."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.packed import pack
from tutor.toy_llm.stream import Block, Weights, gelu, read


class Decoder:
    """b different texts, at first the different ones among some prompts. Without gradients (call it under
    `torch.no_grad`). at (B,): which of its texts each prompt is.

    The cache: keys and values of every token read, layer by layer (2 layers, S, b, C). Prompts stand on the left; what
    is behind the shorter ones is closed: -inf in (b, nh, all tokens there can be)."""

    def __init__(self, model: GPT, prompts: Tensor, mask: Tensor, limit: int) -> None:
        """prompts (B, P), padded on the left; mask (B, P): True where they are real. limit: tokens that will be said at
        most."""
        last = torch.zeros_like(mask)
        last[:, -1] = True
        packed = pack(prompts, mask, last)
        layout, heads = packed.layout, model.shape.heads
        L, T = layout.lines, layout.length
        self._model, self._weights, self._heads = model, Weights.made(list(model.parameters())), heads
        self._hidden, way = read(self._weights, layout, heads)
        read_in = [part for kept in way.kept for part in (kept.look.k, kept.look.v)]  # (L nh, T, hs) each
        self._cache = torch.stack(
            [part.view(L, heads, T, -1).permute(2, 0, 1, 3).reshape(T, L, -1) for part in read_in]
        )
        self._positions = layout.positions.index_select(0, layout.wanted) + 1  # (b,): of the next token
        self._closed = torch.zeros(L, heads, T + limit)
        self._closed[:, :, :T].masked_fill_(torch.arange(T) >= self._positions[:, None, None], -math.inf)
        self.at = packed.which.numpy()

    def logits(self) -> Tensor:
        """(b, V): of the next token."""
        return self._model.head(self._hidden)

    def say(self, parents: Tensor, tokens: Tensor) -> None:
        """From now on the texts are those `parents` (b',), each with one of the tokens (b',) appended."""
        weights = self._weights
        self._grow(parents)
        x = functional.embedding(tokens, weights.word).add_(
            functional.embedding(self._positions, weights.position)
        )
        for block, kept in zip(weights.blocks, self._cache.view(-1, 2, *self._cache.shape[1:]), strict=True):
            x = block.project(self._look_back(block, x, kept)).add_(x)
            x = block.narrow(gelu(block.widen(block.norm_2(x)[0]))[0]).add_(x)
        self._hidden = weights.norm(x)[0]
        self._positions = self._positions + 1

    def _grow(self, parents: Tensor) -> None:
        """The cache of the parents, with room for one token more."""
        layers, S, _, C = self._cache.shape
        grown = self._cache.new_empty(layers, S + 1, len(parents), C)
        torch.index_select(self._cache, 2, parents, out=grown[:, :S])
        self._cache = grown
        self._closed = self._closed.index_select(0, parents)
        self._positions = self._positions.index_select(0, parents)

    def _look_back(self, block: Block, x: Tensor, kept: Tensor) -> Tensor:
        """(b, C): one query a text and head, over the keys so far and its own; kept (2, S, b, C)."""
        q, k, v = block.qkv(block.norm_1(x)[0]).chunk(3, 1)  # (b, C) each
        kept[0, -1], kept[1, -1] = k, v
        S, rows = kept.shape[1], len(x) * self._heads
        keys, values = kept.view(2, S, rows, -1)  # (S, b nh, hs)
        closed = self._closed.view(rows, 1, -1)[:, :, :S]
        queries = q.reshape(rows, 1, -1)
        scores = torch.baddbmm(closed, queries, keys.permute(1, 2, 0), alpha=1 / math.sqrt(keys.shape[-1]))
        weights = scores.softmax(-1).permute(2, 0, 1)  # (S, b nh, 1)
        found: Tensor = (values * weights).sum(0)  # as fast as a product of so small matrices
        return found.view(len(x), -1)
