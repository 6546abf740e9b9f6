"""Many texts through the model at once, their padding left out: what training and scoring read.

B texts of up to T tokens stand aligned on the left, so that a causal mask is mask enough. All that happens token by
token is done for the n real tokens only, and after the last attention for the R wanted ones.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tutor.toy_llm.generation import Rollout
from tutor.toy_llm.gpt import GPT, Block


@dataclass(frozen=True)
class Packed:
    """Texts laid out for `stream`. tokens, positions (n,): of the real tokens, text by text. places (n,): where they
    stand among the B T. at_place (B T,): which of the n stands there (at padding the first, whom nobody looks at).
    wanted (R,): which of the n are asked for what comes after them. texts, length: B and T."""

    tokens: Tensor
    positions: Tensor
    places: Tensor
    at_place: Tensor
    wanted: Tensor
    texts: int
    length: int


def pack(tokens: Tensor, mask: Tensor, wanted: Tensor) -> Packed:
    """tokens, mask, wanted (B, S). mask: the real tokens, which stand together in each row, padding on either side.
    wanted: the real tokens after which the stream is asked for."""
    lengths = mask.sum(1)  # (B,)
    B, T = len(tokens), int(lengths.max())
    positions = (mask.cumsum(1) - 1)[mask]  # (n,)
    places = torch.arange(B).repeat_interleave(lengths) * T + positions  # (n,)
    at_place = torch.zeros(B * T, dtype=torch.long)
    at_place[places] = torch.arange(len(places))
    return Packed(tokens[mask], positions, places, at_place, wanted[mask].nonzero()[:, 0], B, T)


def pack_states(rollout: Rollout) -> Packed:
    """Wanted: the state of every answer token, R = the number of True in `rollout.mask`, in its order. The last token
    of an answer is left out: nothing comes after it."""
    P = rollout.prompts.shape[1]
    tokens = torch.cat([rollout.prompts, rollout.responses[:, :-1]], 1)  # (B, P + N - 1)
    followed = torch.cat([rollout.prompt_mask, rollout.mask[:, 1:]], 1)
    wanted = torch.cat([torch.zeros_like(rollout.prompt_mask[:, : P - 1]), rollout.mask], 1)
    return pack(tokens, followed, wanted)


def pack_whole(rollout: Rollout) -> Packed:
    """Wanted: the last token of every text, R = B; what a reward model judges by."""
    tokens = torch.cat([rollout.prompts, rollout.responses], 1)  # (B, P + N)
    mask = torch.cat([rollout.prompt_mask, rollout.mask], 1)
    last = torch.zeros_like(mask)
    last[torch.arange(len(mask)), rollout.prompts.shape[1] - 1 + rollout.mask.sum(1)] = True
    return pack(tokens, mask, last)


def stream(model: GPT, packed: Packed) -> Tensor:
    """The stream before the head (R, C) after each wanted token, in the order of texts and time."""
    x = functional.embedding(packed.tokens, model.word.weight)  # (n, C)
    x = x + functional.embedding(packed.positions, model.position.weight)
    *blocks, last = model.layers
    for block in blocks:
        y = _attended(block, x, packed)
        x = _mixed(block, x, y.index_select(0, packed.places))
    y = _attended(last, x, packed).index_select(0, packed.places.index_select(0, packed.wanted))  # (R, C)
    normed: Tensor = model.norm(_mixed(last, x.index_select(0, packed.wanted), y))
    return normed


def _attended(block: Block, x: Tensor, packed: Packed) -> Tensor:
    """(B T, C) of the stream (n, C): every place looks back over its own text."""
    B, T, heads = packed.texts, packed.length, block.attention.heads
    qkv = block.attention.qkv(block.norm_1(x)).index_select(0, packed.at_place)  # (B T, 3C)
    q, k, v = qkv.view(B, T, 3, heads, -1).permute(2, 0, 3, 1, 4)  # (B, nh, T, hs) each
    y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    return y.transpose(1, 2).reshape(B * T, -1)


def _mixed(block: Block, x: Tensor, y: Tensor) -> Tensor:
    """What attention found (n, C) added to the stream, then the perceptron."""
    x = x + block.attention.project(y)
    hidden = functional.gelu(block.widen(block.norm_2(x)), approximate="tanh")  # (n, 4C)
    mixed: Tensor = x + block.narrow(hidden)
    return mixed


def action_log_probs(model: GPT, packed: Packed) -> Tensor:
    """log pi(token | state) for every token, (R, V), at temperature 1."""
    return model.head(stream(model, packed)).log_softmax(-1)
