"""The model's stream over many beginnings of texts, and its gradient, derived by hand.

The same mathematics as `GPT.hidden`, in few and large operations: torch's autograd would keep a node for each of a
hundred small ones, and on tensors of this size the nodes take longer than the products. Shapes: n different beginnings
of texts, L lines of T tokens in which they stand, S of the n asked for, C = width, nh heads of size hs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor
from torch.nn import functional

from tutor.toy_llm.gpt import GPT

_GELU = 2 * math.sqrt(
    2 / math.pi
)  # tanh-GELU is x sigmoid(_GELU (x + _CUBE x^3)), for 1 + tanh(u) = 2 sigmoid(2 u)
_CUBE = 0.044715
_EVERY = [True, True, True]


@dataclass(frozen=True)
class Layout:
    """tokens, positions (n,): the last token of each beginning, and where it stands. at_place (L, T): which of the n
    stands there (at padding the first, whom nobody looks at). line, positions (n,): one of the L T where each stands.
    wanted (S,): which of the n are asked for."""

    tokens: Tensor
    positions: Tensor
    line: Tensor
    at_place: Tensor
    wanted: Tensor

    def parts(self, heads: int) -> Tensor:
        """(3 L nh T,): where what stands at a place, as query, as key and as value, head by head, is among the
        (n 3 nh) parts that there are."""
        part = torch.arange(3 * heads).view(3, 1, heads, 1)
        return (self.at_place[:, None] * (3 * heads) + part).view(-1)

    def places(self, heads: int, wanted: Tensor | None) -> Tensor:
        """(n nh,), or of the wanted ones: where each stands, head by head, among the (L nh T) places."""
        line, position = self.line[:, None], self.positions[:, None]
        places = (line * heads + torch.arange(heads)) * self.at_place.shape[1] + position
        return (places if wanted is None else places.index_select(0, wanted)).view(-1)


class Linear(NamedTuple):
    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        return torch.addmm(self.bias, x, self.weight.t())

    def backward(self, x: Tensor, g: Tensor, into: "Linear") -> Tensor:
        """Of the input; that of weight and bias is added to what is in `into`."""
        into.weight.addmm_(g.t(), x)
        into.bias.add_(g.sum(0))
        return g @ self.weight


class Norm(NamedTuple):
    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Normed; mean and 1 / standard deviation of each row."""
        return torch.native_layer_norm(x, [x.shape[1]], self.weight, self.bias, 1e-5)

    def backward(self, x: Tensor, moments: Sequence[Tensor], g: Tensor, into: "Norm") -> Tensor:
        """Of the input; that of weight and bias is added to what is in `into`."""
        of_x, of_weight, of_bias = torch.ops.aten.native_layer_norm_backward(
            g, x, [x.shape[1]], *moments, self.weight, self.bias, _EVERY
        )
        into.weight.add_(of_weight)
        into.bias.add_(of_bias)
        return cast(Tensor, of_x)


def gelu(x: Tensor) -> tuple[Tensor, Tensor]:
    """tanh-GELU, and the sigmoid in it; three times as fast as by tanh."""
    s = torch.addcmul(x.new_tensor(_GELU), x, x, value=_GELU * _CUBE).mul_(x).sigmoid_()
    return x * s, s


def gelu_backward(x: Tensor, s: Tensor, g: Tensor) -> Tensor:
    """g s (1 + x (1 - s) (_GELU + 3 _GELU _CUBE x^2))."""
    slope = torch.addcmul(x.new_tensor(_GELU), x, x, value=3 * _GELU * _CUBE).mul_(x)
    return cast(Tensor, torch.ops.aten.sigmoid_backward(slope, s).add_(s).mul_(g))


class Look(NamedTuple):
    """Causal attention in every line and head, as far as its gradient needs it: q, k, v (L nh, T, hs), and the
    weights (L nh, T, T) of what is looked at, down, for who looks, across: sums go down, which is faster. parts,
    places: see `Layout`; places are of those that look further."""

    q: Tensor
    k: Tensor
    v: Tensor
    weights: Tensor
    parts: Tensor
    places: Tensor


def _look_back(qkv: Tensor, parts: Tensor, places: Tensor, length: int, heads: int) -> tuple[Tensor, Look]:
    """What is found (n or fewer, C), from queries, keys and values of the n (n, 3C)."""
    C = qkv.shape[1] // 3
    q, k, v = qkv.view(-1, C // heads).index_select(0, parts).view(3, -1, length, C // heads)
    ahead = q.new_full((length, length), -math.inf).tril_(-1)
    scores = torch.baddbmm(ahead, k, q.transpose(1, 2), alpha=1 / math.sqrt(q.shape[-1]))
    weights = scores.softmax(1)
    found = (weights.transpose(1, 2) @ v).view(-1, C // heads).index_select(0, places).view(-1, C)
    return found, Look(q, k, v, weights, parts, places)


def _look_back_gradient(look: Look, g: Tensor, n: int) -> Tensor:
    """Of queries, keys and values (n, 3C); g: of what was found."""
    q, k, v, weights, parts, places = look
    C, hs = g.shape[1], q.shape[2]
    at_places = torch.zeros_like(q)
    at_places.view(-1, hs).index_copy_(0, places, g.view(-1, hs))
    of_scores = torch._softmax_backward_data(v @ at_places.transpose(1, 2), weights, 1, weights.dtype)
    of_scores.mul_(1 / math.sqrt(hs))
    of_all = torch.empty(3, *q.shape, dtype=q.dtype)
    torch.bmm(of_scores.transpose(1, 2), k, out=of_all[0])
    torch.bmm(of_scores, q, out=of_all[1])
    torch.bmm(weights, at_places, out=of_all[2])
    return g.new_zeros(n * 3 * C // hs, hs).index_add_(0, parts, of_all.view(-1, hs)).view(n, 3 * C)


class Kept(NamedTuple):
    """What a block's gradient needs of its way there. x: what came in; middle: with attention's part; a letter n:
    normed."""

    x: Tensor
    x_moments: Sequence[Tensor]
    x_n: Tensor
    look: Look
    found: Tensor
    middle: Tensor
    middle_moments: Sequence[Tensor]
    middle_n: Tensor
    wide: Tensor
    sigmoid: Tensor
    active: Tensor


class Block(NamedTuple):
    """The weights of one layer, in the order of `GPT.parameters`."""

    norm_1: Norm
    qkv: Linear
    project: Linear
    norm_2: Norm
    widen: Linear
    narrow: Linear

    def forward(self, x: Tensor, layout: Layout, heads: int, wanted: Tensor | None) -> tuple[Tensor, Kept]:
        """The stream (n, C) one layer on; of the wanted ones alone, where they are given."""
        x_n, *x_moments = self.norm_1(x)
        parts, places = layout.parts(heads), layout.places(heads, wanted)
        found, look = _look_back(self.qkv(x_n), parts, places, layout.at_place.shape[1], heads)
        middle = self.project(found).add_(x if wanted is None else x.index_select(0, wanted))
        middle_n, *middle_moments = self.norm_2(middle)
        wide = self.widen(middle_n)
        active, sigmoid = gelu(wide)
        out = self.narrow(active).add_(middle)
        kept = Kept(x, x_moments, x_n, look, found, middle, middle_moments, middle_n, wide, sigmoid, active)
        return out, kept

    def backward(self, kept: Kept, g: Tensor, wanted: Tensor | None, into: "Block") -> Tensor:
        """The gradient of what came in; that of the weights is added to what is in `into`."""
        of_active = self.narrow.backward(kept.active, g, into.narrow)
        of_wide = gelu_backward(kept.wide, kept.sigmoid, of_active)
        of_middle_n = self.widen.backward(kept.middle_n, of_wide, into.widen)
        of_middle = self.norm_2.backward(kept.middle, kept.middle_moments, of_middle_n, into.norm_2).add_(g)
        of_found = self.project.backward(kept.found, of_middle, into.project)
        of_qkv = _look_back_gradient(kept.look, of_found, len(kept.x))
        of_x_n = self.qkv.backward(kept.x_n, of_qkv, into.qkv)
        of_x = self.norm_1.backward(kept.x, kept.x_moments, of_x_n, into.norm_1)
        return of_x.add_(of_middle) if wanted is None else of_x.index_add_(0, wanted, of_middle)


class Weights(NamedTuple):
    """All of a GPT."""

    word: Tensor
    position: Tensor
    blocks: list[Block]
    norm: Norm

    @classmethod
    def made(cls, weights: Sequence[Tensor]) -> "Weights":
        """Of the weights, or their gradients, in the order of `GPT.parameters`."""
        word, position, *layers, norm, norm_bias = weights
        each = 2 * len(Block._fields)
        starts = range(0, len(layers), each)
        return cls(word, position, [_block(layers[at : at + each]) for at in starts], Norm(norm, norm_bias))


def _block(weights: Sequence[Tensor]) -> Block:
    norm_1, qkv, project, norm_2, widen, narrow = zip(weights[::2], weights[1::2], strict=True)
    return Block(
        Norm(*norm_1), Linear(*qkv), Linear(*project), Norm(*norm_2), Linear(*widen), Linear(*narrow)
    )


class Way(NamedTuple):
    """The way through all layers, as far as the gradient needs it."""

    kept: list[Kept]
    last: Tensor
    moments: Sequence[Tensor]


def read(weights: Weights, layout: Layout, heads: int) -> tuple[Tensor, Way]:
    """The stream before the head (S, C) after each beginning asked for."""
    x = functional.embedding(layout.tokens, weights.word)
    x.add_(functional.embedding(layout.positions, weights.position))
    kept = []
    for layer, block in enumerate(weights.blocks):
        wanted = layout.wanted if layer + 1 == len(weights.blocks) else None
        x, way = block.forward(x, layout, heads, wanted)
        kept.append(way)
    normed, *moments = weights.norm(x)
    return normed, Way(kept, x, moments)


def _add_gradients(weights: Weights, layout: Layout, way: Way, g: Tensor, into: Weights) -> None:
    """Of the weights, to what is in `into`; g: of what `read` gave."""
    g = weights.norm.backward(way.last, way.moments, g, into.norm)
    wanted = [None] * (len(way.kept) - 1) + [layout.wanted]
    layers = zip(weights.blocks, way.kept, wanted, into.blocks, strict=True)
    for block, kept, asked, of_block in reversed(list(layers)):
        g = block.backward(kept, g, asked, of_block)
    into.word.index_add_(0, layout.tokens, g)
    into.position.index_add_(0, layout.positions, g)


class _Stream(torch.autograd.Function):
    """`read`, for autograd."""

    @staticmethod
    def forward(ctx: Any, _anchor: Tensor, model: GPT, layout: Layout) -> Tensor:
        ctx.model, ctx.layout = model, layout
        normed, ctx.way = read(Weights.made(model.weights), layout, model.shape.heads)
        return normed

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        weights = ctx.model.weights
        into = Weights.made([_gradient(weight) for weight in weights])
        _add_gradients(Weights.made(weights), ctx.layout, ctx.way, g.contiguous(), into)
        return None, None, None


def _gradient(weight: Tensor) -> Tensor:
    """Where a weight's gradient is collected."""
    if weight.grad is None:
        weight.grad = torch.zeros_like(weight)
    return weight.grad


def stream_of(model: GPT, layout: Layout) -> Tensor:
    """The stream before the head (S, C) after each beginning asked for. `backward` adds the gradient of the model's
    weights straight to their `grad`: nodes of autograd for each of them would take longer than the products.
    (`torch.autograd.grad` with respect to them does not find it.)"""
    stream: Tensor = _Stream.apply(model.norm.weight, model, layout)  # type: ignore[no-untyped-call]
    return stream
