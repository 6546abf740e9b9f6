"""A batch of texts said word by word: each step reads one token a text and looks back through a cache."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from tutor.toy_llm.gpt import GPT, Block, KVCache


class Decoder:
    """B texts that begin with their prompts. Without gradients (call it under `torch.no_grad`)."""

    def __init__(self, model: GPT, prompts: Tensor, mask: Tensor) -> None:
        """prompts (B, P), padded on the left; mask (B, P): True where they are real."""
        shape = model.shape
        self._model, self._cache = model, KVCache(len(prompts), shape)
        self._hidden = model.hidden(prompts, mask, self._cache)[:, -1]  # (B, C)
        self._length = prompts.shape[1]
        self._position = mask.sum(1)  # (B,): of the next token
        closed = torch.zeros(len(prompts), shape.context).masked_fill(
            functional.pad(~mask, (0, shape.context - self._length)), -math.inf
        )
        self._bias = closed.repeat_interleave(shape.heads, 0)[:, None]  # (B nh, 1, context)
        flat = (shape.layers, len(prompts) * shape.heads, shape.context, shape.head_width)
        self._keys, self._values = self._cache.keys.view(flat), self._cache.values.view(flat)

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
        return (scores.softmax(-1) @ values).view(len(x), -1)
