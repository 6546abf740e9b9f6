"""The toy language model in torch: a GPT of two layers, for training. `inference.py` reads the same weights in numpy.

Shapes: B sequences, T tokens, C = width, nh heads of size hs = C / nh, V words. A mask is
True where a token is real and False where it is padding.
"""

import math
from collections.abc import Iterable
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn import functional

from tutor.toy_llm.shape import IMPOSSIBLE, SHAPE, Shape
from tutor.toy_llm.tokenizer import ACTIONS


class Attention(nn.Module):
    """Causal self-attention with several heads."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.project = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, allowed: Tensor | None) -> Tensor:
        B, T, C = x.shape
        qkv = self.qkv(x).view(B, T, 3, self.heads, C // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, nh, T, hs) each
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=allowed, is_causal=allowed is None)
        projected: Tensor = self.project(y.transpose(1, 2).reshape(B, T, C))  # (B, T, C)
        return projected


class Block(nn.Module):
    """One layer: attention, then a perceptron, each added to what came in (pre-LN)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(shape.width)
        self.attention = Attention(shape)
        self.norm_2 = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, 4 * shape.width)
        self.narrow = nn.Linear(4 * shape.width, shape.width)

    def forward(self, x: Tensor, allowed: Tensor | None) -> Tensor:
        x = x + self.attention(self.norm_1(x), allowed)  # (B, T, C)
        hidden = functional.gelu(self.widen(self.norm_2(x)), approximate="tanh")  # (B, T, 4C)
        added: Tensor = x + self.narrow(hidden)  # (B, T, C)
        return added


class GPT(nn.Module):
    """A decoder-only transformer (Radford et al., 2019), tanh-GELU, learned positions, tied head."""

    no_action: Tensor

    def __init__(self, shape: Shape = SHAPE, seed: int = 0) -> None:
        """Weights drawn by a generator of their own: embeddings from N(0, .02), the layers' matrices from N(0, .08)
        (about 1/sqrt(3 C), torch's own for linear layers; with GPT-2's .02 some seeds never learn the sums), and
        what adds to the stream scaled down by the number of layers, as in GPT-2."""
        super().__init__()
        self.shape = shape
        self.word = nn.Embedding(shape.vocabulary, shape.width)
        self.position = nn.Embedding(shape.context, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        impossible = torch.zeros(shape.vocabulary)  # (V,): beside it no logit counts
        impossible[: ACTIONS.start] = IMPOSSIBLE
        self.register_buffer("no_action", impossible, persistent=False)
        generator = torch.Generator().manual_seed(seed)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=_initial_std(name, shape), generator=generator)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    @cached_property
    def weights(self) -> tuple[nn.Parameter, ...]:
        """Those of `parameters()`, which would look through all modules each time."""
        return tuple(self.parameters())

    def hidden(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """The stream before the head (B, T, C) of tokens (B, T).

        mask (B, T): needed where a row is padded on the left; it sets positions and hides the padding.
        """
        if mask is None:
            x = self.word(tokens) + self.position.weight[: tokens.shape[1]]  # (B, T, C)
            allowed = None
        else:
            positions, allowed = _look_back(mask)
            x = self.word(tokens) + self.position(positions)  # (B, T, C)
        for block in self.blocks:
            x = block(x, allowed)
        normed: Tensor = self.norm(x)
        return normed

    def words(self, hidden: Tensor) -> Tensor:
        """Logits (..., V) of the stream (..., C): the embedding again. For learning the language alone; a policy is
        made of `head`."""
        return hidden @ self.word.weight.T

    def head(self, hidden: Tensor) -> Tensor:
        """The logits of `words`, and IMPOSSIBLE for what is no action. Every policy begins here."""
        return functional.linear(hidden, self.word.weight, self.no_action)

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Logits (B, T, V) of the action after each of tokens (B, T)."""
        return self.head(self.hidden(tokens, mask))


def _initial_std(name: str, shape: Shape) -> float:
    if not name.startswith("blocks"):
        return 0.02
    adds = name.endswith(("project.weight", "narrow.weight"))
    return 0.08 / math.sqrt(2 * shape.layers) if adds else 0.08


def _look_back(mask: Tensor) -> tuple[Tensor, Tensor]:
    """Positions (B, T), counting real tokens only, and which token may look at which (B, 1, T, T).

    A padded row keeps its diagonal: a softmax over nothing would be NaN.
    """
    T = mask.shape[1]
    positions = (mask.cumsum(1) - 1).clamp(min=0)  # (B, T)
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    return positions, (mask.bool()[:, None, None, :] & causal) | torch.eye(T, dtype=torch.bool)


def load_arrays(model: GPT, arrays: Iterable[tuple[str, object]]) -> None:
    """Put the weights of a checkpoint into a model. Raises RuntimeError where names or shapes differ."""
    model.load_state_dict({name: torch.tensor(array) for name, array in arrays})
