"""A batch of texts said word by word: each step reads one token a text and looks back through a cache."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from tutor.toy_llm.gpt import GPT, Block, KVCache


class Decoder:
    """B texts that begin with their prompts. Without gradients (call it under `torch.no_grad`)."""

    def __init__(self, model: GPT, prompts: Tensor, mask: Tensor, limit: int) -> None:
        """prompts (B, P), padded on the left; mask (B, P): True where they are real. limit: tokens that will be said at
        most."""
        shape = model.shape
        self._model, cache = model, KVCache(len(prompts), shape)
        self._hidden = model.hidden(prompts, mask, cache)[:, -1]  # (B, C)
        self._length = prompts.shape[1]
        self._position = mask.sum(1)  # (B,): of the next token
        closed = torch.zeros(len(prompts), shape.context).masked_fill(
            functional.pad(~mask, (0, shape.context - self._length)), -math.inf
        )
        self._bias = closed.repeat_interleave(shape.heads, 0)[:, None]  # (B nh, 1, context)
        flat = (shape.layers, len(prompts) * shape.heads, shape.context, shape.head_width)
        room = self._length + limit
        self._keys, self._values = (kept.view(flat)[:, :, :room] for kept in (cache.keys, cache.values))

    def keep(self, rows: Tensor) -> None:
        """Go on with these texts alone, (b,) their numbers; one may be named several times."""
        heads = self._model.shape.heads
        flat = (rows[:, None] * heads + torch.arange(heads)).flatten()  # (b nh,)
        self._hidden, self._position = self._hidden[rows], self._position[rows]
        self._bias = self._bias.index_select(0, flat)
        self._keys, self._values = self._keys.index_select(1, flat), self._values.index_select(1, flat)

    def logits(self) -> Tensor:
        """(B, V): of the next token."""
        return self._model.head(self._hidden)

    def say(self, tokens: Tensor) -> None:
        """Append one token to each text (B,)."""
        model = self._model
        x = functional.embedding(tokens, model.word.weight)  # (B, C)
        x = x + functional.embedding(self._position, model.position.weight)
        for layer, block in enumerate(model.layers):
            x = x + block.attention.project(self._look_back(layer, block, x))
            hidden = functional.gelu(block.widen(block.norm_2(x)), approximate="tanh")  # (B, 4C)
            x = x + block.narrow(hidden)
        self._hidden = model.norm(x)
        self._length += 1
        self._position = self._position + 1

    def _look_back(self, layer: int, block: Block, x: Tensor) -> Tensor:
        """(B, C): one query a text and head, over the keys so far and its own."""
        heads, hs = block.attention.heads, self._keys.shape[-1]
        qkv = block.attention.qkv(block.norm_1(x)).view(len(x), 3, heads, hs)
        q, k, v = (part.reshape(len(x) * heads, 1, hs) for part in qkv.unbind(1))
        end = self._length + 1
        self._keys[layer, :, self._length : end] = k
        self._values[layer, :, self._length : end] = v
        keys, values = self._keys[layer, :, :end], self._values[layer, :, :end]  # (B nh, S, hs)
        scores = torch.baddbmm(self._bias[:, :, :end], q, keys.transpose(1, 2), alpha=1 / math.sqrt(hs))
        weights = scores.softmax(-1).transpose(1, 2)  # (B nh, S, 1)
        return (
            (values * weights).sum(1).view(len(x), -1)
        )  # three times as fast as a product of so small matrices
